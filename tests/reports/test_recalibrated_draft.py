"""Measured rates as the next version's draft: what was shown before the click is what the draft then says."""

from __future__ import annotations

import datetime as dt
import html
import random
import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.derivation import derivation_of_plan
from agreements.funnel import SegmentInput
from agreements.models import AgreementEvent, Commitment, MonthGoal, Plan, Version
from agreements.quota_months import Split
from agreements.services.planning import store_plan
from agreements.services.signing import sign_version
from leads.services.hand_offs import hand_over
from reports.calculation import Inputs, SegmentAsked, Team, calculate
from reports.measured_plan import (
    Fault,
    MeasuredRates,
    Rates,
    UnusableRates,
    Way,
    kept_segments,
    with_measured,
)
from reports.pages.frame import page_of_agreement
from reports.pages.recalibrated_draft import draft_with_rates
from reports.pages.recalibration import plan_ahead
from reports.periods import Span, span_of, spans_up_to
from reports.readings import recalibrated
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import build_scope
from reports.readings.segment_rates import measurements
from reports.readings.trend import monthly_rates
from tests import factories
from tests.query_counts import assert_same_queries
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import MARCH, NOW, win

APRIL = dt.date(2026, 4, 1)
ADDRESS = "/agreements/company/recalibrated/"
TEAM = Team(Decimal(6), Decimal(10), Decimal(3), Decimal(8), Decimal("0.5"), Decimal(0))


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def director(client, company):
    client.force_login(factories.party(company.agreement, "marketing").signatory)
    return client


def shown(client, **asked):
    """The page and the hidden fields of its buttons, by the way of measuring."""
    answer = client.get("/recalibration/", {"month": "2026-03", **asked})
    assert answer.status_code == 200
    forms = {}
    for form in re.findall(r'<form method="post" action="' + ADDRESS + '".*?</form>', answer.text, re.S):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        forms[fields["way"]] = {name: html.unescape(text) for name, text in fields.items()}
    return answer, forms


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_one_click_makes_the_measured_rates_the_draft_of_the_next_version(director, company):
    answer, forms = shown(director)
    assert "What these rates would mean for the next version" in texts(answer, "h2")
    effect = rows_of(
        director.get("/recalibration/", {"month": "2026-03", "table": "effect", "format": "csv"})
    )
    goal = next(row for row in effect if row["rate"].startswith("Goal of April 2026"))
    assert (goal["plan"], goal["cohort"]) == ("100", str(ceil(Fraction(50_000, 2_300) / Fraction(6, 40))))
    made = director.post(ADDRESS, forms["cohort"], follow=True)
    draft = Version.objects.open().get(agreement=company.agreement)
    assert made.redirect_chain[0][0] == f"/agreements/company/versions/{draft.number}/edit/"
    assert draft.starts_on == APRIL
    of_all = draft.commitments.get(kind=Commitment.Kind.MQL_GOAL, segment=None)
    goals = {goal.month_on: goal.goal for goal in of_all.month_goals.all()}
    assert goals[APRIL] == Decimal(goal["cohort"])
    assert set(goals.values()) == {goals[APRIL]}
    plan = of_all.month_goals.get(month_on=APRIL).plan
    assert (plan.close_rate, plan.average_deal, plan.marketing_share) == (Decimal("0.15"), 2300, 1)
    assert plan.derivation["measured"] | {"as_of": ""} == {
        "way": "cohort",
        "from": "2026-03-01",
        "to": "2026-04-01",
        "as_of": "",
        "marketing_leads": 40,
        "customers": 6,
        "is_immature": True,
    }
    assert derivation_of_plan(plan, {}).notes[-1] == (
        "The rates are measured: of the 40 leads of March 2026, 6 became customers, whenever."
    )
    kinds = list(AgreementEvent.objects.filter(version=draft).order_by("pk").values_list("kind", flat=True))
    assert kinds == [AgreementEvent.Kind.DRAFTED, AgreementEvent.Kind.EDITED]


def test_who_presses_twice_gets_one_draft(director, company):
    _answer, forms = shown(director)
    for _time in range(2):
        answer = director.post(ADDRESS, forms["cohort"], follow=True)
    assert said(answer) == ["Draft 2 of Company has these rates already."]
    assert Version.objects.open().filter(agreement=company.agreement).count() == 1
    assert Plan.objects.filter(agreement=company.agreement).count() == 2


