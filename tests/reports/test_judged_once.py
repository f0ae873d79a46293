"""Each hand-off is judged once by each kind of promise: by the agreement that a slow recomputation names, on random
companies with agreements of three levels whose versions begin and end within months.

`make proof` asks about PROOF_N companies from PROOF_SEED on.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, defaultdict
from dataclasses import replace
from random import Random

import pytest
from django.db import connection, transaction

from agreements.services.calendars import company_calendar
from leads.models import HandOff
from reports.hand_off_facts import STORED
from reports.periods import month_of
from reports.readings.figures import Moment
from reports.readings.goals import version_seen
from reports.readings.overriding import overriding_of
from reports.readings.scope import Scope
from reports.readings.selection import Selection, where
from tests import factories
from tests.oracles.judges import judge_of
from tests.worlds.levelled import DAY, DAYS, FIRST, SEGMENTS, make_levelled
from tests.worlds.levelled_rows import forget_what_nobody_can_sign, store

N, SEED = 15, 20_261_101
PROOF_N = int(os.environ.get("PROOF_N", "500"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
PROOF_PART = 100
KINDS = ("speed", "depth", "acceptance", "outcome")
MONTHS = [dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)]
LATER = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def differences_of(seed: int, seen: Counter[str]) -> list[str]:
    world, _asked = make_levelled(seed)
    forget_what_nobody_can_sign(world)
    random, found = Random(f"judged {seed}"), list[str]()
    with transaction.atomic():
        _teams, segments, agreements, _versions = store(world)
        revision = company_calendar().latest_revision()
        hand_offs = {}
        for _ in range(40):
            name, on = random.choice([None, *world]), FIRST + random.randint(-15, DAYS) * DAY
            segment = random.choice(SEGMENTS)
            made = HandOff.objects.create(
                lead=factories.lead(),
                number=1,
                handed_off_at=dt.datetime.combine(on, dt.time(12), dt.UTC),
                handed_off_on=on,
                agreement=agreements[name] if name else None,
                segment=segments.get(segment),
                calendar_revision=revision,
            )
            hand_offs[made.pk] = (name, segment, on.replace(day=1))
        judged = defaultdict(list)
        for name, agreement in agreements.items():
            for month in MONTHS:
                for kind in KINDS:
                    for pk in judged_by(agreement, month, kind):
                        judged[kind, pk].append(name)
        for kind in KINDS:
            for pk, (name, segment, month) in hand_offs.items():
                expected = judge_of(world, name, kind, segment, month, month_of(month).end)
                if judged[kind, pk] != ([expected] if expected else []):
                    found.append(
                        f"{seed}: {kind} of {name}/{segment} in {month}: {judged[kind, pk]}, {expected}"
                    )
                seen["judged above"] += expected is not None and expected != name
                seen["judged where it came under"] += expected is not None and expected == name
        transaction.set_rollback(True)
    return found


def judged_by(agreement, month: dt.date, kind: str) -> set[int]:
    """The hand-offs of a month that an agreement judges by a kind of promise."""
    scope = Scope(month_of(month), Selection(agreement=agreement), Moment(LATER), agreement.zone)
    version = version_seen(scope)
    if version is None:
        return set()
    condition, parameters = where(replace(scope.selection, overriding=overriding_of(scope, kind)))
    promised = {str(one.segment_id or "") for one in version.commitments.all() if one.kind == kind}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.id, f.segment FROM ({STORED}) f WHERE f.handed_off_on >= %(start)s"
            f" AND f.handed_off_on < %(end)s AND {condition}",
            {**parameters, "start": scope.period.start, "end": scope.period.end},
        )
        return {pk for pk, segment in cursor.fetchall() if promised & {"", segment}}


@pytest.mark.django_db
def test_each_hand_off_is_judged_once():
    seen: Counter[str] = Counter()
    found = [difference for seed in range(SEED, SEED + N) for difference in differences_of(seed, seen)]
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
    assert min(seen["judged above"], seen["judged where it came under"]) > 30, seen


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, PROOF_PART))
def test_each_hand_off_is_judged_once_in_many_companies(start):
    seen: Counter[str] = Counter()
    end = min(start + PROOF_PART, PROOF_SEED + PROOF_N)
    found = [difference for seed in range(start, end) for difference in differences_of(seed, seen)]
    print(f"\nwho judges a hand-off: companies {start} to {end - 1}, {len(found)} differences, {dict(seen)}")
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
