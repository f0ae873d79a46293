"""The live part: hand-offs that are on track, at risk and overdue now, whatever the hour, the weekday and the zone.

Instants are counted back from now in business time. On a Saturday night a clock in its last quarter is one that
started on Friday afternoon and goes on, at Monday's opening, with what is left.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from agreements.models import Agreement
from agreements.terms import TermsBook
from leads.models import Dispute, HandOff, Lead, Pause
from leads.services.attempts import log_attempt
from leads.services.disputes import dispute_rejection
from leads.services.hand_offs import accept, assign, close, hand_over
from leads.services.pauses import pause
from slaproject.accounts.models import User
from slaproject.embedded.sample_company.history import SYSTEM
from slaproject.embedded.sample_company.lives import identity
from slaproject.embedded.sample_company.people import NAMED, NEW_YORK, REGIONS, REPS, WARSAW, Staff
from slaproject.embedded.sample_company.timeline import SEED

PREFIX = "W-"  # came by the website today
MINUTE = dt.timedelta(minutes=1)
PAUSED = dt.timedelta(hours=30)


@dataclass(frozen=True)
class Scene:
    """One hand-off: how much of its allowance is used by now, and who has it (None: not assigned yet)."""

    segment: str
    used: float
    rep: int | None
    source: str = "Paid search"
    is_paused: bool = False


# For each region; rep 0 is the one whose account the demo names.
SCENES = (
    Scene("demo-requests", 1.6, 0, "Webinar"),
    Scene("mid-market", 1.25, 3),
    Scene("small-business", 1.1, 7, "Organic search"),
    Scene("demo-requests", 0.78, 0),
    Scene("mid-market", 0.8, 0, "Organic search"),
    Scene("enterprise", 0.86, 5, "Referral"),
    Scene("small-business", 0.79, None, "Webinar"),
    Scene("enterprise", 0.15, 0, "Referral"),
    Scene("mid-market", 0.3, 0, is_paused=True),
    Scene("small-business", 0.45, 2, "Organic search"),
    Scene("demo-requests", 0.1, None, "Webinar"),
    Scene("mid-market", 0.2, 4),
)


def is_live(now: dt.datetime) -> bool:
    """Whether there is a hand-off in each state of a clock now."""
    waiting = HandOff.objects.unanswered().filter(
        lead__system=SYSTEM, lead__external_id__startswith=PREFIX, closed_at__isnull=True
    )
    return (
        waiting.overdue(now).exists()
        and waiting.at_risk(now).exists()
        and waiting.filter(at_risk_at__gt=now).exists()
    )


def begin_today(*, agreement: Agreement, staff: Staff, now: dt.datetime) -> int:
    """Hand over what is to wait now; return how many."""
    rng = random.Random(f"{SEED} {now:%Y-%m-%d %H:%M}")
    book = TermsBook()
    count = 0
    for region in REGIONS:
        calendar = staff.hours[region].compiled()
        for scene in SCENES:
            count += 1
            segment = staff.segments[scene.segment]
            terms = book.terms(
                at=now, agreement_id=agreement.pk, agreement_zone=agreement.zone, segment_id=segment.pk
            )
            assert terms.allowance is not None
            at = calendar.due_back(now, terms.allowance * scene.used)
            assert at is not None
            number = f"{now:%y%m%d%H%M}{count:02}"
            texts = identity(rng, region, number)
            lead = Lead.objects.create(
                system=SYSTEM,
                external_id=f"{PREFIX}{number}",
                source=scene.source,
                campaign="" if scene.source == "Referral" else f"{scene.source} {at:%Y-%m}",
                segment=segment,
                qualified_at=(at - 5 * MINUTE).replace(microsecond=0),
                qualified_on=(at - 5 * MINUTE).astimezone(agreement.zone).date(),
                created_at=at,
                **texts,
            )
            rep = None if scene.rep is None else staff.users[REPS[region][scene.rep].email]
            hand_off = hand_over(
                lead=lead,
                now=now,
                at=at,
                team=staff.teams[region],
                owner=rep,
                agreement=agreement,
                by=_marketer(staff),
                book=book,
            )
            if scene.is_paused:
                pause(hand_off=hand_off, until=now + PAUSED, reason=Pause.Reason.ASKED_LATER, now=now, by=rep)
    for region in REGIONS:
        _work_a_little(region, agreement, staff, now, rng, book)
    if not Dispute.objects.undecided().exists():
        _dispute_a_rejection(agreement, staff, now, rng, book)
    return count


def _dispute_a_rejection(
    agreement: Agreement, staff: Staff, now: dt.datetime, rng: random.Random, book: TermsBook
) -> None:
    """The named rep talked with somebody and rejected the lead; marketing disputes it, and a manager has to decide."""
    hand_off = _handed_over_free("small-business", 20, 91, WARSAW, agreement, staff, now, rng, book)
    if not _attempt_all(hand_off, staff, WARSAW, now, rng, ("connected",), rep_index=0):
        return
    hand_off.refresh_from_db()
    at = (hand_off.first_attempt_at or now) + 20 * MINUTE
    close(
        hand_off=hand_off,
        closed_as=HandOff.ClosedAs.REJECTED,
        reason="not_a_fit",
        reason_text="Too small for us, they said.",
        at=at,
        now=now,
        by=hand_off.owner,
    )
    words = "They have forty people, and asked for an offer on the form. Please look again."
    dispute_rejection(hand_off=hand_off, words=words, now=now, by=_marketer(staff))


def _work_a_little(
    region: str, agreement: Agreement, staff: Staff, now: dt.datetime, rng: random.Random, book: TermsBook
) -> None:
    """The named rep has taken a lead, tried it twice, and talked with another one."""
    rep = staff.users[REPS[region][0].email]
    for n, (segment, ago, outcomes) in enumerate(
        (
            ("enterprise", 26, ("voicemail", "no_answer")),
            ("mid-market", 15, ("left_message",)),
            ("small-business", 9, ("connected",)),
        ),
        start=51 + 10 * REGIONS.index(region),
    ):
        hand_off = _handed_over_free(segment, ago, n, region, agreement, staff, now, rng, book)
        _attempt_all(hand_off, staff, region, now, rng, outcomes, rep_index=0)
        accept(hand_off=hand_off, at=hand_off.handed_off_at + 30 * MINUTE, now=now, by=rep)


def _handed_over_free(
    segment: str,
    hours_ago: int,
    n: int,
    region: str,
    agreement: Agreement,
    staff: Staff,
    now: dt.datetime,
    rng: random.Random,
    book: TermsBook,
) -> HandOff:
    """A lead of a webinar, handed over to nobody in particular so many business hours ago."""
    at = staff.hours[region].compiled().due_back(now, hours_ago * 60 * MINUTE)
    assert at is not None
    number = f"{now:%y%m%d%H%M}{n:02}"
    lead = Lead.objects.create(
        system=SYSTEM,
        external_id=f"{PREFIX}{number}",
        source="Webinar",
        campaign=f"Webinar {at:%Y-%m}",
        segment=staff.segments[segment],
        qualified_at=at.replace(microsecond=0),
        qualified_on=at.astimezone(agreement.zone).date(),
        created_at=at,
        **identity(rng, region, number),
    )
    return hand_over(
        lead=lead,
        now=now,
        at=at,
        team=staff.teams[region],
        agreement=agreement,
        by=_marketer(staff),
        book=book,
    )


def work_on(*, staff: Staff, now: dt.datetime) -> int:
    """What was live at an earlier loading has gone on since: worked in the meantime, and most of it closed."""
    rng = random.Random(f"{SEED} {now:%Y-%m-%d %H:%M} again")
    older = HandOff.objects.filter(
        lead__system=SYSTEM, lead__external_id__startswith=PREFIX, closed_at__isnull=True
    )
    worked = 0
    for hand_off in older.select_related("lead", "team").order_by("pk"):
        region = hand_off.team.slug if hand_off.team else WARSAW
        if hand_off.first_attempt_at is None:
            outcomes = rng.choice((("connected",), ("no_answer",), ("voicemail", "connected"), ("sent",)))
            worked += _attempt_all(hand_off, staff, region, now, rng, outcomes, rep_index=None)
            hand_off.refresh_from_db()
        last = hand_off.last_attempt_at
        if last is None or now - last < dt.timedelta(days=3):
            continue
        end = last + dt.timedelta(hours=rng.uniform(1, 40))
        closed_as = HandOff.ClosedAs.QUALIFIED if hand_off.connected_at else HandOff.ClosedAs.UNREACHABLE
        close(hand_off=hand_off, closed_as=closed_as, at=end, now=now, by=hand_off.owner)
    return worked


def _attempt_all(
    hand_off: HandOff,
    staff: Staff,
    region: str,
    now: dt.datetime,
    rng: random.Random,
    outcomes: tuple[str, ...],
    *,
    rep_index: int | None,
) -> int:
    """Log these attempts, the first some business time after the hand-off, as far as it has come by now."""
    calendar = staff.hours[region].compiled()
    allowance = hand_off.allowance or dt.timedelta(hours=4)
    rep = REPS[region][rng.randrange(len(REPS[region])) if rep_index is None else rep_index]
    at = calendar.due(hand_off.handed_off_at, allowance * rng.uniform(0.35, 0.9))
    for outcome in outcomes:
        if at is None or at > now:
            return 0
        if hand_off.owner is None:
            assigned_at = hand_off.handed_off_at + (at - hand_off.handed_off_at) / 4
            hand_off = assign(
                hand_off=hand_off,
                owner=staff.users[rep.email],
                at=assigned_at,
                now=now,
                by=_manager(staff, region),
            )
        log_attempt(
            hand_off=hand_off,
            attempted_at=at,
            channel="email" if outcome == "sent" else "call",
            outcome=outcome,
            now=now,
            by=hand_off.owner,
            key=f"{hand_off.lead.external_id}-{at:%y%m%d%H%M%S}",
        )
        at = calendar.due(at, dt.timedelta(hours=rng.uniform(5, 10)))
    return 1


def _marketer(staff: Staff) -> User:
    return staff.users[next(p.email for p in NAMED if p.login == "marketer")]


def _manager(staff: Staff, region: str) -> User:
    return staff.users[NAMED[3 if region == NEW_YORK else 2].email]
