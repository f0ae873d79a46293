"""A version that is also for open hand-offs: what gets its terms, what stays, when, and how often."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from agreements.models import AgreementEvent, Membership, Team, Version
from agreements.services.drafting import begin_amendment, edit_draft, start_over
from agreements.services.signed_text import canonical_text
from agreements.services.signing import sign_version
from leads.intake import runs
from leads.intake.context import Context
from leads.models import HandOff, HandOffEvent, Import
from leads.services.amending import sign_amendment
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close, hand_over
from leads.services.re_dating import plan_re_dating, re_date, re_date_what_begins
from leads.services.sweep import sweep_clocks
from reports import rollups
from reports.models import PeriodFigure
from tests import factories
from tests.leads.importing import take
from tests.leads.people import browser
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
# Wednesday, 4 March 2026; the agreement in force allows 4 h from nine to five, 6 attempts in 14 days.
DAY = dt.date(2026, 3, 4)
ELEVEN = dt.datetime(2026, 3, 4, 11, tzinfo=dt.UTC)


@dataclass
class Amended:
    """An agreement with version 1 in force and the draft of version 2, which begins today."""

    agreement: Any
    version: Version

    def signatories(self):
        return [party.signatory for party in self.agreement.parties.order_by("pk")]

    def sign(self, *, now=ELEVEN):
        for signer in self.signatories():
            sign_amendment(version=self.version, signer=signer, now=now)
        self.version.refresh_from_db()

    def hand_off(self, hour=9, **given):
        at = dt.datetime(2026, 3, 4, hour, tzinfo=dt.UTC)
        team = factories.party(self.agreement, Team.Function.SALES).team
        return hand_over(lead=factories.lead(at, name="Ana Sample"), at=at, now=at, team=team, **given)


def amended(*, reach=Version.Reach.ALSO_OPEN, starts_on=DAY, allowance=2 * HOUR, attempts=4, **terms):
    agreement = factories.agreement()
    factories.signed(agreement)
    version = factories.draft(agreement, starts_on=starts_on, allowance=allowance, attempts=attempts, **terms)
    Version.objects.filter(pk=version.pk).update(reach=reach)
    version.refresh_from_db()
    return Amended(agreement, version)


def logged(hand_off, at, outcome="no_answer", **given):
    log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome=outcome, now=at, **given)
    return hand_off


def stored(hand_off):
    return HandOff.objects.filter(pk=hand_off.pk).values().get()


def events(hand_off):
    return list(hand_off.events.filter(kind=HandOffEvent.Kind.RE_DATED))


def test_open_hand_off_gets_the_new_terms_counted_from_the_hand_off():
    case = amended()
    hand_off = case.hand_off(10)
    case.sign()
    after = HandOff.objects.get(pk=hand_off.pk)
    assert after.due_at == hand_off.handed_off_at + 2 * HOUR
    assert after.at_risk_at == hand_off.handed_off_at + 1.5 * HOUR
    assert (after.allowance, after.agreed_attempts, after.state) == (2 * HOUR, 4, "running")
    assert (after.version_id, after.re_dated_under) == (hand_off.version_id, case.version)
    (event,) = events(hand_off)
    assert event.data["version"] == 2
    assert event.data["changes"]["due_at"] == ["2026-03-04T14:00:00+00:00", "2026-03-04T12:00:00+00:00"]
    assert event.data["changes"]["agreed_attempts"] == [6, 4]


def test_version_for_new_hand_offs_only_changes_no_open_one():
    case = amended(reach=Version.Reach.NEW_ONLY)
    before = stored(case.hand_off())
    case.sign()
    assert stored(HandOff.objects.get()) == before
    assert not AgreementEvent.objects.filter(kind="re_dated").exists()
    assert re_date_what_begins(now=ELEVEN) == 0


def test_closed_hand_off_never_changes():
    case = amended()
    hand_off = close(hand_off=case.hand_off(), closed_as="lost", at=ELEVEN, now=ELEVEN)
    before = stored(hand_off)
    case.sign(now=ELEVEN + HOUR)
    assert stored(hand_off) == before and not events(hand_off)


def test_first_attempt_has_decided_speed_and_depth_is_still_open():
    case = amended(allowance=HOUR)
    hand_off = logged(case.hand_off(9), ELEVEN)
    before = HandOff.objects.get(pk=hand_off.pk)
    case.sign(now=ELEVEN + HOUR)
    after = HandOff.objects.get(pk=hand_off.pk)
    assert (after.state, after.due_at, after.allowance) == ("met", before.due_at, before.allowance)
    assert after.agreed_attempts == 4


def test_miss_that_came_before_stays_a_miss():
    case = amended(allowance=8 * HOUR)
    hand_off = case.hand_off(9)
    late = hand_off.due_at + HOUR
    planned = plan_re_dating(version=case.version, now=late)
    assert planned.counts()["overdue"] == 1
    case.sign(now=late)
    sweep_clocks(now=late)
    after = HandOff.objects.get(pk=hand_off.pk)
    assert (after.state, after.due_at) == ("overdue", hand_off.due_at)


def test_clock_that_is_due_at_this_instant_is_not_decided_yet():
    case = amended(allowance=8 * HOUR)
    hand_off = case.hand_off(9)
    case.sign(now=hand_off.due_at)
    assert HandOff.objects.get(pk=hand_off.pk).due_at == hand_off.due_at + 4 * HOUR


def test_connected_hand_off_keeps_its_attempts():
    case = amended(depth_terms={"counts_automated": True})
    hand_off = logged(case.hand_off(), ELEVEN, "connected")
    before = stored(hand_off)
    case.sign(now=ELEVEN + HOUR)
    assert stored(hand_off) == before


def test_follow_up_that_has_ended_keeps_its_attempts():
    case = amended(starts_on=dt.date(2026, 3, 20), depth_terms={"window": dt.timedelta(days=60)})
    hand_off = case.hand_off()
    now = hand_off.window_ends_at
    case.sign(now=now)
    assert re_date_what_begins(now=now + 3 * dt.timedelta(days=1)) == 1
    assert stored(hand_off)["window_ends_at"] == hand_off.window_ends_at


def test_automated_messages_count_from_the_new_terms_on():
    case = amended(allowance=4 * HOUR, depth_terms={"counts_automated": True})
    hand_off = logged(case.hand_off(), ELEVEN, is_automated=True)
    assert stored(hand_off)["attempts"] == 0
    case.sign(now=ELEVEN + HOUR)
    assert (stored(hand_off)["attempts"], stored(hand_off)["state"]) == (1, "at_risk")


def test_shorter_allowance_makes_overdue_at_once_with_its_event():
    case = amended(allowance=HOUR)
    hand_off = case.hand_off(9)
    assert plan_re_dating(version=case.version, now=ELEVEN).counts()["overdue_at_once"] == 1
    case.sign()
    assert stored(hand_off)["state"] == "overdue"
    overdue = hand_off.events.get(kind="overdue")
    assert overdue.happened_at == hand_off.handed_off_at + HOUR


def test_longer_allowance_takes_a_clock_off_its_risk():
    case = amended(allowance=8 * HOUR)
    hand_off = case.hand_off(9)
    now = hand_off.at_risk_at + HOUR / 2
    sweep_clocks(now=now)
    assert plan_re_dating(version=case.version, now=now).counts()["relieved"] == 1
    case.sign(now=now)
    assert stored(hand_off)["state"] == "running"


def test_promise_that_ends_ends_the_clock_and_one_that_begins_starts_it():
    case = amended(allowance=None)
    hand_off = case.hand_off()
    case.sign()
    assert (stored(hand_off)["state"], stored(hand_off)["due_at"]) == ("no_clock", None)
    third = factories.draft(case.agreement, starts_on=DAY + dt.timedelta(days=1), allowance=16 * HOUR)
    Version.objects.filter(pk=third.pk).update(reach="also_open")
    case.version = third
    case.sign()
    assert re_date_what_begins(now=dt.datetime(2026, 3, 5, tzinfo=dt.UTC)) == 1
    assert stored(hand_off)["state"] == "running"
    assert stored(hand_off)["due_at"] == dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)


def test_imported_without_a_clock_gets_none():
    case = amended()
    hand_off = case.hand_off()
    imported = Import.objects.create(kind="leads", system="crm", file_name="a.csv", started_at=ELEVEN)
    HandOff.objects.filter(pk=hand_off.pk).update(
        recorded_by=imported, state="no_clock", due_at=None, at_risk_at=None, allowance=None
    )
    case.sign()
    assert (stored(hand_off)["due_at"], stored(hand_off)["agreed_attempts"]) == (None, 4)


def test_clock_that_an_import_started_later_goes_on_from_there():
    case = amended()
    hand_off = case.hand_off()
    imported = Import.objects.create(kind="leads", system="crm", file_name="a.csv", started_at=ELEVEN)
    HandOff.objects.filter(pk=hand_off.pk).update(recorded_by=imported, due_at=ELEVEN + 4 * HOUR)
    case.sign()
    assert stored(hand_off)["due_at"] == ELEVEN + 2 * HOUR


def test_history_without_terms_stays_without():
    case = amended()
    hand_off = case.hand_off()
    HandOff.objects.filter(pk=hand_off.pk).update(version=None)
    before = stored(hand_off)
    case.sign()
    assert stored(hand_off) == before


def test_version_that_begins_later_re_dates_in_the_first_sweep_of_its_day_once():
    case = amended(starts_on=dt.date(2026, 3, 9), allowance=16 * HOUR)
    hand_off = case.hand_off(15)
    case.sign()
    assert stored(hand_off)["due_at"] == hand_off.due_at
    just_before = dt.datetime(2026, 3, 8, 23, 59, tzinfo=dt.UTC)
    due = hand_off.due_at
    assert re_date_what_begins(now=just_before) == 0
    # What is overdue by then stays so: only the follow-up is agreed anew.
    assert [re_date_what_begins(now=just_before + HOUR) for _ in range(3)] == [1, 0, 0]
    assert (stored(hand_off)["due_at"], stored(hand_off)["agreed_attempts"]) == (due, 4)
    assert len(events(hand_off)) == 1
    assert AgreementEvent.objects.filter(kind="re_dated", version=case.version).count() == 1
    assert re_date(version=case.version, now=just_before + HOUR) is None


def test_version_that_ended_before_its_day_re_dates_nothing():
    case = amended(starts_on=dt.date(2026, 3, 9))
    hand_off = case.hand_off()
    case.sign()
    Version.objects.filter(pk=case.version.pk).update(ended_on=dt.date(2026, 3, 9))
    before = stored(hand_off)
    assert re_date_what_begins(now=dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)) == 0
    assert stored(hand_off) == before


def test_figures_refreshed_after_a_re_dating_equal_a_rebuild():
    case = amended()
    for hour in (9, 10, 11):
        case.hand_off(hour)
    logged(case.hand_off(9), ELEVEN)
    rollups.refresh(now=ELEVEN)
    case.sign()
    rollups.refresh(now=ELEVEN)

    def figures():
        return sorted(map(str, PeriodFigure.objects.values_list(*FIELDS)))

    refreshed = figures()
    rollups.rebuild()
    assert refreshed == figures()


FIELDS = [field.name for field in PeriodFigure._meta.concrete_fields if field.name != "id"]


def test_version_cannot_begin_before_hand_offs_that_have_terms():
    case = amended(reach="new_only", starts_on=dt.date(2026, 3, 3))
    signer = case.signatories()[0]
    at = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
    for _ in range(2):
        hand_over(lead=factories.lead(at), at=at, now=at, agreement=case.agreement)
    with pytest.raises(ValidationError, match=r"2 hand-offs from 2026-03-03 on .* today, 2026-03-04"):
        sign_amendment(version=case.version, signer=signer, now=ELEVEN)
    assert not case.version.signatures.exists()
    HandOff.objects.update(version=None)  # history of before any agreement stands against nothing
    sign_amendment(version=case.version, signer=signer, now=ELEVEN)


def test_version_may_begin_today_in_the_agreements_zone_and_after_a_past_without_hand_offs():
    case = amended(starts_on=dt.date(2026, 2, 2))
    case.hand_off()
    case.sign()
    assert case.version.is_signed


def test_text_that_is_for_new_ones_only_is_as_it_was_and_the_other_says_so():
    case = amended()
    assert '"reach": "also_open"' in canonical_text(case.version)
    case.version.reach = Version.Reach.NEW_ONLY
    assert "reach" not in canonical_text(case.version)


def test_reach_is_edited_noted_kept_by_starting_over_and_chosen_anew_in_the_next_amendment():
    case = amended(reach="new_only")
    by = case.signatories()[0]
    edited = edit_draft(version=case.version, edits=0, values={"reach": "also_open"}, now=ELEVEN, by=by)
    assert edited.is_for_open_ones
    changes = edited.events.get(kind="edited").data["changes"]
    assert changes == {"reach": [None, "also_open"]}
    fresh = start_over(version=edited, now=ELEVEN, by=by)
    assert fresh.is_for_open_ones
    case.version = fresh
    case.sign()
    following = begin_amendment(agreement=case.agreement, starts_on=dt.date(2026, 6, 1), now=ELEVEN, by=by)
    assert following.reach == "new_only"


def test_time_that_an_import_corrects_keeps_the_terms_of_the_re_dating():
    case = amended(allowance=8 * HOUR)
    heading = "external_id,handed_off_at\n"
    take("leads", f"{heading}1,2026-03-03T16:00:00Z\n", now=ELEVEN, agreement="company", clock="handed-off")
    case.sign()
    assert HandOff.objects.get().due_at == dt.datetime(2026, 3, 4, 16, tzinfo=dt.UTC)
    take("leads", f"{heading}1,2026-03-03T15:00:00Z\n", now=ELEVEN, agreement="company")
    hand_off = HandOff.objects.get()
    assert (hand_off.due_at, hand_off.allowance) == (dt.datetime(2026, 3, 4, 15, tzinfo=dt.UTC), 8 * HOUR)
    assert (hand_off.version.number, hand_off.re_dated_under, hand_off.agreed_attempts) == (
        1,
        case.version,
        4,
    )


def test_version_signed_while_a_file_is_imported_is_for_the_rows_after_it(monkeypatch):
    case = amended()
    held = Context.hold_terms
    batches = []

    def sign_before_the_second(context):
        batches.append(1)
        if len(batches) == 2:
            case.sign()
        held(context)

    monkeypatch.setattr(Context, "hold_terms", sign_before_the_second)
    monkeypatch.setattr(runs, "BATCH", 1)
    rows = "1,2026-03-04T10:00:00Z\n2,2026-03-04T10:00:00Z\n"
    take("leads", f"external_id,handed_off_at\n{rows}", now=ELEVEN, agreement="company")
    first, second = HandOff.objects.order_by("lead__external_id")
    assert (first.version.number, first.re_dated_under) == (1, case.version)
    assert (second.version, second.re_dated_under) == (case.version, None)
    assert first.due_at == second.due_at == ELEVEN + HOUR


def test_sweep_command_re_dates_what_begins(capsys):
    case = amended()
    hand_off = case.hand_off()
    for signer in case.signatories():
        sign_version(version=case.version, signer=signer, now=ELEVEN)
    with time_machine.travel(ELEVEN, tick=False):
        call_command("sweep")
    assert '"versions_begun": 1' in capsys.readouterr().out
    assert stored(hand_off)["allowance"] == 2 * HOUR


def page_of(case):
    return reverse("leads:re-dating", args=[case.agreement.slug, case.version.number])


def sign_page_of(case):
    return reverse("agreements:sign", args=[case.agreement.slug, case.version.number])


@time_machine.travel(ELEVEN, tick=False)
def test_preview_says_what_would_change_and_names_only_whom_the_reader_may_know():
    case = amended(allowance=HOUR)
    case.hand_off(9)
    case.hand_off(10)
    marketing, sales = case.signatories()
    shown = browser(sales).get(page_of(case)).content.decode()
    assert "2 of 2 open hand-offs change if version 2 begins now." in shown
    assert "1 would be overdue at once." in shown and "Ana Sample" in shown
    assert "Due: 13:00" in shown and "Due: 10:00" in shown
    shown = browser(marketing).get(page_of(case)).content.decode()
    assert "Ana Sample" not in shown and shown.count("a lead that others work") == 2


@time_machine.travel(ELEVEN, tick=False)
def test_signing_on_the_page_re_dates_and_the_page_then_says_how_many():
    case = amended()
    hand_off = case.hand_off(10)
    for signer in case.signatories():
        client = browser(signer)
        opened = client.get(sign_page_of(case)).content.decode()
        assert "also for hand-offs that are open when it begins" in opened and page_of(case) in opened
        sent = {
            "text_sha256": opened.split('name="text_sha256" value="')[1][:64],
            "has_read": "on",
            "password": "secret",
        }
        assert client.post(sign_page_of(case), sent).status_code == 302
    assert stored(hand_off)["allowance"] == 2 * HOUR
    shown = client.get(page_of(case)).content.decode()
    assert "When version 2 began, 1 of 1 open hand-offs got its terms." in shown
    version = reverse("agreements:version", args=[case.agreement.slug, 2])
    assert "1 open hand-off re-dated" in client.get(version).content.decode()


@time_machine.travel(ELEVEN, tick=False)
def test_preview_asks_the_database_as_often_for_many_as_for_few():
    case = amended()
    sales = case.signatories()[1]
    member = factories.user("Rep")
    Membership.objects.create(
        user=member, team=factories.party(case.agreement, Team.Function.SALES).team, role="member"
    )
    for _ in range(2):
        case.hand_off(owner=member)
    client = browser(sales)

    def more():
        for _ in range(40):
            case.hand_off(10)

    assert_same_queries(lambda: client.get(page_of(case)), add_rows=more)
    assert "Page 1" in client.get(page_of(case)).content.decode()
