"""A rejection answered: agreed to, disputed, upheld or withdrawn; what the clock and the net waterfall make of it."""

import datetime as dt
from functools import partial

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.models import Membership
from leads.models import ChangedDay, Dispute, HandOff, RoutingDecision, RoutingShare
from leads.services.disputes import agree_to_rejection, decide_dispute, dispute_rejection
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import close, hand_over
from reports import rollups
from reports.periods import Period
from reports.readings.figures import Moment, figures
from reports.readings.selection import Selection
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.leads.people import START, browser, make_office
from tests.leads.rules import rule
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NOW = START + HOUR


@pytest.fixture
def office():
    return make_office()


def rejected(office, *, at=NOW):
    hand_off = office.hand_off(owner=office.kim)
    return close(hand_off=hand_off, closed_as="rejected", reason="not_a_fit", at=at, now=at, by=office.kim)


def disputed(office):
    hand_off = rejected(office)
    dispute_rejection(hand_off=hand_off, words="They asked for a demo", now=NOW + HOUR, by=office.marketer)
    hand_off.refresh_from_db()
    return hand_off


def kinds(hand_off):
    return list(hand_off.events.order_by("pk").values_list("kind", flat=True))


def net(now=None):
    """Handed off less rejections that stand, of March: as stored, or as of an instant."""
    rollups.refresh(now=NOW + 9 * DAY)
    march = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    moment = Moment(NOW + 9 * DAY) if now is None else Moment(now, is_past=True)
    (row,) = figures([march], Selection(), moment)
    return row["counted"] - row["counted_rejected"]


def test_marketing_agrees_once(office):
    hand_off = agree_to_rejection(hand_off=rejected(office), now=NOW + HOUR, by=office.marketer)
    assert hand_off.rejection_answer == "agreed" and kinds(hand_off)[-1] == "rejection_agreed"
    with pytest.raises(ValidationError, match="answered already: marketing agrees"):
        dispute_rejection(hand_off=hand_off, words="But no", now=NOW + HOUR)


def test_what_is_not_rejected_or_went_on_is_not_disputed(office):
    with pytest.raises(ValidationError, match="not rejected"):
        dispute_rejection(hand_off=office.hand_off(), words="Why", now=NOW)
    hand_off = rejected(office)
    with pytest.raises(ValidationError, match="Say why"):
        dispute_rejection(hand_off=hand_off, words=" ", now=NOW)
    hand_over(lead=hand_off.lead, team=office.team, at=NOW, now=NOW)
    with pytest.raises(ValidationError, match="handed over again since"):
        dispute_rejection(hand_off=hand_off, words="Why", now=NOW)


def test_upheld_the_rejection_stands(office):
    hand_off = disputed(office)
    decide_dispute(hand_off=hand_off, outcome="upheld", answer="No budget", now=NOW + DAY, by=office.manager)
    hand_off.refresh_from_db()
    assert (hand_off.closed_as, hand_off.rejection_answer) == ("rejected", "upheld")
    dispute = Dispute.objects.get()
    assert (dispute.answer, dispute.decided_by, dispute.rejection_reason) == (
        "No budget",
        office.manager,
        "not_a_fit",
    )
    assert kinds(hand_off)[-2:] == ["rejection_disputed", "rejection_upheld"]
    with pytest.raises(ValidationError, match="waits for a decision"):
        decide_dispute(hand_off=hand_off, outcome="withdrawn", now=NOW + DAY)


def test_withdrawn_the_hand_off_is_open_again_and_its_clock_runs_as_before(office):
    hand_off = disputed(office)
    due_at = hand_off.due_at
    decide_dispute(hand_off=hand_off, outcome="withdrawn", now=NOW + HOUR, by=office.manager)
    hand_off.refresh_from_db()
    assert (hand_off.closed_as, hand_off.closed_at, hand_off.rejection_reason) == ("", None, "")
    assert (hand_off.state, hand_off.due_at, hand_off.least_allowance_seconds) == ("running", due_at, None)
    assert kinds(hand_off)[-2:] == ["rejection_withdrawn", "reopened"]
    assert Dispute.objects.get().rejected_at == NOW


def owed():
    return dict(RoutingShare.objects.values_list("person", "owed"))


def routed_and_disputed(office):
    hand_off = office.hand_off()
    before = owed()
    close(hand_off=hand_off, closed_as="rejected", reason="region", at=NOW, now=NOW)
    dispute_rejection(hand_off=hand_off, words="Why", now=NOW)
    return hand_off, before


