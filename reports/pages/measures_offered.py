"""Which measures a month's waterfall is offered by, and the one that it shows."""

from __future__ import annotations

from agreements.models import Commitment
from reports.readings.goal_values import has_goal_in_value
from reports.readings.goals import goal_promise
from reports.readings.scope import Scope

Measure = Commitment.Measure


def measures_offered(scope: Scope) -> list[Measure]:
    """Return the measures that can stand against the goal: of leads, or of their value, as it was agreed.

    One of leads stands against their value too, where that is known. Without a goal all of them.
    """
    promise = goal_promise(scope)
    if promise is None or (promise.measure != Measure.VALUE and has_goal_in_value(scope)):
        return list(Measure)
    return [one for one in Measure if (one == Measure.VALUE) == (promise.measure == Measure.VALUE)]


def chosen_measure(scope: Scope, asked: str | None) -> str:
    """Return the measure asked for, or the agreed one where none is or it cannot stand against the goal."""
    if asked in measures_offered(scope):
        return str(asked)
    promise = goal_promise(scope)
    return str(promise.measure if promise else Measure.HANDED_OFF)
