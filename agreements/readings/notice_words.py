"""What notices say: as things are now, or nothing when there is nothing left to tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.models import Agreement, CustomMeasure, MeasureValue, Notice, Occurrence, Review
from agreements.readings.measure_words import period_name
from agreements.services.ending import coming_ends

Kind = Notice.Kind
OF_OWED = (Kind.DUE_SOON, Kind.OVERDUE)
OF_REVIEWS = (Kind.REVIEW_IN_30, Kind.REVIEW_IN_7)
OF_VALUES = (Kind.VALUE_AWAITED, Kind.VALUE_MISSING)


@dataclass(slots=True)
class NoticeWords:
    """What several notices are about, looked up once a kind."""

    occurrences: dict[int, Occurrence] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    ends: dict[int, dt.date] = field(default_factory=dict)
    values: dict[int, tuple[CustomMeasure, dt.date]] = field(default_factory=dict)

    @classmethod
    def of(cls, notices: Iterable[tuple[str, int, Agreement]]) -> NoticeWords:
        """Look up what notices of these kinds are about, by id, with their agreements; of values, by their own id."""
        notices = list(notices)
        owed = {about for kind, about, _agreement in notices if kind in OF_OWED}
        reviews = {about for kind, about, _agreement in notices if kind in OF_REVIEWS}
        values = {about for kind, about, _agreement in notices if kind in OF_VALUES}
        others = (*OF_OWED, *OF_REVIEWS, *OF_VALUES)
        ending = {one.pk: one for kind, _about, one in notices if kind not in others}
        words = cls()
        if owed:
            words.occurrences = Occurrence.objects.undelivered().select_related("obligation").in_bulk(owed)
        if reviews:
            words.reviews = Review.objects.to_hold().in_bulk(reviews)
        if values:
            words.values = _awaited(values)
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
        if kind in OF_VALUES:
            return self._of_value(kind, about, agreement)
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

    def _of_value(self, kind: str, about: int, agreement: Agreement) -> str:
        found = self.values.get(about)
        if found is None:
            return ""
        measure, period_on = found
        said = {
            "measure": measure.name,
            "name": agreement.name,
            "period": period_name(period_on, measure.period),
        }
        if kind == Kind.VALUE_MISSING:
            return (
                _("“%(measure)s” of “%(name)s”: the value of %(period)s is missing, so the promise is missed")
                % said
            )
        return _("“%(measure)s” of “%(name)s”: the value of %(period)s is awaited") % said


def _awaited(notice_ids: Iterable[int]) -> dict[int, tuple[CustomMeasure, dt.date]]:
    """Return the measure and the period of each of these notices for which there is no value yet."""
    notices = list(Notice.objects.filter(pk__in=set(notice_ids), period_on__isnull=False))
    measures = CustomMeasure.objects.in_bulk({one.about for one in notices})
    entered = MeasureValue.objects.standing().filter(agreement__in={one.agreement_id for one in notices})
    has_value = set(entered.values_list("agreement_id", "name", "period_on"))
    return {
        one.pk: (measure, one.period_on)
        for one in notices
        if one.period_on is not None
        and (measure := measures.get(one.about)) is not None
        and (one.agreement_id, measure.name, one.period_on) not in has_value
    }


def _day(on: dt.date) -> str:
    return date_format(on, "D j M Y")
