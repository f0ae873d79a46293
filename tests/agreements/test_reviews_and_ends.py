"""Reviews planned and held, minutes of two writers, an agreement cancelled or renewed, and who is told ahead."""

import datetime as dt
from functools import partial

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import (
    AgreementEvent,
    CalendarFeed,
    Cancellation,
    Clause,
    Decision,
    Membership,
    Notice,
    Review,
    Team,
    Version,
)
from agreements.readings.coming import coming_dates
from agreements.readings.register import register_lines
from agreements.readings.register_query import Asked, registered
from agreements.readings.verification import verify
from agreements.services.calendar_feeds import make_address
from agreements.services.deliveries import Content, deliver, write_out_due_dates
from agreements.services.drafting import begin_amendment
from agreements.services.ending import begin_renewal, cancel_agreement
from agreements.services.noticing import make_notices
from agreements.services.reviewing import (
    MinutesChanged,
    decide,
    plan_review,
    plan_reviews,
    propose_agenda,
    settle_decision,
    write_minutes,
)
from agreements.services.signing import sign_version
from agreements.terms import TermsBook
from tests import factories
from tests.query_counts import assert_same_queries
from tests.races import race

pytestmark = pytest.mark.django_db

NOON, DAY = factories.NOON, dt.timedelta(days=1)  # Wednesday, 4 March 2026
APRIL = dt.date(2026, 4, 1)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp"


@pytest.fixture
def agreement():
    factories.calendar("Office", is_default=True)
    return factories.agreement()


@pytest.fixture
def bo(agreement):
    return factories.party(agreement, Team.Function.SALES).signatory


def in_force(agreement, rhythm="monthly", **terms):
    version = factories.draft(agreement, **terms)
    Version.objects.filter(pk=version.pk).update(review_rhythm=rhythm)
    return factories.sign(Version.objects.get(pk=version.pk))


def days(agreement):
    return [f"{one:%m-%d}" for one in agreement.reviews.values_list("planned_on", flat=True)]


def cancelled(agreement, by, ends_on=APRIL):
    return cancel_agreement(
        agreement=agreement, ends_on=ends_on, condition="", reason="Enough", now=NOON, by=by
    )


def written(review, by, minutes="Said", edits=0, is_held=False, agenda=None):
    given = {"minutes": minutes, "agenda": agenda, "edits": edits, "is_held": is_held}
    return write_minutes(review=review, **given, now=NOON, by=by)


def fields(answer):
    """What a browser would send of the minutes' form as it stands on a page."""
    form = answer.context["form"]
    return {bound.name: bound.value() for bound in form}


def opened(client, page):
    return fields(client.get(page))


def kinds(agreement):
    return list(AgreementEvent.objects.filter(agreement=agreement).values_list("kind", flat=True))


# Reviews


def test_reviews_are_planned_once_by_the_agreed_rhythm_on_business_days(agreement):
    in_force(agreement)
    assert plan_reviews(now=NOON) == 4
    assert days(agreement) == ["03-05", "04-06", "05-05", "06-05"], "5 April is a Sunday"
    assert plan_reviews(now=NOON) == 0
    assert kinds(agreement).count("review_scheduled") == 4


@pytest.mark.parametrize(("rhythm", "expected"), [("quarterly", ["04-06"]), ("yearly", []), ("", [])])
def test_a_rhythm_plans_what_lies_in_the_next_hundred_days(agreement, rhythm, expected):
    in_force(agreement, rhythm)
    plan_reviews(now=NOON)
    assert days(agreement) == expected


def test_a_review_into_which_somebody_wrote_is_not_taken_back(agreement, bo):
    in_force(agreement)
    plan_reviews(now=NOON)
    by_hand = plan_review(agreement=agreement, planned_on=dt.date(2026, 4, 20), now=NOON, by=bo)
    written(Review.objects.get(planned_on=dt.date(2026, 5, 5)), bo)
    cancelled(agreement, bo)
    assert days(agreement) == ["03-05", f"{by_hand.planned_on:%m-%d}", "05-05"]


