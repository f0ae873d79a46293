"""What is to be noted at a month's waterfall: a goal that changed within the month, days that were excused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from agreements.models import Excuse
from reports.charts import words
from reports.readings.goals import DayGoal


def goal_changes(days: Sequence[tuple[dt.date, DayGoal]]) -> list[str]:
    """Say from which day on another goal was in force; what was before stays as it was agreed then."""
    notes = []
    for (_day, before), (on, after) in pairwise(days):
        if before.goal is None or after.goal is None or before.goal == after.goal:
            continue
        said = {"day": words.day(on), "goal": words.amount(after.goal), "before": words.amount(before.goal)}
        notes.append(
            _("From %(day)s on a goal of %(goal)s for the month is in force, %(before)s before that.") % said
        )
    return notes


def excused_days(excuses: Iterable[Excuse]) -> list[str]:
    """Say which days the other side agreed not to count, and why; they are drawn as they were."""
    return [
        _("Excused by the other side: %(days)s (%(reason)s).")
        % {
            "days": ", ".join(words.day(day) for day in sorted(one.days)),
            "reason": one.get_reason_display(),
        }
        for one in excuses
    ]
