"""Figures of agreements of several levels: those of all below are held; each promise is judged where it is made."""

import datetime as dt

import pytest

from agreements.models import Agreement
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports.models import PeriodFigure
from reports.periods import month_of
from reports.readings.figures import Moment, figures
from reports.readings.goals import commitment_on
from reports.readings.kept import month_found
from reports.readings.scope import build_scope
from reports.readings.selection import Selection
from reports.readings.stored import GAP_COLUMNS
from reports.rollups import rebuild, refresh
from tests import factories

pytestmark = pytest.mark.django_db

MARCH = dt.date(2026, 3, 1)
NOON = factories.NOON
HOUR = dt.timedelta(hours=1)
LATER = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
DEMO = "Demo"


@pytest.fixture
def company():
    """The company promises 4 hours and 10 leads; north 1 hour of its own for demos; executives inherit all from north.

    Each team gets two leads at noon, a demo and another, tried after 2 hours; the executives' team one demo.
    """
    demo, executive = factories.segment(DEMO), factories.segment("Executive")
    top = factories.agreement("company")
    factories.signed(top, goals={MARCH: 10}, allowance=4 * HOUR, goal_terms={"counts_recycled": True})
    north = factories.agreement("north", parent=top, level=Agreement.Level.TEAM)
    own = factories.draft(north, goals={MARCH: 2}, allowance=None, attempts=None)
    own.commitments.create(
        party=factories.party(north, "sales"),
        kind="speed",
        segment=demo,
        allowance=HOUR,
        average_goal=HOUR / 2,
        in_time_share="0.9",
    )
    factories.sign(own)
    service = factories.agreement("service", parent=north, level=Agreement.Level.SERVICE, segment=executive)
    nothing = factories.draft(service, allowance=None, attempts=None)
    nothing.commitments.all().delete()
    factories.sign(nothing)
    for agreement, segments in ((top, (demo, None)), (north, (demo, None)), (service, (executive,))):
        team = factories.party(agreement, "sales").team
        for segment in segments:
            hand_off = hand_over(lead=factories.lead(segment=segment), team=team, now=NOON)
            assert hand_off.agreement == agreement
            log_attempt(
                hand_off=hand_off,
                attempted_at=NOON + 2 * HOUR,
                channel="call",
                outcome="no_answer",
                now=NOON + 2 * HOUR,
            )
    refresh(now=LATER)
    return top


def counted(agreement, **selection):
    period = month_of(MARCH)
    moment = Moment(LATER)
    stored = figures([period], Selection(agreement=agreement, **selection), moment)[0]
    free = figures([period], Selection(agreement=agreement, without_hand_offs=(-1,), **selection), moment)[0]
    both = {name: value for name, value in stored.items() if name not in GAP_COLUMNS}
    assert both == free, "stored figures differ from counted ones"
    return stored


def test_an_agreements_figures_hold_those_of_all_below_it(company):
    handed_off = {one.slug: counted(one)["handed_off"] for one in Agreement.objects.all()}
    assert handed_off == {"company": 5, "north": 3, "service": 1}
    assert counted(None)["handed_off"] == 5
    before = list(
        PeriodFigure.objects.order_by("pk").values_list("agreement__slug", "dimension", "key", "handed_off")
    )
    rebuild()
    after = PeriodFigure.objects.order_by("pk").values_list(
        "agreement__slug", "dimension", "key", "handed_off"
    )
    assert sorted(map(str, after)) == sorted(map(str, before))


def test_each_promise_is_judged_where_it_is_made_on_what_falls_under_it(company):
    def found(slug):
        agreement = Agreement.objects.get(slug=slug)
        month = month_found(agreement=agreement, month_on=MARCH, at=LATER)
        return {
            (one.promise, one.segment.name if one.segment else ""): (one.numerator, one.denominator)
            for one in month.findings
        }

    top, north = found("company"), found("north")
    # Four of five: north's demo is judged by north's own promise. Goals count all that is below.
    assert top["average_speed", ""] == (4 * 7200, 4)
    assert north["average_speed", DEMO] == (7200, 1)
    assert north["share_in_time", DEMO] == (0, 1)
    assert top["mql_goal", ""] == (5, 10)
    assert north["mql_goal", ""] == (3, 2)
    assert not any(promise == "average_speed" and not segment for promise, segment in north)
    assert found("service") == {}


def test_a_promise_that_is_inherited_is_drawn_and_a_goal_is_not(company):
    service = Agreement.objects.get(slug="service")
    scope = build_scope(period=month_of(MARCH), now=LATER, agreement=service)
    assert commitment_on(scope, "speed").allowance == 4 * HOUR
    assert commitment_on(scope, "mql_goal") is None
    whole = build_scope(period=month_of(MARCH), now=LATER)
    assert commitment_on(whole, "speed").version.agreement == company  # the one that all others stand below


def test_an_agreement_that_comes_to_stand_below_another_is_counted_there_too(company):
    other = factories.agreement("other")
    hand_over(lead=factories.lead(), team=factories.party(other, "sales").team, agreement=other, now=NOON)
    refresh(now=LATER)
    assert counted(company)["handed_off"] == 5
    Agreement.objects.filter(pk=other.pk).update(parent=company, level=Agreement.Level.TEAM)
    refresh(now=LATER)
    assert counted(company)["handed_off"] == 6


def test_what_counts_towards_the_goal_is_inherited_as_a_term(company):
    hand_offs = Agreement.objects.get(slug="service").hand_offs
    # North's goal for all leads comes before the company's, and counts a lead once.
    assert hand_offs.get().counts_recycled is False
    assert company.hand_offs.first().counts_recycled is True


def test_several_agreements_ask_as_often_as_one(company, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        month_found(agreement=company, month_on=MARCH, at=LATER)


def judged_on_average(agreement):
    month = month_found(agreement=agreement, month_on=MARCH, at=LATER)
    return [(one.numerator, one.denominator) for one in month.findings if one.promise == "average_speed"]


def tried_after(hours, *, at, agreement):
    hand_off = hand_over(
        lead=factories.lead(at), team=factories.party(agreement, "sales").team, at=at, now=at
    )
    assert hand_off.agreement == agreement
    attempted_at = at + hours * HOUR
    log_attempt(
        hand_off=hand_off, attempted_at=attempted_at, channel="call", outcome="no_answer", now=attempted_at
    )


@pytest.mark.parametrize("reach", ["new_only", "also_open"])
@pytest.mark.parametrize("promises_first", [True, False])
def test_a_promise_begun_or_dropped_mid_month_is_judged_once_by_the_version_that_judges_the_month(
    reach, promises_first
):
    top = factories.agreement("company")
    factories.signed(top, allowance=4 * HOUR)
    below = factories.agreement("below", parent=top, level=Agreement.Level.TEAM)
    own, middle = 2 * HOUR, dt.date(2026, 3, 16)
    first = factories.draft(below, allowance=own if promises_first else None, ends_on=middle)
    then = factories.draft(below, starts_on=middle, allowance=None if promises_first else own)
    then.reach = reach
    then.save()
    for version in (first, then):
        factories.sign(version)
    for days, hours in ((0, 1), (14, 3)):  # Wednesdays, one under each version
        tried_after(hours, at=NOON + dt.timedelta(days=days), agreement=below)
    tried_after(2, at=NOON, agreement=top)
    above, there = judged_on_average(top), judged_on_average(below)
    if promises_first:
        assert (above, there) == ([(6 * 3600, 3)], [])
    else:
        assert (above, there) == ([(2 * 3600, 1)], [(4 * 3600, 2)])