def test_a_draft_that_nobody_was_shown_is_left_as_it_is(director, company):
    _answer, forms = shown(director)
    draft = factories.draft(company.agreement, starts_on=APRIL, goals={APRIL: 77})
    answer = director.post(ADDRESS, forms["cohort"], follow=True)
    assert said(answer) == [
        "Version 2 is a draft meanwhile: look at it, and press again to put these rates into it."
    ]
    assert MonthGoal.objects.get(commitment__version=draft).goal == 77
    again, forms = shown(director)
    assert "Put these rates into draft 2" in texts(again, "button")
    director.post(ADDRESS, forms["cohort"])
    assert MonthGoal.objects.get(commitment__version=draft, month_on=APRIL).goal == 145


def test_rates_that_changed_meanwhile_are_shown_again_first(director, company):
    _answer, forms = shown(director)
    win(factories.lead(NOW - dt.timedelta(days=1)), NOW)
    answer = director.post(ADDRESS, {**forms["same_month"], "leads": "1"}, follow=True)
    assert said(answer) == ["The rates have changed since you looked. Here they are as of now."]
    assert not Version.objects.open().filter(agreement=company.agreement).exists()


def test_a_close_rate_above_one_is_refused_in_a_sentence(director, company):
    old = dt.datetime(2026, 1, 7, 9, tzinfo=dt.UTC)
    for _number in range(36):
        lead = factories.lead(old)
        hand_over(lead=lead, now=NOW, at=old, agreement=company.agreement)
        win(lead, NOW)
    answer, forms = shown(director)
    assert set(forms) == {"cohort"}
    sentence = (
        "No draft can be made of these: more customers were won than leads came, a close rate above 100%."
    )
    assert sentence in texts(answer, "p")
    asked = forms["cohort"] | {"way": "same_month", "leads": "1"}
    assert said(director.post(ADDRESS, asked, follow=True)) == [sentence]


def test_only_who_writes_the_agreement_has_the_button(client, company):
    for person, allowed in ((company.kim, False), (company.viewer, False), (company.admin, True)):
        client.force_login(person)
        answer, forms = shown(client)
        assert bool(forms) is allowed
        assert "What these rates would mean for the next version" in texts(answer, "h2")
        if not allowed:
            assert client.post(ADDRESS, {"month": "2026-03", "way": "cohort"}).status_code == 403


def test_under_a_filter_and_for_all_hand_offs_nothing_is_drafted(director):
    for asked in ({"segment": "executives"}, {"agreement": ""}):
        answer, forms = shown(director, **asked)
        assert not forms
        assert "next version" not in answer.text


def measured(agreement):
    """The plan ahead and the report, as the page has them."""
    page = page_of_agreement(agreement, month=MARCH, now=NOW)
    report = recalibration_report(page.scope)
    return plan_ahead(page, report)[0], report


