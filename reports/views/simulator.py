"""What drafted terms would have meant: beside the fields of a draft, and on a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from agreements.forms.drafts import DraftForm
from agreements.models import Agreement, Segment, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.inherited import above_on, with_inherited
from agreements.readings.labels import names_of
from agreements.readings.standing import today_of
from reports.charts.simulation import spans
from reports.forms.simulator import SimulatorForm
from reports.pages.simulated_draft import draft_says
from reports.pages.simulator import simulate, terms_of
from reports.plotly_figures import figure


@page("POST")
def simulated(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say beside each term of a draft, as typed, what it would have meant last quarter. Stores nothing."""
    seen = Version.objects.visible_to(request.user).select_related("agreement")
    version = get_object_or_404(seen, agreement__slug=slug, number=number)
    agreement, now = version.agreement, timezone.now()
    form = DraftForm(request.POST, version=version, parties=parties_of(agreement), names=names_of(agreement))
    form.is_valid()
    values, _sources = with_inherited(form.terms(), above_on(version, version.starts_on).values())
    says = draft_says(
        version,
        values,
        segments=form.segments,
        months=form.months,
        span=spans(today_of(agreement, now))[0],
        now=now,
    )
    names = [name for name in form.fields if form.show(name).can_say]
    names += ["population", *(f"goals-{segment}" for segment in (0, *form.segments))]
    return render(
        request, "reports/_simulated.html", {"says": [(name, says.get(name, "")) for name in names]}
    )


@page()
def simulator(request: HttpRequest, slug: str) -> HttpResponse:
    """What would these terms have meant? A draft's are taken from it for who may read it."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    now = timezone.now()
    today = today_of(agreement, now)
    versions = Version.objects.visible_to(request.user).filter(agreement=agreement)
    number = request.GET.get("version", "")
    version = (
        get_object_or_404(versions, number=int(number[:9]))
        if number.isascii() and number.isdecimal()
        else versions.in_force_on(today).first()
    )
    segments = list(Segment.objects.all())
    segment = next((one for one in segments if one.slug == request.GET.get("segment")), None)
    form = SimulatorForm(
        request.GET,
        spans=spans(today),
        segments=segments,
        terms=terms_of(agreement, version, segment, today),
    )
    asked = form.asked()
    contents = simulate(agreement, asked, asked["span"], now)
    if contents is not None and (file := asked_format(request.GET)):
        return table_answer(file, contents.chart.table.flat_rows(), name=f"simulated-{asked['span'].value}")
    context = {
        "agreement": agreement,
        "version": version,
        "form": form,
        "contents": contents,
        "figure": figure(contents.chart, as_of="", file="simulated") if contents else None,
    }
    return render(request, "reports/simulator.html", context, status=422 if form.errors else None)
