"""An agreement cancelled, ended sooner, renewed: what stands, what stops, and its pages."""

import datetime as dt
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import AgreementEvent, Cancellation, Clause, Decision, Review, Team, Version
from agreements.readings.verification import verify
from agreements.services.deliveries import write_out_due_dates
from agreements.services.drafting import begin_amendment
from agreements.services.ending import begin_renewal
from agreements.services.reviewing import plan_reviews
from agreements.services.signing import sign_version
from agreements.terms import TermsBook
from tests import factories
from tests.agreements.reviewed import APRIL, HOSTILE, NOON, cancelled, in_force, kinds
from tests.races import race

pytestmark = pytest.mark.django_db


def test_what_is_cancelled_ends_on_the_day_and_its_history_stays(agreement, bo):
    version = factories.draft(agreement)
    owed = factories.obligation(version)
    factories.sign(version)
    write_out_due_dates(now=NOON)
    draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 6, 1), now=NOON, by=bo)
    cancelled(agreement, bo)
    version.refresh_from_db()
    draft.refresh_from_db()
    assert (version.ended_on, draft.state) == (APRIL, Version.State.WITHDRAWN)
    assert [f"{one:%m-%d}" for one in owed.occurrences.values_list("due_on", flat=True)] == [
        "03-06",
        "03-13",
        "03-20",
        "03-27",
    ]
    event = AgreementEvent.objects.get(kind="cancelled")
    assert event.data == {"ends_on": "2026-04-01", "by_agreed_condition": False}
    with pytest.raises(ValidationError, match="withdrawn"):
        sign_version(version=draft, signer=bo, now=NOON)
    for again in (APRIL, dt.date(2026, 5, 1)):
        with pytest.raises(ValidationError, match="cancelled already"):
            cancelled(agreement, bo, again)
    assert Cancellation.objects.count() == 1


def test_what_was_cancelled_is_ended_sooner_by_whoever_directs_a_party(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    version = in_force(agreement)
    following = factories.signed(agreement, starts_on=dt.date(2026, 5, 1))
    cancelled(agreement, bo, dt.date(2026, 6, 1))
    client.force_login(factories.party(agreement, Team.Function.MARKETING).signatory)
    assert "/agreements/company/cancel/" in client.get("/agreements/company/reviews/").text
    form = {"condition": "other", "reason": "Let it be", "password": "secret"}
    for day, status in (("2026-06-01", 422), ("2026-04-01", 302)):
        assert client.post("/agreements/company/cancel/", form | {"ends_on": day}).status_code == status
    version.refresh_from_db()
    following.refresh_from_db()
    assert version.ended_on == APRIL and following.in_force.isempty
    assert "from 1 Apr 2026 on nothing is in force" in client.get("/agreements/company/reviews/").text
    cancelled(agreement, bo, dt.date(2026, 3, 20))
    version.refresh_from_db()
    assert version.ended_on == dt.date(2026, 3, 20)
    assert [one.ends_on.isoformat() for one in Cancellation.objects.order_by("pk")] == [
        "2026-06-01",
        "2026-04-01",
        "2026-03-20",
    ]
    assert kinds(agreement).count("cancelled") == 3
    assert verify(agreement).is_sound


def test_a_hand_off_after_the_end_has_no_terms_and_one_before_keeps_them(agreement, bo):
    version = in_force(agreement)
    cancelled(agreement, bo)
    book = TermsBook()
    last, first_after = (dt.datetime(2026, *day, 12, tzinfo=dt.UTC) for day in ((3, 31), (4, 1)))
    assert book.terms(at=last).version_id == version.pk
    assert book.terms(at=first_after).version_id is None


def test_a_version_that_has_not_begun_ends_before_its_first_day(agreement, bo):
    in_force(agreement)
    later = factories.signed(agreement, starts_on=dt.date(2026, 5, 1))
    cancelled(agreement, bo)
    later.refresh_from_db()
    assert later.in_force.isempty


def test_nothing_ends_in_the_past_or_where_nothing_is_in_force(agreement, bo):
    in_force(agreement, ends_on=APRIL)
    with pytest.raises(ValidationError, match="in the past"):
        cancelled(agreement, bo, dt.date(2026, 3, 3))
    with pytest.raises(ValidationError, match="nothing to end"):
        cancelled(agreement, bo, APRIL)


def test_a_renewal_goes_on_where_the_last_version_ends_for_as_long_again(agreement, bo):
    version = factories.draft(agreement, ends_on=dt.date(2027, 1, 1), goals={dt.date(2026, 3, 1): 100})
    factories.obligation(version)
    factories.sign(version)
    draft = begin_renewal(agreement=agreement, now=NOON, by=bo)
    assert (draft.starts_on, draft.ends_on) == (dt.date(2027, 1, 1), dt.date(2028, 1, 1))
    assert draft.obligations.count() == 1
    assert draft.commitments.count() == version.commitments.count()
    assert AgreementEvent.objects.get(kind="renewed").data == {"version": 1}
    with pytest.raises(ValidationError, match="is a draft still"):
        begin_renewal(agreement=agreement, now=NOON, by=bo)


def test_what_has_no_end_is_not_renewed(agreement, bo):
    in_force(agreement)
    with pytest.raises(ValidationError, match="has no end"):
        begin_renewal(agreement=agreement, now=NOON, by=bo)


@pytest.mark.django_db(transaction=True)
def test_cancelling_while_others_sign_and_cancel_leaves_nothing_in_force_beyond_the_end():
    factories.calendar("Office", is_default=True)
    for turn in range(2):
        agreement = factories.agreement(f"company-{turn}")
        in_force(agreement)
        ann = factories.party(agreement, "marketing").signatory
        bo = factories.party(agreement, "sales").signatory
        draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 5, 1), now=NOON, by=bo)
        sign_version(version=draft, signer=ann, now=NOON)
        results = race(
            *[partial(cancelled, agreement, bo)] * 3,
            *[partial(sign_version, version=draft, signer=bo, now=NOON)] * 3,
        )
        assert sum(isinstance(one, Cancellation) for one in results) == 1, results
        assert not Version.objects.signed().filter(agreement=agreement, in_force__overlap=(APRIL, None))
        assert not agreement.versions.open().exists()


