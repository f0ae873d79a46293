"""What waits for a person in the life of agreements: excuses to answer, strikes, actions, values to enter."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import (
    Agreement,
    CorrectiveAction,
    CustomMeasure,
    Excuse,
    MonthResult,
    Party,
    Strike,
)
from agreements.readings.awaited_values import awaited_values
from agreements.readings.measure_words import period_name
from agreements.rights import rights_of
from reports.charts import words
from reports.pages.kept import StrikeLine, strike_line, strikes_of, watermelons_of
from reports.readings.promise_months import anchor

TO_DO = Q(ended_at__isnull=True, strike__state__in=Strike.STANDING)
DUE_WITHIN = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that waits, and where it is done."""

    sentence: str
    address: str


def duties_of(user: Any, *, today: dt.date, now: dt.datetime) -> list[Duty]:
    """Return what waits for this person, at most a line of each kind; the address is that of the first."""
    rights = rights_of(user)
    if rights.user_id is None:
        return []
    duties = []
    excuses = Excuse.objects.awaiting(user).order_by("proposed_at", "pk")
    if found := _first_and_number(excuses):
        first, n = found
        said = ngettext(
            "%(n)s excuse waits for your side’s answer.", "%(n)s excuses wait for your side’s answer.", n
        )
        duties.append(Duty(said % {"n": words.amount(n)}, reverse("reports:excuse", args=[first])))
    strikes = Strike.objects.visible_to(user).filter(state=Strike.State.OPEN, responsible=rights.user_id)
    if found := _first_and_number(strikes.order_by("opened_at", "pk")):
        first, n = found
        said = ngettext("%(n)s strike waits for your diagnosis.", "%(n)s strikes wait for your diagnosis.", n)
        duties.append(Duty(said % {"n": words.amount(n)}, reverse("reports:strike", args=[first])))
    actions = CorrectiveAction.objects.visible_to(user).to_do().filter(owner=rights.user_id)
    actions = actions.filter(due_on__lte=today + DUE_WITHIN).order_by("due_on", "pk")
    if found := _first_and_number(actions):
        first, n = found
        said = ngettext(
            "%(n)s corrective action of yours is due soon.",
            "%(n)s corrective actions of yours are due soon.",
            n,
        )
        duties.append(Duty(said % {"n": words.amount(n)}, reverse("reports:end-action", args=[first])))
    if rights.managed or rights.teams:
        duties += _values_to_enter(user, now)
    return duties


def _values_to_enter(user: Any, now: dt.datetime) -> Iterator[Duty]:
    measures = CustomMeasure.objects.filter(party__in=Party.objects.writable_by(user))
    awaited = awaited_values(measures, now=now)
    if not awaited:
        return
    first = awaited[0].measure
    said = {
        "n": words.amount(len(awaited)),
        "name": first.name,
        "period": period_name(awaited[0].period_on, first.period),
    }
    if len(awaited) == 1:
        sentence = _("“%(name)s” waits for its value of %(period)s.") % said
    else:
        sentence = _("%(n)s measures wait for their values.") % said
    address = reverse("reports:measures", args=[first.version.agreement.slug])
    yield Duty(sentence, f"{address}#{anchor(first.name)}")


def _first_and_number(rows: QuerySet[Any]) -> tuple[int, int] | None:
    """Return the first row's id and how many there are, in one query; None for none."""
    ids = list(rows.values_list("pk", flat=True)[:100])
    return (ids[0], len(ids)) if ids else None


@dataclass(frozen=True, slots=True)
class Followed:
    """What the review says of a month's misses: its strikes, and the actions carried over from earlier ones."""

    strikes: tuple[StrikeLine, ...]
    carried: tuple[CorrectiveAction, ...]
    watermelons: tuple[str, ...] = ()


def followed_up(agreement: Agreement | None, month_on: dt.date, user: Any) -> Followed:
    """Return the strikes of a month, and what is still to be done about those of the months before."""
    if agreement is None:
        return Followed((), ())
    rights = rights_of(user)
    strikes = strikes_of(agreement).prefetch_related(None).prefetch_related("evaluation__version__measures")
    strikes = strikes.filter(evaluation__month__month_on=month_on)
    actions = CorrectiveAction.objects.filter(
        strike__evaluation__month__agreement=agreement, strike__evaluation__month__month_on__lte=month_on
    ).exclude(Q(strike__evaluation__month__month_on__lt=month_on) & ~TO_DO)
    carried: list[CorrectiveAction] = []
    by_strike: dict[int, list[CorrectiveAction]] = defaultdict(list)
    for action in actions.select_related("owner", "strike__evaluation__segment", "strike__evaluation__month"):
        if action.strike.evaluation.month.month_on < month_on:
            carried.append(action)
        else:
            by_strike[action.strike_id].append(action)
    return Followed(
        tuple(strike_line(one, rights, by_strike[one.pk]) for one in strikes),
        tuple(carried),
        watermelons_of(agreement, MonthResult.objects.filter(agreement=agreement, month_on=month_on)),
    )
