"""What people type about the views that they keep."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Team
from agreements.rights import rights_of
from agreements.visible_names import validate_visible
from reports.models import SavedView

Audience = SavedView.Audience


class ViewNameForm(forms.Form):
    """The name under which a view is kept."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, validators=[validate_visible])


class SaveViewForm(ViewNameForm):
    """Name and audience: only me, one of my teams (`team-` and its id), or everybody."""

    audience = forms.CharField(label=gettext_lazy("For"), required=False, max_length=30)
    query = forms.CharField(required=False, max_length=2000, strip=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = audiences_of(user)

    def clean_audience(self) -> tuple[str, Team | None]:
        """Return the audience, and the team where it is one."""
        asked = self.cleaned_data["audience"] or Audience.MINE
        if asked in (Audience.MINE, Audience.SHARED):
            return asked, None
        team = next((one for one in self.teams if asked == f"team-{one.pk}"), None)
        if team is None:
            raise ValidationError(_("That is none of your teams."))
        return Audience.TEAM, team


def audiences_of(user: Any) -> list[Team]:
    """Return the teams with which a person may share a view: their own."""
    return list(Team.objects.filter(pk__in=rights_of(user).teams))