def test_the_whole_end_of_an_agreement_on_its_pages(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    version = factories.draft(agreement, ends_on=dt.date(2027, 1, 1))
    Clause.objects.create(
        version=version, topic="cancellation", text="Three months' notice.\n\nAt any time by both."
    )
    Version.objects.filter(pk=version.pk).update(review_rhythm="monthly")
    factories.sign(Version.objects.get(pk=version.pk))
    plan_reviews(now=NOON)
    client.force_login(bo)
    address = "/agreements/company/reviews/"
    said = client.get(address).text
    assert "The next review is tomorrow, 5 Mar 2026." in said
    assert "from 1 Jan 2027 on nothing is in force" in said
    assert client.post(address, {"planned_on": "2026-03-01"}).status_code == 422
    review = Review.objects.first()
    page = f"{address}{review.pk}/"
    assert "month=2026-02" in client.get(page).text
    client.post(page, {"edits": 0, "agenda": HOSTILE, "minutes": HOSTILE})
    stale = client.post(page, {"edits": 0, "agenda": "My order", "minutes": "Mine"})
    assert stale.status_code == 409
    assert "My order" in stale.text and stale.text.count('class="theirs"') == 2
    assert "Mine" in stale.text and "&lt;script&gt;" in stale.text and "<script>alert(1)" not in stale.text
    refused = client.post(f"{page}decisions/", {"text": "", "owner": "", "due_on": ""})
    assert refused.status_code == 422 and 'id="id_text_error"' in refused.text
    decision = {"text": "Call <b>more</b>", "owner": bo.pk, "due_on": "2026-04-01"}
    assert "until 1 Apr 2026" in client.post(f"{page}decisions/", decision, follow=True).text
    assert (
        "The review is held."
        in client.post(page, {"edits": 1, "minutes": "All", "hold": "1"}, follow=True).text
    )
    done = f"/agreements/company/decisions/{Decision.objects.get().pk}/done/"
    assert f'name="next" value="{page}"' in client.get(page).text
    assert client.post(done, {"next": "//evil.example/"}).url == "/agreements/company/reviews/"
    Decision.objects.update(done_on=None)
    answer = client.post(done, {"next": page}, follow=True)
    assert answer.redirect_chain == [(page, 302)] and "Done: Call &lt;b&gt;more&lt;/b&gt;" in answer.text
    cancel = "/agreements/company/cancel/"
    said = client.get(cancel).text
    assert "Three months&#x27; notice." in said and "At any time by both." in said
    form = {"ends_on": "2026-04-01", "condition": "1", "reason": HOSTILE, "password": "wrong"}
    refused = client.post(cancel, form)
    assert refused.status_code == 422 and "Nothing was cancelled." in refused.text
    said = client.post(cancel, form | {"password": "secret"}, follow=True).text
    assert "“At any time by both.”" in said and "<script>alert(1)" not in said
    assert "from 1 Apr 2026 on nothing is in force" in said
    assert "cancelled" in client.get("/agreements/company/").text
    said = client.post("/agreements/company/renew/", follow=True).text
    assert "Draft of version 2, from 1 Apr 2026" in said
