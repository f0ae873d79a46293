"""What people type about leads and their follow-up, turned into what the services take."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models import FollowUpAttempt, HandOff, Lead


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
        qualified_at = self.cleaned_data["qualified_at"]
        if qualified_at > timezone.now():
            raise ValidationError(_("A lead cannot be qualified in the future."))
        return qualified_at.replace(microsecond=0)


class HandOverForm(forms.ModelForm):
    """Give a lead to sales; an empty instant means now."""

    handed_off_at = forms.SplitDateTimeField(
        label=_("handed off at"),
        required=False,
        widget=forms.SplitDateTimeWidget(),
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
