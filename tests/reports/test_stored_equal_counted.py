"""Stored figures are those that the same instant gives when it is counted, whatever happened to hand-offs meanwhile.

Under each agreement of random worlds, by each filter, for each stored period, for spans of them, by group and load.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

import pytest

from agreements.models import Agreement
from leads.models import HandOff, Lead
from leads.services.merging import merge_leads
from leads.services.sweep import sweep_clocks
from reports import rollups
from reports.periods import Grain, Period, bucket_of, part_of
from reports.readings.figures import Moment, figures
from reports.readings.groups import STORED_BY, figures_by_group, figures_by_load
from reports.readings.scope import build_scope
from reports.readings.selection import Selection
from reports.readings.speed import speed_report
from reports.readings.stored import buckets_of, stored_grain
from tests import factories
from tests.worlds import corrections
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader

SEEDS = (7_315, 7_332)
"""Of worlds with hand-offs under none, one and the other of two agreements, of which one stands below the other."""
FARTHEST_MOVE = dt.timedelta(days=41)


def change_some(random: Random, now: dt.datetime) -> None:
    """Hand-offs lose or change what they are counted by, two people get many on one day, leads become one."""
    for hand_off in HandOff.objects.all():
        ways = [corrections.lose_its_agreement, corrections.lose_its_owner, corrections.lose_its_segment]
        if hand_off.handed_off_at + FARTHEST_MOVE < now:
            ways += [corrections.move_to_another_day] * 2
        if random.random() < 0.15:
            random.choice(ways)(hand_off, random)
    owned = list(HandOff.objects.exclude(owner=None).order_by("handed_off_on", "pk"))
    first, two = owned[0], [one.owner_id for one in owned[:2]]
    for hand_off in random.sample(owned, len(owned) // 2):
        corrections.move_by(hand_off, first.handed_off_on - hand_off.handed_off_on)
        HandOff.objects.filter(pk=hand_off.pk).update(owner=random.choice(two))
    by = factories.user("Director")
    for _ in range(5):
        survivor, absorbed = random.sample(list(Lead.objects.filter(merged_into=None).order_by("pk")), 2)
        merge_leads(survivor=survivor, absorbed=absorbed, now=now, by=by, may_know=lambda _lead: True)


def stored_periods() -> list[Period]:
    """The days, weeks and months with hand-offs, and the parts of these weeks that lie in one month."""
    found = set()
    for day in HandOff.objects.values_list("handed_off_on", flat=True).distinct():
        found |= {*(bucket_of(day, grain) for grain in Grain), part_of(day) or bucket_of(day, Grain.DAY)}
    return sorted(found, key=lambda one: (one.start, one.end))


def spans(random: Random) -> list[Period]:
    """Spans that no bucket is: everything, all but an edge of it, two days, and others at random."""
    days = sorted(HandOff.objects.values_list("handed_off_on", flat=True).distinct())
    first, last = days[0], days[-1] + dt.timedelta(days=1)
    whole = Period(first.replace(day=1), bucket_of(last, Grain.MONTH).end + dt.timedelta(days=31))
    found = [
        whole,
        Period(first, last),
        Period(first - dt.timedelta(days=3), whole.end),
        Period(days[0], days[1]),
    ]
    for _ in range(3):
        start, end = sorted(random.sample(range(len(whole)), 2))
        found.append(Period(whole.start + dt.timedelta(days=start), whole.start + dt.timedelta(days=end + 1)))
    return [span for span in found if stored_grain(span) is None]


def selections(agreement: Agreement | None) -> Iterator[Selection]:
    """All, and each filter by a key that some hand-off has."""
    names = ("segment", "team", "owner", "owner_name", "lead__source", "lead__campaign")
    filters = set()
    for segment, team, owner, name, source, campaign in HandOff.objects.values_list(*names):
        filters |= {
            ("segment", str(segment or "")),
            ("team", str(team or "")),
            ("owner", str(owner) if owner else f"name:{name}"),
            ("source", source),
            ("campaign", campaign),
        }
    yield Selection(agreement=agreement)
    for dimension, key in sorted(filters):
        yield Selection(agreement=agreement, **{dimension: key})


def figure_differences(selection: Selection, periods: list[Period], now: dt.datetime) -> Iterator[str]:
    stored = figures(periods, selection, Moment(now))
    counted = figures(periods, selection, Moment(now, is_past=True))
    for period, one, other in zip(periods, stored, counted, strict=True):
        for name, value in other.items():
            if one[name] != value:
                yield f"{name} of {selection}, {period}: stored {one[name]}, counted {value}"


def side_by_side_differences(agreement: Agreement | None, period: Period, now: dt.datetime) -> Iterator[str]:
    stored, counted = (
        build_scope(period=period, now=now, agreement=agreement, as_of=as_of) for as_of in (None, now)
    )
    for group in STORED_BY:
        if figures_by_group(stored, group, with_spacing=True) != figures_by_group(
            counted, group, with_spacing=True
        ):
            yield f"by {group} of {agreement}, {period}"
    if figures_by_load(stored) != figures_by_load(counted):
        yield f"by load of {agreement}, {period}"
    if speed_report(stored, Grain.WEEK) != speed_report(counted, Grain.WEEK):
        yield f"speed by week of {agreement}, {period}"


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_stored_figures_are_those_counted(seed):
    world, random = make_world(seed, leads=40), Random(seed)
    Loader(world).load_at_once()
    rollups.refresh(now=world.now)
    change_some(random, world.now)
    sweep_clocks(now=world.now)
    rollups.refresh(now=world.now)
    periods = stored_periods()
    assert all(stored_grain(one) for one in periods)
    assert any(stored_grain(one) == "part" for one in periods)
    odd = spans(random)
    assert {grain for span in odd for grain, _starts_on in buckets_of(span)} == {Grain.DAY, Grain.MONTH}
    periods += odd
    found = []
    for agreement in (None, *Agreement.objects.all()):
        for selection in selections(agreement):
            found += figure_differences(selection, periods, world.now)
        for period in periods:
            if stored_grain(period) != Grain.DAY:
                found += side_by_side_differences(agreement, period, world.now)
    assert not found, f"world {seed}, {len(found)} differences: " + "\n".join(found[:20])
