"""Speed and depth side by side, and by load: figures as a slow recomputation has them, and who sees whose."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise
from statistics import mean, median

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Membership
from agreements.words import duration
from leads.models import FollowUpAttempt, HandOff
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.charts.buckets import FEW
from reports.load import MOST, AtLoad, Drift, load_effect
from reports.periods import Grain, month_of
from reports.readings.depth import depth_report
from reports.readings.groups import (
    OF_NO_PERSON,
    Group,
    depth_by_group,
    figures_by_group,
    figures_by_load,
    speed_by_group,
)
from reports.readings.scope import build_scope
from reports.readings.speed import speed_report
from tests import factories
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import MARCH, NOW

IN_MARCH = {"month": "2026-03"}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@given(st.lists(st.tuples(st.integers(1, MOST), st.integers(0, 10**6)), max_size=25))
def test_the_delay_is_the_slope_through_all_hand_offs(points):
    """As least squares over each single hand-off has it, from nothing but means."""
    by_load = defaultdict(list)
    for load, wait in points:
        by_load[load].append(wait)
    found = load_effect([AtLoad(load, len(waits), sum(waits)) for load, waits in by_load.items()])
    if len(by_load) < 2:
        assert found is None
        return
    n = len(points)
    x, y = (Fraction(sum(each[place] for each in points), n) for place in (0, 1))
    slope = sum((load - x) * (wait - y) for load, wait in points) / sum((load - x) ** 2 for load, _ in points)
    assert found.delay == slope
    if found.drift is not Drift.ALIKE:
        assert (found.drift is Drift.LATER) == (slope > 0)


def test_a_slope_that_hardly_matters_is_none():
    assert load_effect([AtLoad(1, 10, 10_000), AtLoad(3, 10, 10_900)]).drift is Drift.ALIKE
    assert load_effect([AtLoad(1, 10, 10_000), AtLoad(3, 10, 12_000)]).drift is Drift.LATER
    assert load_effect([AtLoad(1, 10, 12_000), AtLoad(3, 10, 10_000)]).drift is Drift.SOONER
    assert load_effect([AtLoad(2, 10, 10_000), AtLoad(4, 0, 0)]) is None


def more_hand_offs(company, choose: random.Random) -> None:
    """Hand-offs of chance: to several people on few days, tried by several channels or not at all."""
    people = [company.kim, company.lee, factories.user("Outside Person"), None]
    for _number in range(60):
        at = dt.datetime(2026, 3, choose.randrange(2, 6), choose.randrange(7, 20), 10, tzinfo=dt.UTC)
        hand_off = hand_over(
            lead=factories.lead(at, source=choose.choice(("web", "fair", ""))),
            now=NOW,
            at=at,
            owner=choose.choice(people),
            agreement=company.agreement,
        )
        for attempt in range(choose.randrange(0, 4)):
            log_attempt(
                hand_off=hand_off,
                attempted_at=at + dt.timedelta(minutes=choose.randrange(1, 4_000) + attempt),
                channel=choose.choice(("call", "email", "visit")),
                outcome=choose.choice(("no_answer", "no_answer", "connected")),
                now=NOW,
            )


def test_groups_and_loads_are_those_of_a_slow_recomputation(company):
    seed = random.randrange(10**6)
    more_hand_offs(company, random.Random(seed))
    rollups.refresh(now=NOW, wait=True)
    hand_offs = list(HandOff.objects.filter(agreement=company.agreement, handed_off_on__month=3))
    of_day = defaultdict(int)
    for one in hand_offs:
        of_day[one.owner_id, one.handed_off_on] += 1
    first = {}
    for attempt in FollowUpAttempt.objects.filter(voided_at=None).order_by("attempted_at", "pk"):
        first.setdefault(attempt.hand_off_id, attempt.channel)
    keys = {
        Group.TEAM: lambda one: str(one.team_id or ""),
        Group.SEGMENT: lambda one: str(one.segment_id or ""),
        Group.SOURCE: lambda one: one.lead.source,
        Group.CHANNEL: lambda one: first.get(one.pk, ""),
        Group.HOUR: lambda one: f"{one.handed_off_at.hour:02d}",
        Group.REP: lambda one: str(one.owner_id) if one.owner_id else "name:",
    }
    owned = [one for one in hand_offs if one.owner_id]
    expected = group_by(owned, lambda one: min(MOST, of_day[one.owner_id, one.handed_off_on]))
    for as_of in (None, NOW):  # as stored, and as counted
        scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement, as_of=as_of)
        for group, key in keys.items():
            found = {one.key: one for one in figures_by_group(scope, group, with_spacing=True)}
            check(found, group_by(hand_offs, key), f"{group}, seed {seed}")
            check_spacing(found, group_by(hand_offs, key), f"{group}, seed {seed}")
        by_load = {one.load: one for one in figures_by_load(scope)}
        check(by_load, expected, f"load, seed {seed}")
        for load, found in by_load.items():
            days = {(one.owner_id, one.handed_off_on) for one in expected[load]}
            assert found.rep_days == len(days), seed


def test_loads_stored_over_all_agreements_are_the_ones_counted(company):
    """A rep who was handed leads under two agreements on one day has one day, with the load of both."""
    other = factories.agreement("other")
    for minute in (5, 25):
        at = dt.datetime(2026, 3, 2, 9, minute, tzinfo=dt.UTC)
        for agreement in (company.agreement, other):
            hand_over(lead=factories.lead(at), now=NOW, at=at, owner=company.kim, agreement=agreement)
    rollups.refresh(now=NOW, wait=True)
    for agreement in (None, company.agreement, other):
        stored, counted = (
            figures_by_load(build_scope(period=month_of(MARCH), now=NOW, agreement=agreement, as_of=as_of))
            for as_of in (None, NOW)
        )
        assert stored == counted
        assert all(one.rep_days <= one.depth.handed_off for one in stored)


def group_by(hand_offs, key):
    found = defaultdict(list)
    for one in hand_offs:
        found[key(one)].append(one)
    return found


def check(found, expected, said):
    """Counts, averages and shares of each group, one hand-off after the other."""
    assert found.keys() == expected.keys(), said
    for key, hand_offs in expected.items():
        speed, depth = found[key].speed, found[key].depth
        tried = [one for one in hand_offs if one.first_attempt_at]
        waits = [one.first_attempt_business_seconds for one in tried]
        assert (speed.handed_off, speed.attempted) == (len(hand_offs), len(tried)), said
        assert speed.average == (Fraction(sum(waits), len(waits)) if waits else None), said
        due = [one for one in hand_offs if one.due_at and one.due_at < NOW]
        met = [one for one in due if one.first_attempt_at and one.first_attempt_at <= one.due_at]
        assert (speed.in_time.numerator, speed.in_time.denominator) == (len(met), len(due)), said
        open_ones = [one for one in hand_offs if one.connected_at is None]
        assert depth.not_connected == len(open_ones), said
        assert depth.attempts == sum(one.attempts for one in open_ones), said
        assert depth.worked.numerator == sum(one.attempts > 0 for one in open_ones), said


def check_spacing(found, expected, said):
    """The gaps of each group, one attempt after the other."""
    for key, hand_offs in expected.items():
        gaps = []
        for one in hand_offs:
            if one.connected_at is None:
                made = one.follow_up_attempts.filter(voided_at=None).order_by("attempted_at")
                at = [attempt.attempted_at for attempt in made]
                gaps += [(after - before).total_seconds() for before, after in pairwise(at)]
        spacing = found[key].spacing
        assert spacing.n == len(gaps), said
        assert spacing.average == (pytest.approx(mean(gaps)) if gaps else None), said
        assert spacing.median == (median(gaps) if gaps else None), said


def test_the_time_between_attempts_is_the_same_in_chart_table_file_and_document(client, company):
    for seed in range(3):
        more_hand_offs(company, random.Random(seed))
    rollups.refresh(now=NOW, wait=True)
    client.force_login(company.viewer)
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    figures = {one.key: one.spacing for one in figures_by_group(scope, Group.SOURCE, with_spacing=True)}
    assert sum(one.n for one in figures.values()) == depth_report(scope, Grain.WEEK).spacing.n > FEW
    asked = IN_MARCH | {"group": "source"}
    rows = rows_of(client.get("/depth/", asked | {"table": "spacing", "format": "csv"}))
    by_source = {row["group"]: row for row in rows}
    page = client.get("/depth/", asked)
    (chart,) = [one for one, _figure in page.context["charts"] if one.key == "spacing"]
    drawn = dict(zip(chart.spoken, chart.series[0].values, strict=True))
    muted = {chart.spoken[place] for place in chart.series[0].muted}
    documents = depth_by_group(scope, Group.SOURCE)
    for key, spacing in figures.items():
        row = by_source[key or "without a source"]
        assert (int(row["gaps"]), float(row["gap_average"]), float(row["gap_median"])) == (
            spacing.n,
            spacing.average,
            spacing.median,
        )
        name = key or "without a source"
        assert drawn[name] == spacing.average
        assert (name in muted) == (spacing.n < FEW)
    assert {one["group"]: one["spacing"] for one in documents} == {
        key: one.as_json() for key, one in figures.items()
    }
    medians = sorted(one.median for one in figures.values() if one.n >= FEW)
    assert len(medians) > 1
    for length in (medians[0], medians[-1]):
        assert duration(length) in chart.summary
    assert chart.title in texts(page, "h2") and "Median (wall clock)" in texts(page, "th")


def test_figures_of_groups_that_are_nobodys_are_in_the_documents(company):
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    for group in OF_NO_PERSON:
        for said in (speed_by_group(scope, group), depth_by_group(scope, group)):
            assert sum(one["handed_off"] for one in said) == 40, group
    assert {one["group"] for one in depth_by_group(scope, Group.SEGMENT)} == {"executives", ""}


def test_speed_stands_side_by_side_and_by_load_with_table_and_file(client, company):
    client.force_login(company.viewer)
    for group, heading in (("source", "Source"), ("hour", "Hour of arrival"), ("channel", "Channel")):
        answer = client.get("/speed/", IN_MARCH | {"group": group})
        assert any(said.startswith(heading) for said in texts(answer, "th")), group
        rows = rows_of(client.get("/speed/", IN_MARCH | {"group": group, "table": "groups", "format": "csv"}))
        assert sum(int(row["handed_off"]) for row in rows) == 40, group
    rows = rows_of(client.get("/depth/", IN_MARCH | {"group": "source", "table": "groups", "format": "csv"}))
    assert {row["group"] for row in rows} == {"web", "partner", "fair <b>Łódź</b>"}
    rows = rows_of(client.get("/speed/", IN_MARCH | {"table": "load", "format": "csv"}))
    assert sum(int(row["handed_off"]) for row in rows) == 40
    assert "by what its rep got that day" in client.get("/speed/", IN_MARCH).text


def test_figures_of_a_rep_are_for_the_rep_and_their_managers(client, company):
    def reps(person) -> set[str]:
        client.force_login(person)
        asked = IN_MARCH | {"group": "rep", "table": "groups", "format": "csv"}
        seen = set()
        for name in ("speed", "depth"):
            seen |= {row["group"] for row in rows_of(client.get(f"/{name}/", asked))}
        return seen

    boss = factories.user("Boss")
    team = factories.party(company.agreement, "sales").team
    Membership.objects.create(user=company.kim, team=team, role=Membership.Role.MEMBER)
    Membership.objects.create(user=boss, team=team, role=Membership.Role.MANAGER)
    rollups.refresh(now=NOW, wait=True)
    assert reps(company.kim) == {"Kim Ito"}
    assert reps(boss) == {"Kim Ito"}
    assert reps(company.viewer) == set()
    assert reps(company.admin) == {"Kim Ito", "Lee & <i>Sons</i>"}
    client.force_login(company.viewer)
    page = client.get("/speed/", IN_MARCH | {"group": "rep"})
    assert "Kim Ito" not in page.text
    assert "Rep" not in texts(page, "a")


def test_waits_add_up_and_each_bucket_has_the_median_that_counts_the_unanswered(client, company):
    client.force_login(company.viewer)
    waits = rows_of(client.get("/speed/", IN_MARCH | {"table": "waits", "format": "csv"}))
    weeks = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    report = speed_report(weeks, Grain.WEEK)
    assert sum(int(row["answered"]) for row in waits) == report.total.attempted == 33
    assert sum(int(row["unanswered"]) for row in waits) == report.total.open == 7
    for bucket, middle in zip(report.buckets, report.medians, strict=True):
        alone = build_scope(period=bucket.period, now=NOW, agreement=company.agreement)
        assert middle == speed_report(alone, Grain.MONTH).kaplan_meier_median
    answer = client.get("/speed/", IN_MARCH)
    assert "Median, the unanswered counted (business)" in texts(answer, "th")
    assert any(said.startswith("Half of the first attempts came within") for said in texts(answer, "h2"))