def test_a_review_on_a_day_from_which_it_was_cancelled_is_nobodys_to_hold_and_announced_to_nobody(
    client, agreement, bo, monkeypatch
):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    in_force(agreement, "")
    for day in (dt.date(2026, 3, 10), APRIL):
        plan_review(agreement=agreement, planned_on=day, now=NOON, by=bo)
    written(agreement.reviews.last(), bo)
    cancelled(agreement, bo)
    may = NOON + 60 * DAY
    assert [one.planned_on.day for one in Review.objects.to_hold()] == [10]
    make_notices(now=NOON)
    told = Notice.objects.filter(kind__startswith="review").values_list("about", flat=True)
    assert set(told) == {agreement.reviews.first().pk}
    assert feed(client, bo).content.count(b"UID:review-") == 1
    assert [one.on.day for one in coming_dates(bo, now=NOON) if "review" in one.sentence] == [10]
    monkeypatch.setattr(timezone, "now", lambda: may)
    client.force_login(bo)
    said = client.get("/agreements/company/reviews/").text
    assert "The review of 10 Mar 2026 is not held yet." in said
    assert said.count("not held yet</span>") == 1 and said.count("nobody has to hold it") == 1
    written(agreement.reviews.first(), bo, is_held=True)
    assert "No review is planned." in client.get("/agreements/company/reviews/").text
    of_bo = register_lines(list(registered(bo, Asked(), now=may)), user=bo, now=may)
    assert [one.acts for one in of_bo] == [[]]
    assert not registered(bo, Asked(is_mine=True), now=may)


def test_before_anything_is_signed_a_review_is_to_be_held_as_planned(agreement, bo):
    factories.draft(agreement)
    plan_review(agreement=agreement, planned_on=APRIL, now=NOON, by=bo)
    assert Review.objects.to_hold().count() == 1


def test_a_review_is_planned_neither_in_the_past_nor_twice(agreement, bo):
    in_force(agreement, "")
    with pytest.raises(ValidationError, match="is over"):
        plan_review(agreement=agreement, planned_on=dt.date(2026, 3, 3), now=NOON, by=bo)
    plan_review(agreement=agreement, planned_on=dt.date(2026, 3, 4), now=NOON, by=bo)
    with pytest.raises(ValidationError, match="already"):
        plan_review(agreement=agreement, planned_on=dt.date(2026, 3, 4), now=NOON, by=bo)


def test_two_who_write_minutes_lose_no_words(agreement, bo):
    in_force(agreement)
    plan_reviews(now=NOON)
    review = Review.objects.first()
    written(review, bo, "One")
    with pytest.raises(MinutesChanged):
        written(review, bo, "Two")
    written(review, bo, "One")  # the same words again are no conflict
    with pytest.raises(ValidationError, match="Write what was said"):
        written(review, bo, " ", edits=1, is_held=True)
    written(review, bo, "One and two", edits=1, is_held=True)
    with pytest.raises(ValidationError, match="was held"):
        written(review, bo, "Three", edits=2)
    review.refresh_from_db()
    assert (review.minutes, review.held_by) == ("One and two", bo)
    assert AgreementEvent.objects.get(kind="review_held").data == {"planned_on": "2026-03-05", "decisions": 0}


def test_an_agenda_is_proposed_until_somebody_writes_their_own_and_stays_once_held(agreement, bo):
    in_force(agreement)
    plan_reviews(now=NOON)
    review = Review.objects.first()

    def proposed(agenda, *instead_of):
        return propose_agenda(review=review, agenda=agenda, instead_of=instead_of)

    assert proposed("1. Speed") and not proposed("1. Speed")
    assert not proposed("1. Depth")  # another one stands there
    assert proposed("1. Depth", "1. Speed")
    written(review, bo, "Said")  # minutes alone leave it
    review.refresh_from_db()
    assert (review.agenda, review.edits) == ("1. Depth", 1)
    written(review, bo, "Said", edits=1, agenda="Our own\r\n")
    assert not proposed("1. Goals", "1. Depth")
    with pytest.raises(MinutesChanged):
        written(review, bo, "Said", edits=1, agenda="Theirs")
    written(review, bo, "Said", edits=2, is_held=True)
    review.refresh_from_db()
    assert review.agenda == "Our own"
    Review.objects.update(agenda="")
    assert not proposed("1. Goals")
    assert not Review.objects.filter(pk=review.pk, agenda="1. Goals").exists()


def test_a_review_whose_agenda_somebody_wrote_is_not_taken_back(agreement, bo):
    in_force(agreement)
    plan_reviews(now=NOON)
    written(Review.objects.get(planned_on=dt.date(2026, 5, 5)), bo, "", agenda="Our own")
    propose_agenda(review=Review.objects.get(planned_on=dt.date(2026, 6, 5)), agenda="1.", instead_of=())
    cancelled(agreement, bo)
    assert days(agreement) == ["03-05", "05-05"]


