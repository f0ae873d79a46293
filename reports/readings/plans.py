"""The plan behind a month's goal: why 412?"""

from __future__ import annotations

import datetime as dt

from agreements.models import Commitment, MonthGoal
from reports.readings.scope import Scope


def month_goal(scope: Scope, promise: Commitment | None) -> MonthGoal | None:
    """Return the goal that the promise names for the last month of the period; None without one."""
    if promise is None:
        return None
    month_on = (scope.period.end - dt.timedelta(days=1)).replace(day=1)
    return next((goal for goal in promise.month_goals.all() if goal.month_on == month_on), None)
