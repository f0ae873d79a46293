"""What people type about leads and their follow-up, turned into what the services take."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models import Deal, FollowUpAttempt, HandOff, Lead

# As for a file that is imported: beyond these years an instant is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1971, 2100


def check_year(instant: dt.datetime) -> None:
    """Raise ValidationError for an instant outside the years that anybody means."""
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValidationError(
            _("The year is not between %(first)d and %(last)d."),
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


class LeadForm(forms.ModelForm):
    """A lead entered by hand: `qualified_at` is an instant in the zone of the person who types it."""

    class Meta:
        model = Lead
        fields = [
            "external_id",
            "origin",
            "source",
            "campaign",
            "segment",
            "qualified_at",
            "name",
            "company",
            "job_title",
            "email",
            "phone",
            "country",
        ]

    def clean_qualified_at(self) -> object:
        """Return the instant; ValidationError for the future."""
        qualified_at: dt.datetime = self.cleaned_data["qualified_at"]
        check_year(qualified_at)
        if qualified_at > timezone.now():
            raise ValidationError(_("A lead cannot be qualified in the future."))
        return qualified_at.replace(microsecond=0)


class HandOverForm(forms.ModelForm):
    """Give a lead to sales; an empty instant means now."""

    handed_off_at = forms.SplitDateTimeField(
        label=_("handed off at"),
        required=False,
        widget=forms.SplitDateTimeWidget(),
        validators=[check_year],
        help_text=_("Empty: now."),
    )

    class Meta:
        model = HandOff
        fields = ["lead", "team", "owner", "agreement", "handed_off_at"]


class AttemptForm(forms.ModelForm):
    """One attempt on a hand-off, with what the person wants to remember of it."""

    note_text = forms.CharField(label=_("note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    class Meta:
        model = FollowUpAttempt
        fields = ["hand_off", "attempted_at", "channel", "outcome"]


class DealForm(forms.ModelForm):
    """A deal entered by hand."""

    class Meta:
        model = Deal
        fields = [
            "system",
            "external_id",
            "lead",
            "lead_external_id",
            "closed_at",
            "closed_on",
            "is_date_only",
            "amount",
            "currency",
            "is_won",
            "origin",
            "recorded_by",
        ]

    def clean_closed_at(self) -> dt.datetime | None:
        """Return the instant, if it closed; ValidationError for a year that nobody means."""
        closed_at: dt.datetime | None = self.cleaned_data["closed_at"]
        if closed_at is not None:
            check_year(closed_at)
        return closed_at
