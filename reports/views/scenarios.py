"""Calculations that somebody kept: saved under a name, listed, opened, renamed, deleted, compared."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.models import Scenario
from agreements.services.scenarios import NameTaken, delete_scenario, rename_scenario, save_scenario
from reports.forms.scenarios import ScenarioNameForm
from reports.pages.calculator import CalculatorPage, open_calculation
from reports.pages.comparison import MOST_COMPARED, compared
from reports.pages.frame import NoSuchAgreement
from reports.views.calculator import address_of, calculator_answer, open_or_404

DELETED = "deleted_scenario"
A_PAGE = 20


@page("GET", "POST")
def save(request: HttpRequest) -> HttpResponse:
    """Keep a calculation under a name; a name that is taken is asked about."""
    posted = request.POST if request.method == "POST" else getattr(request, "kept", None)
    if posted is None:
        return redirect("reports:calculator")
    opened = open_or_404(request, QueryDict(posted.get("inputs", "")))
    form = ScenarioNameForm(posted)
    if request.method != "POST" or opened.contents is None or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return calculator_answer(request, opened, name_form=form, status=status)
    try:
        kept = save_scenario(
            author=request.user,  # type: ignore[arg-type]
            name=form.cleaned_data["name"],
            inputs=opened.form.typed_inputs,
            now=timezone.now(),
            replaces=_instant(posted.get("replaces", "")),
        )
    except NameTaken as taken:
        context = {"kept": taken.scenario, "opened": opened, "before": _opened(request, taken.scenario)}
        return render(request, "reports/scenario_overwrite.html", context, status=409)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": kept.name})
    return redirect(address_of(opened))


@page()
def scenarios(request: HttpRequest) -> HttpResponse:
    """What did I keep?"""
    pages = Paginator(Scenario.objects.visible_to(request.user), A_PAGE)
    context = {
        "scenarios": pages.get_page(request.GET.get("page")),
        "deleted": request.session.pop(DELETED, None),
        "most": MOST_COMPARED,
    }
    return render(request, "reports/scenarios.html", context)


@page()
def scenario(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a kept calculation: its address is that of its inputs, so that it can be passed on."""
    kept = get_object_or_404(Scenario.objects.visible_to(request.user), pk=pk)
    return redirect(f"{reverse('reports:calculator')}?{_query(kept).urlencode()}")


@page("GET", "POST")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a kept calculation another name."""
    kept = get_object_or_404(Scenario.objects.visible_to(request.user), pk=pk)
    name = kept.name
    is_posted = request.method == "POST"
    form = ScenarioNameForm(
        request.POST if is_posted else getattr(request, "kept", None), initial={"name": name}
    )
    if is_posted and form.is_valid():
        try:
            rename_scenario(scenario=kept, name=form.cleaned_data["name"])
        except NameTaken as taken:
            form.add_error("name", taken)
        else:
            messages.success(request, _("It is called “%(name)s” now.") % {"name": kept.name})
            return redirect("reports:scenarios")
    context = {
        "form": form,
        "name": name,
        "list_name": _("My calculations"),
        "list_address": reverse("reports:scenarios"),
    }
    return render(request, "reports/rename.html", context, status=422 if is_posted else 200)


@page("POST")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a kept calculation away; the list then offers to bring it back."""
    kept = get_object_or_404(Scenario.objects.visible_to(request.user), pk=pk)
    request.session[DELETED] = {"name": kept.name, "inputs": _query(kept).urlencode()}
    delete_scenario(scenario=kept)
    return redirect("reports:scenarios")


@page()
def compare(request: HttpRequest) -> HttpResponse:
    """Which of my calculations needs what?"""
    asked = [text for text in dict.fromkeys(request.GET.getlist("scenario")) if text]
    if not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in asked):
        raise Http404
    mine = Scenario.objects.visible_to(request.user)
    found = mine.in_bulk([int(text) for text in asked])
    if len(found) < len({int(text) for text in asked}):
        raise Http404
    chosen = list(dict.fromkeys(found[int(text)] for text in asked))
    context = {
        "comparison": compared([(one, _opened(request, one)) for one in chosen[:MOST_COMPARED]]),
        "is_too_many": len(chosen) > MOST_COMPARED,
        "most": MOST_COMPARED,
        "all": mine[:A_PAGE],
        "chosen": {one.pk for one in chosen[:MOST_COMPARED]},
    }
    return render(request, "reports/compare.html", context)


def _query(kept: Scenario) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({str(name): str(value) for name, value in kept.inputs.items()})
    return query


def _opened(request: HttpRequest, kept: Scenario) -> CalculatorPage:
    """Work a kept calculation out as of now; without its agreement where that is no more to be seen."""
    query = _query(kept)
    try:
        return open_calculation(query, user=request.user, now=timezone.now())
    except NoSuchAgreement:
        query["agreement"] = ""
        return open_calculation(query, user=request.user, now=timezone.now())


def _instant(text: str) -> dt.datetime | None:
    """Read an instant as the page wrote it; None for anything else."""
    try:
        found = parse_datetime(text[:64])
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
