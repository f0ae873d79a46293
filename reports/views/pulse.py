"""The monthly pulse: answered by the parties' teams, read by everybody as averages."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from agreements.models import Agreement, PulseAnswer
from agreements.services.pulse import answer_pulse, asking_party
from reports.charts import words
from reports.forms.pulse import PulseForm
from reports.pages.pulse import pulse_page
from reports.plotly_figures import figure

REFUSED, CONFLICT = 422, 409


@page("GET", "POST")
def pulse(request: HttpRequest, slug: str) -> HttpResponse:
    """How well do the parties feel served, and how good are the leads?"""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    now, status = timezone.now(), None
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    if request.method == "POST" and asking_party(agreement, request.user) is None:  # type: ignore[arg-type]
        raise PermissionDenied(_("The teams of this agreement answer: you belong to none of them."))
    read = pulse_page(agreement, user=request.user, now=now)
    form = PulseForm(given, asked=read.asked)
    if request.method == "POST":
        status = REFUSED
        if form.is_valid():
            answers = {name: form.cleaned_data[name] for name in PulseAnswer.QUESTIONS}
            try:
                answer_pulse(
                    agreement=agreement,
                    month_on=form.cleaned_data["month_on"],
                    answers=answers,
                    now=now,
                    by=request.user,  # type: ignore[arg-type]
                )
            except ValidationError as error:
                form.add_error(None, error)
                status = CONFLICT
            else:
                messages.success(
                    request, _("Thank you. You can change your answers until the month is closed.")
                )
                return redirect("reports:pulse", slug)
    if file := asked_format(request.GET):
        table = read.table(request.GET.get("table", ""))
        if table is None:
            raise Http404
        return table_answer(file, table.flat_rows(), name=f"{slug}-{request.GET['table']}")
    as_of = _("as of %(at)s") % {"at": words.clock_time(now, now)}
    context = {
        "page": read,
        "agreement": agreement,
        "form": form,
        "charts": [
            (chart, figure(chart, as_of=as_of, file=f"{slug}-{chart.key}"))
            for chart in read.charts
            if not chart.is_empty
        ],
        "empty": [chart for chart in read.charts if chart.is_empty],
    }
    return render(request, "reports/pulse.html", context, status=status)
