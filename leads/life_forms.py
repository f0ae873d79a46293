"""What people type about the life of a hand-off: pauses and next touches."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.forms import LocalInstantField, PageForm
from leads.models import Pause


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
