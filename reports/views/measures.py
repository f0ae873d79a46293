"""Promises over the months: read by everybody; values of custom measures entered by the party that promises them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from agreements.models import Agreement, MeasureValue
from agreements.services.measure_values import (
    VoidedBy,
    is_other_side,
    refusal_of_voiding,
    voided_by,
)
from reports.closing import enter_and_close, void_and_close
from reports.forms.measures import ValueForm, VoidForm
from reports.pages.measures import measures_page, measures_with_open_periods, parties_entering
from reports.pages.shared import UNSHARED
from reports.plotly_figures import figure

REFUSED = 422


@page()
def measures(request: HttpRequest, slug: str) -> HttpResponse:
    """How do the promises without a report of their own go, month by month?"""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    return _answer(request, agreement)


@page("POST")
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    """Enter what a custom measure came to in a period."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    now = timezone.now()
    entering = parties_entering(agreement, request.user)
    if not entering:
        raise PermissionDenied(
            _("Values are entered by the managers and directors of the party that promises.")
        )
    today = now.astimezone(agreement.zone).date()
    name = request.POST.get("measure", "")
    listed = measures_with_open_periods(agreement, today)
    found = next((one for one in listed if one.measure.name == name), None)
    if found is None:
        return _answer(request, agreement, refusal=_("Choose one of the measures on this page."))
    measure = found.measure
    if measure.party_id not in entering:
        raise PermissionDenied(
            _("Values are entered by the managers and directors of the party that promises.")
        )
    form = ValueForm(request.POST, measure=measure, open_periods=found.periods, late=found.late)
    if form.is_valid():
        given = form.cleaned_data
        try:
            enter_and_close(
                agreement=agreement,
                name=name,
                period_on=given["period_on"],
                value=given["value"],
                now=now,
                by=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if given["period_on"] in found.late:
                said = _("The value is entered. It came too late to be judged: the promise stays missed.")
            else:
                said = _("The value is entered, and the month judged by it.")
            messages.success(request, said)
            return redirect("reports:measures", slug)
    return _answer(request, agreement, typed={name: form})


@page("GET", "POST")
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Void a value that is wrong."""
    seen = MeasureValue.objects.visible_to(request.user)
    value = get_object_or_404(seen.select_related("agreement", "party__team", "entered_by"), pk=pk)
    now = timezone.now()
    refusal = refusal_of_voiding(value, request.user, now=now)  # type: ignore[arg-type]
    speaks = value.party_id in parties_entering(value.agreement, request.user)
    agrees = is_other_side(value, request.user)
    is_own = voided_by(value.agreement, [value], now=now)[value.pk] is VoidedBy.OWN_SIDE
    if not speaks and (is_own or not agrees):
        raise PermissionDenied(
            _(
                "Values are voided by the managers and directors of the party that promises, and once the month is "
                "closed by a director of the other side."
            )
        )
    form = VoidForm(request.POST if request.method == "POST" else getattr(request, "kept", None))
    if request.method == "POST" and form.is_valid():
        try:
            void_and_close(
                value=value,
                reason=form.cleaned_data["reason"],
                now=now,
                by=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The value is voided. The right one is to be entered now."))
            return redirect("reports:measures", value.agreement.slug)
    context = {"value": value, "agreement": value.agreement, "form": form, "refusal": refusal}
    status = REFUSED if form.is_bound and form.errors else 200
    return render(request, "reports/void_value.html", context, status=status)


def _answer(
    request: HttpRequest,
    agreement: Agreement,
    *,
    typed: dict[str, ValueForm] | None = None,
    refusal: str = "",
) -> HttpResponse:
    now = timezone.now()
    read = measures_page(agreement=agreement, user=request.user, now=now, typed=typed)
    if form := asked_format(request.GET):
        chart = next((one.chart for one in read.sections if one.key == request.GET.get("table")), None)
        if chart is None:
            raise Http404
        return table_answer(form, chart.table.flat_rows(), name=f"{agreement.slug}-{chart.key}")
    context = {
        "page": read,
        "agreement": agreement,
        "now": now,
        "refusal": refusal,
        "share_state": urlencode({"agreement": agreement.slug}),
        "unshared": UNSHARED,
        "sections": [
            (one, figure(one.chart, as_of="", file=one.key) if one.chart and not one.chart.is_empty else None)
            for one in read.sections
        ],
    }
    return render(request, "reports/measures.html", context, status=REFUSED if typed or refusal else 200)
