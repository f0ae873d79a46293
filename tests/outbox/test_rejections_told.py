"""Rejections: who decides a dispute hears of it, and both sides hear how it was decided; each once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from agreements.models import Membership
from leads.services.disputes import agree_to_rejection, decide_dispute, dispute_rejection
from leads.services.hand_offs import close, hand_over
from slaproject.outbox.models import Alert
from slaproject.outbox.wording import say
from tests import factories
from tests.outbox.office import HOUR, MINUTE, NINE, office, tick, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return office()


def rejected(here, **more):
    hand_off = here.given(name="Ana Sample", **more)
    close(hand_off=hand_off, closed_as="rejected", reason="not_a_fit", at=NINE, now=NINE, by=here.rep)
    tick(NINE)
    return hand_off


def said(person, kind):
    alerts = Alert.objects.filter(person=person, kind=kind).select_related("agreement")
    return say(alerts.order_by("made_at", "pk"), person)


def test_a_rejection_asks_the_marketer_for_an_answer_until_there_is_one(here):
    hand_off = rejected(here)
    assert told(here.marketer) == ["rejected"]
    (one,) = said(here.marketer, "rejected")
    assert one.text.endswith("Ana Sample. Agree to it, or dispute it.") and not one.is_settled
    agree_to_rejection(hand_off=hand_off, now=NINE + HOUR, by=here.marketer)
    (one,) = said(here.marketer, "rejected")
    assert one.is_settled


def test_a_dispute_is_told_once_to_who_decides_it(here):
    hand_off = rejected(here)
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE + HOUR, by=here.marketer)
    for n in range(3):
        tick(NINE + HOUR + n * MINUTE)
    assert told(here.manager) == ["rejection_disputed"]
    assert "rejection_disputed" not in told(here.rep) + told(here.marketer) + told(here.director)
    (one,) = said(here.manager, "rejection_disputed")
    assert (
        one.text == "Marketing disputes a rejection: Ana Sample, with rep of company. Uphold or withdraw it."
    )
    decide_dispute(hand_off=hand_off, outcome="upheld", now=NINE + 2 * HOUR, by=here.manager)
    (one,) = said(here.manager, "rejection_disputed")
    assert one.is_settled


def test_the_dispute_of_somebody_who_left_is_told_to_who_managed_them(here):
    hand_off = rejected(here)
    here.rep.is_active = False
    here.rep.save()
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE + HOUR, by=here.marketer)
    tick(NINE + HOUR)
    assert told(here.manager) == ["rejection_disputed"]
    Membership.objects.filter(user__in=[here.rep, here.manager]).delete()
    boss = factories.user("Boss", is_superuser=True)
    again = here.given(NINE + HOUR)
    close(hand_off=again, closed_as="rejected", reason="not_a_fit", at=NINE + HOUR, now=NINE + HOUR, by=boss)
    dispute_rejection(hand_off=again, words="They asked", now=NINE + HOUR, by=here.marketer)
    tick(NINE + 2 * HOUR)
    assert told(boss) == ["rejection_disputed"], "nobody of sales manages who worked it"


def test_a_dispute_that_is_decided_before_anybody_looked_asks_nobody(here):
    hand_off = rejected(here)
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE + HOUR, by=here.marketer)
    decide_dispute(hand_off=hand_off, outcome="upheld", now=NINE + HOUR, by=here.director)
    tick(NINE + HOUR)
    assert told(here.manager) == []
    assert "rejection_upheld" in told(here.marketer)


@pytest.mark.parametrize("outcome", ["upheld", "withdrawn"])
def test_how_a_dispute_was_decided_is_told_to_the_marketer_who_disputed_and_the_rep(here, outcome):
    colleague = factories.user("Colleague")
    Membership.objects.create(
        user=colleague, team=factories.party(here.agreement, "marketing").team, role="member"
    )
    hand_off = rejected(here)
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE + HOUR, by=colleague)
    tick(NINE + HOUR)
    decide_dispute(hand_off=hand_off, outcome=outcome, now=NINE + 2 * HOUR, by=here.manager)
    for n in range(3):
        tick(NINE + 2 * HOUR + n * MINUTE)
    kind = f"rejection_{outcome}"
    for person in (here.marketer, colleague, here.rep):
        assert told(person).count(kind) == 1
    assert kind not in told(here.manager) + told(here.director)
    (one,) = said(here.rep, kind)
    (other,) = said(here.marketer, kind)
    assert "Ana Sample" in one.text and "Ana Sample" in other.text
    if outcome == "withdrawn":
        assert one.text.startswith("A rejection was withdrawn: Ana Sample is yours to work again.")
        assert not one.is_settled
        close(hand_off=hand_off, closed_as="lost", at=NINE + 3 * HOUR, now=NINE + 3 * HOUR, by=here.rep)
        assert said(here.rep, kind)[0].is_settled


def test_a_free_lead_whose_rejection_is_withdrawn_is_its_managers_again(here):
    lead = factories.lead(NINE)
    hand_off = hand_over(lead=lead, at=NINE, now=NINE, team=here.sales, by=here.marketer)
    close(hand_off=hand_off, closed_as="rejected", reason="not_a_fit", at=NINE, now=NINE, by=here.rep)
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE, by=here.marketer)
    decide_dispute(hand_off=hand_off, outcome="withdrawn", now=NINE, by=here.director)
    tick(NINE)
    assert told(here.manager) == ["rejection_withdrawn"] and told(here.rep) == []


# ---- leads that nobody handed over by hand, or nobody who is still there


@pytest.fixture
def head(here):
    head = factories.user("Head")
    Membership.objects.create(
        user=head, team=factories.party(here.agreement, "marketing").team, role="manager"
    )
    return head


def of_a_file(here, *, closed_as="rejected", agreed=True, **more):
    """A lead that came by file, without a giver, and came back."""
    lead = factories.lead(NINE, name="Ana Sample", source="web", **more)
    at = NINE if agreed else NINE - dt.timedelta(days=400)
    hand_off = hand_over(lead=lead, at=at, now=NINE, team=here.sales, owner=here.rep)
    reason = {"reason": "other", "reason_text": "Ana moved"} if closed_as == "rejected" else {}
    close(hand_off=hand_off, closed_as=closed_as, at=NINE, now=NINE, by=here.rep, **reason)
    tick(NINE)
    return hand_off


def test_of_what_came_by_file_marketings_managers_hear_without_whom_it_is_about(here, head):
    other = factories.user("Other Head")
    Membership.objects.create(user=other, team=factories.team("Events", "marketing"), role="manager")
    hand_off = of_a_file(here)
    assert (told(head), told(here.marketer), told(other)) == (["rejected"], [], [])
    (one,) = said(head, "rejected")
    assert one.text == "Sales rejected a lead (web). Reason: another reason." and not one.is_settled
    assert (
        one.why == "You are told because you manage marketing, and nobody else there answers for this lead."
    )
    assert one.path == "/marketing/?month=2026-03&agreement=company"
    boss = factories.user("Boss", is_superuser=True)
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE + HOUR, by=boss)
    assert said(head, "rejected")[0].is_settled
    decide_dispute(hand_off=hand_off, outcome="withdrawn", now=NINE + 2 * HOUR, by=here.manager)
    tick(NINE + 2 * HOUR)
    (one,) = said(head, "rejection_withdrawn")
    assert one.text == "Sales withdrew the rejection of a lead (web): it is open again."
    for person in (head, other):
        assert not any("Ana" in one.text for one in say(Alert.objects.filter(person=person), person))


def test_who_may_know_the_lead_is_told_of_whom(here, head):
    head.is_superuser = True
    head.save()
    of_a_file(here)
    (one,) = said(head, "rejected")
    assert one.text == "Sales rejected a lead: Ana Sample. Agree to it, or dispute it."


def test_what_was_recycled_is_told_to_managers_alike_and_by_mail_once_a_day(here, head):
    mail.outbox.clear()
    of_a_file(here, closed_as="recycled")
    of_a_file(here, closed_as="recycled")
    assert told(head) == ["recycled"] * 2
    tick(NINE + HOUR)
    assert not [sent for sent in mail.outbox if sent.to == [head.email]]
    tick(NINE + 24 * HOUR)
    (one,) = [sent for sent in mail.outbox if sent.to == [head.email]]
    assert one.body.count("Sales gave a lead back to marketing (web).") == 2 and "Ana" not in one.body


def test_without_an_agreement_all_who_manage_marketing_hear(here, head):
    other = factories.user("Other Head")
    Membership.objects.create(user=other, team=factories.team("Events", "marketing"), role="director")
    of_a_file(here, agreed=False)
    assert told(head) == told(other) == ["rejected"]
    assert said(other, "rejected")[0].path == "/marketing/?month=2025-01"


def test_what_sales_brought_is_told_to_nobody_in_marketing(here, head):
    of_a_file(here, origin="sales")
    assert told(head) == []


def test_where_who_handed_it_over_has_left_the_managers_hear(here, head):
    here.marketer.is_active = False
    here.marketer.save()
    rejected(here)
    assert told(head) == ["rejected"]


def test_where_somebody_handed_it_over_the_managers_hear_nothing(here, head):
    hand_off = rejected(here)
    dispute_rejection(hand_off=hand_off, words="They asked", now=NINE + HOUR, by=here.marketer)
    decide_dispute(hand_off=hand_off, outcome="upheld", now=NINE + 2 * HOUR, by=here.manager)
    tick(NINE + 2 * HOUR)
    assert told(head) == []


def test_it_is_mailed_as_chosen_and_says_why(here):
    hand_off = rejected(here)
    mail.outbox.clear()
    dispute_rejection(hand_off=hand_off, words="They <asked>", now=NINE + HOUR, by=here.marketer)
    tick(NINE + HOUR)
    tick(NINE + 2 * HOUR + dt.timedelta(seconds=1))
    (one,) = [sent for sent in mail.outbox if sent.to == [here.manager.email]]
    assert one.subject.startswith("Marketing disputes a rejection: Ana Sample")
    assert "You are told because you manage the team that works it." in one.body
    assert "asked" not in one.body, "what was written about a person stays with the lead"
