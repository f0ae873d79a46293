"""The marketer's page: what sales did with what one handed over, and nobody else's."""

import html

import pytest
import time_machine
from django.urls import reverse

from leads.services.attempts import log_attempt
from leads.services.hand_offs import close, hand_over
from tests import factories
from tests.leads.people import HOUR, START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
NOON = START + 2 * HOUR


@pytest.fixture
def office():
    return make_office()


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def opened(user, query=""):
    answer = browser(user).get(reverse("leads:handed-over") + query)
    assert answer.status_code == 200
    return html.unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def part(text, name):
    return text.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


def test_each_hand_off_says_what_came_of_it(office):
    office.hand_off("Not Tried", owner=office.kim)
    tried = office.hand_off("Tried Once", owner=office.kim)
    connected = office.hand_off("Con Nected", owner=office.kim)
    won = office.hand_off("Wo N", owner=office.kim)
    for hand_off, outcome in ((tried, "no_answer"), (connected, "connected")):
        log_attempt(hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome=outcome, now=NOON)
    close(hand_off=won, closed_as="won", at=NOON, now=NOON)
    other = factories.lead(START, name="Of Other")
    hand_over(lead=other, at=START, now=NOON, team=office.team, by=office.manager)
    text = opened(office.marketer)
    assert "Of the 4 leads that you handed over in 90 days, sales reached 1; 1 is not tried yet." in text
    for said in (
        "not tried yet",
        "due 14:00",
        "1 attempt, not connected yet",
        "connected, 11:00",
        "won, 12:00",
    ):
        assert said in part(text, "all"), said
    assert "Of Other" not in text and "Came back" not in text
    assert "You handed nothing over" in opened(office.admin)


def test_what_came_back_and_was_recycled_waits_until_it_is_handed_over_again(office):
    back = office.hand_off("Given Back", owner=office.kim)
    close(hand_off=back, closed_as="rejected", at=NOON, now=NOON, reason="region")
    recycled = office.hand_off("Re Cycled", owner=office.kim)
    close(hand_off=recycled, closed_as="recycled", at=NOON, now=NOON)
    text = opened(office.marketer)
    assert "rejected, 12:00: not our region or language" in part(text, "back")
    assert "Re Cycled" in part(text, "to-recycle")
    assert "1 came back. 1 can be handed over again." in text
    for hand_off in (back, recycled):
        hand_over(lead=hand_off.lead, at=NOON, now=NOON, team=office.team, by=office.marketer)
    text = opened(office.marketer)
    assert "Came back" not in text and "Can be handed over again" not in text


def test_the_page_asks_as_many_queries_for_many_hand_offs(office):
    client = browser(office.marketer)

    def some(n_rows):
        for n in range(n_rows):
            made = office.hand_off(f"Lead {n}", owner=office.kim)
            if n % 2:
                way = "recycled" if n % 4 == 1 else "rejected"
                close(hand_off=made, closed_as=way, at=NOON, now=NOON, reason="region")

    some(4)
    assert_same_queries(
        lambda: client.get(reverse("leads:handed-over")), add_rows=lambda: some(20), at_most=14
    )


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "²", "%00"])
def test_a_page_that_is_none_is_the_first(office, page):
    office.hand_off("Ana Sample", owner=office.kim)
    assert "Ana Sample" in opened(office.marketer, f"?page={page}")