def withdraw(hand_off, now=NOW + HOUR, **by):
    decide_dispute(hand_off=hand_off, outcome="withdrawn", now=now, **by)
    hand_off.refresh_from_db()
    return hand_off


def test_withdrawn_the_turn_that_was_given_back_is_taken_again_each_time(office):
    rule(office.team)
    hand_off, before = routed_and_disputed(office)
    owner = hand_off.owner
    assert any(before.values()) and not any(owed().values())
    assert withdraw(hand_off).owner == owner
    assert owed() == before and hand_off.routing_decisions.get().given_back_at is None
    assert office.hand_off("Next").owner != owner
    close(hand_off=hand_off, closed_as="rejected", reason="region", at=NOW + DAY, now=NOW + DAY)
    assert hand_off.routing_decisions.get().given_back_at == NOW + DAY


def test_a_turn_that_was_given_back_for_another_cause_is_not_taken_again(office):
    rule(office.team)
    hand_off, _before = routed_and_disputed(office)
    RoutingDecision.objects.update(given_back_at=START)
    withdraw(hand_off)
    assert not any(owed().values())


def test_a_turn_counts_again_also_when_somebody_of_it_was_deleted(office):
    rule(office.team)
    gone = factories.user("Gone Soon")
    place = Membership.objects.create(user=gone, team=office.team, role="member")
    hand_off = office.hand_off()
    place.delete()
    gone.delete()
    close(hand_off=hand_off, closed_as="rejected", reason="region", at=NOW, now=NOW)
    dispute_rejection(hand_off=hand_off, words="Why", now=NOW)
    assert withdraw(hand_off).closed_at is None


@pytest.mark.parametrize("why", ["inactive", "left", "viewer"])
def test_withdrawn_a_hand_off_whose_owner_has_left_goes_to_another_by_the_rules(office, why):
    rule(office.team)
    hand_off = disputed(office)
    if why == "left":
        Membership.objects.filter(user=office.kim).delete()
    else:
        office.kim.is_active = why == "viewer"
        office.kim.role = "viewer" if why == "viewer" else office.kim.role
        office.kim.save()
    withdraw(hand_off, by=office.admin)
    assert (hand_off.owner, hand_off.team) == (office.rob, office.team)
    event = hand_off.events.filter(kind="assigned").latest("pk")
    assert event.data == {"owner": office.rob.pk, "from": office.kim.pk, "routed": "turn"}
    assert rebuild_facts(now=NOW + HOUR) == 0


def test_withdrawn_it_stays_with_an_owner_who_works_leads_in_another_team(office):
    rule(office.team)
    hand_off = disputed(office)
    Membership.objects.filter(user=office.kim).update(team=office.other_team)
    withdraw(hand_off, by=office.admin)
    assert (hand_off.owner, hand_off.team) == (office.kim, office.team)


def test_where_no_rule_gives_it_to_another_it_is_free_in_its_team(office):
    hand_off = disputed(office)
    office.kim.is_active = False
    office.kim.save()
    assert withdraw(hand_off).owner is None and hand_off.team == office.team


def test_what_fell_due_while_it_was_disputed_is_overdue_at_once_and_late(office):
    hand_off = disputed(office)
    decide_dispute(hand_off=hand_off, outcome="withdrawn", now=NOW + DAY, by=office.manager)
    hand_off.refresh_from_db()
    assert hand_off.state == "overdue"
    told = hand_off.events.get(kind="overdue")
    assert (told.happened_at, told.data["late"]) == (hand_off.due_at, True)


def test_a_lead_in_dispute_is_not_handed_over_again(office):
    hand_off = disputed(office)
    with pytest.raises(ValidationError, match="disputed"):
        hand_over(lead=hand_off.lead, team=office.team, now=NOW + DAY)


