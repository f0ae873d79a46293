"""Closing a month: each promise judged once it can be, written once, corrected with a trace; misses open strikes."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from agreements.models import (
    AgreementEvent,
    Consequence,
    Evaluation,
    Excuse,
    MonthResult,
    Strike,
)
from agreements.services.signed_text import canonical_text
from leads.models import HandOff, Lead
from reports import closing, rollups
from reports.closing import close_month, close_months
from reports.forms.filters import read_query
from reports.keeping import Outcome, excused, goal_of_days
from reports.pages.frame import open_page
from reports.pages.review import review_contents
from reports.tasks import close_months as close_months_task
from tests import factories
from tests.reports.sample_month import MARCH, NOW, make_month

pytestmark = pytest.mark.django_db

TABLES = (MonthResult, Evaluation, Strike, Consequence, AgreementEvent)
APRIL_20 = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    """The sample month, 40 leads of 44 promised: made once, each test takes back what it does."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_month(goal=44)
        transaction.set_rollback(True)


def sales_found(n):
    """Let sales have found so many of the leads without a segment: they count towards no goal."""
    chosen = list(Lead.objects.filter(segment=None).order_by("pk").values_list("pk", flat=True)[:n])
    Lead.objects.filter(pk__in=chosen).update(origin="sales")
    return chosen


def rows():
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def outcomes(month_on=MARCH, slug="company"):
    found = Evaluation.objects.filter(month__month_on=month_on, month__agreement__slug=slug)
    return {one.key: one.outcome for one in found}


def close_all(now):
    return close_months(now=now)


def test_a_month_is_written_once_however_often_it_is_closed(company):
    close_all(APRIL_20)
    before = rows()
    assert len(before[1]) >= 6
    assert close_all(APRIL_20 + DAY).new == 0
    assert close_all(APRIL_20 + 2 * DAY).corrected == 0
    with time_machine.travel(APRIL_20 + 2 * DAY, tick=False):
        close_months_task()
    assert rows() == before


def test_a_running_month_is_not_closed(company):
    close_all(dt.datetime(2026, 3, 31, 23, 59, tzinfo=dt.UTC))
    assert not Evaluation.objects.filter(month__month_on=MARCH).exists()
    with pytest.raises(ValueError, match="not over"):
        close_month(agreement=MonthResult.objects.first().agreement, month_on=MARCH, now=NOW)


def test_closing_says_what_the_review_says(company):
    close_all(APRIL_20)
    rollups.refresh(now=APRIL_20, wait=True)
    asked = read_query({"month": "2026-03", "agreement": company.agreement.slug})
    page = open_page(asked, now=APRIL_20, user=company.admin, filters=())
    reviewed = [
        kept.judgement.outcome.value for side in review_contents(page).sides for kept in side.promises
    ]
    written = Evaluation.objects.filter(month__month_on=MARCH)
    assert sorted(one.outcome for one in written) == sorted(reviewed)
    assert {"met", "missed"} <= set(reviewed)


def test_a_goal_is_written_with_its_exact_figures_and_its_revenue_at_risk(company):
    sales_found(10)
    close_all(APRIL_20)
    goal = Evaluation.objects.get(month__month_on=MARCH, promise="mql_goal", subject="")
    assert (goal.numerator, goal.denominator, goal.threshold) == (30, 44, Fraction(9, 10))
    assert (goal.outcome, goal.version.number, goal.closed_at) == ("missed", 1, APRIL_20)
    assert goal.strike.revenue_at_risk == 14 * 500  # a deal of 2,500 in every fifth lead
    assert goal.strike.responsible == goal.party.signatory
    assert goal.strike.state == Strike.State.OPEN
    event = AgreementEvent.objects.get(kind="strike_opened", data__promise="mql_goal", data__subject="")
    assert event.data == {"month": "2026-03", "promise": "mql_goal", "subject": ""}


def test_a_goal_amended_on_a_day_is_that_of_its_days():
    agreement = factories.agreement("row")
    factories.signed(agreement, goals={MARCH: 310}, starts_on=dt.date(2026, 3, 1))
    factories.signed(agreement, goals={MARCH: 620}, starts_on=dt.date(2026, 3, 11))
    close_all(APRIL_20)
    goal = Evaluation.objects.get(promise="mql_goal", month__agreement=agreement)
    assert (goal.denominator, goal.version.number) == (10 * 10 + 21 * 20, 2)


