"""Which agreement judges a hand-off in a period, worked out from the sentence of the rule.

A period is judged by the version in force on its last day, or the last one that governed a day of it. A hand-off is
judged by its own agreement if that version promises the kind for its segment or for all leads, else by the one above,
and so on. Imports nothing of the product.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.oracles.levels import Levelled, Signed, World, upwards


def judging_version(agreement: Levelled, starts_on: date, ends_on: date) -> Signed | None:
    """The version that the days [starts_on, ends_on) are judged by."""
    found, day = None, starts_on
    while day < ends_on:
        for version in agreement.versions:
            if version.starts_on <= day and (version.ends_on is None or day < version.ends_on):
                found = version
        day += timedelta(days=1)
    return found


def judge_of(
    world: World, agreement: str | None, kind: str, segment: str, starts_on: date, ends_on: date
) -> str | None:
    """The agreement that judges by this kind of promise what came under an agreement; None where nobody does."""
    for one in upwards(world, agreement) if agreement is not None else ():
        version = judging_version(one, starts_on, ends_on)
        if version is not None and not version.promises.keys().isdisjoint({(kind, segment), (kind, "")}):
            return one.name
    return None
