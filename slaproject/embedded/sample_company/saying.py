"""What the sample company's people say: the pulse of each month, and how good sales found the leads it closed."""

from __future__ import annotations

import datetime as dt
import random

from agreements.models import Agreement, Membership, MonthResult, PulseAnswer
from agreements.pulse_months import month_asked
from leads.models import HandOff, HandOffEvent, Rating
from reports.periods import months_between
from slaproject.embedded.sample_company.timeline import Timeline, month_after

RATED_FOR = dt.timedelta(days=200)
RATED_SHARE, ANSWERING_SHARE = 0.3, 0.7
Grade, Reason = Rating.Grade, Rating.Reason
USUAL = {
    HandOff.ClosedAs.WON: (Grade.GOOD, Reason.READY),
    HandOff.ClosedAs.QUALIFIED: (Grade.GOOD, Reason.RIGHT_PERSON),
    HandOff.ClosedAs.LOST: (Grade.FAIR, Reason.NO_BUDGET),
    HandOff.ClosedAs.RECYCLED: (Grade.FAIR, Reason.TOO_EARLY),
    HandOff.ClosedAs.UNREACHABLE: (Grade.POOR, Reason.WRONG_DATA),
}


def answer_pulses(agreement: Agreement, timeline: Timeline, now: dt.datetime) -> int:
    """Answer the pulse of each month that was asked about and is not closed; return how many answers are new.

    Where the budget ran out or people were away, the other side felt it.
    """
    asked = month_asked(now.astimezone(agreement.zone).date())
    bad = {timeline.events.get("budget"): "sales", timeline.events.get("short"): "marketing"}
    done = set(
        MonthResult.objects.filter(agreement=agreement, closed_at__isnull=False).values_list("month_on")
    )
    places = list(
        Membership.objects.filter(team__parties__agreement=agreement)
        .order_by("user", "pk")
        .values_list("user", "team__parties", "team__function")
    )
    answers = []
    for month in (period.start for period in months_between(timeline.first_month, asked)):
        if (month,) in done:
            continue
        drawn = random.Random(f"pulse {month}")
        at = dt.datetime.combine(month_after(month, 1), dt.time(10), agreement.zone).astimezone(dt.UTC)
        for person, party, function in {place[0]: place for place in places}.values():
            if drawn.random() > ANSWERING_SHARE:
                continue
            usual = 2 if bad.get(month) == function else 4
            said = {
                name: min(5, max(1, usual + drawn.choice((-1, 0, 0, 1)))) for name in PulseAnswer.QUESTIONS
            }
            answers.append(
                PulseAnswer(
                    agreement=agreement,
                    month_on=month,
                    party_id=party,
                    person_id=person,
                    answered_at=min(at, now),
                    **said,
                )
            )
    before = PulseAnswer.objects.count()
    PulseAnswer.objects.bulk_create(answers, ignore_conflicts=True)
    return PulseAnswer.objects.count() - before


def rate_what_was_closed(agreement: Agreement, now: dt.datetime) -> int:
    """Rate a part of what sales closed lately and nobody has rated; return how many."""
    closed = HandOff.objects.filter(
        agreement=agreement,
        closed_at__gte=now - RATED_FOR,
        closed_as__in=USUAL,
        owner__isnull=False,
        rating=None,
    ).order_by("pk")
    ratings = []
    for pk, owner, how, at in closed.values_list("pk", "owner", "closed_as", "closed_at"):
        drawn = random.Random(f"rating {at}")
        if drawn.random() > RATED_SHARE or at is None:
            continue
        grade, reason = USUAL[HandOff.ClosedAs(how)]
        if drawn.random() < 0.2:
            grade, reason = drawn.choice([(Grade.GOOD, Reason.WELL_INFORMED), (Grade.POOR, Reason.NO_NEED)])
        ratings.append(
            Rating(hand_off_id=pk, grade=grade, reason=reason, rated_at=min(at, now), rated_by_id=owner)
        )
    Rating.objects.bulk_create(ratings)
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off_id=one.hand_off_id,
            kind=HandOffEvent.Kind.RATED,
            happened_at=one.rated_at,
            recorded_at=one.rated_at,
            actor_id=one.rated_by_id,
            data={"from": None, "to": [str(one.grade), str(one.reason)]},
        )
        for one in ratings
    )
    return len(ratings)