def test_a_promise_on_the_way_keeps_only_its_own_line_open(company):
    HandOff.objects.update(window_ends_at=dt.datetime(2026, 4, 9, tzinfo=dt.UTC))
    close_all(dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC))
    month = MonthResult.objects.get(month_on=MARCH)
    assert {"mql_goal/", "average_speed/", "share_in_time/"} <= set(outcomes())
    assert not {"depth/", "share_worked/"} & set(outcomes())
    assert month.closed_at is None
    event = AgreementEvent.objects.filter(kind="month_closed", data__month="2026-03").get()
    assert "closed" not in event.data
    close_all(APRIL_20)
    month.refresh_from_db()
    assert {"depth/", "share_worked/"} <= set(outcomes())
    assert month.closed_at == APRIL_20
    assert company.agreement.events.filter(kind="month_closed", data__month="2026-03").count() == 2


def test_late_data_corrects_a_result_and_says_from_what_to_what(company):
    close_all(APRIL_20)
    goal = Evaluation.objects.get(month__month_on=MARCH, promise="mql_goal", subject="")
    assert (goal.outcome, goal.numerator) == ("met", 40)
    found_by_sales = sales_found(3)
    later = APRIL_20 + DAY
    assert close_all(later).corrected == 1
    goal.refresh_from_db()
    assert (goal.outcome, goal.closed_at, goal.corrected_at) == ("missed", APRIL_20, later)
    assert goal.strike.opened_at == later
    event = company.agreement.events.filter(kind="month_closed", data__month="2026-03").last()
    assert event.data["corrected"] == {
        "mql_goal/": {"from": ["met", "40", "44", "9/10"], "to": ["missed", "37", "44", "9/10"]}
    }
    Lead.objects.filter(pk__in=found_by_sales).update(origin="marketing")
    close_all(later + DAY)
    goal.refresh_from_db()
    goal.strike.refresh_from_db()
    assert (goal.outcome, goal.strike.state) == ("met", Strike.State.CORRECTED)
    event = company.agreement.events.filter(kind="month_closed", data__month="2026-03").last()
    assert event.data["corrected"]["mql_goal/"]["strike"] == ["open", "corrected"]


def test_a_month_closed_long_ago_is_left_as_it_is(company):
    close_all(APRIL_20)
    before = Evaluation.objects.filter(month__month_on=MARCH).count()
    Lead.objects.all().update(origin="sales")
    close_all(dt.datetime(2027, 5, 20, tzinfo=dt.UTC))
    assert not Evaluation.objects.filter(month__month_on=MARCH, corrected_at__isnull=False).exists()
    assert Evaluation.objects.filter(month__month_on=MARCH).count() == before


def excuse(party, *, days=(), hand_offs=(), month_on=MARCH):
    other = party.agreement.parties.exclude(pk=party.pk).get()
    return Excuse.objects.create(
        agreement=party.agreement,
        party=party,
        month_on=month_on,
        days=list(days),
        hand_offs=list(hand_offs),
        reason=Excuse.Reason.OUTAGE,
        state=Excuse.State.ACCEPTED,
        proposed_at=APRIL_20,
        proposed_by=party.signatory,
        answered_at=APRIL_20,
        answered_by=other.signatory,
        answered_for=other,
    )


def test_an_excused_day_takes_its_share_of_the_goal_with_it(company):
    sales_found(10)
    close_all(APRIL_20)
    strike = Strike.objects.get(evaluation__promise="mql_goal", evaluation__subject="")
    days = [dt.date(2026, 3, day) for day in range(18, 28)]  # nothing came on these ten
    excuse(factories.party(company.agreement, "marketing"), days=days)
    close_month(agreement=company.agreement, month_on=MARCH, now=APRIL_20 + DAY)
    strike.refresh_from_db()
    goal = strike.evaluation
    assert (goal.outcome, goal.numerator, goal.denominator) == ("excused", 30, Fraction(44 * 21, 31))
    assert (strike.state, strike.is_standing) == (Strike.State.EXCUSED, False)
    depth = Evaluation.objects.get(month__month_on=MARCH, promise="depth")
    assert depth.corrected_at is None, "the excuse is of the other party's promises"


def test_excused_hand_offs_do_not_count_in_speed(company):
    close_all(APRIL_20)
    speed = Evaluation.objects.get(month__month_on=MARCH, promise="share_in_time", subject="")
    assert speed.outcome == "missed"
    late = HandOff.objects.exclude(first_attempt_at__lte=F("due_at")).filter(handed_off_on__month=3)
    excuse(factories.party(company.agreement, "sales"), hand_offs=late.values_list("pk", flat=True))
    close_month(agreement=company.agreement, month_on=MARCH, now=APRIL_20 + DAY)
    before = speed.denominator
    speed.refresh_from_db()
    assert (speed.outcome, speed.numerator) == ("excused", speed.denominator)
    assert speed.denominator == before - late.count()


