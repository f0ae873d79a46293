"""A rep's own figures: this month against what was agreed and against the month before, and nobody else's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.models import Commitment
from reports.charts import words
from reports.forms.filters import read_query
from reports.pages.frame import ReportPage, open_page
from reports.periods import month_of
from reports.readings.depth import depth_bucket
from reports.readings.figures import figures
from reports.readings.goals import commitment_on
from reports.readings.speed import speed_bucket

Kind = Commitment.Kind


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """One figure: what it is now, what was agreed, and what it was the month before."""

    title: str
    value: str
    agreed: str
    before: str


@dataclass(frozen=True, slots=True)
class OwnFigures:
    page: ReportPage
    figures: tuple[OwnFigure, ...]
    before_name: str


def own_figures(user: Any, *, now: dt.datetime) -> OwnFigures:
    """Read speed, depth and breaches of the hand-offs that this person owns."""
    page = open_page(read_query(QueryDict()), now=now, user=user, filters=())
    scope = page.scope
    before = month_of(scope.period.start - dt.timedelta(days=1))
    mine = replace(scope.selection, owner=str(user.pk))
    rows = figures([scope.period, before], mine, scope.moment)
    (speed, was_speed) = (
        speed_bucket(one, row) for one, row in zip((scope.period, before), rows, strict=True)
    )
    (depth, was_depth) = (
        depth_bucket(one, row) for one, row in zip((scope.period, before), rows, strict=True)
    )
    fast, often = commitment_on(scope, Kind.SPEED), commitment_on(scope, Kind.DEPTH)
    average = fast.average_goal if fast else None
    attempts = often.attempts if often else None
    return OwnFigures(
        page,
        (
            OwnFigure(
                _("Speed, median"),
                words.duration(speed.median),
                _("agreed average %(goal)s") % {"goal": words.duration(average.total_seconds())}
                if average
                else "",
                words.duration(was_speed.median),
            ),
            OwnFigure(
                _("Attempts on those not connected"),
                words.amount(depth.average),
                _("agreed %(goal)s") % {"goal": words.amount(attempts)} if attempts else "",
                words.amount(was_depth.average),
            ),
            OwnFigure(
                _("Tried too late, or not yet though due"),
                words.amount(speed.in_time.denominator - speed.in_time.numerator),
                _("of %(n)s due") % {"n": words.amount(speed.in_time.denominator)},
                words.amount(was_speed.in_time.denominator - was_speed.in_time.numerator),
            ),
        ),
        words.month(before.start),
    )
