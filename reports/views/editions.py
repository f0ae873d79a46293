"""Closed months, frozen: read by everybody, acknowledged by the directors of the parties."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from agreements.models import Agreement, Party
from agreements.readings.standing import name_list
from agreements.rights import rights_of
from reports.charts import words
from reports.edition_documents import PAPERS, as_pdf
from reports.editions import acknowledge
from reports.models import Edition
from reports.pages.editions import EditionPage, edition_page, editions_list
from reports.plotly_figures import figure

CONFLICT = 409


@page()
def editions(request: HttpRequest, slug: str) -> HttpResponse:
    """Which months are closed for good, and who acknowledged what came of them?"""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    shown = editions_list(agreement, user=request.user, page=request.GET.get("page"))
    return render(request, "reports/editions.html", {"agreement": agreement, "shown": shown})


@page()
def edition(request: HttpRequest, pk: int) -> HttpResponse:
    """What did the month amount to, as it was known at its close?"""
    found = _edition(request, pk)
    opened = edition_page(found, user=request.user)
    if form := asked_format(request.GET):
        key = request.GET.get("table", "")
        tables = {chart.key: chart.table for chart in opened.charts}
        later = {"definitions": opened.definitions, "returned": opened.returned}
        tables |= {name: one for name, one in later.items() if one is not None}
        table = tables.get(key, opened.rates)
        name = f"edition-{opened.month_value}-{found.number}-{key if key in tables else 'rates'}"
        return table_answer(form, table.flat_rows(), name=name)
    return _shown(request, opened)


@page()
def edition_document(request: HttpRequest, pk: int, paper: str) -> HttpResponse:
    """Give the edition out on two sheets of this paper."""
    if paper not in PAPERS:
        raise Http404
    opened = edition_page(_edition(request, pk), user=request.user)
    answer = HttpResponse(as_pdf(opened, paper=paper), content_type="application/pdf")
    name = f"{opened.edition.agreement.slug}-{opened.month_value}-edition-{opened.edition.number}-{paper}.pdf"
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return answer


@page("POST")
def acknowledge_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the edition as it stands, for each party that one directs."""
    found = _edition(request, pk)
    directed = Party.objects.filter(agreement=found.agreement, team__in=rights_of(request.user).directed)
    if not directed.exists():
        raise PermissionDenied(_("Directors of the parties acknowledge an edition."))
    try:
        made = acknowledge(edition=found, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        opened = edition_page(found, user=request.user)
        return _shown(request, opened, refusal=" ".join(error.messages), status=CONFLICT)
    if made:
        said = {"teams": name_list([one.party.team.name for one in made])}
        messages.success(request, _("Acknowledged for %(teams)s.") % said)
    return redirect("reports:edition", pk)


def _edition(request: HttpRequest, pk: int) -> Edition:
    seen = Edition.objects.visible_to(request.user).select_related("agreement")
    found: Edition = get_object_or_404(seen, pk=pk)
    return found


def _shown(
    request: HttpRequest, opened: EditionPage, *, refusal: str = "", status: int | None = None
) -> HttpResponse:
    edition = opened.edition
    as_of = edition.as_of.astimezone(edition.agreement.zone)
    said = _("as of %(at)s") % {"at": words.clock_time(as_of, edition.made_at)}
    context = {
        "page": opened,
        "agreement": edition.agreement,
        "as_of": as_of,
        "charts": [
            (
                chart,
                figure(chart, as_of=said, file=f"edition-{opened.month_value}-{chart.key}"),
                f"{request.path}?table={chart.key}",
            )
            for chart in opened.charts
        ],
        "returned_address": f"{request.path}?table=returned",
        "definitions_address": f"{request.path}?table=definitions",
        "refusal": refusal,
    }
    return render(request, "reports/edition.html", context, status=status)
