"""The what-if calculator: from the quota to the leads, and into a draft as its goal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from agreements.models import Scenario, Version
from agreements.table_files import Format
from reports.forms.scenarios import ScenarioNameForm
from reports.pages.calculator import CalculatorPage, open_calculation, put_into_draft
from reports.pages.frame import NoSuchAgreement
from reports.plotly_figures import figure

LAST_GOOD = "last_calculation"
MOST_NAMES = 20


@page()
def calculator(request: HttpRequest) -> HttpResponse:
    """How many leads does the quota need?"""
    opened = open_or_404(request, request.GET)
    if form := asked_format(request.GET):
        return _file(request, opened, form)
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return _fragment(request, opened)
    if rewritten := opened.form.read_differently_elsewhere():
        return redirect(f"{request.path}?{urlencode({**request.GET.dict(), **rewritten})}")
    if opened.contents and request.session.get(LAST_GOOD) != opened.form.address:
        request.session[LAST_GOOD] = opened.form.address
    return calculator_answer(request, opened)


@page("POST", allow=lambda rights: rights.may_write_agreements)
def use_as_goal(request: HttpRequest) -> HttpResponse:
    """Make the calculation the goal of a draft, as a plan that says why."""
    opened = open_or_404(request, QueryDict(request.POST.get("inputs", "")))
    version = _draft(request, opened)
    if opened.contents is None:
        messages.error(request, _("Nothing was put into a draft: an input cannot be used."))
    elif version is None:
        messages.error(request, _("Choose the draft that takes this goal."))
    else:
        try:
            put_into_draft(
                version=version,
                opened=opened,
                each_month=bool(request.POST.get("each_month")),
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            said = {"number": version.number, "agreement": version.agreement.name}
            messages.success(
                request, _("The goals of draft %(number)s of %(agreement)s now follow from this plan.") % said
            )
            return redirect(_draft_address(version) or address_of(opened))
    return redirect(address_of(opened))


def open_or_404(request: HttpRequest, query: QueryDict) -> CalculatorPage:
    """Return the calculation of an address; 404 for an agreement that this person may not see."""
    try:
        return open_calculation(query, user=request.user, now=timezone.now())
    except NoSuchAgreement as error:
        raise Http404 from error


def address_of(opened: CalculatorPage) -> str:
    """Return the address that leads to this calculation, for everybody."""
    return f"{reverse('reports:calculator')}?{opened.form.address}"


def calculator_answer(
    request: HttpRequest,
    opened: CalculatorPage,
    *,
    name_form: ScenarioNameForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the calculator; with an input that cannot be used, beside the results that were seen last."""
    shown = opened if opened.contents else _last_good(request)
    names = Scenario.objects.visible_to(request.user).values_list("name", flat=True)[:MOST_NAMES]
    context = _context(opened, shown) | {"names": names, "name_form": name_form or ScenarioNameForm()}
    return render(request, "reports/calculator.html", context, status=status)


def _context(opened: CalculatorPage, shown: CalculatorPage) -> dict[str, Any]:
    """Return what the page shows: the form as opened, and the results of what is shown."""
    found = shown.contents
    return {
        "page": opened,
        "form": opened.form,
        "contents": found,
        "shown": shown,
        "is_stale": opened.contents is None,
        "figure": figure(found.chart, as_of="", file="plan-sensitivity") if found else None,
        "decimal_sign": get_format("DECIMAL_SEPARATOR"),
    }


def _fragment(request: HttpRequest, opened: CalculatorPage) -> HttpResponse:
    """Answer with the results alone; with an input that cannot be used, only with what is wrong."""
    answer = render(request, "reports/_calculator_fragment.html", _context(opened, opened))
    answer.headers["HX-Replace-Url"] = address_of(opened)
    if opened.contents is None:
        answer.headers["HX-Reswap"] = "none"
    return answer


def _file(request: HttpRequest, opened: CalculatorPage, form: Format) -> HttpResponse:
    key = request.GET.get("table", "")
    table = opened.contents.table(key) if opened.contents else None
    if table is None:
        raise Http404
    return table_answer(form, table.flat_rows(), name=f"plan-{key}")


def _last_good(request: HttpRequest) -> CalculatorPage:
    """Return the calculation that this person saw last, or the one that a fresh page starts with."""
    for query in (request.session.get(LAST_GOOD, ""), "", "agreement="):
        try:
            opened = open_calculation(QueryDict(query), user=request.user, now=timezone.now())
        except NoSuchAgreement:
            continue
        if opened.contents:
            return opened
    return opened


def _draft(request: HttpRequest, opened: CalculatorPage) -> Version | None:
    """Return the draft that is named; 404 for one that this person may not see, 403 for who may not write goals."""
    number = request.POST.get("version", "")
    if not number or opened.agreement is None:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Http404
    drafts = Version.objects.visible_to(request.user).select_related("agreement")
    version = get_object_or_404(drafts, agreement=opened.agreement, number=int(number))
    if not opened.may_use:
        raise PermissionDenied(
            _("The goals of a draft are set by the directors of its parties and by administrators.")
        )
    return version


def _draft_address(version: Version) -> str:
    """Return the page on which a draft is edited."""
    try:
        return reverse("agreements:edit", args=[version.agreement.slug, version.number])
    except NoReverseMatch:
        return ""
