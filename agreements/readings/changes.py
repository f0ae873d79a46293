"""What an event changed, from what to what: terms by name, states, and who answered before and after.

Only what the event itself holds: numbers, days, codes and ids of people. Words that people wrote stand apart, where
they can be erased; of these it is said that they changed. An auditor is told of no person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.db.models import Value as Constant
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import words
from agreements.models import (
    Agreement,
    AgreementEvent,
    Campaign,
    CampaignGoal,
    CorrectiveAction,
    CustomMeasure,
    Obligation,
    Party,
    Segment,
    Strike,
    Version,
)
from agreements.readings.labels import Names, value_text
from agreements.rights import rights_of
from agreements.services.draft_values import WEIGHTS, Value, is_personal, is_words

Kind = AgreementEvent.Kind
# Kinds whose `from` and `to` are people, by id.
OF_PEOPLE = {
    Kind.DUTY_HANDED_ON: gettext_lazy("Who answers for it"),
    Kind.CONTACT_CHANGED: gettext_lazy("Contact"),
    Kind.SIGNATORY_CHANGED: gettext_lazy("Signatory"),
    Kind.ACTION_HANDED_ON: gettext_lazy("Who does it"),
    Kind.DECISION_HANDED_ON: gettext_lazy("Who does it"),
    Kind.STRIKE_DIAGNOSED: gettext_lazy("Diagnosed by"),
}
# Kinds whose `from` and `to` are states, by their words.
OF_STATES: Mapping[str, Iterable[tuple[str, Any]]] = {
    Kind.SUBMITTED: Version.State.choices,
    Kind.CHANGES_ASKED: Version.State.choices,
    Kind.WITHDRAWN: Version.State.choices,
    Kind.IN_FORCE: Version.State.choices,
    Kind.ACTION_ENDED: CorrectiveAction.State.choices,
}
# Parts of a draft that are written one by one, as an event names them.
PARTS: Mapping[str, type[Model]] = {
    "obligation": Obligation,
    "measure": CustomMeasure,
    "campaign_goal": CampaignGoal,
}
LENGTHS = ("-allowance", "-average_goal", "-window")
MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed; both sides are empty of words that stand apart."""

    name: str
    before: str = ""
    after: str = ""