def test_an_excuse_never_makes_a_kept_promise_a_missed_one(company):
    excuse(factories.party(company.agreement, "marketing"), days=[dt.date(2026, 3, 3)])  # six came that day
    close_all(APRIL_20)
    goal = Evaluation.objects.get(month__month_on=MARCH, promise="mql_goal", subject="")
    assert (goal.outcome, goal.numerator, goal.denominator) == ("met", 40, 44)


def months_missed(agreement, months, **terms):
    goals = dict.fromkeys(months, 10)
    draft = factories.draft(agreement, goals=goals, allowance=None, attempts=None)
    type(draft).objects.filter(pk=draft.pk).update(**terms)
    draft.refresh_from_db()
    factories.sign(draft)


def test_agreed_misses_in_a_row_raise_what_was_agreed_once():
    agreement = factories.agreement("row")
    months = [dt.date(2026, month, 1) for month in range(1, 7)]
    months_missed(agreement, months, review_after_misses=2, cancel_after_misses=3)
    close_all(dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    assert [(one.kind, one.month_on.month, one.misses) for one in Consequence.objects.all()] == [
        ("review", 2, 2)
    ]
    close_all(dt.datetime(2026, 6, 2, tzinfo=dt.UTC))
    raised = [(one.kind, one.since_on.month, one.month_on.month) for one in Consequence.objects.all()]
    assert sorted(raised) == [("cancellation", 1, 3), ("review", 1, 2)]
    assert agreement.events.filter(kind="consequence_raised").count() == 2


def test_an_excuse_breaks_a_row_of_misses_and_takes_its_consequence_back():
    agreement = factories.agreement("row")
    months = [dt.date(2026, month, 1) for month in (1, 2)]
    months_missed(agreement, months, review_after_misses=2)
    close_all(dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    consequence = Consequence.objects.get()
    february = [months[1] + n * DAY for n in range(28)]
    excuse(factories.party(agreement, "marketing"), days=february, month_on=months[1])
    close_all(dt.datetime(2026, 3, 3, tzinfo=dt.UTC))
    consequence.refresh_from_db()
    assert consequence.withdrawn_at is not None
    assert agreement.events.filter(kind="consequence_raised").last().data["withdrawn"] is True
    assert outcomes(months[1], "row") == {"mql_goal/": "excused"}


def test_what_follows_from_misses_is_part_of_the_signed_text_only_where_it_is_agreed():
    draft = factories.draft(factories.agreement("row"))
    assert "after_misses" not in canonical_text(draft)
    draft.review_after_misses = 3
    assert '"review_after_misses": 3' in canonical_text(draft)


def test_as_of_an_instant_gone_by_later_events_are_left_away(company):
    said = StringIO()
    call_command("close_months", "--as-of", "2026-04-20T12:00", stdout=said)
    assert json.loads(said.getvalue())["failed"] == 0
    assert MonthResult.objects.get(month_on=MARCH).closed_at == APRIL_20
    with pytest.raises(CommandError, match="future"):
        call_command("close_months", "--as-of", "2126-04-20T12:00")
    with pytest.raises(CommandError, match="no agreement"):
        call_command("close_months", "--agreement", "nowhere")


def test_one_month_that_cannot_be_read_does_not_keep_the_others_open(company, monkeypatch):
    real = closing.month_found

    def fails_in_february(**given):
        if given["month_on"].month == 2:
            raise RuntimeError("broken")
        return real(**given)

    monkeypatch.setattr(closing, "month_found", fails_in_february)
    closed = close_all(APRIL_20)
    assert closed.failed == 1
    assert set(MonthResult.objects.values_list("month_on__month", flat=True)) == {1, 3}


def test_excused_outcomes_and_goals_of_days():
    met, missed, waits, nothing = Outcome.MET, Outcome.MISSED, Outcome.ON_THE_WAY, Outcome.NOTHING
    assert [excused(missed, other) for other in (met, missed, waits, nothing)] == [
        Outcome.EXCUSED,
        missed,
        waits,
        Outcome.EXCUSED,
    ]
    assert [excused(met, other) for other in (met, missed, nothing)] == [met, met, met]
    assert excused(nothing, nothing) is nothing
    third = Fraction(1, 3)
    days = [(MARCH, third), (MARCH + DAY, None), (MARCH + 2 * DAY, third)]
    assert goal_of_days(days) == Fraction(2, 3)
    assert goal_of_days(days, [MARCH]) == third
    assert goal_of_days([(MARCH, None)]) is None
    assert goal_of_days([(MARCH, third)], [MARCH]) == 0
