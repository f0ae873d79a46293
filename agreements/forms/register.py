"""What the register is asked for, by its address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import dress
from agreements.models import Team
from agreements.readings.register_query import Asked, State


class RegisterForm(forms.Form):
    """Which agreements: by their words, state and team, and whether something waits for who asks."""

    q = forms.CharField(label=_("Name or team"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *State.choices])
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.all(),
        required=False,
        empty_label=_("all"),
        to_field_name="slug",
    )
    act = forms.ChoiceField(
        label=_("Who has to act"), required=False, choices=[("", _("anybody")), ("me", _("I have to"))]
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
        dress(self)

    def asked(self) -> Asked:
        """Return what is asked for; what cannot be is not asked for."""
        self.is_valid()
        given = self.cleaned_data
        team = given.get("team")
        return Asked(
            text=given.get("q") or "",
            state=given.get("state") or "",
            team_id=team.pk if team is not None else None,
            is_mine=given.get("act") == "me",
        )
