"""How good sales found the leads, by month, source and segment: counts of grades, of hand-offs that were rated."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import TruncMonth

from agreements.models import Agreement
from leads.models import Rating
from reports.shares import Share, share

GRADES: tuple[str, ...] = tuple(Rating.Grade.values)


@dataclass(slots=True)
class Grades:
    """How many hand-offs got which grade."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GRADES, 0))

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def good(self) -> Share:
        return share(self.counts[Rating.Grade.GOOD], self.n)


@dataclass(frozen=True, slots=True)
class RatingsReport:
    """The ratings of an agreement's hand-offs from `start` to before `end`."""

    by_month: dict[dt.date, Grades]
    by_source: dict[str, Grades]
    by_segment: dict[str, Grades]
    reasons: tuple[tuple[str, str, int], ...]

    @property
    def total(self) -> Grades:
        total = Grades()
        for one in self.by_month.values():
            for grade, n in one.counts.items():
                total.counts[grade] += n
        return total


def ratings_report(agreement: Agreement, start: dt.date, end: dt.date) -> RatingsReport:
    """Return the ratings of what was handed off in these days, in four queries; a segment without a name is ""."""
    found = Rating.objects.filter(
        hand_off__agreement__in=Agreement.objects.at_or_below(agreement),
        hand_off__handed_off_on__gte=start,
        hand_off__handed_off_on__lt=end,
    )
    reasons = found.exclude(reason="").values_list("grade", "reason").annotate(n=Count("pk"))
    return RatingsReport(
        by_month=_by(found.annotate(key=TruncMonth("hand_off__handed_off_on"))),
        by_source=_by(found.annotate(key=F("hand_off__lead__source"))),
        by_segment=_by(found.annotate(key=F("hand_off__segment__name"))),
        reasons=tuple(sorted(reasons, key=lambda row: (-row[2], row[0], row[1]))),
    )


def _by(found: Any) -> dict[Any, Grades]:
    groups: dict[Any, Grades] = defaultdict(Grades)
    for key, grade, n in found.values_list("key", "grade").annotate(n=Count("pk")):
        groups[key or ""].counts[grade] = n
    return dict(groups)
