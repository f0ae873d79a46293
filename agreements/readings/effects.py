"""What a change of terms means: MQLs of each month, and the reps' hours that these take.

    hours of a month = Σ leads × agreed attempts × minutes per attempt ÷ 60

over the segments with a goal of their own, and the rest of the goal for all leads. Every lead is counted with all
agreed attempts, as if none connected sooner: an upper bound, the same on both sides of the comparison.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Commitment
from agreements.services.draft_values import Value, month_of_key

MINUTES_PER_ATTEMPT = 10  # as the calculator assumes where nobody says otherwise
MOST_MONTHS = 36
MEASURE = "counting-0-measure"


@dataclass(frozen=True, slots=True)
class Pair:
    """A number before and after, in words."""

    was: str
    will: str
    change: str


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """One month: how many MQLs, and how many hours of the reps."""

    name: str
    leads: Pair
    hours: Pair


@dataclass(frozen=True, slots=True)
class Effects:
    """The sentence, the months it sums up, and what is assumed."""

    sentence: str
    months: list[MonthEffect]
    assumed: str = ""


def effects_between(
    before: Mapping[str, Value], after: Mapping[str, Value], *, starts_on: dt.date
) -> Effects:
    """Say what the goals and attempts of two versions mean, month by month from that of `starts_on` on."""
    if Commitment.Measure.VALUE in (before.get(MEASURE), after.get(MEASURE)):
        return Effects(
            _("The goal is in money: how many MQLs that is depends on the leads, so no hours are said."), []
        )
    months = [month for month in _months(before, after) if month >= starts_on.replace(day=1)][:MOST_MONTHS]
    leads = [(_leads(before, month), _leads(after, month)) for month in months]
    hours = [(hours_of(before, month), hours_of(after, month)) for month in months]
    shown = [
        MonthEffect(words.month(month), _pair(*leads[place]), _pair(*hours[place]))
        for place, month in enumerate(months)
    ]
    said = _("A lead is counted with all agreed attempts, %(minutes)s minutes each: the most it can take.")
    return Effects(_sentence(leads, hours), shown, said % {"minutes": MINUTES_PER_ATTEMPT})


def hours_of(values: Mapping[str, Value], month: dt.date) -> Fraction | None:
    """Return the reps' hours for a month's goal; None where goal or attempts are not agreed."""
    whole = _leads(values, month)
    if whole is None:
        return None
    rest, minutes = whole, Fraction(0)
    for key, goal in values.items():
        kind, _dash, others = key.partition("-")
        segment = others.partition("-")[0]
        if kind == "goal" and segment != "0" and month_of_key(key) == month:
            attempts = _number(values.get(f"depth-{segment}-attempts", values.get("depth-0-attempts")))
            if attempts is None:
                return None
            of_segment = _number(goal) or Fraction(0)
            minutes += of_segment * attempts * MINUTES_PER_ATTEMPT
            rest -= of_segment
    attempts = _number(values.get("depth-0-attempts"))
    if attempts is None and rest > 0:
        return None
    return (minutes + max(rest, Fraction(0)) * (attempts or 0) * MINUTES_PER_ATTEMPT) / 60


def _sentence(
    leads: list[tuple[Fraction | None, Fraction | None]], hours: list[tuple[Fraction | None, Fraction | None]]
) -> str:
    """Sum up the months for which both versions say a goal: an average month."""
    both = [pair for pair in leads if None not in pair]
    if not both:
        return _("The versions have no month in common for which both say a goal.")
    goal = _pair(*_average(both))
    said = {"was": goal.was, "will": goal.will, "change": goal.change}
    worked = [pair for pair in hours if None not in pair]
    if len(worked) < len(both):
        return (
            _(
                "In an average month %(was)s → %(will)s MQLs (%(change)s); without agreed attempts on both sides "
                "no hours can be said."
            )
            % said
        )
    work = _pair(*_average(worked))
    said |= {"hours": work.was, "hours_then": work.will, "hours_change": work.change}
    return (
        _(
            "In an average month %(was)s → %(will)s MQLs (%(change)s), which take the reps %(hours)s → "
            "%(hours_then)s hours (%(hours_change)s)."
        )
        % said
    )


def _average(pairs: list[tuple[Fraction | None, Fraction | None]]) -> tuple[Fraction, Fraction]:
    was = sum((one or Fraction(0) for one, _will in pairs), Fraction(0))
    will = sum((one or Fraction(0) for _was, one in pairs), Fraction(0))
    return was / len(pairs), will / len(pairs)


def _pair(was: Fraction | None, will: Fraction | None) -> Pair:
    return Pair(words.amount(was), words.amount(will), change_text(was, will))


def change_text(was: Fraction | None, will: Fraction | None) -> str:
    """Write a change in per cent; a dash where there is nothing to compare with."""
    if not was or will is None:
        return words.NONE
    return _("%(number)s%%") % {"number": words.signed((will - was) / was * 100, 1)}


def _months(*said: Mapping[str, Value]) -> list[dt.date]:
    return sorted({month_of_key(key) for values in said for key in values if key.startswith("goal-0-")})


def _leads(values: Mapping[str, Value], month: dt.date) -> Fraction | None:
    return _number(values.get(f"goal-0-{month:%Y-%m}"))


def _number(value: Value) -> Fraction | None:
    return Fraction(value) if isinstance(value, (Decimal, int)) else None
