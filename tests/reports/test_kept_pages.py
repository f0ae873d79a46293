"""Kept or missed as pages: who diagnoses, acts, proposes and answers, and what everybody then reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from agreements.models import (
    Agreement,
    AgreementEvent,
    CorrectiveAction,
    Evaluation,
    Excuse,
    Membership,
    MonthResult,
    Party,
    Strike,
    Version,
)
from agreements.services.drafting import begin_amendment, edit_draft
from agreements.services.keeping import agree_action, answer_excuse, end_action, propose_excuse
from agreements.services.results import Finding, write_results
from leads.services.hand_offs import hand_over
from reports.closing import close_months
from tests import factories
from tests.query_counts import assert_same_queries
from tests.reports.answers import texts

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
JANUARY, FEBRUARY, MARCH = (dt.date(2026, month, 1) for month in (1, 2, 3))
HOSTILE = "<script>alert(1)</script> ‮ \" ' " + "x" * 300


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@dataclass
class Company:
    agreement: Agreement
    marketing: Party
    sales: Party
    manager: Any

    def client(self, user: Any) -> Client:
        made = Client()
        made.force_login(user)
        return made

    @property
    def kept(self) -> str:
        return reverse("reports:kept", args=[self.agreement.slug])


@pytest.fixture
def company() -> Company:
    """Ten leads a month were promised, none came; two misses in a row call for a review."""
    agreement = factories.agreement()
    draft = factories.draft(
        agreement, goals=dict.fromkeys((JANUARY, FEBRUARY, MARCH), 10), allowance=None, attempts=None
    )
    Version.objects.filter(pk=draft.pk).update(review_after_misses=2)
    draft.refresh_from_db()
    factories.sign(draft)
    marketing, sales = (factories.party(agreement, name) for name in ("marketing", "sales"))
    manager = factories.user("Mona Manager")
    Membership.objects.create(user=manager, team=marketing.team, role=Membership.Role.MANAGER)
    factories.lead()
    close_months(now=NOW)
    return Company(agreement, marketing, sales, manager)


def strike_of(month: dt.date) -> Strike:
    return Strike.objects.get(evaluation__month__month_on=month)


def test_a_miss_is_diagnosed_acted_on_and_told(company: Company):
    strike = strike_of(MARCH)
    page = reverse("reports:strike", args=[strike.pk])
    client = company.client(company.manager)
    director = company.marketing.signatory
    assert director is not None
    assert "missed by 10 leads" in client.get(company.kept).text
    given = {"responsible": director.pk, "diagnosis": HOSTILE, "make_up_plan": "A fair"}
    assert client.post(page, given).status_code == 302
    strike.refresh_from_db()
    assert (strike.state, strike.diagnosed_at, strike.make_up_plan) == ("diagnosed", NOW, "A fair")
    assert HOSTILE not in client.get(company.kept).text
    assert "&lt;script&gt;" in client.get(company.kept).text

    add = reverse("reports:add-action", args=[strike.pk])
    past = {"action": "Call them", "owner": director.pk, "due_on": "2026-04-01"}
    refused = client.post(add, past)
    assert refused.status_code == 422
    assert "This day has passed" in refused.text
    for _time in ("once", "pressed again"):
        assert client.post(add, {**past, "due_on": "2026-05-01"}).status_code == 302
    action = CorrectiveAction.objects.get()
    end = reverse("reports:end-action", args=[action.pk])
    said = company.client(director).post(end, {"ended_as": "done", "result": "They came"})
    assert said.status_code == 302
    assert "They came" in client.get(company.kept).text
    again = client.post(end, {"ended_as": "dropped", "result": "no"})
    assert again.status_code == 422
    assert "ended already" in again.text
    kinds = company.agreement.events.filter(kind__in=["strike_diagnosed", "action_agreed", "action_ended"])
    assert list(kinds.values_list("kind", flat=True)) == ["strike_diagnosed", "action_agreed", "action_ended"]
    assert not [event for event in kinds if "Call" in str(event.data) or "script" in str(event.data)]
    history = client.get(reverse("agreements:agreement", args=[company.agreement.slug])).text
    assert "corrective action ended: MQL goal, 2026-03" in history
    assert "MQL goal missed 2 months in a row up to 2026-02" in history


def test_an_excuse_is_one_sides_word_and_the_others_answer(company: Company):
    writer, other = company.client(company.manager), company.client(company.sales.signatory)
    propose = reverse("reports:propose-excuse", args=[company.agreement.slug])
    given = {
        "party": company.marketing.pk,
        "month_on": "2026-03",
        "first_day": "2026-03-01",
        "last_day": "2026-03-31",
        "reason": "outage",
        "note": "The site was down",
    }
    for fault, field in (
        ({"first_day": "", "last_day": ""}, "first_day"),
        ({"last_day": "2026-02-01"}, "last_day"),
        ({"first_day": "2026-02-27"}, "first_day"),
        ({"leads": "1, two"}, "leads"),
        ({"leads": ",".join(str(n) for n in range(300))}, "leads"),
        ({"leads": "987654321"}, "leads"),
        ({"note": "a\0b"}, "note"),
        ({"note": "x" * 5_001}, "note"),
        ({"party": company.sales.pk}, "party"),
        ({"month_on": "1999-01"}, "month_on"),
        ({"month_on": "2026-04", "first_day": "2026-04-29", "last_day": ""}, ""),
    ):
        refused = writer.post(propose, {**given, **fault})
        assert refused.status_code == 422, fault
        assert not field or f'id="id_{field}_error"' in refused.text, fault
    assert not Excuse.objects.exists()
    assert writer.post(propose, given).status_code == 302
    assert writer.post(propose, given).status_code == 422, "the same twice"
    excuse = Excuse.objects.get()
    assert len(excuse.days) == 31
    assert "not answered yet: 31 days, outage" in writer.get(company.kept).text
    home = other.get(reverse("reports:sales"))
    assert "1 excuse waits for your side’s answer" in home.text

    answer = reverse("reports:excuse", args=[excuse.pk])
    for someone in (writer, company.client(company.marketing.signatory)):
        assert someone.post(answer, {"answer_is": "accept"}).status_code == 403
    assert Excuse.objects.get().state == "proposed"
    assert other.post(answer, {"answer_is": "accept", "answer": "We saw it"}).status_code == 302
    evaluation = Evaluation.objects.get(month__month_on=MARCH)
    assert (evaluation.outcome, evaluation.strike.state) == ("excused", "excused")
    assert other.post(answer, {"answer_is": "refuse"}).status_code == 422, "answered already"
    said = writer.get(company.kept).text
    director = company.sales.signatory
    assert f"excused: 31 days, outage, agreed by {director} for {company.sales.team.name}" in said
    strike = reverse("reports:strike", args=[evaluation.strike.pk])
    refused = writer.post(strike, {"responsible": company.manager.pk, "diagnosis": "late"})
    assert refused.status_code == 422
    assert "was excused" in refused.text
    last = company.agreement.events.filter(kind="month_closed").last()
    assert last is not None
    assert last.data["corrected"]["mql_goal/"]["strike"] == ["open", "excused"]


def test_who_directs_both_sides_does_not_answer_their_own_excuse(company: Company):
    both = company.sales.signatory
    assert both is not None
    Membership.objects.create(user=both, team=company.marketing.team, role=Membership.Role.DIRECTOR)
    excuse = propose_excuse(
        party=company.marketing, month_on=MARCH, days=[MARCH], reason="other", now=NOW, by=both
    )
    with pytest.raises(ValidationError, match="director of the other side"):
        answer_excuse(excuse=excuse, is_accepted=True, now=NOW, by=both)
    assert not Excuse.objects.awaiting(both).exists()


def test_single_leads_are_excused_by_those_who_know_them(company: Company):
    sales_director = company.sales.signatory
    at = dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC)
    hand_off = hand_over(lead=factories.lead(at), now=NOW, at=at, team=company.sales.team)
    given = {"month_on": "2026-03", "leads": str(hand_off.lead_id), "reason": "bad_data", "note": "twice"}
    propose = reverse("reports:propose-excuse", args=[company.agreement.slug])
    refused = company.client(company.manager).post(propose, {**given, "party": company.marketing.pk})
    assert refused.status_code == 422, "marketing's manager may not know this lead"
    done = company.client(sales_director).post(propose, {**given, "party": company.sales.pk})
    assert done.status_code == 302
    assert Excuse.objects.get().hand_offs == [hand_off.pk]


def test_what_is_kept_month_after_month_is_told_as_what_is_missed(company: Company):
    version = company.agreement.versions.get()
    for month in (JANUARY, FEBRUARY, MARCH):
        one = Finding("share_worked", company.sales, "met", Fraction(95), Fraction(100), Fraction(9, 10))
        write_results(version=version, month_on=month, findings=[one], is_decided=True, now=NOW)
    said = company.client(company.manager).get(company.kept).text
    assert "both sides kept 1 of 2 promises; marketing’s goal was missed by 10 leads" in said
    assert "Share worked was kept for 3 months in a row: well done" in said
    assert "missed 3 months in a row" in said
    assert "calls for a review" in said
    fourth = Finding("mql_goal", company.marketing, "met", Fraction(9), Fraction(10), Fraction(9, 10))
    write_results(version=version, month_on=MARCH, findings=[fourth], is_decided=True, now=NOW)
    assert "kept all 2 promises" in company.client(company.manager).get(company.kept).text


def test_what_was_kept_is_celebrated_on_both_homes_and_the_review(company: Company):
    version, team = company.agreement.versions.get(), company.sales.team.name
    pages = ("reports:marketing", "reports:sales", "reports:review")

    def celebrated(person: Any, **asked: str) -> list[list[str]]:
        client, query = company.client(person), {"agreement": "company"} | asked
        sections = [texts(client.get(reverse(page), query), "section") for page in pages]
        return [[said for said in found if said.startswith("✔ Kept in")] for found in sections]

    def keep(month: dt.date, *, is_decided: bool) -> None:
        one = Finding("share_worked", company.sales, "met", Fraction(95), Fraction(100), Fraction(9, 10))
        write_results(version=version, month_on=month, findings=[one], is_decided=is_decided, now=NOW)

    assert celebrated(company.manager, month="2026-03") == [[], [], []]
    keep(MARCH, is_decided=True)
    kept = f"Kept, well done: 1 of 2 promises: Share worked ({team}). Every promise, month by month"
    said = [f"✔ Kept in March 2026 {kept}"]
    for person in (company.manager, company.sales.signatory, factories.user("Vera Viewer")):
        assert celebrated(person, month="2026-03") == [said, said, said]
        # The running month's home has the last closed month, its review nothing yet.
        assert celebrated(person) == [said, said, []]
        # A month in which nothing was kept has nothing to celebrate, whatever came later.
        assert celebrated(person, month="2026-02") == [[], [], []]
    keep(NOW.date().replace(day=1), is_decided=False)
    assert MonthResult.objects.filter(closed_at=None).exists()
    assert celebrated(company.manager) == [said, said, []]


def test_the_page_asks_as_much_for_many_strikes_as_for_few(company: Company):
    client = company.client(company.manager)
    version = company.agreement.versions.get()

    def act_on_all() -> None:
        for strike in Strike.objects.all():
            agree_action(
                strike=strike,
                action="Do",
                owner=company.manager,
                due_on=NOW.date(),
                now=NOW,
                by=company.manager,
            )

    def add_rows() -> None:
        for n in range(40):
            one = Finding(
                "custom",
                company.sales,
                "missed",
                Fraction(1),
                Fraction(2),
                Fraction(1),
                subject=f"measure {n}",
            )
            write_results(version=version, month_on=FEBRUARY, findings=[one], is_decided=True, now=NOW)
        for strike in Strike.objects.all():
            agree_action(
                strike=strike,
                action="Do",
                owner=company.manager,
                due_on=NOW.date(),
                now=NOW,
                by=company.manager,
            )
        for day in range(1, 20):
            propose_excuse(
                party=company.marketing,
                month_on=MARCH,
                days=[MARCH.replace(day=day)],
                reason="other",
                now=NOW,
                by=company.manager,
            )

    act_on_all()
    pages = [company.kept, f"{reverse('reports:review')}?month=2026-02", reverse("reports:marketing")]
    assert_same_queries(lambda: [client.get(page) for page in pages], add_rows=add_rows, at_most=75)
    assert_same_queries(lambda: client.get(company.kept), add_rows=lambda: None)


def test_homes_and_the_review_say_what_waits_and_what_is_carried_over(company: Company):
    director = company.marketing.signatory
    assert director is not None
    action = agree_action(
        strike=strike_of(JANUARY),
        action="Fix the form",
        owner=director,
        due_on=dt.date(2026, 4, 25),
        now=NOW,
        by=director,
    )
    home = company.client(director).get(reverse("reports:marketing")).text
    assert "3 strikes wait for your diagnosis" in home
    assert "1 corrective action of yours is due soon" in home
    review = reverse("reports:review")
    seen = company.client(company.manager).get(review, {"month": "2026-02", "agreement": "company"}).text
    assert "Carried over from earlier months" in seen
    assert "Fix the form" in seen
    end_action(action=action, is_done=True, result="", now=NOW, by=director)
    seen = company.client(company.manager).get(review, {"month": "2026-02", "agreement": "company"}).text
    assert "Carried over" not in seen


def test_an_agreement_without_a_month_behind_it_says_what_will_stand_here():
    agreement = factories.agreement()
    factories.signed(agreement, starts_on=dt.date(2026, 4, 1))
    viewer = Client()
    viewer.force_login(factories.user())
    said = viewer.get(reverse("reports:kept", args=[agreement.slug])).text
    assert "No month has been closed yet" in said
    assert "Propose an excuse" not in said


def test_what_follows_from_misses_is_drafted_compared_and_copied(company: Company):
    by = company.manager
    draft = begin_amendment(agreement=company.agreement, starts_on=dt.date(2026, 6, 1), now=NOW, by=by)
    assert (draft.review_after_misses, draft.cancel_after_misses) == (2, None)
    for months in (0, 25):
        with pytest.raises(ValidationError):
            edit_draft(
                version=draft, edits=draft.edits, values={"cancel_after_misses": months}, now=NOW, by=by
            )
    draft = edit_draft(
        version=draft,
        edits=draft.edits,
        values={"cancel_after_misses": 4, "review_after_misses": None},
        now=NOW,
        by=by,
    )
    assert (draft.review_after_misses, draft.cancel_after_misses) == (None, 4)
    page = reverse("agreements:version", args=[company.agreement.slug, draft.number])
    assert (
        "4 months missed in a row give the other side the right to cancel"
        in company.client(by).get(page).text
    )
    edit = reverse("agreements:edit", args=[company.agreement.slug, draft.number])
    assert 'name="cancel_after_misses" value="4"' in company.client(by).get(edit).text


def test_results_answers_and_ended_actions_stay_whoever_writes_the_row(company: Company):
    excuse = propose_excuse(
        party=company.marketing, month_on=MARCH, days=[MARCH], reason="other", now=NOW, by=company.manager
    )
    director = company.sales.signatory
    assert director is not None
    answer_excuse(excuse=excuse, is_accepted=False, now=NOW, by=director)
    for statement in (
        "DELETE FROM agreements_evaluation",
        "DELETE FROM agreements_strike",
        "DELETE FROM agreements_excuse",
        "DELETE FROM agreements_monthresult",
        "DELETE FROM agreements_consequence",
        "UPDATE agreements_evaluation SET promise = 'depth'",
        "UPDATE agreements_excuse SET days = '{2026-03-02}'",
        "UPDATE agreements_excuse SET state = 'accepted'",
        "UPDATE agreements_monthresult SET closed_at = NULL",
        "UPDATE agreements_consequence SET kind = 'cancellation'",
    ):
        with pytest.raises(IntegrityError, match="is kept"), transaction.atomic():
            connection.cursor().execute(statement)
    Excuse.objects.update(note="", answer="")  # personal words can be erased
    assert AgreementEvent.objects.filter(kind="excuse_refused").exists()
