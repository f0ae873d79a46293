"""Planning a review, its minutes and decisions, and how an agreement ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth import authenticate, get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import day_field, dress
from agreements.forms.obligations import people_of
from agreements.models import Agreement, Party, Review
from agreements.services.reviewing import as_kept, digest_of

OTHER = "other"
MINUTES_FORM = "minutes-form"
"""The id of the form, to which the field of the agenda belongs from the section above it."""
LONGEST_CONDITION = 200


class PlanReviewForm(forms.Form):
    """On which day the parties look at their figures together."""

    planned_on = day_field(_("Day of the review"))

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        dress(self)


class MinutesForm(forms.Form):
    """The agenda and the minutes. `edits` and `begun` say which state of them the writer had before their eyes.

    Where no agenda was written yet, the field begins with the standing one. An agenda with which it began is none
    that the writer gives: what stands by then may be another.
    """

    edits = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    begun = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    agenda = forms.CharField(
        label=_("Agenda in your words"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "form": MINUTES_FORM}),
        help_text=_(
            "Leave it empty for the one that is proposed. It stays as it is once the review was held."
        ),
    )
    minutes = forms.CharField(
        label=_("Minutes"), required=False, max_length=50_000, widget=forms.Textarea(attrs={"rows": 10})
    )

    def __init__(self, data: Any = None, *, review: Review, standing: str) -> None:
        agenda = review.agenda or standing
        seen = {"edits": review.edits, "begun": digest_of(agenda)}
        super().__init__(data, initial={**seen, "agenda": agenda, "minutes": review.minutes})
        dress(self)

    def clean_agenda(self) -> str | None:
        """Return the agenda as it is kept; None where it was not sent, or is the one that the field began with."""
        given = as_kept(self.cleaned_data["agenda"])
        is_own = "agenda" in self.data and digest_of(given) != self.cleaned_data.get("begun")
        return given if is_own else None


class DecisionForm(forms.Form):
    """What was decided, who does it, until when."""

    text = forms.CharField(label=_("Decision"), max_length=1000)
    owner = forms.TypedChoiceField(label=_("Done by"), coerce=int)
    due_on = day_field(_("Until"))

    def __init__(self, data: Any = None, *, parties: tuple[Party, ...], today: dt.date) -> None:
        super().__init__(data, initial={"due_on": today + dt.timedelta(days=14)})
        self.fields["owner"].choices = [("", _("Choose somebody")), *people_of(parties)[1:]]  # type: ignore[attr-defined]
        dress(self)


class CancelForm(forms.Form):
    """From which day, by which agreed condition, why; and the password again."""

    ends_on = day_field(_("Not in force any more from"))
    condition = forms.ChoiceField(label=_("Which agreed condition applies?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Both sides read it. It is no part of the record that can never be changed."),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Asked for again, so that nobody cancels at a screen that you left."),
    )

    def __init__(
        self, data: Any = None, *, request: HttpRequest, conditions: list[str], today: dt.date
    ) -> None:
        super().__init__(data, initial={"ends_on": today + dt.timedelta(days=30)})
        self.request, self.conditions = request, conditions
        choices = [(str(n), _shortened(text)) for n, text in enumerate(conditions)]
        self.fields["condition"].choices = [*choices, (OTHER, _("Another one, or none"))]  # type: ignore[attr-defined]
        dress(self)
        self.fields["condition"].widget.attrs["class"] = "form-check-input"

    def clean_password(self) -> str:
        """Return nothing: the password is checked here and goes no further."""
        user = self.request.user
        assert user.is_authenticated
        name = getattr(user, get_user_model().USERNAME_FIELD)
        found = authenticate(self.request, username=name, password=self.cleaned_data["password"])
        if found is None or found.pk != user.pk:
            raise ValidationError(_("That is not your password. Nothing was cancelled."))
        return ""

    def sentence(self) -> dict[str, Any]:
        """Return what `cancel_agreement` takes."""
        given = self.cleaned_data
        chosen = given["condition"]
        return {
            "ends_on": given["ends_on"],
            "condition": "" if chosen == OTHER else self.conditions[int(chosen)],
            "reason": given["reason"],
        }


def conditions_of(agreement: Agreement, version: Any) -> list[str]:
    """Return the agreed conditions of cancellation, a line each; none where nothing was agreed."""
    if version is None:
        return []
    texts = (
        version.clauses.filter(topic="cancellation").order_by("party_id", "pk").values_list("text", flat=True)
    )
    lines = [line.strip(" -*•\t") for text in texts for line in text.splitlines()]
    return list(dict.fromkeys(line for line in lines if line))[:20]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_CONDITION else f"{text[:LONGEST_CONDITION]}…"
