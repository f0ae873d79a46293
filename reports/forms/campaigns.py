"""What is typed about a campaign or a source that marketing plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TypedNumberField, WholeNumberField, day_field, dress
from agreements.models import Campaign
from agreements.visible_names import validate_visible


class CampaignForm(forms.Form):
    """Its name, days, leads and budget; one that is there stays a campaign, or a source."""

    of = forms.ChoiceField(
        label=_("Plan leads of"),
        choices=[(Campaign.Of.CAMPAIGN.value, _("a campaign")), (Campaign.Of.SOURCE.value, _("a source"))],
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As leads name it, letter by letter: those that say it count."),
        validators=[ProhibitNullCharactersValidator(), validate_visible],
        widget=forms.TextInput(attrs={"list": "names-known", "autocomplete": "off"}),
    )
    starts_on = day_field(_("First day"))
    last_on = day_field(_("Last day"))
    goal = WholeNumberField(
        label=_("Leads planned"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("Over all its days, each alike."),
    )
    budget = TypedNumberField(label=_("Budget"), min_value=0, max_digits=14, decimal_places=2, required=False)

    def __init__(self, data: Any = None, *, currency: str, campaign: Campaign | None = None) -> None:
        super().__init__(data, initial=_said(campaign) if campaign is not None else {})
        self.fields["budget"].help_text = _("In %(currency)s. Empty: none is named.") % {"currency": currency}
        if campaign is not None:
            del self.fields["of"]
        dress(self)

    def terms(self) -> dict[str, Any]:
        """Return what was typed, as the services take it."""
        return {name: self.cleaned_data[name] for name in ("name", "starts_on", "last_on", "goal", "budget")}


def _said(campaign: Campaign) -> dict[str, Any]:
    names: Sequence[str] = ("name", "starts_on", "last_on", "goal", "budget")
    return {name: getattr(campaign, name) for name in names}
