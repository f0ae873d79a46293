"""What the queue's script gets: each attempt once, whatever the line does, and the row as it is then."""

import datetime as dt
import gzip
import html
import re
import uuid
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import FollowUpAttempt, HandOff
from leads.services.hand_offs import accept, assign
from tests.leads.people import HOUR, START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
NOON = START + 2 * HOUR
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def office():
    return make_office()


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def send(user, name, pk, /, *, status=200, **data):
    answer = browser(user).post(reverse(f"leads:{name}", args=[pk]), data, headers={"HX-Request": "true"})
    assert answer.status_code == status, (answer.status_code, answer.text)
    return html.unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def tapped(**data):
    return {"tap": "call:no_answer", "key": str(uuid.uuid4())} | data


def said(text):
    found = re.search(r"<p data-said>(.*?)</p>", text, re.DOTALL)
    assert found
    return found[1]


def test_a_tap_is_an_attempt_and_its_row_is_done_until_it_is_undone(office):
    hand_off = office.hand_off(owner=office.kim)
    text = send(office.kim, "log-attempt", hand_off.pk, **tapped(note="Ask for Bo"))
    made = FollowUpAttempt.objects.get()
    assert (made.channel, made.outcome, made.attempted_at, made.note.text) == (
        "call",
        "no_answer",
        NOON,
        "Ask for Bo",
    )
    assert said(text) == "Logged on Ana Sample: call · no answer."
    assert "is-done" in text and "All caught up: next due" in text and "Attempt 2 of 6" in text
    assert reverse("leads:undo-attempt", args=[made.pk]) in text

    text = send(office.kim, "undo-attempt", made.pk)
    assert said(text) == "Undone: call · no answer." and "is-done" not in text
    assert "1 lead waits for you" in text and "data-logs" in text


def test_the_same_key_is_one_attempt_and_the_same_answer(office):
    hand_off = office.hand_off(owner=office.kim)
    sent = tapped(attempted_at="2026-03-02T11:50:00Z")
    first = send(office.kim, "log-attempt", hand_off.pk, **sent)
    with time_machine.travel(NOON + 30 * SECOND, tick=False):
        second = send(office.kim, "log-attempt", hand_off.pk, **sent)
    assert said(first) == said(second)
    assert FollowUpAttempt.objects.get().attempted_at == NOON - 600 * SECOND


@pytest.mark.parametrize(
    "other",
    [{"tap": "call:connected"}, {"tap": "email:no_answer"}, {"attempted_at": "2026-03-02T11:51:00Z"}],
)
def test_a_key_that_comes_with_another_attempt_is_a_conflict(office, other):
    hand_off = office.hand_off(owner=office.kim)
    sent = tapped(attempted_at="2026-03-02T11:50:00Z")
    send(office.kim, "log-attempt", hand_off.pk, **sent)
    text = send(office.kim, "log-attempt", hand_off.pk, status=409, **(sent | other))
    assert said(text) == "This was sent before as another attempt: call · no answer. Nothing was changed."
    assert FollowUpAttempt.objects.count() == 1


def test_a_key_of_another_lead_or_person_or_of_what_was_undone_is_a_conflict(office):
    first, second = office.hand_off(owner=office.kim), office.hand_off("Bo Sample", owner=office.kim)
    sent = tapped()
    send(office.kim, "log-attempt", first.pk, **sent)
    assert "sent before" in send(office.kim, "log-attempt", second.pk, status=409, **sent)
    assert "sent before" in send(office.manager, "log-attempt", first.pk, status=409, **sent)
    send(office.kim, "undo-attempt", FollowUpAttempt.objects.get().pk)
    assert "sent before" in send(office.kim, "log-attempt", second.pk, status=409, **sent)
    assert "used before" in send(office.kim, "log-attempt", first.pk, status=409, **sent)
    assert FollowUpAttempt.objects.count() == 1


def test_an_attempt_that_waited_in_the_browser_keeps_its_time_and_a_clock_ahead_is_forgiven(office):
    hand_off = office.hand_off(owner=office.kim)
    ahead = (NOON + 20 * SECOND).isoformat()
    send(office.kim, "log-attempt", hand_off.pk, **tapped(attempted_at=ahead))
    assert FollowUpAttempt.objects.get().attempted_at == NOON
    too_far = (NOON + 40 * SECOND).isoformat()
    text = send(office.kim, "log-attempt", hand_off.pk, status=409, **tapped(attempted_at=too_far))
    assert said(text) == "An attempt cannot lie in the future." and "data-row" in text


@pytest.mark.parametrize("later", [5, 15, 25, 600])
def test_a_key_sent_again_from_a_clock_ahead_is_answered_as_the_first_time(office, later):
    hand_off = office.hand_off(owner=office.kim)
    sent = tapped(attempted_at=(NOON + 20 * SECOND).isoformat())
    first = send(office.kim, "log-attempt", hand_off.pk, **sent)
    with time_machine.travel(NOON + later * SECOND, tick=False):
        again = send(office.kim, "log-attempt", hand_off.pk, **sent)
        other = sent | {"attempted_at": (NOON - 20 * SECOND).isoformat()}
        assert "sent before" in send(office.kim, "log-attempt", hand_off.pk, status=409, **other)
    assert said(again) == said(first)
    assert FollowUpAttempt.objects.get().attempted_at == NOON


