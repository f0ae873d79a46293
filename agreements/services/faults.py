"""Which terms of a draft cannot be, each named by its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from agreements.models import Commitment
from agreements.rejection_reasons import fault_of_reasons
from agreements.services.draft_values import KINDS, TERMS, WEIGHTS, Value, is_nothing, month_of_key

# Beyond it a due time leaves the years that a calendar is laid out for.
LONGEST = dt.timedelta(days=366)
MOST_ATTEMPTS = 100
MOST_MISSES = 24
MOST_LEADS = Decimal(10) ** 9
LONGEST_TEXT = 20_000
YEARS = range(2000, 2101)


def faults_of(values: Mapping[str, Value]) -> dict[str, list[str]]:
    """Return what is wrong with a draft that says this, by key; empty where it can be."""
    faults = {key: [fault] for key, value in values.items() if (fault := _fault_of(key, value))}
    faults |= {key: [fault] for key, fault in _faults_of_days(values).items()}
    if values.get("counting-0-profile") == Commitment.Profile.WEIGHTS and not any(
        values.get(key) for key in WEIGHT_KEYS
    ):
        faults.setdefault(WEIGHT_KEYS[0], []).append(_("Give at least one weekday a weight above zero."))
    for prefix in KINDS:
        for segment in {key.split("-")[1] for key in values if key.startswith(f"{prefix}-")}:
            first, *others = (f"{prefix}-{segment}-{term}" for term in TERMS[prefix])
            if is_nothing(values.get(first)):
                for key in others:
                    if key.rpartition("-")[2] in NEEDS_FIRST and not is_nothing(values.get(key)):
                        faults.setdefault(key, []).append(NEEDS_FIRST[key.rpartition("-")[2]]())
    return faults


WEIGHT_KEYS = [f"counting-0-{term}" for term in WEIGHTS]
# Said of nothing they would be lost; the other terms have a usual value that is there anyhow.
NEEDS_FIRST = {
    "average_goal": lambda: _("An average needs an allowance beside it."),
    "in_time_share": lambda: _("A share in time needs an allowance to be in time for."),
}


def _fault_of(key: str, value: Value) -> str:
    if is_nothing(value):
        return ""
    kind, term = key.partition("-")[0], key.rpartition("-")[2]
    if key == "rejection_reasons":
        return fault_of_reasons(str(value))
    if isinstance(value, dt.timedelta):
        if value <= dt.timedelta(0):
            return _("This length is above zero.")
        return _("A year is the most.") if value > LONGEST else ""
    if term.endswith("share") and isinstance(value, Decimal):
        return "" if 0 < value <= 1 else _("A share is above 0 % and at most 100 %.")
    if term == "attempts" and isinstance(value, int):
        return "" if 1 <= value <= MOST_ATTEMPTS else _("From 1 to 100 attempts can be promised.")
    if term.endswith("after_misses") and isinstance(value, int):
        return "" if 1 <= value <= MOST_MISSES else _("From 1 to 24 months in a row can be agreed.")
    if kind == "goal" and isinstance(value, (Decimal, int)):
        return "" if 0 <= value <= MOST_LEADS else _("A goal is from 0 to a thousand million.")
    if term in WEIGHTS and isinstance(value, (Decimal, int)):
        return "" if 0 <= value <= MOST_LEADS else _("A weight is from 0 to a thousand million.")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return _("20,000 characters are the most.")
    return ""


def _faults_of_days(values: Mapping[str, Value]) -> dict[str, str]:
    starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
    if not isinstance(starts_on, dt.date):
        return {"starts_on": _("A version has a first day.")}
    faults: dict[str, str] = {}
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if isinstance(day, dt.date) and day.year not in YEARS:
            faults[name] = _("The year is from 2000 to 2100.")
    if isinstance(ends_on, dt.date) and ends_on <= starts_on:
        faults["ends_on"] = _("The version ends after its first day.")
    if faults:
        return faults
    for key, value in values.items():
        if key.startswith("goal-") and not is_nothing(value):
            month = month_of_key(key)
            if month < starts_on.replace(day=1) or (isinstance(ends_on, dt.date) and month >= ends_on):
                faults[key] = _("The version does not cover this month: leave it empty.")
    return faults
