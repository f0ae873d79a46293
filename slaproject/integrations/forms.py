"""What an administrator says of a new token."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.api.scopes import Scope
from agreements.local_time import start_of_local_day
from agreements.visible_names import validate_visible
from slaproject.accounts.forms import styled
from slaproject.accounts.models import User

A_YEAR = dt.timedelta(days=365)
LONGEST = dt.timedelta(days=2 * 366)


class TokenForm(forms.Form):
    """A name, an integration, scopes and an end; `key` tells the same form sent twice."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What it is for, as in: HubSpot, every night."),
        validators=[validate_visible],
    )
    integration = forms.ModelChoiceField(
        label=_("Integration"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("a new one, of this name"),
        help_text=_("The program's account. A second token of the same one lets you replace the first."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    expires_on = forms.DateField(
        label=_("Serves until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Two years at most: then make another."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, now: dt.datetime) -> None:
        self.today = timezone.localdate(now)
        super().__init__(data, initial={"expires_on": self.today + A_YEAR, "key": uuid.uuid4()})
        programs = User.objects.filter(role=User.Role.INTEGRATION, is_active=True, is_superuser=False)
        self.fields["integration"].queryset = programs.order_by("name", "pk")  # type: ignore[attr-defined]
        styled(self)
        self.fields["scopes"].widget.attrs["class"] = "form-check-input"

    def clean_expires_on(self) -> dt.date:
        """Refuse a day that is over, or too far away."""
        day: dt.date = self.cleaned_data["expires_on"]
        if not self.today <= day <= self.today + LONGEST:
            raise ValidationError(_("Choose a day from today on, within two years."))
        return day

    def expires_at(self) -> dt.datetime:
        """Return the first instant at which the token no longer serves, in the zone of who chose the day."""
        day = self.cleaned_data["expires_on"] + dt.timedelta(days=1)
        return start_of_local_day(day, timezone.get_current_timezone_name())
