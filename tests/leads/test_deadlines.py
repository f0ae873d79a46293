"""To be accepted or given back in time, to come to an outcome in time: rules, facts, the sweep, re-dating, import."""

import datetime as dt
from decimal import Decimal
from functools import partial
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from agreements.models import Commitment, Version
from agreements.readings.differences import differences
from agreements.readings.labels import names_of
from agreements.readings.promise_sentences import sentences_of
from agreements.readings.promises import Sayings, offices_of
from agreements.services.draft_values import draft_values, write_values
from agreements.services.drafting import begin_amendment
from agreements.services.faults import faults_of
from agreements.services.signed_text import COMMITMENT_TERMS
from agreements.services.signing import sign_version
from agreements.terms import TermsBook
from leads import clock
from leads.acting import Acting
from leads.clock import Deadline, answered, deadline_state, decided
from leads.models import HandOff, HandOffEvent
from leads.readings.deadlines import deadline_ahead, deadline_faces
from leads.readings.due_times import explain_due_time
from leads.readings.panel import read_panel
from leads.services.attempts import log_attempt, void_attempt
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import accept, assign, close, hand_over, put_under_terms, start_clock
from leads.services.re_dating import plan_re_dating, re_date
from leads.services.sweep import sweep_clocks
from reports.readings.kept import month_found
from tests import factories
from tests.leads.importing import take
from tests.races import race, rounds

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
SECOND, TICK = dt.timedelta(seconds=1), dt.timedelta(microseconds=1)
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)  # a Monday; open 9 to 17
ACCEPT_BY = START + 2 * HOUR
NOW = START + 6 * HOUR
DUE = START + HOUR


def test_the_words_of_the_model_are_those_of_the_clock():
    assert set(HandOff.Deadline.values) == {one.value for one in Deadline}


def test_a_deadline_is_kept_at_its_instant_and_late_after_it():
    assert deadline_state(due_at=None, now=NOW, done_at=NOW) is Deadline.NONE
    assert deadline_state(due_at=DUE, now=DUE) is Deadline.WAITING
    assert deadline_state(due_at=DUE, now=DUE + TICK) is Deadline.EXPIRED
    assert deadline_state(due_at=DUE, now=NOW, done_at=DUE) is Deadline.KEPT
    assert deadline_state(due_at=DUE, now=NOW, done_at=DUE + TICK) is Deadline.LATE
    assert deadline_state(due_at=DUE, now=NOW, set_aside_at=DUE) is Deadline.SET_ASIDE
    assert deadline_state(due_at=DUE, now=NOW, set_aside_at=DUE + TICK) is Deadline.LATE
    assert deadline_state(due_at=DUE, now=DUE, done_at=DUE + TICK) is Deadline.WAITING  # not yet


def test_whatever_came_first_answered_a_hand_off():
    for accepted_at, attempted_at, closed_at in permutations([DUE, DUE + HOUR, None]):
        found = answered(
            accepted_at=accepted_at,
            first_attempt_at=attempted_at,
            closed_as="rejected" if closed_at else "",
            closed_at=closed_at,
        )
        assert found == (DUE, None)


@pytest.mark.parametrize("closed_as", HandOff.ClosedAs.values)
def test_only_a_closing_for_a_reason_of_sales_is_an_answer(closed_as):
    found = answered(accepted_at=None, first_attempt_at=None, closed_as=closed_as, closed_at=DUE)
    assert found == ((None, DUE) if closed_as in ("cancelled", "excused") else (DUE, None))
    outcome = decided(closed_as=closed_as, closed_at=DUE)
    is_outcome = closed_as in ("qualified", "won", "lost", "unreachable")
    assert outcome == ((DUE, None) if is_outcome else (None, DUE))


def promise(version, kind, allowance, **terms):
    sales = factories.party(version.agreement, "sales")
    return Commitment.objects.create(version=version, party=sales, kind=kind, allowance=allowance, **terms)


def agreed(slug="company", *, acceptance=2 * HOUR, outcome=14 * HOUR, **terms):
    version = factories.draft(factories.agreement(slug), **terms)
    promise(version, "acceptance", acceptance)
    promise(version, "outcome", outcome)
    return factories.sign(version)


@pytest.fixture
def version(db):
    return agreed()


@pytest.fixture
def hand_off(version):
    return hand_over(lead=factories.lead(START), at=START, now=START)


def broken(kind="not_accepted"):
    return list(HandOffEvent.objects.filter(kind=kind).values_list("hand_off_id", "happened_at"))


def fresh(hand_off):
    hand_off.refresh_from_db()
    return hand_off


