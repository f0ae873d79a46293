"""Hand-offs under simulated time, in zones whose clocks change: every alert once, none missing, none early."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from agreements.models import Agreement, Membership, Team
from agreements.terms import TermsBook
from leads.services.attempts import log_attempt
from leads.services.disputes import decide_dispute, dispute_rejection
from leads.services.hand_offs import assign, close, hand_over
from leads.services.pauses import pause
from slaproject.outbox.hearing import AT_ONCE_AN_HOUR
from slaproject.outbox.models import Alert, Arrival, Errand, Message, Rung
from slaproject.outbox.reading import read_arrivals
from tests import factories
from tests.oracles.alerts import Case, Disputed, disputed, given, told
from tests.oracles.open_seconds import OpenSeconds
from tests.outbox.office import tick

pytestmark = pytest.mark.django_db
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
ZONES = ("Europe/Warsaw", "Australia/Lord_Howe", "Asia/Seoul", "America/New_York")
# Around 8 March, 29 March and 5 April 2026 the clocks of New York, Warsaw and Lord Howe change.
STARTS = (dt.datetime(2026, 3, 6, tzinfo=dt.UTC), dt.datetime(2026, 3, 27, tzinfo=dt.UTC))
HAND_OFFS = int(os.environ.get("PROOF_HAND_OFFS", "10000"))
SEED = int(os.environ.get("PROOF_SEED", "1"))
OF_A_CLOCK = ("early", "at_risk", "overdue", "overdue_for_directors")


class Sales:
    """A sales team in one zone, with its own hours; its people's mails keep to these."""

    def __init__(self, number: int, random: Random) -> None:
        zone = ZONES[number % len(ZONES)]
        opening, closing = random.choice([("09:00", "17:00"), ("08:00", "12:30"), ("10:00", "22:00")])
        weekly = {day: [[opening, closing]] for day in ("mon", "tue", "wed", "thu", "fri")}
        if random.random() < 0.3:
            weekly["sun"] = [["00:00", "06:00"]]
        self.plain = {"tz": zone, "weekly": weekly}
        self.walk = OpenSeconds(self.plain)
        calendar = factories.calendar(f"Hours {number}", tz=zone, weekly=weekly)
        # Half of them inherit when directors hear from an agreement above, which says nothing else.
        self.director_after = random.choice([4, 2]) * HOUR
        place = {}
        if self.director_after != 4 * HOUR:
            group = factories.agreement(f"group-{number}", time_zone=zone, calendar=calendar)
            above = factories.draft(group, allowance=None, attempts=None)
            above.director_lag = self.director_after
            above.save()
            factories.sign(above)
            place = {"parent": group, "level": Agreement.Level.TEAM}
        agreement = factories.agreement(f"company-{number}", time_zone=zone, calendar=calendar, **place)
        self.allowance = random.choice([1, 2, 4, 13]) * HOUR + random.choice([0, 0, 7]) * MINUTE
        factories.signed(agreement, allowance=self.allowance)
        self.team = factories.party(agreement, Team.Function.SALES).team
        Team.objects.filter(pk=self.team.pk).update(calendar=calendar)
        self.director: Any = factories.party(agreement, Team.Function.SALES).signatory
        assert self.director is not None
        self.giver: Any = factories.party(agreement, Team.Function.MARKETING).signatory
        roles = [Membership.Role.MEMBER] * 5 + [Membership.Role.MANAGER] * random.choice([0, 1, 2])
        self.people = [factories.user(f"{role} {number}", time_zone=zone) for role in roles]
        for person, role in zip(self.people, roles, strict=True):
            Membership.objects.create(user=person, team=self.team, role=role)
        self.reps = self.people[:5]
        self.directors = frozenset({self.director.pk})
        self.managers = frozenset(one.pk for one in self.people[5:]) or frozenset({self.director.pk})


