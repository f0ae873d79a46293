"""Who is asked for a month's pulse, and what the parties said: averages of several, never one person's answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count, Sum

from agreements.models import Agreement, PulseAnswer, Version
from agreements.pulse_months import FEWEST, LOW, month_asked
from agreements.readings.my_agreements import signed_versions_of
from agreements.rights import rights_of
from agreements.runs import next_month

QUESTIONS = PulseAnswer.QUESTIONS
# Of a version: pages about something else show the pulse, and read no more for it.
NEEDED = ("starts_on", "ends_on", "ended_on", "agreement__name", "agreement__slug", "agreement__time_zone")


@dataclass(frozen=True, slots=True)
class PulseAsked:
    """A month's pulse that somebody is asked for; `answer` is what they said already."""

    agreement: Agreement
    month_on: dt.date
    answer: PulseAnswer | None


@dataclass(frozen=True, slots=True)
class PartyPulse:
    """What one party said of one month: how many answered, and the sum of each question's answers."""

    n: int
    sums: tuple[int, ...]

    @property
    def is_muted(self) -> bool:
        """Whether so few answered that an average would tell who said what."""
        return self.n < FEWEST

    def average(self, question: int) -> Fraction | None:
        """The average of one question; None where it is muted."""
        return None if self.is_muted else Fraction(self.sums[question], self.n)

    @property
    def whole(self) -> Fraction | None:
        """The average of all three questions; None where it is muted."""
        return None if self.is_muted else Fraction(sum(self.sums), self.n * len(self.sums))

    @property
    def is_low(self) -> bool:
        """Whether the party says that it is not well served."""
        return self.whole is not None and self.whole < LOW


NO_ANSWERS = PartyPulse(0, (0,) * len(QUESTIONS))


def pulses_asked(
    user: Any, *, now: dt.datetime, versions: Sequence[Version] | None = None
) -> list[PulseAsked]:
    """Return what this person is asked for now; `versions` are those of `my_signed_versions` if they were read already.

    Asked is who belongs to a party's team, in whatever role, of agreements that were in force on a day of the month.
    """
    if versions is None:
        versions = list(signed_versions_of(rights_of(user), now=now).only(*NEEDED))
    asked: dict[int, tuple[Agreement, dt.date]] = {}
    for version in versions:
        month = month_asked(now.astimezone(version.agreement.zone).date())
        is_closed = month in version.closed_months  # type: ignore[attr-defined]
        if _governed(version, month) and not is_closed:
            asked[version.agreement_id] = version.agreement, month
    if not asked:
        return []
    months = {month for _agreement, month in asked.values()}
    mine = PulseAnswer.objects.visible_to(user).filter(agreement__in=asked, month_on__in=months)
    answers = {(one.agreement_id, one.month_on): one for one in mine}
    return [
        PulseAsked(agreement, month, answers.get((agreement.pk, month)))
        for agreement, month in asked.values()
    ]


def _governed(version: Version, month: dt.date) -> bool:
    """Whether the version was in force on some day of the month."""
    ends = version.governs_until
    return version.starts_on < next_month(month) and (ends is None or ends > max(month, version.starts_on))


def party_pulses(agreement: Agreement, months: Sequence[dt.date]) -> dict[tuple[dt.date, int], PartyPulse]:
    """Return what each party said of each of these months, by month and party; what nobody answered has no key."""
    rows = (
        PulseAnswer.objects.filter(agreement=agreement, month_on__in=months)
        .values_list("month_on", "party")
        .annotate(Count("pk"), *(Sum(question) for question in QUESTIONS))
    )
    return {(month, party): PartyPulse(n, tuple(sums)) for month, party, n, *sums in rows}
