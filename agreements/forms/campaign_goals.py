"""The goal of a campaign or source in a draft: how many leads of which, in which months, promised by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from agreements import words
from agreements.forms.fields import WholeNumberField, dress
from agreements.models import Campaign, CampaignGoal, Commitment, Party, Version
from agreements.services.campaign_goal_terms import TERMS
from agreements.services.draft_values import months_of_version, party_for
from agreements.visible_names import validate_visible

MOST_LEADS, MOST_NAMES = 1_000_000, 100


class CampaignGoalForm(forms.Form):
    """One goal of a draft. `edits` says which state of it the writer had before their eyes."""

    edits = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, initial=0)
    of = forms.ChoiceField(
        label=_("Promise leads of"),
        choices=[(Campaign.Of.CAMPAIGN.value, _("a campaign")), (Campaign.Of.SOURCE.value, _("a source"))],
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As leads name it, letter by letter: those that say it count."),
        validators=[ProhibitNullCharactersValidator(), validate_visible],
        widget=forms.TextInput(attrs={"list": "names-planned", "autocomplete": "off"}),
    )
    goal = WholeNumberField(
        label=_("Leads a month"),
        min_value=1,
        max_value=MOST_LEADS,
        help_text=_("A part of the month’s goal, not more on top of it."),
    )
    first_on = forms.TypedChoiceField(
        label=_("From"), coerce=dt.date.fromisoformat, empty_value=None, required=False
    )
    last_on = forms.TypedChoiceField(
        label=_("To"), coerce=dt.date.fromisoformat, empty_value=None, required=False
    )
    party = forms.TypedChoiceField(label=_("Promised by"), coerce=int)

    def __init__(
        self,
        data: Any = None,
        *,
        version: Version,
        parties: Iterable[Party],
        goal: CampaignGoal | None = None,
    ) -> None:
        self.version, self.parties = version, {party.pk: party for party in parties}
        super().__init__(data, initial=_initial(goal, self.parties))
        months = _months(version, goal)
        for name, empty in (
            ("first_on", _("its first month")),
            ("last_on", _("its last month")),
        ):
            self._choose(name, [("", empty), *months])
        self._choose("party", [(pk, party.team.name) for pk, party in self.parties.items()])
        dress(self)

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first_on, last_on = given.get("first_on"), given.get("last_on")
        if first_on and last_on and last_on < first_on:
            self.add_error("last_on", _("The last month is not before the first."))
        return given

    def sentence(self) -> dict[str, Any]:
        """Return what `write_campaign_goal` takes."""
        given = self.cleaned_data
        return {
            "terms": {name: given[name] for name in TERMS},
            "edits": given["edits"],
            "party": self.parties[given["party"]],
        }

    def names_planned(self) -> list[str]:
        """The campaigns and sources that are planned under the agreement, to choose from."""
        planned = self.version.agreement.campaigns.order_by("name").values_list("name", flat=True)
        return list(planned.distinct()[:MOST_NAMES])

    def lines(self) -> list[list[forms.BoundField]]:
        """The fields in the order in which they are read, those of one question beside each other."""
        rows = (("of", "name", "party"), ("goal", "first_on", "last_on"))
        return [[self[name] for name in names] for names in rows]


def _initial(goal: CampaignGoal | None, parties: dict[int, Party]) -> dict[str, Any]:
    if goal is not None:
        return {name: getattr(goal, name) for name in (*TERMS, "edits")} | {"party": goal.party_id}
    return {"party": party_for(Commitment.Kind.MQL_GOAL, parties).pk} if parties else {}


def _months(version: Version, goal: CampaignGoal | None) -> list[tuple[str, str]]:
    """The months of the version's days, and those that the goal names already."""
    own = [] if goal is None else [day for day in (goal.first_on, goal.last_on) if day is not None]
    months = sorted({*months_of_version(version.starts_on, version.ends_on), *own})
    return [(month.isoformat(), words.month(month)) for month in months]