def simulate(hand_offs: int, seed: int, *, days: float, step: dt.timedelta, teams: int) -> dict[str, int]:
    """Play so many hand-offs with everything that can happen to them, and compare all that was told with the oracle."""
    random = Random(f"alerts {seed}")
    begin = STARTS[seed % 2]
    sales = [Sales(n, random) for n in range(teams)]
    with connection.cursor() as cursor:  # a signed promise is changed only here, without its guards
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE agreements_commitment SET pause_limit = interval '9 days' WHERE kind = 'speed'"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    read_arrivals(now=begin - 60 * dt.timedelta(days=1))
    Alert.objects.all().delete()
    book = TermsBook()
    happenings: list[tuple[dt.datetime, int, str]] = []
    cases: dict[int, Case] = {}
    plans = {}
    for n in range(hand_offs):
        start = begin + random.randrange(int(days * 86_400)) * dt.timedelta(seconds=1)
        plans[n] = (random.choice(sales), random.random())
        happenings.append((start, n, "begin"))
        for _ in range(random.choice([0, 0, 0, 1, 2])):
            happenings.append(
                (start + random.randrange(1, 3 * 86_400) * dt.timedelta(seconds=1), n, "assign")
            )
        if random.random() < 0.6:
            ends = start + random.randrange(1, 3 * 86_400) * dt.timedelta(seconds=1)
            if random.random() < 0.3:
                paused = start + random.randrange(1, 86_400) * dt.timedelta(seconds=1)
                happenings.append((paused, n, "pause"))
            what = random.choice(["attempt", "attempt", "close"])
            happenings.append((ends, n, what))
            for follows in ("reject", "dispute", "decide") if what == "attempt" else ():
                ends += random.randrange(60, 86_400) * dt.timedelta(seconds=1)
                happenings.append((ends, n, follows))
                if random.random() < 0.2:
                    break
    outage = begin + random.randrange(int(days * 86_400)) * dt.timedelta(seconds=1)
    end = begin + dt.timedelta(days=days + 8)
    ticks, at = [], begin
    while at < end:
        if not outage <= at < outage + 6 * HOUR:
            ticks.append(at)
        at += step
    happenings = sorted(one for one in happenings if one[0] <= ticks[-1])
    rows = {}
    for now in ticks:
        while happenings and happenings[0][0] <= now:
            at, n, what = happenings.pop(0)
            here, _luck = plans[n]
            if what == "begin":
                owner = random.choice(here.reps)
                rows[n] = hand_over(
                    lead=factories.lead(at),
                    at=at,
                    now=at,
                    team=here.team,
                    owner=owner,
                    by=here.giver,
                    book=book,
                )
                cases[n] = Case(
                    key=rows[n].pk,
                    start=at,
                    allowance=int(here.allowance.total_seconds()),
                    owners=[(at, owner.pk)],
                    managers=here.managers,
                    directors=here.directors,
                    walk=here.walk,
                    giver=here.giver.pk,
                    director_after=int(here.director_after.total_seconds()),
                )
            elif what == "reject":
                close(
                    hand_off=rows[n], closed_as="rejected", reason="not_a_fit", at=at, now=at, by=here.reps[0]
                )
            elif what == "dispute":
                dispute_rejection(hand_off=rows[n], words="They asked", now=at, by=here.giver)
                cases[n].disputes.append(Disputed(at, here.giver.pk))
            elif what == "decide":
                outcome = random.choice(["upheld", "withdrawn"])
                decide_dispute(hand_off=rows[n], outcome=outcome, now=at, by=here.director)
                (one,) = cases[n].disputes
                one.decided_at, one.decided_by, one.outcome = at, here.director.pk, outcome
            elif cases[n].ended_at is not None:
                continue
            elif what == "assign":
                others = [one for one in here.reps if one.pk != cases[n].owner(at)]
                owner = random.choice(others)
                assign(hand_off=rows[n], owner=owner, at=at, now=at, by=here.director)
                cases[n].owners.append((at, owner.pk))
            elif what == "pause":
                until = at + random.randrange(60, 2 * 86_400) * dt.timedelta(seconds=1)
                with suppress(ValidationError):  # it is due already
                    pause(hand_off=rows[n], until=until, reason="away", now=at, by=here.reps[0])
                    cases[n].pauses.append((at, until))
            elif what == "attempt":
                log_attempt(hand_off=rows[n], attempted_at=at, channel="call", outcome="no_answer", now=at)
                cases[n].ended_at = at
            else:
                close(hand_off=rows[n], closed_as="recycled", at=at, now=at, by=here.reps[0])
                cases[n].ended_at = at
        tick(now)
    wanted = {one for case in cases.values() for one in told(case, ticks)}
    clocks = Alert.objects.filter(kind__in=OF_A_CLOCK)
    found = list(clocks.values_list("person_id", "kind", "hand_off_id", "made_at", "is_late"))
    assert len(found) == len(set(found))
    assert set(found) == wanted, (len(set(found) - wanted), len(wanted - set(found)))
    gifts = sorted(one for case in cases.values() for one in given(case, ticks))
    of_gifts = Alert.objects.filter(kind__in=("handed_off", "assigned"))
    assert sorted(of_gifts.values_list("person_id", "made_at")) == gifts
    answers = {one for case in cases.values() for one in disputed(case, ticks)}
    of_answers = Alert.objects.filter(kind__startswith="rejection_")
    told_of_answers = list(of_answers.values_list("person_id", "kind", "hand_off_id", "made_at"))
    assert len(told_of_answers) == sum(len(disputed(case, ticks)) for case in cases.values())
    assert {(person, kind, at) for person, kind, _hand_off, at in told_of_answers} == answers
    messages = check_messages(sales, ticks)
    assert not Arrival.objects.exists()
    return {
        "hand-offs": len(cases),
        "alerts": len(wanted),
        "pauses": sum(len(one.pauses) for one in cases.values()),
        "late": sum(one[-1] for one in wanted),
        "gifts": len(gifts),
        "answers to rejections": len(told_of_answers),
        "messages": messages,
        "rungs left": Rung.objects.count(),
    }


