"""New business hours for open hand-offs: proposed, agreed to by each party, applied once with the last consent."""

import datetime as dt
from functools import partial

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.models import AgreementEvent, HoursConsent, HoursProposal, Team, Version
from agreements.services.calendars import revise_calendar
from leads.models import HandOff
from leads.services.amending import sign_amendment
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close, hand_over
from leads.services.new_hours import agree_to_hours, plan_new_hours, propose_hours, withdraw_hours
from tests import factories
from tests.leads.people import browser
from tests.races import race, rounds

# Wednesday, 4 March 2026, 11:00; hours were nine to five, and are nine to twelve from this revision on.
ELEVEN = dt.datetime(2026, 3, 4, 11, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MORNINGS = {day: [["09:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class Case:
    """A signed agreement (4 h from nine to five), hand-offs under it, and new hours of the company."""

    def __init__(self, slug="company"):
        self.calendar = factories.calendar(slug, is_default=True)
        self.agreement = factories.agreement(slug)
        factories.signed(self.agreement)
        self.marketing = factories.party(self.agreement, Team.Function.MARKETING)
        self.sales = factories.party(self.agreement, Team.Function.SALES)
        self.admin = factories.user("Ada Admin", is_superuser=True, is_staff=True)

    def hand_off(self, hour=10):
        at = ELEVEN.replace(hour=hour)
        return hand_over(lead=factories.lead(at, name="Ana"), at=at, now=at, team=self.sales.team)

    def revise(self, weekly=MORNINGS):
        return revise_calendar(calendar=self.calendar, definition={"tz": "UTC", "weekly": weekly}, now=ELEVEN)

    def propose(self):
        return propose_hours(revision=self.calendar.latest_revision(), now=ELEVEN, by=self.admin)

    def agree(self, proposal, party, now=ELEVEN):
        return agree_to_hours(proposal=proposal, party=party, now=now, by=party.signatory)


@pytest.fixture
def case(db):
    return Case()


def stored(hand_off):
    return HandOff.objects.filter(pk=hand_off.pk).values().get()


def test_new_hours_count_for_open_hand_offs_with_the_last_consent_only(case):
    hand_off = case.hand_off()
    new = case.revise()
    before = stored(hand_off)
    assert before["due_at"] == ELEVEN.replace(hour=14)
    proposal = case.propose()
    assert not case.agree(proposal, case.marketing)
    assert stored(hand_off) == before
    assert case.agree(proposal, case.sales)
    after = HandOff.objects.get(pk=hand_off.pk)
    assert (after.due_at, after.calendar_revision) == (dt.datetime(2026, 3, 5, 11, tzinfo=dt.UTC), new)
    assert after.at_risk_at == dt.datetime(2026, 3, 5, 10, tzinfo=dt.UTC)
    assert (after.allowance, after.agreed_attempts) == (4 * HOUR, 6)
    (event,) = after.events.filter(kind="re_dated")
    assert event.data["revision"] == new.number and set(event.data["changes"]) == {"at_risk_at", "due_at"}
    kinds = list(AgreementEvent.objects.order_by("pk").values_list("kind", flat=True))[-4:]
    assert kinds == ["calendar_proposed", "calendar_agreed", "calendar_agreed", "re_dated"]
    proposal.refresh_from_db()
    assert proposal.state == "applied"


def test_closed_attempted_and_overdue_hand_offs_keep_their_hours(case):
    closed, tried, late, plain = (case.hand_off(9) for _ in range(4))
    close(hand_off=closed, closed_as="lost", at=ELEVEN, now=ELEVEN)
    log_attempt(hand_off=tried, attempted_at=ELEVEN, channel="call", outcome="no_answer", now=ELEVEN)
    HandOff.objects.filter(pk=late.pk).update(due_at=ELEVEN - HOUR, at_risk_at=None)
    case.revise()
    before = [stored(one) for one in (closed, tried, late)]
    proposal = case.propose()
    planned = plan_new_hours(revision=case.calendar.latest_revision(), now=ELEVEN)[case.agreement.pk]
    assert (len(planned.changed), planned.decided, planned.overdue) == (1, 2, 1)
    case.agree(proposal, case.marketing)
    case.agree(proposal, case.sales)
    assert [stored(one) for one in (closed, tried, late)] == before
    assert stored(plain)["due_at"] > ELEVEN.replace(hour=14)


def test_who_directs_no_team_of_the_party_cannot_agree_and_nobody_agrees_twice(case):
    case.hand_off()
    case.revise()
    proposal = case.propose()
    with pytest.raises(ValidationError, match="Only a director of"):
        agree_to_hours(proposal=proposal, party=case.sales, now=ELEVEN, by=case.marketing.signatory)
    with pytest.raises(ValidationError, match="Only a director of"):
        agree_to_hours(proposal=proposal, party=case.sales, now=ELEVEN, by=case.admin)
    case.agree(proposal, case.sales)
    with pytest.raises(ValidationError, match="has agreed already"):
        case.agree(proposal, case.sales)


def test_stale_proposal_is_refused(case):
    case.hand_off()
    case.revise()
    proposal = case.propose()
    case.revise({"mon": [["09:00", "11:00"]]})
    with pytest.raises(ValidationError, match="have been changed since"):
        case.agree(proposal, case.sales)
    newer = case.propose()
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"
    version = factories.draft(case.agreement, starts_on=ELEVEN.date())
    for party in (case.marketing, case.sales):
        sign_amendment(version=version, signer=party.signatory, now=ELEVEN)
    with pytest.raises(ValidationError, match="Another version is in force"):
        case.agree(newer, case.sales)
    withdraw_hours(proposal=newer, now=ELEVEN, by=case.admin)
    with pytest.raises(ValidationError, match="does not wait"):
        case.agree(newer, case.sales)


def test_hours_that_change_no_open_hand_off_are_not_proposed_nor_the_same_twice(case):
    case.revise()
    with pytest.raises(ValidationError, match="No open hand-off"):
        case.propose()
    case.hand_off()
    case.revise({"wed": [["09:00", "10:30"]], "thu": [["09:00", "12:00"]]})
    case.propose()
    with pytest.raises(ValidationError, match="proposed already"):
        case.propose()


@time_machine.travel(ELEVEN, tick=False)
def test_directors_are_told_on_the_agreements_page_see_what_changes_and_agree(case):
    case.hand_off()
    case.revise()
    address = reverse("leads:new-hours", args=[case.calendar.slug])
    admin = browser(case.admin)
    assert "would change 1 of 1 open hand-offs" in admin.get(address).content.decode()
    posted = admin.post(address)
    assert posted.status_code == 302
    page = reverse("agreements:agreement", args=[case.agreement.slug])
    for party in (case.marketing, case.sales):
        director = browser(party.signatory)
        assert posted.url in director.get(page).content.decode()
        shown = director.get(posted.url).content.decode()
        assert f"Agree for {party.team.name}" in shown and "Due: Thu 5 Mar 11:00" in shown
        assert ("Ana" in shown) == (party == case.sales)
        assert director.post(posted.url).status_code == 409  # for which team?
        assert director.post(posted.url, {"party": party.pk}).status_code == 302
    shown = director.get(posted.url).content.decode()
    assert "re-dated 1 of 1 open hand-offs" in shown
    history = director.get(page).content.decode()
    assert "agreed to new business hours" in history and posted.url not in history
    assert director.post(posted.url, {"party": party.pk}).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_consents_given_at_once_apply_the_hours_once():
    for turn in range(rounds(2)):
        case = Case(f"turn-{turn}")
        hand_off = case.hand_off()
        case.revise()
        proposal = case.propose()
        results = race(
            *[
                partial(case.agree, proposal, party)
                for party in (case.marketing, case.sales)
                for _ in range(3)
            ]
        )
        assert [result for result in results if result is True] == [True]
        assert results.count(False) == 1
        assert HoursConsent.objects.filter(proposal=proposal, given_at=None).count() == 0
        assert hand_off.events.filter(kind="re_dated").count() == 1
        assert AgreementEvent.objects.filter(agreement=case.agreement, kind="re_dated").count() == 1
    assert not HoursProposal.objects.open().exists()
    assert Version.objects.filter(number=1).exists()
