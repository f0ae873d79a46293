"""Which agreement judges a hand-off in a month, worked out from the sentence of the rule.

A promise of a month is judged by the version in force on the month's last day, or the last one that governed a day of
it. A hand-off is judged by its own agreement if that version promises the kind for its segment or for all leads, else
by the one above, and so on. Imports nothing of the product.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracles.levels import Levelled, Signed, World, upwards


def judging_version(agreement: Levelled, month: date) -> Signed | None:
    """The version that a month, given by its first day, is judged by."""
    found, day = None, month
    while day.month == month.month:
        for version in agreement.versions:
            if version.starts_on <= day and (version.ends_on is None or day < version.ends_on):
                found = version
        day += timedelta(days=1)
    return found


def judge_of(world: World, agreement: str | None, kind: str, segment: str, month: date) -> str | None:
    """The agreement that judges by this kind of promise what came under an agreement; None where nobody does."""
    for one in upwards(world, agreement) if agreement is not None else ():
        version = judging_version(one, month)
        if version is not None and not version.promises.keys().isdisjoint({(kind, segment), (kind, "")}):
            return one.name
    return None