class Changes:
    """Reads the changes of some events of an agreement; every name in them is looked up at once, in one query."""

    def __init__(self, events: Sequence[AgreementEvent], agreement: Agreement, *, user: Any) -> None:
        self.hides_people = rights_of(user).is_auditor
        named = set() if self.hides_people else {pk for event in events for pk in _people_in(event)}
        names: dict[str, dict[int, str]] = {"party": {}, "segment": {}, "person": {}}
        if events:
            for kind, pk, name in _names(agreement, named):
                names[kind][pk] = name
        self.names = Names(names["party"], names["segment"])
        self.people = names["person"]

    def of(self, event: AgreementEvent) -> list[Change]:
        """Return what one event changed; nothing where it says no more than that it happened."""
        data = event.data if isinstance(event.data, dict) else {}
        if event.kind == Kind.EDITED:
            return [*self._of_fields(data.get("changes")), *self._of_terms(data)]
        changes = []
        if event.kind in OF_PEOPLE and ("from" in data or "to" in data):
            after = data.get("responsible") if event.kind == Kind.STRIKE_DIAGNOSED else data.get("to")
            if data.get("from") != after:
                name = str(OF_PEOPLE[Kind(event.kind)])
                changes.append(Change(name, self._person(data.get("from")), self._person(after)))
        if event.kind == Kind.CONTACT_CHANGED and data.get("words"):
            changes.append(Change(_("What for")))
        if event.kind == Kind.CAMPAIGN_CHANGED:
            changes += self._of_plan(data)
        if event.kind == Kind.STRIKE_DIAGNOSED and data.get("state_from", data.get("state")) != data.get(
            "state"
        ):
            changes.append(_states(Strike.State.choices, data.get("state_from"), data.get("state")))
        if event.kind in OF_STATES and "to" in data:
            changes.append(_states(OF_STATES[event.kind], data.get("from"), data["to"]))
        return changes

    def _of_fields(self, changes: Any) -> list[Change]:
        if not isinstance(changes, dict):
            return []
        found = []
        for key, pair in list(changes.items())[:MOST_CHANGES]:
            try:
                name = self.names.label(key)
            except (KeyError, ValueError, IndexError, TypeError, AttributeError):  # of another release
                name = key
            if isinstance(pair, list) and len(pair) == 2 and not is_words(key) and not is_personal(key):
                found.append(Change(name, *(_text(key, value) for value in pair)))
            else:
                found.append(Change(name))
        return found

    def _of_terms(self, data: dict[str, Any]) -> list[Change]:
        """What changed in an obligation, a measure or the goal of a campaign; its name is free words."""
        terms = data.get("terms")
        if not isinstance(terms, dict):
            return []
        model = next((model for part, model in PARTS.items() if part in data), Obligation)
        fields = {field.name: str(getattr(field, "verbose_name", "")) for field in model._meta.fields}
        found = []
        for key, pair in terms.items():
            name = fields.get(key) or {"from": _("Owed by"), "to": _("Owed to")}.get(str(key), str(key))
            if isinstance(pair, list) and len(pair) == 2:
                found.append(Change(name, *(words.NONE if value is None else str(value) for value in pair)))
            else:
                found.append(Change(name))
        return found

    def _of_plan(self, data: dict[str, Any]) -> list[Change]:
        """What changed in the plan of a campaign; its name is free words."""
        plan = data.get("plan")
        fields = {field.name: str(field.verbose_name) for field in Campaign._meta.fields}
        found = [Change(_("Name"))] if data.get("words") else []
        for key, pair in plan.items() if isinstance(plan, dict) else ():
            if isinstance(pair, list) and len(pair) == 2:
                texts = (words.NONE if value is None else str(value) for value in pair)
                found.append(Change(fields.get(key, str(key)), *texts))
        return found

    def _person(self, pk: Any) -> str:
        if pk is None:
            return words.NONE
        if pk == "outside":
            return _("somebody outside")
        if self.hides_people:
            return _("a person")
        return self.people.get(pk, words.NONE)


def _names(agreement: Agreement, people: set[int]) -> Any:
    """Return the names of the agreement's parties, of the segments and of these people: kind, id, name."""
    parties = Party.objects.filter(agreement=agreement).annotate(kind=Constant("party"))
    segments = Segment.objects.annotate(kind=Constant("segment"))
    users = get_user_model().objects.filter(pk__in=people).annotate(kind=Constant("person"))
    return (
        parties.order_by()
        .values_list("kind", "pk", "team__name")
        .union(
            segments.order_by().values_list("kind", "pk", "name"),
            users.order_by().values_list("kind", "pk", "name"),
            all=True,
        )
    )


def _states(choices: Iterable[tuple[str, Any]], before: Any, after: Any) -> Change:
    words_of = {code: str(label) for code, label in choices}
    return Change(_("State"), words_of.get(str(before), ""), words_of.get(str(after), ""))


def _people_in(event: AgreementEvent) -> list[int]:
    if event.kind not in OF_PEOPLE or not isinstance(event.data, dict):
        return []
    values = (event.data.get(key) for key in ("from", "to", "responsible"))
    return [value for value in values if isinstance(value, int)]


def _text(key: str, value: Any) -> str:
    """Write a value as an event keeps it: days and exact numbers as text, lengths in seconds."""
    try:
        return value_text(key, _value(key, value))
    except (ValueError, TypeError, InvalidOperation, OverflowError):  # written by an earlier release
        return str(value)


def _value(key: str, value: Any) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if key in ("starts_on", "ends_on"):
        return dt.date.fromisoformat(value)
    if key.endswith(LENGTHS):
        return dt.timedelta(seconds=float(value))
    if key.startswith("goal-") or key.endswith(("share", "tolerance")) or key.rpartition("-")[2] in WEIGHTS:
        return Decimal(value)
    return str(value)