def test_net_counts_the_rejections_that_stand_and_past_days_are_counted_anew(office):
    hand_off = rejected(office)
    assert net() == 0
    dispute_rejection(hand_off=hand_off, words="Why", now=NOW + HOUR)
    assert ChangedDay.objects.filter(day_on=hand_off.handed_off_on).exists()
    assert net() == 1
    assert (net(NOW), net(NOW + HOUR)) == (0, 1)
    decide_dispute(hand_off=hand_off, outcome="upheld", now=NOW + DAY)
    assert (net(), net(NOW + HOUR), net(NOW + DAY)) == (0, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_of_a_dispute_an_agreement_and_a_new_hand_off_at_once_only_what_fits_together_happens(office):
    for turn in range(rounds(3)):
        hand_off = office.hand_off(f"Lead {turn}", owner=office.kim)
        close(hand_off=hand_off, closed_as="rejected", reason="region", at=NOW, now=NOW)
        race(
            partial(dispute_rejection, hand_off=hand_off, words="Why", now=NOW),
            partial(dispute_rejection, hand_off=hand_off, words="Why", now=NOW),
            partial(agree_to_rejection, hand_off=hand_off, now=NOW),
            partial(hand_over, lead=hand_off.lead, team=office.team, at=NOW, now=NOW),
        )
        hand_off.refresh_from_db()
        answers = [kind for kind in kinds(hand_off) if kind.startswith("rejection")]
        assert len(answers) <= 1
        went_on = hand_off.lead.hand_offs.count() == 2
        assert not (went_on and hand_off.rejection_answer == "disputed")


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_counts(office):
    for turn in range(rounds(3)):
        hand_off = office.hand_off(f"Lead {turn}", owner=office.kim)
        close(hand_off=hand_off, closed_as="rejected", reason="region", at=NOW, now=NOW)
        dispute_rejection(hand_off=hand_off, words="Why", now=NOW)
        found = race(
            *(
                partial(decide_dispute, hand_off=hand_off, outcome=outcome, now=NOW + HOUR)
                for outcome in ("upheld", "withdrawn")
            )
        )
        assert sum(isinstance(one, HandOff) for one in found) == 1
        hand_off.refresh_from_db()
        assert (hand_off.closed_as == "rejected") == (hand_off.rejection_answer == "upheld")


def page_of(person, hand_off):
    return browser(person).get(reverse("leads:lead", args=[hand_off.lead_id])).content.decode()


def post(person, name, hand_off, **typed):
    return browser(person).post(reverse(f"leads:{name}", args=[hand_off.pk]), typed, follow=True)


@time_machine.travel(NOW + HOUR, tick=False)
def test_marketing_disputes_and_a_manager_decides_on_the_page(office):
    hand_off = rejected(office)
    listed = f'href="{reverse("leads:lead", args=[hand_off.lead_id])}"'
    leads = reverse("leads:leads")
    assert listed in browser(office.marketer).get(leads + "?stage=rejected").content.decode()
    assert reverse("leads:dispute", args=[hand_off.pk]) in page_of(office.marketer, hand_off)
    assert reverse("leads:dispute", args=[hand_off.pk]) not in page_of(office.kim, hand_off)
    post(office.marketer, "dispute", hand_off, words="They asked for a demo")
    assert listed in browser(office.manager).get(leads + "?stage=disputed").content.decode()
    assert "They asked for a demo" in page_of(office.kim, hand_off)
    assert reverse("leads:hand-over", args=[hand_off.lead_id]) not in page_of(office.marketer, hand_off)
    assert reverse("leads:decide-dispute", args=[hand_off.pk]) not in page_of(office.kim, hand_off)
    assert (
        "They asked for a demo"
        in browser(office.manager).get(reverse("leads:decide-dispute", args=[hand_off.pk])).content.decode()
    )
    said = post(office.manager, "decide-dispute", hand_off, outcome="withdrawn", answer="You are right")
    assert "is with sales again" in said.content.decode()
    assert "You are right" in page_of(office.marketer, hand_off)


@time_machine.travel(NOW + HOUR, tick=False)
def test_a_rejection_is_agreed_to_with_a_button(office):
    hand_off = rejected(office)
    said = post(office.marketer, "agree-to-rejection", hand_off)
    assert "is agreed to" in said.content.decode() and "marketing agrees" in page_of(office.kim, hand_off)
    again = post(office.marketer, "agree-to-rejection", hand_off)
    assert "answered already" in again.content.decode()


@time_machine.travel(NOW + HOUR, tick=False)
def test_nothing_that_is_typed_becomes_more_than_text(office):
    for text in HOSTILE_TEXTS[:20]:
        hand_off = rejected(office)
        post(office.marketer, "dispute", hand_off, words=text)
        post(office.manager, "decide-dispute", hand_off, outcome=text)
        assert "data-injected>" not in page_of(office.kim, hand_off)
        said = post(office.manager, "decide-dispute", hand_off, outcome="upheld", answer=text)
        assert said.status_code == 200 and "<script>window.hacked" not in said.content.decode()
