"""What people type about the life of a hand-off: pauses, next touches, disputes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.forms import LocalInstantField, PageForm
from leads.models import Dispute, Pause


class PauseForm(PageForm):
    """Until when a clock is paused, and why."""

    until = LocalInstantField(
        label=_("Paused until"),
        help_text=_("In your time zone. The clock goes on by itself then."),
        error_messages={"required": _("Say until when.")},
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("choose a reason")), *Pause.Reason.choices],
        error_messages={"required": _("Marketing sees why a clock stands still: choose a reason.")},
    )


class NextTouchForm(PageForm):
    """When a lead is tried next."""

    at = LocalInstantField(
        label=_("Next touch"), required=False, help_text=_("In your time zone. Empty: none is planned.")
    )


class DisputeForm(PageForm):
    """Why marketing disputes a rejection."""

    words = forms.CharField(
        label=_("Why is the rejection disputed?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: a manager of sales decides by it.")},
    )


class DecideForm(PageForm):
    """What becomes of a disputed rejection."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[("", _("choose what becomes of it")), *Dispute.Outcome.choices],
        help_text=_("Withdrawn, the lead is with sales again, and its clock runs as before."),
        error_messages={"required": _("Choose whether the rejection stands.")},
    )
    answer = forms.CharField(
        label=pgettext_lazy("a field", "Answer"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
