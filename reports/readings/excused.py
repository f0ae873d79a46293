"""Days of a month that the other party agreed not to count."""

from __future__ import annotations

from agreements.models import Excuse
from reports.readings.goals import agreement_of, goal_promise
from reports.readings.scope import Scope


def accepted_excuses(scope: Scope) -> list[Excuse]:
    """Return the accepted excuses of days of the scope's first month, for the party that promised its goal."""
    agreement, promise = agreement_of(scope), goal_promise(scope)
    if agreement is None or promise is None:
        return []
    found = Excuse.objects.accepted().filter(
        agreement=agreement, party=promise.party_id, month_on=scope.period.start.replace(day=1)
    )
    return [one for one in found.order_by("days", "pk") if one.days]
