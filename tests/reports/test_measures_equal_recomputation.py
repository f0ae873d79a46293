"""Custom measures are judged as a slow recomputation judges them, in random stories of versions, values and excuses.

`make proof` compares PROOF_N stories from PROOF_SEED on.
"""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction

from agreements.models import CustomMeasure, Evaluation, Excuse, MeasureValue, Version
from reports.readings.kept import month_found
from tests import factories
from tests.oracles import measures as plain

N, SEED = 120, 20_260_701
PROOF_N = int(os.environ.get("PROOF_N", "2000"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
PROOF_PART = 250
NAMES = ("Satisfaction", "Hours to an answer", "Churn")
DAY = dt.timedelta(days=1)
FIRST = dt.date(2025, 1, 1)


def make_story(random: Random) -> plain.Story:
    """A year or so: two or three versions, values at and around the target, some voided, whole months excused."""
    now = dt.datetime(2026, random.randint(1, 6), random.choice([1, 2, 15, 28]), 12, tzinfo=dt.UTC)
    story = plain.Story(now, [])
    starts_on = FIRST + random.randint(0, 50) * DAY
    for _ in range(random.choice([1, 2, 3])):
        ends_on = starts_on + random.choice([20, 45, 120, 400]) * DAY
        measures = [
            plain.Measure(name, random.random() < 0.5, _number(random), random.choice([1, 1, 3]))
            for name in NAMES
            if random.random() < 0.7
        ]
        signed_on = starts_on + random.choice([-1, 0, 30, 100, 400]) * DAY
        story.versions.append(plain.Version(starts_on, ends_on, measures, min(signed_on, now.date())))
        starts_on = ends_on + random.choice([0, 0, 9]) * DAY
    targets = [one.target for version in story.versions for one in version.measures] or [Decimal(1)]
    for name in NAMES:
        for n in range(17):
            period_on = plain.months_of(FIRST, n + 1)[-1]
            at = dt.datetime.combine(plain.day_after(period_on, 1), dt.time(9), dt.UTC)
            while random.random() < 0.7:
                at += random.choice([1, 5, 20, 29, 30, 31, 40]) * DAY
                beside = Decimal(random.choice(["0", "0", "0.0001", "-0.0001", "1"]))
                value = random.choice(targets) + beside
                one = plain.Entered(name, period_on, value, at)
                story.entered.append(one)
                if random.random() < 0.6:
                    break
                at += random.randint(1, 30) * DAY
                one.voided_at = at
            else:
                continue
        for n in range(17):
            if random.random() < 0.1:
                month = plain.months_of(FIRST, n + 1)[-1]
                days = (plain.day_after(month, 1) - month).days - random.choice([0, 0, 1])
                story.excused |= {month + k * DAY for k in range(days)}
    return story


def _number(random: Random) -> Decimal:
    return Decimal(random.choice([0, 1, 4, 45_000, -12_500])) / random.choice([1, 10_000])


def load(story: plain.Story):
    agreement = factories.agreement("story", time_zone="UTC")
    service = factories.party(agreement, "sales")
    for number, one in enumerate(story.versions, 1):
        version = Version.objects.create(
            agreement=agreement,
            number=number,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            created_at=factories.NOON,
        )
        CustomMeasure.objects.bulk_create(
            CustomMeasure(
                version=version,
                party=service,
                name=measure.name,
                direction="at_least" if measure.at_least else "at_most",
                target=measure.target,
                period="month" if measure.months == 1 else "quarter",
            )
            for measure in one.measures
        )
        signed_at = dt.datetime.combine(one.signed_on, dt.time(8), dt.UTC)
        Version.objects.filter(pk=version.pk).update(state="signed", signed_at=signed_at)
    MeasureValue.objects.bulk_create(
        MeasureValue(
            agreement=agreement,
            party=service,
            name=one.name,
            period_on=one.period_on,
            value=one.value,
            entered_at=one.at,
            voided_at=one.voided_at,
            void_reason="mistyped" if one.voided_at else "",
        )
        for one in sorted(story.entered, key=lambda one: one.voided_at is None)
    )
    for month in {day.replace(day=1) for day in story.excused}:
        Excuse.objects.create(
            agreement=agreement,
            party=service,
            month_on=month,
            days=sorted(day for day in story.excused if day.replace(day=1) == month),
            reason="outage",
            state="accepted",
            proposed_at=story.now,
            answered_at=story.now,
        )
    return agreement


def differences_of(seed: int) -> list[str]:
    story, found = make_story(Random(f"measures {seed}")), list[str]()
    today = story.now.date()
    with transaction.atomic():
        agreement = load(story)
        month = FIRST
        while plain.day_after(month, 1) <= today:
            expected, waited = plain.judged(story, month, today)
            said = month_found(agreement=agreement, month_on=month, at=story.now)
            judged: dict[str, tuple[str, object]] = {
                one.subject: (one.outcome, one.numerator)
                for one in said.findings
                if one.promise == Evaluation.Promise.CUSTOM
            }
            if said.waiting != waited or judged != dict(expected):
                found.append(f"story {seed}, {month}: {judged}, {said.waiting} for {expected}, {waited}")
            month = plain.day_after(month, 1)
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_measures_are_judged_as_a_recomputation_judges_them():
    found = [difference for seed in range(SEED, SEED + N) for difference in differences_of(seed)]
    assert not found, f"{len(found)} differences: " + "\n".join(found[:10])


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, PROOF_PART))
def test_measures_are_judged_so_in_many_stories(start):
    end = min(start + PROOF_PART, PROOF_SEED + PROOF_N)
    found = [difference for seed in range(start, end) for difference in differences_of(seed)]
    print(
        f"\ncustom measures against a recomputation: stories {start} to {end - 1}, {len(found)} differences"
    )
    assert not found, f"{len(found)} differences: " + "\n".join(found[:10])
