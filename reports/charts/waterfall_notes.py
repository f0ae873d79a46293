"""What is to be noted at a month's waterfall: a goal that changed within it, days excused, what was restated lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment, Excuse
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


def restated(measure: str, moved: int) -> list[str]:
    """Say how many leads left a past day of the curve within the last seven days, or joined it."""
    if not moved:
        return []
    if measure == Commitment.Measure.ACCEPTED:
        said = ngettext(
            "Restated in the last seven days: %(n)s lead of an earlier day was accepted, and stands there now.",
            "Restated in the last seven days: %(n)s leads of earlier days were accepted, and stand there now.",
            moved,
        )
    else:
        said = ngettext(
            "Restated in the last seven days: %(n)s lead of an earlier day was rejected, and stands there no more.",
            "Restated in the last seven days: %(n)s leads of earlier days were rejected, and stand there no more.",
            moved,
        )
    return [said % {"n": words.amount(moved)}]
