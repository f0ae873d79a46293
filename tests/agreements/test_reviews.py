"""Reviews planned by rhythm or by hand, their agenda and the minutes of two writers."""

import datetime as dt
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import AgreementEvent, Decision, Notice, Review
from agreements.readings.coming import coming_dates
from agreements.readings.register import register_lines
from agreements.readings.register_query import Asked, registered
from agreements.services.noticing import make_notices
from agreements.services.reviewing import (
    MinutesChanged,
    decide,
    plan_review,
    plan_reviews,
    propose_agenda,
    settle_decision,
)
from tests import factories
from tests.agreements.reviewed import (
    APRIL,
    DAY,
    NOON,
    cancelled,
    days,
    feed,
    fields,
    in_force,
    kinds,
    opened,
    written,
)
from tests.query_counts import assert_same_queries
from tests.races import race

pytestmark = pytest.mark.django_db


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
