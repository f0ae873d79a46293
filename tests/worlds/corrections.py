"""What may happen to a hand-off after its figures were counted: each of these changes what some day's figures are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from leads.models import ChangedDay, HandOff, Lead
from leads.services.facts import refresh_facts
from reports import rollups
from reports.periods import Period

Correction = Callable[[HandOff, Random], None]


def move_to_another_day(hand_off: HandOff, random: Random) -> None:
    move_by(hand_off, dt.timedelta(days=random.randint(-40, 40)))


def move_by(hand_off: HandOff, days: dt.timedelta) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(
        handed_off_at=hand_off.handed_off_at + days,
        handed_off_on=hand_off.handed_off_on + days,
        due_at=None,
        at_risk_at=None,
        state="no_clock",
        first_attempt_at=None,
        first_attempt_business_seconds=None,
        routing_business_seconds=None,
        least_allowance_seconds=None,
        acceptance_due_at=None,
        acceptance="",
        outcome_due_at=None,
        outcome="",
    )
    refresh_facts([hand_off.pk], now=hand_off.handed_off_at + dt.timedelta(days=900))


def lose_its_segment(hand_off: HandOff, random: Random) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(segment=None)


def lose_its_agreement(hand_off: HandOff, random: Random) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(agreement=None, version=None)


def lose_its_owner(hand_off: HandOff, random: Random) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(owner=None, owner_name=random.choice(["", "Zoe"]))


def turn_out_to_be_sales_own(hand_off: HandOff, random: Random) -> None:
    Lead.objects.filter(pk=hand_off.lead_id).update(origin="sales")


def come_from_elsewhere(hand_off: HandOff, random: Random) -> None:
    Lead.objects.filter(pk=hand_off.lead_id).update(source="elsewhere")


def never_have_been(hand_off: HandOff, random: Random) -> None:
    if not hand_off.follow_up_attempts.exists():
        hand_off.delete()


CORRECTIONS: list[Correction] = [
    move_to_another_day,
    lose_its_segment,
    lose_its_agreement,
    lose_its_owner,
    turn_out_to_be_sales_own,
    come_from_elsewhere,
    never_have_been,
]


def correct_some(random: Random, *, now: dt.datetime) -> None:
    """Correct up to three hand-offs, now and then with a refresh of some days in between."""
    hand_offs = list(HandOff.objects.order_by("pk"))
    for hand_off in random.sample(hand_offs, min(3, len(hand_offs))):
        random.choice(CORRECTIONS)(hand_off, random)
        if random.random() < 0.3:
            refresh_some(random, now=now)


def refresh_some(random: Random, *, now: dt.datetime) -> None:
    """Bring all that changed up to date, or what changed in some days only."""
    days = sorted(ChangedDay.objects.values_list("day_on", flat=True))
    if days and random.random() < 0.4:
        rollups.refresh(now=now, period=Period(days[0], random.choice(days) + dt.timedelta(days=1)))
    else:
        rollups.refresh(now=now)
