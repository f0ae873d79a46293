"""What waits for a person in the life of agreements: excuses to answer, strikes, actions, values to enter."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber
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
    strikes = Strike.objects.visible_to(user).filter(state=Strike.State.OPEN, responsible=rights.user_id)
    actions = CorrectiveAction.objects.visible_to(user).to_do().filter(owner=rights.user_id)
    waiting = _first_and_number(
        excuses=(Excuse.objects.awaiting(user), "proposed_at"),
        strikes=(strikes, "opened_at"),
        actions=(actions.filter(due_on__lte=today + DUE_WITHIN), "due_on"),
    )
    if "excuses" in waiting:
        first, n = waiting["excuses"]
        said = ngettext(
            "%(n)s excuse waits for your side’s answer.", "%(n)s excuses wait for your side’s answer.", n
        )
        duties.append(Duty(said % {"n": words.amount(n)}, reverse("reports:excuse", args=[first])))
    if "strikes" in waiting:
        first, n = waiting["strikes"]
        said = ngettext("%(n)s strike waits for your diagnosis.", "%(n)s strikes wait for your diagnosis.", n)
        duties.append(Duty(said % {"n": words.amount(n)}, reverse("reports:strike", args=[first])))
    if "actions" in waiting:
        first, n = waiting["actions"]
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


def _first_and_number(**kinds: tuple[QuerySet[Any], str]) -> dict[str, tuple[int, int]]:
    """Return of each kind the first row's id and how many there are (of more than a hundred: 100), in one query.

    Of each are given the rows, and what they are ordered by. What has no row is left out.
    """
    of_each = [
        rows.annotate(kind=Value(kind), place=Window(RowNumber(), order_by=[by, "pk"]))
        .order_by(by, "pk")
        .values_list("kind", "place", "pk")[:100]
        for kind, (rows, by) in kinds.items()
    ]
    found: dict[str, tuple[int, int]] = {}
    for kind, _place, pk in sorted(of_each[0].union(*of_each[1:], all=True)):
        first, n = found.get(kind, (pk, 0))
        found[kind] = first, n + 1
    return found


@dataclass(frozen=True, slots=True)
class Followed:
    """What the review says of a month's misses: its strikes, and the actions carried over from earlier ones."""

    strikes: tuple[StrikeLine, ...]
    carried: tuple[CorrectiveAction, ...]
    watermelons: tuple[str, ...] = ()


def followed_up(agreement: Agreement | None, month_on: dt.date, user: Any, *, is_over: bool) -> Followed:
    """Return the strikes of a month, and what is still to be done about those of the months before.

    Only of a month that is over it may turn out that it was green outside alone.
    """
    if agreement is None:
        return Followed((), ())
    rights = rights_of(user)
    strikes = strikes_of(agreement).prefetch_related(None).prefetch_related("evaluation__version__measures")
    strikes = strikes.filter(evaluation__month__month_on=month_on)
    actions = CorrectiveAction.objects.filter(
        strike__evaluation__month__agreement=agreement, strike__evaluation__month__month_on__lte=month_on
    ).exclude(Q(strike__evaluation__month__month_on__lt=month_on) & ~TO_DO)
    results = MonthResult.objects.filter(agreement=agreement, month_on=month_on)
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
        watermelons_of(agreement, results) if is_over else (),
    )