def test_the_panel_beside_the_queue_names_the_deadlines_among_what_was_promised(hand_off):
    acting = Acting(factories.user("Ada Admin", is_superuser=True))

    def steps(now):
        shown = read_panel(fresh(hand_off).lead, acting, now=now).steps
        return [
            (step.text.replace("\N{NO-BREAK SPACE}", " "), step.state, step.mark)
            for step in shown
            if "Accepted" in step.text or "outcome" in step.text
        ]

    acceptance = "Accepted or given back within 2 h of business time"
    outcome = "An outcome within 14 h of business time"
    assert steps(ACCEPT_BY) == [(acceptance, "next", "to do"), (outcome, "next", "to do")]
    assert steps(ACCEPT_BY + TICK)[0] == (acceptance, "late", "late")
    accept(hand_off=hand_off, at=ACCEPT_BY + SECOND, now=NOW)
    assert steps(NOW)[0] == (acceptance, "late", "too late")
    close(hand_off=fresh(hand_off), closed_as="qualified", at=NOW, now=NOW)
    assert steps(NOW)[1] == (outcome, "done", "done")
    HandOff.objects.update(closed_as="recycled")
    assert [text for text, _state, _mark in steps(NOW)] == [acceptance]


def test_deadlines_are_stored_with_the_hand_off(hand_off):
    assert (hand_off.acceptance_due_at, hand_off.acceptance) == (ACCEPT_BY, "waiting")
    assert (hand_off.outcome_due_at, hand_off.outcome) == (
        dt.datetime(2026, 3, 3, 16, tzinfo=dt.UTC),
        "waiting",
    )
    assert (hand_off.acceptance_allowance, hand_off.outcome_allowance) == (2 * HOUR, 14 * HOUR)


def test_a_segment_has_its_own_deadline_or_that_of_all(db):
    executives = factories.segment("Executives")
    version = factories.draft(factories.agreement())
    promise(version, "acceptance", 2 * HOUR)
    promise(version, "acceptance", HOUR, segment=executives)
    factories.sign(version)
    of_segment = hand_over(lead=factories.lead(START, segment=executives), at=START, now=START)
    other = hand_over(lead=factories.lead(START), at=START, now=START)
    assert (of_segment.acceptance_due_at, other.acceptance_due_at) == (START + HOUR, ACCEPT_BY)
    assert of_segment.outcome == other.outcome == ""


def test_accepting_or_giving_back_at_the_deadline_is_in_time(hand_off):
    assert fresh(accept(hand_off=hand_off, at=ACCEPT_BY, now=NOW)).acceptance == "kept"
    assert hand_off.least_acceptance_seconds == 2 * 3600
    other = hand_over(lead=factories.lead(START), at=START, now=START)
    close(hand_off=other, closed_as="rejected", at=ACCEPT_BY + SECOND, now=NOW, reason="duplicate")
    assert (fresh(other).acceptance, other.outcome) == ("late", "set_aside")
    assert broken() == [(other.pk, ACCEPT_BY)]


def test_an_attempt_by_a_person_takes_a_lead_and_undoing_it_gives_it_back(hand_off):
    assign(hand_off=hand_off, owner=factories.user(), at=START, now=START)
    given = {"hand_off": hand_off, "channel": "call", "outcome": "no_answer", "now": NOW}
    log_attempt(attempted_at=START + 3 * HOUR, is_automated=True, **given)
    assert fresh(hand_off).acceptance == "expired"
    attempt = log_attempt(attempted_at=START + HOUR, **given)
    assert fresh(hand_off).acceptance == "kept"
    void_attempt(attempt=attempt, now=NOW, reason="entered twice")
    assert fresh(hand_off).acceptance == "expired"
    assert len(broken()) == 2  # it was broken, was not, and is again: each change is a row


@pytest.mark.parametrize(("at", "outcome"), [(-SECOND, "kept"), (dt.timedelta(0), "kept"), (SECOND, "late")])
def test_an_outcome_stops_its_clock(hand_off, at, outcome):
    closed_at = hand_off.outcome_due_at + at
    close(hand_off=hand_off, closed_as="won", at=closed_at, now=closed_at)
    assert fresh(hand_off).outcome == outcome
    assert broken("no_outcome") == ([(hand_off.pk, hand_off.outcome_due_at)] if outcome == "late" else [])


def test_cancelled_after_the_deadline_it_is_late_and_before_it_is_asked_no_more(hand_off):
    close(hand_off=hand_off, closed_as="cancelled", at=ACCEPT_BY + SECOND, now=NOW)
    other = hand_over(lead=factories.lead(START), at=START, now=START)
    close(hand_off=other, closed_as="cancelled", at=ACCEPT_BY, now=NOW)
    assert (fresh(hand_off).acceptance, fresh(other).acceptance) == ("late", "set_aside")


