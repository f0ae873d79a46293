"""Rating a lead's quality: one tap on the lead's page, and one more for the reason."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from leads import acting
from leads.acting import Acting
from leads.models import Rating
from leads.services.ratings import rate_lead
from leads.views.actions import person
from leads.views.answers import find_hand_off, go_on, may_not


class RatingForm(forms.Form):
    """A grade, and a reason that goes with it; without one, the reason that stands stays."""

    grade = forms.ChoiceField(choices=Rating.Grade.choices)
    reason = forms.ChoiceField(choices=Rating.Reason.choices, required=False)

    def clean(self) -> dict[str, str]:
        given = super().clean() or self.cleaned_data
        grade, reason = given.get("grade"), given.get("reason")
        if grade and reason and reason not in Rating.REASONS[Rating.Grade(grade)]:
            self.add_error("reason", _("This reason does not go with the grade."))
        return given


@page("GET", "POST", allow=lambda rights: rights.may_work_leads)
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how good the lead was; who works it may, also once it is closed."""
    hand_off, me = find_hand_off(request, pk), Acting(request.user)
    if not me.may_work(hand_off):
        return may_not(request, acting.who_may_rate(hand_off), hand_off.lead)
    form = RatingForm(request.POST)
    if request.method != "POST":  # somebody signed in anew, and comes back to where the button led
        return go_on(request, hand_off.lead)
    if not form.is_valid():
        messages.error(request, _("Choose one of the grades that the page offers."))
        return go_on(request, hand_off.lead)
    try:
        rating = rate_lead(
            hand_off=hand_off,
            grade=form.cleaned_data["grade"],
            reason=form.cleaned_data["reason"] or None,
            now=timezone.now(),
            by=person(request),
            still=acting.still(me.may_work, acting.who_may_rate),
        )
    except ValidationError as error:  # it changed hands meanwhile
        messages.error(request, " ".join(error.messages))
        return go_on(request, hand_off.lead)
    said = {"lead": hand_off.lead, "grade": rating.get_grade_display()}
    messages.success(request, _("%(lead)s: rated %(grade)s.") % said)
    return go_on(request, hand_off.lead)
