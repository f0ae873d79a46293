"""A slow second opinion on due days: every day is looked at by itself, with no calendar rule taken from a library."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any


def due_days_by_walking(rule: dict[str, Any], start: date, end: date, days_off: set[date]) -> list[date]:
    """The days of [start, end) on which a rule, written as plain words, is due."""
    found = set()
    on = start - timedelta(70)
    while on < end + timedelta(70):
        if is_nominal(rule, on):
            found.add(moved(rule, on, days_off))
        on += timedelta(1)
    return [start + timedelta(n) for n in range((end - start).days) if start + timedelta(n) in found]


def is_nominal(rule: dict[str, Any], on: date) -> bool:
    if rule["cadence"] == "weekly":
        return bool(on.weekday() == rule["weekday"])
    if rule["cadence"] == "times_a_month":
        earlier = [n for n in range(1, on.day) if date(on.year, on.month, n).weekday() == rule["weekday"]]
        return bool(on.weekday() == rule["weekday"]) and len(earlier) < rule["times"]
    apart = {"monthly": 1, "quarterly": 3, "yearly": 12}[rule["cadence"]]
    if (on.month - rule["month"]) % apart:
        return False
    last = calendar.monthrange(on.year, on.month)[1]
    return bool(on.day == (last if rule["day"] is None or rule["day"] > last else rule["day"]))


def moved(rule: dict[str, Any], on: date, days_off: set[date]) -> date:
    back = rule["day_off"] == "previous"
    if rule["cadence"] in ("monthly", "quarterly", "yearly") and rule["day"] is None:
        back = True
    candidate = on
    for _ in range(32):
        if candidate not in days_off:
            return candidate
        candidate += timedelta(-1 if back else 1)
    return on