def test_the_sweep_finds_each_expired_deadline_once(hand_off):
    assert sweep_clocks(now=ACCEPT_BY)["not_accepted"] == 0
    assert sweep_clocks(now=ACCEPT_BY + SECOND)["not_accepted"] == 1
    assert sweep_clocks(now=NOW)["not_accepted"] == 0
    assert sweep_clocks(now=hand_off.outcome_due_at + SECOND)["no_outcome"] == 1
    assert broken() == [(hand_off.pk, ACCEPT_BY)]
    assert broken("no_outcome") == [(hand_off.pk, hand_off.outcome_due_at)]
    later = hand_off.outcome_due_at + SECOND
    accept(hand_off=hand_off, at=NOW, now=later)
    assert fresh(hand_off).acceptance == "late"
    assert len(broken()) == 1  # told already
    assert rebuild_facts(now=hand_off.outcome_due_at + SECOND) == 0


@pytest.mark.django_db(transaction=True)
def test_an_acceptance_and_the_sweep_at_once_agree_on_what_happened():
    agreed()
    for _ in range(rounds(5)):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        race(
            *[partial(sweep_clocks, now=NOW)] * 2,
            partial(accept, hand_off=hand_off, at=NOW, now=NOW),
        )
        assert fresh(hand_off).acceptance == "late"
        assert HandOffEvent.objects.filter(hand_off=hand_off, kind="not_accepted").count() == 1


