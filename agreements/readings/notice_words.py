"""What notices say: as things are now, or nothing when there is nothing left to tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.models import Agreement, Notice, Occurrence, Review
from agreements.services.ending import coming_ends

Kind = Notice.Kind
OF_OWED = (Kind.DUE_SOON, Kind.OVERDUE)
OF_REVIEWS = (Kind.REVIEW_IN_30, Kind.REVIEW_IN_7)


@dataclass(slots=True)
class NoticeWords:
    """What several notices are about, looked up once a kind."""

    occurrences: dict[int, Occurrence] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    ends: dict[int, dt.date] = field(default_factory=dict)

    @classmethod
    def of(cls, notices: Iterable[tuple[str, int, Agreement]]) -> NoticeWords:
        """Look up what notices of these kinds are about, by id, with their agreements."""
        notices = list(notices)
        owed = {about for kind, about, _agreement in notices if kind in OF_OWED}
        reviews = {about for kind, about, _agreement in notices if kind in OF_REVIEWS}
        ending = {one.pk: one for kind, _about, one in notices if kind not in (*OF_OWED, *OF_REVIEWS)}
        words = cls()
        if owed:
            words.occurrences = Occurrence.objects.undelivered().select_related("obligation").in_bulk(owed)
        if reviews:
            words.reviews = Review.objects.planned().in_bulk(reviews)
        if ending:
            ends = coming_ends(list(ending.values()), since=dt.date.min)
            words.ends = {version.pk: last for version, last in ends}
        return words

    def line(self, kind: str, about: int, agreement: Agreement) -> str:
        """Say one notice in the active zone and language; empty when nothing is left to tell."""
        if kind in OF_OWED:
            return self._of_owed(kind, about)
        if kind in OF_REVIEWS:
            review = self.reviews.get(about)
            said = {"name": agreement.name, "day": _day(review.planned_on) if review else ""}
            return _("Review of “%(name)s” on %(day)s") % said if review else ""
        last = self.ends.get(about)
        said = {"name": agreement.name, "day": _day(last) if last else ""}
        return _("The last day of “%(name)s” is %(day)s: renew it, or let it end") % said if last else ""

    def _of_owed(self, kind: str, about: int) -> str:
        found = self.occurrences.get(about)
        if found is None:
            return ""
        at = timezone.localtime(found.due_at)
        said = {"name": found.obligation.name, "at": f"{_day(at.date())}, {date_format(at, 'H:i')}"}
        if kind == Kind.OVERDUE:
            return _("“%(name)s” was due on %(at)s") % said
        return _("“%(name)s” is due on %(at)s") % said


def _day(on: dt.date) -> str:
    return date_format(on, "D j M Y")