def test_what_is_shown_is_what_the_draft_says_for_plans_of_every_kind(company, monkeypatch):
    """The goals of each month and segment, worked out again from the stored plan's own numbers."""
    by = factories.party(company.agreement, "sales").signatory
    seed = random.randrange(10**6)
    choose = random.Random(seed)
    for _plan in range(6):
        months = choose.choice((1, 3, 12))
        segments = []
        if choose.random() < 0.5:
            segments = [SegmentInput("executives", Decimal(1), Decimal(4_000), Decimal("0.3"))]
        split = choose.choice((Split.EQUAL, Split.CALENDAR_DAYS, Split.WEIGHTS))
        starts = MARCH if months == 1 else choose.choice((MARCH, APRIL))
        index = starts.year * 12 + starts.month - 1 + months
        plan = store_plan(
            agreement=company.agreement,
            quota=Decimal(choose.randrange(10_000, 900_000)),
            starts_on=starts,
            ends_on=dt.date(index // 12, index % 12 + 1, 1),
            marketing_share=Decimal("0.6"),
            average_deal=Decimal(2_000),
            close_rate=Decimal("0.1"),
            currency="EUR",
            segments=segments,
            split=split,
            weights=[Decimal(choose.randrange(1, 9)) for _month in range(months)]
            if split is Split.WEIGHTS
            else None,
            cycle_days=choose.choice((0, 0, 20)),
            now=factories.NOON,
        )
        monkeypatch.setattr(recalibrated, "plan_in_force", lambda _setting, plan=plan: plan)
        found, report = measured(company.agreement)
        way = choose.choice(list(Way))
        made = draft_with_rates(
            agreement=company.agreement, found=found, report=report, way=way, seen=None, now=NOW, by=by
        )
        new = found.ways[way].calculation
        goals = MonthGoal.objects.filter(commitment__version=made.version, plan__isnull=False)
        stored = {
            goal.month_on: goal for goal in goals.filter(commitment__segment=None).select_related("plan")
        }
        kept = stored[APRIL].plan
        assert stored[APRIL].goal == found.goal(new), seed
        assert kept.pk != plan.pk
        parts = segments and kept.segments
        leads = (
            sum(
                Fraction(kept.quota)
                * Fraction(kept.marketing_share)
                * Fraction(row["share"])
                / Fraction(row["average_deal"])
                / Fraction(row["close_rate"])
                for row in parts
            )
            if parts
            else Fraction(kept.quota)
            * Fraction(kept.marketing_share)
            / Fraction(kept.average_deal)
            / Fraction(kept.close_rate)
        )
        assert kept.leads == ceil(leads), seed
        if not found.is_repeated:
            assert kept.quota == plan.quota
            assert kept.derivation["quotas"] == plan.derivation["quotas"], seed
        assert again_has(company, found, report, way, by), seed
        Version.objects.filter(pk=made.version.pk).update(state=Version.State.WITHDRAWN)


def again_has(company, found, report, way, by) -> bool:
    return draft_with_rates(
        agreement=company.agreement, found=found, report=report, way=way, seen=None, now=NOW, by=by
    ).is_there_already


def asked(*segments: SegmentAsked, cycle_days: int = 0) -> Inputs:
    return Inputs(
        quota=Decimal(5_000),
        marketing_share=Decimal(1),
        average_deal=Decimal(100),
        close_rate=Decimal("0.5"),
        months=(MARCH,),
        split=Split.WEIGHTS,
        weights=(Decimal(5_000),),
        cycle_days=cycle_days,
        team=TEAM,
        segments=segments,
    )


def test_measured_rates_take_the_place_of_the_plans_and_its_decisions_stay():
    found = with_measured(
        asked(cycle_days=30),
        MeasuredRates(Rates(300, 7, Fraction(1000, 3)), Fraction(2, 3), Fraction(89, 2), {}),
    )
    assert (found.close_rate, found.average_deal) == (Decimal("0.023333"), Decimal("333.33"))
    assert (found.marketing_share, found.cycle_days) == (Decimal("0.6667"), 45)
    assert (found.quota, found.months, found.weights) == (5_000, (MARCH,), (5_000,))
    still = with_measured(asked(), MeasuredRates(Rates(300, 7, Fraction(10)), Fraction(1), Fraction(45), {}))
    assert still.cycle_days == 0  # a plan that does not shift goes on not to
    assert calculate(found, business_days=lambda _month: 20).leads == ceil(
        Fraction(5000) * Fraction("0.6667") / Fraction("333.33") / Fraction("0.023333")
    )


@pytest.mark.parametrize(
    ("leads", "customers", "deal", "share", "fault"),
    [
        (0, 0, None, None, Fault.NO_LEADS),
        (0, 2, Fraction(10), Fraction(1), Fault.ABOVE_ONE),
        (9, 0, None, Fraction(1), Fault.NO_CUSTOMERS),
        (9, 10, Fraction(10), Fraction(1), Fault.ABOVE_ONE),
        (9, 3, None, Fraction(1), Fault.NO_AMOUNTS),
        (9, 3, Fraction(0), Fraction(1), Fault.NO_AMOUNTS),
        (9, 3, Fraction(10), None, Fault.NO_SHARE),
        (9, 3, Fraction(10), Fraction(0), Fault.NO_SHARE),
        (9, 3, Fraction(10), Fraction(1, 100_000), Fault.NO_SHARE),
    ],
)
def test_rates_that_are_no_plans_input_are_refused(leads, customers, deal, share, fault):
    with pytest.raises(UnusableRates) as refused:
        with_measured(asked(), MeasuredRates(Rates(leads, customers, deal), share, None, {}))
    assert refused.value.fault is fault


def test_a_segment_of_which_nothing_was_won_keeps_the_plans_numbers():
    planned = [SegmentAsked(key, Decimal("0.5"), Decimal(100), Decimal("0.5")) for key in ("a", "b")]
    rates = MeasuredRates(
        Rates(10, 2, Fraction(50)),
        Fraction(1),
        None,
        {"a": Rates(6, 2, Fraction(50)), "b": Rates(4, 0, None)},
    )
    found = with_measured(asked(*planned), rates)
    assert [(one.average_deal, one.close_rate, one.share) for one in found.segments] == [
        (50, Decimal("0.333333"), Decimal("0.5")),
        (100, Decimal("0.5"), Decimal("0.5")),
    ]
    assert kept_segments(asked(*planned), rates) == ("b",)
    too_many = MeasuredRates(Rates(10, 2, Fraction(50)), Fraction(1), None, {"a": Rates(1, 2, Fraction(50))})
    with pytest.raises(UnusableRates) as refused:
        with_measured(asked(*planned), too_many)
    assert (refused.value.fault, refused.value.segment) == (Fault.ABOVE_ONE, "a")


def test_segments_add_up_to_what_the_report_says_of_all(company):
    report = recalibration_report(
        build_scope(period=span_of(MARCH, Span.MONTH), now=NOW, agreement=company.agreement)
    )
    found = measurements(
        build_scope(period=span_of(MARCH, Span.MONTH), now=NOW, agreement=company.agreement), "EUR"
    )
    for way, of_all in ((Way.SAME_MONTH, report.same_month), (Way.COHORT, report.cohort)):
        rates = found.segments[way].values()
        assert sum(one.leads for one in rates) == of_all.marketing_leads
        assert sum(one.customers for one in rates) == of_all.customers
    assert found.segments[Way.COHORT][company.executives.pk].leads == 10


def test_months_quarters_and_years_hold_their_days():
    day = dt.date(2026, 11, 27)
    assert [span_of(day, span).start for span in Span] == [
        dt.date(2026, 11, 1),
        dt.date(2026, 10, 1),
        dt.date(2026, 1, 1),
    ]
    for span in Span:
        found = spans_up_to(day, span, 9)
        assert day in found[-1]
        assert all(before.end == after.start for before, after in pairwise(found))


def test_quarters_of_the_trend_are_those_of_their_own_report(director, company):
    answer, _forms = shown(director, per="quarter")
    assert "Recalibration · quarter 1 of 2026" in texts(answer, "p")
    assert "Quarter before" in " ".join(texts(answer, "a"))
    rows = rows_of(
        director.get(
            "/recalibration/", {"month": "2026-03", "per": "quarter", "table": "trend", "format": "csv"}
        )
    )
    assert [row["month"] for row in rows][-2:] == ["2025-10-01", "2026-01-01"]
    assert rows[-1]["maturity"] == "immature"
    scope = build_scope(period=span_of(MARCH, Span.QUARTER), now=NOW, agreement=company.agreement)
    report = recalibration_report(scope)
    (rates,) = monthly_rates(scope, [scope.period], "EUR", usual_cycle_days=report.usual_cycle_days)
    assert rates.cohort_interval == (report.cohort.close_rate.low, report.cohort.close_rate.high)
    assert rates.is_immature == report.cohort.is_immature
    assert float(rows[-1]["cohort_close_rate"]) == pytest.approx(float(report.cohort.close_rate.value))


def test_the_page_asks_as_often_whatever_there_is(director, company):
    def add_rows() -> None:
        for number in range(30):
            at = dt.datetime(2026, 3, 3 + number % 9, 9, number, tzinfo=dt.UTC)
            lead = factories.lead(at, segment=factories.segment(f"Segment{number}"))
            hand_over(lead=lead, now=NOW, at=at, agreement=company.agreement)
            win(lead, at)

    assert_same_queries(lambda: shown(director, per="quarter"), add_rows=add_rows)


def test_a_draft_with_a_signature_under_it_is_refused_by_name(director, company):
    draft = factories.draft(company.agreement, starts_on=APRIL, goals={APRIL: 77})
    sign_version(version=draft, signer=factories.party(company.agreement, "sales").signatory, now=NOW)
    _answer, forms = shown(director)
    answer = director.post(ADDRESS, forms["cohort"], follow=True)
    assert "has signed this text" in said(answer)[0]


def test_the_service_says_what_it_cannot_put_into_a_draft(company):
    found, report = measured(company.agreement)
    draft = factories.draft(company.agreement, starts_on=APRIL)
    by = factories.party(company.agreement, "sales").signatory
    with pytest.raises(ValidationError, match="meanwhile"):
        draft_with_rates(
            agreement=company.agreement, found=found, report=report, way=Way.COHORT, seen=99, now=NOW, by=by
        )
    assert not MonthGoal.objects.filter(commitment__version=draft).exists()
