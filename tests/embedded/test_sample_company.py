"""The sample company: the same for the same day, loaded once, alive at any hour, with a story in its figures."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from fractions import Fraction
from itertools import cycle
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from agreements.models import Agreement, Evaluation, MeasureValue, Signature, Version
from leads.acting import Acting
from leads.models import AttemptNote, Deal, Dispute, FollowUpAttempt, HandOff, HandOffEvent, Import, Lead
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import close
from reports import rollups
from reports.periods import Grain, Period
from reports.readings.depth import DepthReport, depth_report
from reports.readings.scope import build_scope
from reports.readings.speed import SpeedReport, speed_report
from reports.readings.waterfall import waterfall_report
from reports.waterfall import Verdict, Waterfall
from slaproject.accounts.models import User
from slaproject.embedded.sample_accounts import SAMPLE_PASSWORD, sample_accounts
from slaproject.embedded.sample_company.closing import Closing, close_together
from slaproject.embedded.sample_company.loading import NotEmpty, load_sample_company
from slaproject.embedded.sample_company.people import NAMED, REGIONS, REPS
from slaproject.embedded.sample_company.timeline import HISTORY_MONTHS, Timeline, month_after
from slaproject.embedded.sample_company.today import PREFIX

SMALL = Decimal("0.02")
TABLES = (Lead, HandOff, FollowUpAttempt, AttemptNote, Deal, HandOffEvent, Import, User, Version, Signature)

pytestmark = pytest.mark.django_db


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


THURSDAY = at("2026-03-19 14:20:07")


def what_happened(*, live: bool = True) -> dict[str, list[Any]]:
    """Everything that people see of the leads, without the numbers of rows."""
    hand_offs = (
        HandOff.objects.all() if live else HandOff.objects.exclude(lead__external_id__startswith=PREFIX)
    )
    attempts = FollowUpAttempt.objects.filter(hand_off__in=hand_offs)
    return {
        "hand-offs": sorted(
            hand_offs.values_list(
                *("lead__external_id", "number", "lead__name", "lead__source", "lead__segment__slug"),
                *("team__slug", "owner__email", "handed_off_at", "handed_off_on", "due_at", "state"),
                *(
                    "closed_as",
                    "closed_at",
                    "rejection_reason",
                    "accepted_at",
                    "first_attempt_at",
                    "attempts",
                    "early_attempts",
                ),
            )
        ),
        "attempts": sorted(
            attempts.values_list(
                "external_id", "attempted_at", "channel", "outcome", "by__email", "voided_at"
            )
        ),
        "deals": sorted(
            Deal.objects.values_list(
                "external_id", "lead_external_id", "closed_at", "amount", "is_won"
            ).order_by(),
            key=str,
        ),
    }


def loaded_at(now: dt.datetime) -> dict[str, list[Any]]:
    """What there is when the company is loaded at `now`, and then taken away again."""
    with transaction.atomic():
        load_sample_company(now=now, scale=SMALL)
        found = what_happened()
        transaction.set_rollback(True)
    return found


def test_the_same_instant_gives_the_same_company_and_a_second_loading_changes_nothing():
    once = loaded_at(THURSDAY)
    load_sample_company(now=THURSDAY, scale=SMALL)
    assert what_happened() == once
    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    assert not load_sample_company(now=THURSDAY, scale=SMALL)
    assert not load_sample_company(now=THURSDAY + dt.timedelta(minutes=3), scale=SMALL)
    assert not load_sample_company(now=THURSDAY - dt.timedelta(days=3), scale=SMALL)
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before


def test_going_on_days_later_gives_what_loading_then_would():
    later = THURSDAY + dt.timedelta(days=6, hours=2)
    before = transaction.savepoint()
    load_sample_company(now=THURSDAY, scale=SMALL)
    assert load_sample_company(now=later)["leads"] > 0
    went_on = what_happened(live=False)
    assert not load_sample_company(now=later)
    transaction.savepoint_rollback(before)
    load_sample_company(now=later, scale=SMALL)
    assert what_happened(live=False) == went_on


def test_going_on_keeps_what_people_did_meanwhile_and_works_the_old_live_part():
    load_sample_company(now=THURSDAY, scale=SMALL)
    lead = HandOff.objects.filter(lead__external_id__startswith="L-", closed_at__isnull=True).earliest("pk")
    close(hand_off=lead, closed_as="lost", at=THURSDAY, now=THURSDAY)
    weeks_later = THURSDAY + dt.timedelta(days=27)  # in the next month
    load_sample_company(now=weeks_later)
    lead.refresh_from_db()
    assert (lead.closed_as, lead.closed_at) == ("lost", THURSDAY.replace(microsecond=0))
    first_scene = HandOff.objects.filter(lead__external_id__startswith=f"{PREFIX}{THURSDAY:%y%m%d}")
    assert first_scene.exists()
    assert not first_scene.unanswered().exists()
    assert_alive(weeks_later)


def assert_alive(now: dt.datetime) -> None:
    waiting = HandOff.objects.unanswered().filter(closed_at__isnull=True)
    for team in REGIONS:
        of_team = waiting.filter(team__slug=team)
        assert of_team.overdue(now).count() >= 3
        assert of_team.at_risk(now).count() >= 3
        assert of_team.filter(at_risk_at__gt=now, owner=None).exists()
        named = of_team.filter(owner__email=REPS[team][0].email)
        assert named.overdue(now).exists()
        assert named.at_risk(now).exists()
        assert named.filter(at_risk_at__gt=now).exists()
    states = set(waiting.values_list("state", flat=True))
    assert states - {"paused"} == {"running", "at_risk", "overdue"}


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(at("2026-11-21 23:05:00"), id="Saturday night"),
        pytest.param(at("2026-11-23 08:01:00"), id="Monday, Warsaw has just opened"),
        pytest.param(at("2026-03-29 01:30:00"), id="Sunday, the clocks of Warsaw have just sprung forward"),
        pytest.param(at("2026-11-01 05:59:59.999999"), id="Sunday, the hour that New York has twice"),
        pytest.param(at("2026-12-25 11:00:00"), id="Christmas"),
        pytest.param(at("2027-01-01 00:00:00"), id="the first instant of a year"),
    ],
)
def test_there_are_hand_offs_on_track_at_risk_and_overdue_whenever_it_is_loaded(now):
    load_sample_company(now=now, scale=SMALL)
    assert_alive(now)
    newest = HandOff.objects.latest("handed_off_at")
    assert newest.handed_off_at <= now
    assert not FollowUpAttempt.objects.filter(attempted_at__gt=now).exists()
    assert not Deal.objects.filter(closed_at__gt=now).exists()
    assert not HandOff.objects.filter(closed_at__gt=now).exists()


def test_its_months_tell_a_story_and_every_promise_was_broken_and_kept():
    now = at("2026-11-21 23:05:00")
    load_sample_company(now=now, scale=Decimal("0.1"))
    assert rebuild_facts(now=now) == 0
    rollups.refresh(now=now, wait=True)
    agreement = Agreement.objects.get(slug="acme-leads")
    timeline = Timeline.up_to(now.date())
    assert HISTORY_MONTHS == 14
    assert [
        v.starts_on for v in Version.objects.signed().filter(agreement__slug="acme-leads").order_by("number")
    ] == [
        dt.date(2025, 10, 1),
        timeline.amended_on,
        dt.date(2026, 10, 1),
    ]
    assert timeline.amended_on.day == 15

    worked = HandOff.objects.exclude(first_attempt_at=None).filter(lead__system="sample-crm")
    accepted = worked.exclude(accepted_at=None)
    assert Fraction(9, 10) < Fraction(accepted.count(), worked.count()) < 1
    assert not accepted.filter(accepted_at__gt=F("first_attempt_at")).exists()
    assert not HandOff.objects.filter(closed_as="cancelled").exclude(accepted_at=None).exists()
    noted = HandOffEvent.objects.filter(kind="accepted", hand_off__in=accepted)
    assert noted.filter(actor=F("hand_off__owner"), happened_at=F("hand_off__accepted_at")).count() == (
        accepted.count()
    )

    waterfalls: dict[dt.date, Waterfall] = {}
    speed: dict[dt.date, SpeedReport] = {}
    depth: dict[dt.date, DepthReport] = {}
    for n in range(HISTORY_MONTHS - 1):
        month = month_after(timeline.first_month, n)
        scope = build_scope(period=Period(month, month_after(month, 1)), now=now, agreement=agreement)
        waterfalls[month] = waterfall_report(scope).months[0].waterfall
        speed[month] = speed_report(scope, Grain.MONTH)
        depth[month] = depth_report(scope, Grain.MONTH)
    events = timeline.events
    verdicts = {month: waterfall.summary.verdict for month, waterfall in waterfalls.items()}
    assert verdicts[events["fair"]] == Verdict.AHEAD
    assert verdicts[events["outage"]] == verdicts[events["budget"]] == Verdict.BEHIND
    assert verdicts[dt.date(2025, 12, 1)] == Verdict.BEHIND
    assert list(verdicts.values()).count(Verdict.ON_PACE) >= 8

    short, usual = speed[events["short"]], speed[dt.date(2026, 9, 1)]
    assert short.promise is not None and short.promise.average_goal is not None
    average_goal = short.promise.average_goal.total_seconds()
    assert (usual.total.average or 0) < average_goal < (short.total.average or 0)
    in_time = {m: Fraction(r.total.in_time.numerator, r.total.in_time.denominator) for m, r in speed.items()}
    assert min(in_time, key=lambda month: in_time[month]) == events["short"]
    tried = {month: report.total.judged.average or 0 for month, report in depth.items()}
    assert tried[events["short"]] < 4.5 < 5 < tried[dt.date(2026, 5, 1)]

    half_way = [day.goal or 0 for day in waterfalls[events["amendment"]].days[13:15]]
    assert half_way[0] < half_way[1]  # the goal was raised in the middle of the month


def test_every_report_runs_and_the_command_says_what_it_did():
    said = io.StringIO()
    call_command("load_sample_company", "--scale", "0.02", "--refresh", stdout=said)
    assert "leads" in said.getvalue()
    call_command("load_sample_company", stdout=said)
    assert "it is up to date" in said.getvalue()
    assert rollups.figures_as_of() is not None
    first = Version.objects.earliest("number").starts_on
    for report in ("waterfall", "speed", "depth", "recalibration"):
        for more in (
            [],
            ["--segment", "enterprise"],
            ["--source", "Webinar"],
            ["--owner", REPS[REGIONS[0]][0].name],
        ):
            said = io.StringIO()
            end = month_after(first, HISTORY_MONTHS).isoformat()
            call_command("report", report, "--from", first.isoformat(), "--to", end, *more, stdout=said)
            assert json.loads(said.getvalue())


def test_the_import_leaves_no_row_out_and_every_oddity_is_there():
    load_sample_company(now=THURSDAY, scale=Decimal("0.1"))
    assert not Import.objects.filter(rejected__gt=0).exists()
    assert HandOff.objects.filter(number=2).exists()
    assert HandOff.objects.filter(early_attempts__gt=0).exists()
    assert FollowUpAttempt.objects.filter(voided_at__isnull=False).exists()
    assert FollowUpAttempt.objects.filter(is_automated=True).exists()
    assert Lead.objects.filter(origin=Lead.Origin.SALES).exists()
    assert Deal.objects.filter(closed_at__isnull=True).exists()
    assert Lead.objects.values("source").distinct().count() == 6
    assert not HandOff.objects.filter(version__isnull=True).exists()
    leads = Lead.objects.filter(origin="marketing", qualified_at__lt=THURSDAY - dt.timedelta(days=120))
    won = leads.filter(deals__is_won=True).distinct().count()
    assert 0.12 < won / leads.count() < 0.24


def test_a_measure_is_promised_and_entered_each_month_and_a_rejection_waits_for_its_decision():
    load_sample_company(now=THURSDAY, scale=SMALL)
    months = MeasureValue.objects.standing().order_by("period_on").values_list("period_on", flat=True)
    judged = Evaluation.objects.filter(promise="custom", month__month_on__in=months)
    assert months.last() == dt.date(2026, 2, 1) and judged.count() == months.count() > 2
    dispute = Dispute.objects.undecided().get()
    hand_off = dispute.hand_off
    assert (hand_off.closed_as, hand_off.rejection_answer) == ("rejected", "disputed")
    accounts = {one.email: one for one in sample_accounts()}
    assert accounts[REPS[REGIONS[0]][0].email] == hand_off.owner
    deciding = accounts[NAMED[2].email]
    assert Dispute.objects.visible_to(deciding).exists() and Acting(deciding).on(hand_off).decide
    entered = months.count()
    load_sample_company(now=THURSDAY + dt.timedelta(days=27))
    assert MeasureValue.objects.count() == entered + 1 and Dispute.objects.undecided().count() == 1


def test_closing_together_writes_what_closing_one_writes():
    load_sample_company(now=THURSDAY, scale=SMALL)
    now, closed_at = THURSDAY, THURSDAY - dt.timedelta(seconds=7)
    last_event = HandOffEvent.objects.latest("pk").pk
    ways = [("won", ""), ("unreachable", ""), ("rejected", "duplicate"), ("cancelled", "")]

    def outcome(close_all):
        with transaction.atomic():
            ids = (
                HandOff.objects.filter(closed_at__isnull=True)
                .order_by("pk")
                .values_list("pk", flat=True)[:40]
            )
            close_all(
                [
                    Closing(pk, way, closed_at, None, why)
                    for pk, (way, why) in zip(ids, cycle(ways), strict=False)
                ]
            )
            events = HandOffEvent.objects.filter(pk__gt=last_event)
            found = (
                list(HandOff.objects.order_by("pk").values()),
                sorted(
                    events.values_list("hand_off", "kind", "happened_at", "recorded_at", "actor", "data"),
                    key=str,
                ),
            )
            transaction.set_rollback(True)
        return found

    def one_by_one(closings):
        for closing in closings:
            hand_off = HandOff.objects.get(pk=closing.hand_off_id)
            close(
                hand_off=hand_off, closed_as=closing.closed_as, at=closing.at, now=now, reason=closing.reason
            )

    def together(closings):
        assert close_together(closings, now=now) == len(closings)
        assert close_together(closings, now=now) == 0

    assert outcome(one_by_one) == outcome(together)


def test_the_accounts_that_the_demo_names_sign_in():
    load_sample_company(now=THURSDAY, scale=SMALL)
    accounts = sample_accounts()
    assert [account.email for account in accounts[: len(NAMED)]] == [person.email for person in NAMED]
    assert all(account.check_password(SAMPLE_PASSWORD) for account in accounts)
    administrators = [account for account in accounts if account.is_superuser]
    assert [account.email for account in administrators] == ["administrator@acme.example"]
    assert administrators[0].is_staff
    assert not accounts[7].memberships.exists()  # the viewer
    assert HandOff.objects.filter(owner=accounts[4]).exists()
    assert HandOff.objects.filter(owner=accounts[5]).exists()


def test_another_company_is_left_alone():
    Lead.objects.create(
        system="crm",
        external_id="1",
        qualified_at=THURSDAY,
        qualified_on=THURSDAY.date(),
        created_at=THURSDAY,
    )
    with pytest.raises(NotEmpty):
        load_sample_company(now=THURSDAY, scale=SMALL)
    assert not Agreement.objects.exists()