def test_a_deadline_without_its_state_is_refused(hand_off):
    for change in ({"acceptance": ""}, {"outcome_due_at": None}, {"acceptance_due_at": START - SECOND}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOff.objects.filter(pk=hand_off.pk).update(**change)


@pytest.mark.parametrize("kind", Commitment.DEADLINES)
def test_a_promise_by_a_deadline_needs_an_allowance(db, kind):
    version = factories.draft(factories.agreement())
    for allowance in (None, dt.timedelta(0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            promise(version, kind, allowance)


def amended(version, **lengths):
    draft = factories.draft(version.agreement, starts_on=dt.date(2026, 3, 2))
    Version.objects.filter(pk=draft.pk).update(reach="also_open")
    for kind, length in lengths.items():
        promise(draft, kind, length)
    return draft


def test_a_version_for_open_ones_moves_the_deadlines_that_are_not_decided(version):
    begun = (START, START, START - 5 * DAY)
    waiting, accepted, expired = (hand_over(lead=factories.lead(at), at=at, now=START) for at in begun)
    now = START + HOUR
    accept(hand_off=accepted, at=now, now=now)
    draft = amended(version, acceptance=5 * HOUR, outcome=15 * HOUR)
    changes = {one.hand_off.pk: one.after for one in plan_re_dating(version=draft, now=now).changes}
    assert changes[waiting.pk].acceptance_due_at == START + 5 * HOUR
    assert changes[waiting.pk].outcome_due_at == waiting.outcome_due_at + HOUR
    assert changes[accepted.pk].acceptance_due_at == ACCEPT_BY
    assert changes[accepted.pk].outcome_due_at == accepted.outcome_due_at + HOUR
    if expired.pk in changes:  # only its depth is open still
        assert changes[expired.pk].acceptance_due_at == expired.acceptance_due_at
        assert changes[expired.pk].outcome_due_at == expired.outcome_due_at


def test_a_version_that_promises_no_deadline_ends_the_ones_that_run(version, hand_off):
    draft = amended(version)
    for party in draft.agreement.parties.order_by("pk"):
        sign_version(version=draft, signer=party.signatory, now=START)
    assert re_date(version=draft, now=START + HOUR) is not None
    assert (fresh(hand_off).acceptance, hand_off.acceptance_due_at, hand_off.acceptance_allowance) == (
        "",
        None,
        None,
    )
    assert (hand_off.outcome, hand_off.outcome_due_at) == ("", None)


def test_pages_say_how_a_deadline_stands(hand_off):
    faces = {one.of: one for one in deadline_faces(hand_off, NOW)}
    assert faces["acceptance"].face.text.startswith("not accepted in time, due")
    assert faces["outcome"].face.text.startswith("outcome due")
    assert deadline_ahead(hand_off, NOW).of == "acceptance"
    accept(hand_off=hand_off, at=START, now=NOW)
    assert {one.of: one.state for one in deadline_faces(fresh(hand_off), NOW)} == {
        "acceptance": Deadline.KEPT,
        "outcome": Deadline.WAITING,
    }
    assert deadline_ahead(hand_off, NOW) is None
    explained = explain_due_time(hand_off, now=NOW, of="acceptance")
    assert "2\xa0h of business time" in explained.sentence
    assert explained.lines[-1].total == "2\xa0h"
    assert "14\xa0h of business time" in explain_due_time(hand_off, now=NOW, of="outcome").sentence


def test_a_hand_off_of_which_only_the_day_is_known_has_no_deadline(version):
    hand_off = HandOff(lead=factories.lead(START), handed_off_at=START, is_date_only=True)
    terms = TermsBook().terms(at=START)
    put_under_terms(hand_off, terms)
    start_clock(hand_off, terms, start_at=START)
    assert hand_off.acceptance == hand_off.outcome == clock.Deadline.NONE


LEAD = "external_id,qualified_at,handed_off_at,name,source,origin\n1,{at},{at},Ada Byron,web,marketing\n"


def test_a_file_gives_deadlines_as_it_gives_clocks_and_moves_them_where_it_corrects(version):
    monday, history = "2026-03-02T10:00:00Z", "2026-01-05T10:00:00Z"
    take("leads", LEAD.format(at=history), now=NOW)
    assert HandOff.objects.get().acceptance == ""  # history is not judged
    HandOff.objects.all().delete()
    take("leads", LEAD.format(at=monday), now=START + HOUR)
    hand_off = HandOff.objects.get()
    assert (hand_off.acceptance, hand_off.acceptance_due_at) == ("waiting", ACCEPT_BY)
    sweep_clocks(now=ACCEPT_BY + SECOND)
    take("leads", LEAD.format(at="2026-03-02T10:30:00Z"), now=NOW)
    assert fresh(hand_off).acceptance_due_at == ACCEPT_BY + HOUR / 2
    assert hand_off.acceptance == "expired"
    assert len(broken()) == 1  # told once
    assert rebuild_facts(now=NOW) == 0


def test_without_a_promise_of_speed_a_deadline_still_moves_with_new_terms_and_hours(db):
    version = factories.draft(factories.agreement(), allowance=None, attempts=None)
    promise(version, "acceptance", 2 * HOUR)
    factories.sign(version)
    hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
    assert (hand_off.due_at, hand_off.acceptance_due_at) == (None, ACCEPT_BY)
    draft = amended(version, acceptance=3 * HOUR)
    change = next(one for one in plan_re_dating(version=draft, now=START).changes if one.hand_off == hand_off)
    assert change.after.acceptance_due_at == START + 3 * HOUR


def test_the_draft_editor_and_the_pages_say_deadlines(version):
    agreement = version.agreement
    draft = begin_amendment(
        agreement=agreement,
        starts_on=dt.date(2026, 5, 1),
        now=NOW,
        by=factories.party(agreement, "sales").signatory,
    )
    values = draft_values(draft)
    assert values["acceptance-0-allowance"] == 2 * HOUR
    said = Sayings(agreement.zone, offices_of(agreement), NOW).of(
        values | {"acceptance-0-in_time_share": Decimal("0.9")}
    )
    assert "must be accepted or given back by" in said["acceptance-0-allowance"]
    assert "must be qualified, won, lost or unreachable by" in said["outcome-0-allowance"]
    assert "at most 10 are accepted or given back late" in said["acceptance-0-in_time_share"]
    write_values(draft, {"acceptance-0-allowance": HOUR, "outcome-0-allowance": None})
    changed = {one.key: (one.old, one.new) for one in differences(version, draft, names_of(agreement))}
    assert changed["acceptance-0-allowance"] == ("2 h", "1 h")
    assert changed["outcome-0-allowance"][1] == "–"
    sentences = sentences_of(draft.commitments.get(kind="acceptance"), "")
    assert sentences == ["Accepted or given back within 1 h (business)."]
    assert faults_of(
        {**values, "outcome-0-allowance": None, "outcome-0-in_time_share": Decimal(1)}
    ).keys() >= {"outcome-0-in_time_share"}


def test_a_text_without_deadlines_is_what_it_was():
    assert "acceptance" not in COMMITMENT_TERMS  # no column was added: a kind alone


@pytest.mark.parametrize("n", [2, 20])
def test_the_month_with_deadlines_is_closed_in_as_many_queries_for_few_as_for_many(
    db, n, django_assert_max_num_queries
):
    version = factories.draft(factories.agreement())
    promise(version, "acceptance", 2 * HOUR, in_time_share=Decimal("0.9"))
    factories.sign(version)
    for _ in range(n):
        hand_over(lead=factories.lead(START), at=START, now=START)
    with django_assert_max_num_queries(30):
        found = month_found(agreement=version.agreement, month_on=dt.date(2026, 3, 1), at=NOW + 40 * DAY)
    one = next(one for one in found.findings if one.promise == "acceptance")
    assert (one.outcome, one.numerator, one.denominator, one.threshold) == ("missed", 0, n, Decimal("0.9"))