def check_messages(sales: list[Sales], ticks: list[dt.datetime]) -> int:
    """Every mail that was to be sent was, once, in hours, at the first tick that its hours and the cap allowed."""
    walks = {person.pk: here.walk for here in sales for person in [*here.people, here.director]}
    made: dict[int, list[dt.datetime]] = {}
    for message in Message.objects.exclude(state="waiting").filter(person__in=walks):
        assert message.tries == 1 and message.state in ("sent", "dropped") and message.ended_at is not None
        assert is_open(walks[message.person_id], message.ended_at), "sent outside of hours"
        made.setdefault(message.person_id, []).append(message.made_at)
    errands = Errand.objects.filter(channel="mail", is_at_once=True, person__in=walks)
    for errand in errands.select_related("message", "alert"):
        walk, told_at = walks[errand.person_id], errand.alert.made_at
        first = next((at for at in ticks if at >= told_at and is_open(walk, at)), None)
        if first is None:
            assert errand.message is None
            continue
        within = [at for at in made[errand.person_id] if first - HOUR < at < first]
        if len(within) < AT_ONCE_AN_HOUR:
            assert errand.message is not None and errand.message.made_at == first
        else:
            assert errand.message is None or errand.message.made_at > first
    return Message.objects.count()


def is_open(walk: OpenSeconds, at: dt.datetime) -> bool:
    return walk.minutes(at.date())[at.hour * 60 + at.minute]


@pytest.mark.parametrize("seed", [0, 1])
def test_every_alert_of_some_hand_offs_is_told_once_and_in_time(seed):
    done = simulate(14, seed, days=1, step=3 * HOUR + 7 * MINUTE, teams=2)
    assert done["alerts"] > 10 and done["answers to rejections"]


@pytest.mark.proof
def test_every_alert_of_many_hand_offs_is_told_once_and_in_time():
    done = simulate(HAND_OFFS, SEED, days=14, step=15 * MINUTE, teams=12)
    print(f"\nalerts under simulated time, every one as by the oracle, seed {SEED}: {done}")
    assert done["late"] and done["messages"]
