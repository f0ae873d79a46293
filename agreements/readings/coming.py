"""What comes in an agreement's next days: its end, and its next review. For who directs a party, or signs for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Review, Version
from agreements.readings.my_agreements import my_signed_versions
from agreements.readings.standing import today_of
from agreements.words import whole_day

AHEAD = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Coming:
    """One date ahead, in a sentence, and where something can be done about it."""

    on: dt.date
    sentence: str
    address: str


def coming_dates(user: Any, *, now: dt.datetime, versions: Sequence[Version] | None = None) -> list[Coming]:
    """Return the ends and planned reviews of the next 30 days, the nearest first, and reviews that were not held.

    `versions` are those of `my_signed_versions` if they were read already.
    """
    if versions is None:
        versions = my_signed_versions(user, now=now)
    last: dict[int, Version] = {}
    for version in versions:
        ends = version.governs_until
        if version.is_directed and (ends is None or ends > version.starts_on):  # type: ignore[attr-defined]
            last[version.agreement_id] = version
    if not last:
        return []
    found: list[Coming] = []
    for version in last.values():
        agreement, ends_on = version.agreement, version.governs_until
        today = today_of(agreement, now)
        if ends_on is not None and today < ends_on <= today + AHEAD:
            said = {"agreement": agreement.name, "day": whole_day(ends_on - dt.timedelta(days=1))}
            sentence = _("%(agreement)s ends with %(day)s.") % said
            found.append(Coming(ends_on, sentence, reverse("agreements:reviews", args=[agreement.slug])))
    reviews = Review.objects.to_hold().filter(
        agreement__in=last, planned_on__lte=now.date() + AHEAD + dt.timedelta(days=1)
    )
    for review in reviews.order_by("planned_on", "pk"):
        agreement = last[review.agreement_id].agreement
        today = today_of(agreement, now)
        said = {"agreement": agreement.name, "day": whole_day(review.planned_on)}
        if review.planned_on < today:
            sentence = _("The review of %(agreement)s planned for %(day)s was not held yet.") % said
        elif review.planned_on <= today + AHEAD:
            sentence = _("The next review of %(agreement)s is on %(day)s.") % said
        else:
            continue
        address = reverse("agreements:review", args=[agreement.slug, review.pk])
        found.append(Coming(review.planned_on, sentence, address))
    return sorted(found, key=lambda one: (one.on, one.sentence))