@pytest.mark.parametrize(
    "broken", [{"tap": ""}, {"tap": "call"}, {"tap": "pigeon:no_answer"}, {"tap": "call:\0"}, {"key": "x"}]
)
def test_a_tap_that_makes_no_sense_is_said_and_changes_nothing(office, broken):
    hand_off = office.hand_off(owner=office.kim)
    assert said(send(office.kim, "log-attempt", hand_off.pk, status=422, **tapped(**broken)))
    assert not FollowUpAttempt.objects.exists()


def test_who_lost_the_lead_meanwhile_is_told_who_has_it(office):
    hand_off = office.hand_off(owner=office.kim)
    assign(hand_off=hand_off, owner=office.rob, at=NOON, now=NOON)
    send(office.kim, "log-attempt", hand_off.pk, status=404, **tapped())
    text = send(office.marketer, "log-attempt", hand_off.pk, status=403, **tapped())
    assert said(text) == "Only Rob Roy or who manages them can log attempts here." and "<li" not in text


def test_who_comes_second_is_told_who_took_the_lead(office):
    hand_off = office.hand_off()
    accept(hand_off=hand_off, at=NOON, now=NOON, by=office.kim)
    with time_machine.travel(NOON + 3 * SECOND, tick=False):
        text = send(office.rob, "accept", hand_off.pk, status=409)
    assert said(text) == "Taken by Kim Ito 3 s ago." and "<li" not in text
    text = send(office.kim, "accept", hand_off.pk)
    assert said(text) == "Ana Sample is yours." and "data-logs" in text


def test_an_ended_session_sends_the_script_to_sign_in_and_keeps_the_tap(office):
    hand_off = office.hand_off(owner=office.kim)
    client = browser(office.kim)
    client.get("/queue/")
    client.cookies.pop("__Host-sessionid", None)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/queue/"}
    sent = tapped(hand_off=hand_off.pk)
    answer = client.post(reverse("leads:log-attempt", args=[hand_off.pk]), sent, headers=headers)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in/?next=%2Fqueue%2F")
    client.force_login(office.kim)
    assert "Not logged yet: call · no answer, on Ana Sample." in client.get("/queue/").text


def test_the_panel_says_what_was_promised_and_why_it_is_due_then(office):
    hand_off = office.hand_off(owner=office.kim, email="ana@sample.example")
    office.hand_off("Ana S.", owner=office.kim, email="ANA@sample.example")
    send(office.kim, "log-attempt", hand_off.pk, **tapped(note="Ask for Bo"))
    address, headers = reverse("leads:panel", args=[hand_off.lead_id]), {"HX-Request": "true"}
    assert browser(office.kim).get(address).url == reverse("leads:lead", args=[hand_off.lead_id])
    text = html.unescape(browser(office.kim).get(address, headers=headers).text)
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "First attempt within 4 h of business time",
        "6 attempts unless connected: 1 made",
        "Explain this due time",
        "business hours",
        "Ask for Bo",
        "Perhaps the same person",
        "<bdi>Ana S.</bdi>",
    ):
        assert part in text, part
    assert browser(office.other).get(address, headers=headers).status_code == 404


def test_the_queue_asks_as_many_queries_for_many_rows(office):
    client = browser(office.kim)

    def many():
        for n in range(20):
            office.hand_off(f"Lead {n}", owner=office.kim if n % 2 else None)

    for n in range(2):
        office.hand_off(f"First {n}", owner=office.kim if n % 2 else None)
    assert assert_same_queries(lambda: client.get("/queue/"), add_rows=many) <= 14


def test_a_row_costs_few_queries_to_answer(office):
    hand_off = office.hand_off(owner=office.kim)
    client = browser(office.kim)
    headers = {"HX-Request": "true"}
    with CaptureQueriesContext(connection) as asked:
        client.post(reverse("leads:log-attempt", args=[hand_off.pk]), tapped(), headers=headers)
    assert len(asked) <= 40, len(asked)


def test_a_next_touch_waits_for_its_time_and_a_paused_lead_for_its_end(office):
    touched, paused = (
        office.hand_off("To Uched", owner=office.kim),
        office.hand_off("Pau Sed", owner=office.kim),
    )
    send(office.kim, "log-attempt", touched.pk, **tapped())
    HandOff.objects.filter(pk=touched.pk).update(next_touch_at=NOON + 3 * HOUR)
    HandOff.objects.filter(pk=paused.pk).update(paused_at=NOON, paused_until=NOON + 2 * HOUR, state="paused")

    def groups():
        text = html.unescape(browser(office.kim).get("/queue/").text)
        return re.search(r"<h1>(.*?)</h1>", text)[1], re.findall(r'<h2 id="group-\d">(.*?) <', text)

    assert groups() == (
        "All caught up: next due 14:00.",
        ["Later: next touch planned, or connected", "Paused"],
    )
    with time_machine.travel(NOON + 4 * HOUR, tick=False):
        head, titles = groups()
    assert head == "2 leads wait for you; 1 is overdue."
    assert titles == ["Overdue", "First attempt made: follow up"]


def test_the_queue_is_light_enough_for_a_phone_and_has_no_charts(office):
    office.hand_off(owner=office.kim)
    page = browser(office.kim).get("/queue/").text
    scripts = re.findall(r'<script src="/static/([^"]+)"', page)
    assert scripts and not any("plotly" in one for one in scripts)
    sizes = {one: len(gzip.compress(Path(finders.find(one)).read_bytes())) for one in scripts}
    assert sum(sizes.values()) <= 100_000, sizes
    assert not re.search(r"\son\w+=|<script(?![^>]*(src=|application/json))", page)
