"""Each segment beside the others: the numbers that its own waterfall has, on one scale, the furthest behind first."""

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Commitment
from agreements.terms import TermsBook
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.charts.multiples import HEIGHT, WIDTH, multiples
from reports.periods import month_of
from reports.readings.breakdown import segment_waterfalls
from reports.readings.scope import build_scope
from reports.readings.waterfall import waterfall_report
from reports.waterfall import build_waterfall
from tests import factories
from tests.reports.sample_month import MARCH, NOW, fill_month, make_company

TENTH = Fraction(1, 10)


@pytest.fixture
def company(db):
    """Three segments: one with a goal, one without that gets leads, one that gets none."""
    found = make_company()
    fill_month(found)
    factories.segment("Nobody")
    others, book = factories.segment("Others", lead_value=Decimal(40)), TermsBook()
    for day in (2, 2, 5, 16):
        at = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
        lead = factories.lead(at, segment=others)
        hand_over(lead=lead, now=NOW, at=at, owner=found.kim, agreement=found.agreement, book=book)
    rollups.rebuild()
    return found


@pytest.mark.parametrize("measure", Commitment.Measure.values)
def test_each_is_the_waterfall_of_its_segment(company, measure):
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    found = segment_waterfalls(scope, measure, tolerance=TENTH)
    assert len(found) == 2
    for key, waterfall in found:
        own = replace(scope, selection=replace(scope.selection, segment=key), read={})
        alone = waterfall_report(own, measure=measure).months[-1].waterfall
        assert [(day.goal_cumulative, day.actual_cumulative) for day in waterfall.days] == [
            (day.goal_cumulative, day.actual_cumulative) for day in alone.days
        ]
        assert waterfall.summary.gap == alone.summary.gap
    assert found[0][0] == str(company.executives.pk), "who has a goal comes first"


LEVELS = st.lists(st.integers(0, 400), min_size=4, max_size=4)


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 900), LEVELS), min_size=2, max_size=6), st.integers(1, 30)
)
def test_all_stand_inside_one_scale(segments, day):
    month = month_of(dt.date(2026, 4, 1))
    found = []
    for number, (goal, came) in enumerate(segments):
        waterfall = build_waterfall(
            days=month,
            goal_by_day=[None if goal is None else Decimal(goal)] * 30,
            weight_by_day=[Fraction(1, 30)] * 30,
            actual_by_day=[Decimal(came[place % 4]) for place in range(30)],
            as_of_day=dt.date(2026, 4, day),
            is_business_day=lambda _on: True,
            tolerance=TENTH,
        )
        found.append((str(number), waterfall))
    drawn = multiples(found, {str(n): (f"s{n}", f"S {n}") for n in range(6)}, quantity=str)
    is_anything = any(goal or any(came[place % 4] for place in range(day)) for goal, came in segments)
    assert [one.slug for one in drawn] == [f"s{n}" for n in range(len(segments)) if is_anything]
    heights = []
    for one in drawn:
        for letter, first, second in re.findall(r"([MLHV])([\d.]+)(?: ([\d.]+))?", one.goal + one.actual):
            across, down = {"H": (first, "0"), "V": ("0", first)}.get(letter, (first, second))
            assert 0 <= float(across) <= WIDTH and 0 <= float(down) <= HEIGHT
            heights += [float(down)] if letter != "H" else []
    if is_anything:
        assert min(heights) == pytest.approx(4), "the highest of all stands at the top"


def test_segments_without_a_goal_of_which_nothing_came_are_not_drawn():
    month = month_of(MARCH)
    nothing = build_waterfall(
        days=month,
        goal_by_day=[None] * len(month),
        weight_by_day=[Fraction(1, len(month))] * len(month),
        actual_by_day=[0] * len(month),
        as_of_day=month.start - dt.timedelta(days=1),
    )
    named = {"a": ("a", "A"), "b": ("b", "B")}
    assert multiples([("a", nothing), ("b", nothing)], named, quantity=str) == ()


def test_a_lone_segment_has_no_other_beside_it():
    assert multiples([], {}, quantity=str) == ()


def test_the_page_shows_them_and_each_leads_to_its_own(company, client):
    client.force_login(company.viewer)
    address = f"{reverse('reports:waterfall')}?month=2026-03&agreement={company.agreement.slug}"
    text = client.get(address).content.decode()
    assert "Each segment against its own line" in text
    links = re.findall(r'href="([^"]*segment=executives[^"]*)"', text)
    (own,) = [
        link for link in links if not link.startswith(reverse("reports:counted"))
    ]  # the gap's lead there
    assert "month=2026-03" in own
    narrowed = client.get(own.replace("&amp;", "&")).content.decode()
    assert "Each segment against its own line" not in narrowed, "a filter has chosen already"