def test_the_standing_agenda_is_written_down_when_the_review_is_held(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    in_force(agreement)
    plan_reviews(now=NOON)
    review = Review.objects.first()
    page = f"/agreements/company/reviews/{review.pk}/"
    client.force_login(bo)
    offered = opened(client, page)
    client.post(page, offered)
    review.refresh_from_db()
    assert (review.agenda, review.edits) == ("", 0)  # left as it stands
    client.post(page, offered | {"minutes": "Said", "hold": "1"})
    review.refresh_from_db()
    assert review.agenda.startswith("1. The figures of February 2026\n2. What was owed regularly")
    said = client.get(page).text
    assert "2. What was owed regularly" in said and "Change the agenda" not in said


def test_a_page_left_open_keeps_no_agenda_that_was_only_proposed_there(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    in_force(agreement)
    plan_reviews(now=NOON)
    first, review = Review.objects.order_by("planned_on")[:2]
    carried = decide(review=first, text="Call more", owner=bo, due_on=APRIL, now=NOON)
    page = f"/agreements/company/reviews/{review.pk}/"
    client.force_login(bo)
    left_open = opened(client, page)
    assert "Call more" in left_open["agenda"]
    settle_decision(decision=carried, now=NOON, by=bo)
    assert client.post(page, left_open | {"minutes": "Said"}).status_code == 302
    review.refresh_from_db()
    assert (review.agenda, review.minutes) == ("", "Said")
    held = client.post(page, left_open | {"edits": 1, "minutes": "Said", "hold": "1"})
    review.refresh_from_db()
    assert held.status_code == 302 and "Call more" not in review.agenda and review.agenda.startswith("1. The")


def test_an_agenda_proposed_meanwhile_is_shown_before_another_takes_its_place(
    client, agreement, bo, monkeypatch
):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    in_force(agreement)
    plan_reviews(now=NOON)
    review = Review.objects.first()
    page = f"/agreements/company/reviews/{review.pk}/"
    client.force_login(bo)
    left_open = opened(client, page)
    propose_agenda(review=review, agenda="1. Speed\n2. Depth", instead_of=())
    assert client.post(page, left_open | {"minutes": "Said"}).status_code == 302, "the agenda stays"
    for sent in ({"hold": "1"}, {"agenda": "Our own"}):
        stale = client.post(page, left_open | {"edits": 1, "minutes": "Said"} | sent)
        assert stale.status_code == 409 and '<blockquote class="theirs">1. Speed<br>' in stale.text
        review.refresh_from_db()
        assert (review.agenda, review.held_at) == ("1. Speed\n2. Depth", None)
    assert fields(stale)["agenda"] == "Our own"
    assert client.post(page, fields(stale)).status_code == 302, "seen by now"
    assert client.post(page, fields(stale) | {"hold": "1"}).status_code == 302, "the same words again"
    review.refresh_from_db()
    assert (review.agenda, review.held_by) == ("Our own", bo)


def test_who_touched_no_agenda_gets_that_of_the_other_and_no_words_of_their_own_as_theirs(
    client, agreement, bo, monkeypatch
):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    in_force(agreement)
    plan_reviews(now=NOON)
    review = Review.objects.first()
    page = f"/agreements/company/reviews/{review.pk}/"
    client.force_login(bo)
    left_open = opened(client, page)
    client.post(page, left_open | {"agenda": "Their\r\norder"})
    stale = client.post(page, left_open | {"minutes": "Mine"})
    assert stale.status_code == 409 and stale.text.count('class="theirs"') == 1
    assert fields(stale)["agenda"] == "Their\norder" and fields(stale)["minutes"] == "Mine"
    client.post(page, opened(client, page) | {"minutes": "Both\r\nlines"})
    stale = client.post(page, fields(stale) | {"agenda": "Mine", "minutes": "Both\r\nlines"})
    assert stale.context["theirs"] == {"agenda": "Their\norder"}
    assert client.post(page, fields(stale)).status_code == 302
    review.refresh_from_db()
    assert (review.agenda, review.minutes) == ("Mine", "Both\nlines")


# Cancelling and renewing


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


@pytest.mark.django_db(transaction=True)
def test_minutes_and_decisions_at_once_are_there_once(agreement, bo):
    in_force(agreement)
    race(*[partial(plan_reviews, now=NOON)] * 4)
    assert len(days(agreement)) == len(set(days(agreement))) == 4
    review = Review.objects.first()
    results = race(*[partial(written, review, bo, f"Words {n}") for n in range(4)])
    assert sum(isinstance(one, Review) for one in results) == 1
    assert sum(isinstance(one, MinutesChanged) for one in results) == 3
    made = partial(decide, review=review, text="Call more", owner=bo, due_on=APRIL, now=NOON)
    race(*[made] * 4)
    assert Decision.objects.count() == 1


# Notices


def test_what_is_due_or_late_is_noticed_once(agreement, bo):
    version = factories.draft(agreement)
    owed = factories.obligation(version, "First\r\nstatus")
    factories.obligation(version, "Second status")
    factories.sign(version)
    write_out_due_dates(now=NOON)
    thursday, friday_night = NOON + DAY + dt.timedelta(hours=5), NOON + 2 * DAY + dt.timedelta(hours=10)
    assert make_notices(now=NOON) == 0
    assert make_notices(now=thursday) == 2
    assert make_notices(now=thursday) == 0
    for one in owed.occurrences.filter(due_on=dt.date(2026, 3, 6)):
        deliver(occurrence=one, content=Content(text="Late"), key="form", now=friday_night, by=bo)
    assert make_notices(now=friday_night) == 1, "what was delivered meanwhile is not late"


def test_who_left_the_team_or_is_closed_is_reminded_of_nothing(agreement, bo):
    version = factories.draft(agreement)
    factories.obligation(version)
    factories.sign(version)
    write_out_due_dates(now=NOON)
    Membership.objects.filter(user=bo).delete()
    assert make_notices(now=NOON + 2 * DAY) == 0


def test_reviews_and_ends_are_announced_thirty_and_seven_days_ahead(agreement):
    in_force(agreement, "", ends_on=dt.date(2026, 5, 1))
    told = {now: make_notices(now=NOON + now * DAY) for now in (0, 26, 28, 29, 50, 51, 52, 58, 59)}
    assert told == {0: 0, 26: 0, 28: 2, 29: 0, 50: 0, 51: 2, 52: 0, 58: 0, 59: 0}, "both directors"


# The calendar


def feed(client, person, now=NOON):
    token = make_address(person=person, now=now)
    return client.get(f"/calendar/{token}.ics")


def test_a_calendar_has_what_its_person_answers_for_reviews_and_ends(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    version = factories.draft(agreement, ends_on=dt.date(2027, 1, 1))
    factories.obligation(version, HOSTILE + "\r\nEND:VCALENDAR\r\n")
    Version.objects.filter(pk=version.pk).update(review_rhythm="monthly")
    factories.sign(Version.objects.get(pk=version.pk))
    write_out_due_dates(now=NOON)
    plan_reviews(now=NOON)
    answer = feed(client, bo)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    read = icalendar.Calendar.from_ical(answer.content)
    events = {str(one["UID"]): one for one in read.walk("VEVENT")}
    assert len(events) == 9 + 4 + 1
    due = next(one for uid, one in events.items() if uid.startswith("due-") and "2026-03-06" in uid)
    assert due["DTEND"].dt == dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
    assert due["SUMMARY"].startswith("Due: <script>")
    end = next(one for uid, one in events.items() if uid.startswith("end-"))
    assert end["DTSTART"].dt == dt.date(2026, 12, 31)
    assert all("DTSTAMP" in one and "DTSTART" in one for one in events.values())
    assert b"VTIMEZONE" not in answer.content and answer.content.endswith(b"END:VCALENDAR\r\n")
    assert {
        str(one["UID"]) for one in icalendar.Calendar.from_ical(feed(client, bo).content).walk("VEVENT")
    } == set(events), "the same entries keep their ids"
    stranger = icalendar.Calendar.from_ical(feed(client, factories.user("Stranger")).content)
    assert not stranger.walk("VEVENT")


def test_a_calendars_address_is_kept_as_a_hash_and_ends_with_a_new_one_or_the_account(client, bo):
    first = make_address(person=bo, now=NOON)
    assert first not in CalendarFeed.objects.get().token_sha256
    second = make_address(person=bo, now=NOON)
    statuses = [
        client.get(f"/calendar/{token}.ics").status_code for token in (first, second, "no-such", "%00")
    ]
    assert statuses == [404, 200, 404, 404]
    bo.is_active = False
    bo.save()
    assert client.get(f"/calendar/{second}.ics").status_code == 404


# Pages


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


def test_reviews_cost_no_more_queries_with_a_thousand_of_them(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    in_force(agreement)
    client.force_login(bo)

    def add_rows():
        made = Review.objects.bulk_create(
            Review(
                agreement=agreement,
                planned_on=dt.date(2022, 1, 1) + dt.timedelta(n),
                held_at=NOON if n % 2 else None,
                held_by=bo if n % 2 else None,
            )
            for n in range(1000)
        )
        Decision.objects.bulk_create(
            Decision(review=one, text="Call", owner=bo, due_on=APRIL, made_at=NOON) for one in made[:20]
        )

    Decision.objects.create(
        review=Review.objects.create(agreement=agreement, planned_on=APRIL, held_at=NOON, held_by=bo),
        text="Call",
        owner=bo,
        due_on=APRIL,
        made_at=NOON,
    )
    assert client.get("/agreements/company/reviews/").status_code == 200
    assert_same_queries(lambda: client.get("/agreements/company/reviews/"), add_rows=add_rows)
