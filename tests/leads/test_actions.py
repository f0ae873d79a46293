"""What people do with leads on their pages: who may, what is refused in which words, that nothing happens twice."""

import datetime as dt
import html
import re
import uuid

import pytest
import time_machine
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse

from leads.models import FollowUpAttempt, HandOff, HandOffEvent, Lead
from leads.quick import TAPS
from leads.services.attempts import log_attempt
from leads.services.hand_offs import accept, assign, close, hand_over
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.leads.people import HOUR, START, browser, make_office

pytestmark = pytest.mark.django_db
NOON = START + 2 * HOUR


@pytest.fixture
def office():
    return make_office()


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def address(name, pk=None):
    return reverse(f"leads:{name}", kwargs={"pk": pk} if pk else None)


def send(user, name, pk=None, /, **data):
    return browser(user).post(address(name, pk), data)


def done(response):
    """The sentence that the next page says."""
    assert response.status_code == 302, errors(response)
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def errors(response):
    assert response.status_code == 200, response.status_code
    form = response.context["form"]
    return " ".join(message for messages in form.errors.values() for message in messages)


def refused(response):
    assert response.status_code == 403
    return html.unescape(response.text)


def attempt(**data):
    return {"channel": "call", "outcome": "no_answer", "key": str(uuid.uuid4())} | data


def test_an_attempt_is_logged_in_one_request_and_undone_in_another(office):
    hand_off = office.hand_off(owner=office.kim)
    sent = attempt(next="/queue/")
    response = send(office.kim, "log-attempt", hand_off.pk, **sent)
    assert response.url == "/queue/" and done(response) == "Logged on Ana Sample: call · no answer."
    made = FollowUpAttempt.objects.get()
    assert (made.attempted_at, made.by, made.system) == (NOON, office.kim, "sla")
    hand_off.refresh_from_db()
    assert hand_off.state == "met"
    assert "Undo" in browser(office.kim).get("/queue/").text

    done(send(office.kim, "log-attempt", hand_off.pk, **sent))  # the same form again
    assert FollowUpAttempt.objects.count() == 1

    assert done(send(office.kim, "undo-attempt", made.pk)) == "Undone: call · no answer."
    hand_off.refresh_from_db()
    made.refresh_from_db()
    assert hand_off.state == "running" and made.voided_by == office.kim
    assert "undone already" in errors(send(office.kim, "undo-attempt", made.pk))
    assert "used before" in errors(send(office.kim, "log-attempt", hand_off.pk, **sent))
    assert "Your last attempt" not in browser(office.kim).get("/queue/").text


def test_a_note_and_an_earlier_time_are_kept_in_the_readers_zone(office):
    office.kim.time_zone = "Europe/Warsaw"
    office.kim.save()
    hand_off = office.hand_off(owner=office.kim)
    done(
        send(
            office.kim,
            "log-attempt",
            hand_off.pk,
            **attempt(attempted_at="2026-03-02T11:30", note="Ask for Bo"),
        )
    )
    made = FollowUpAttempt.objects.get()
    assert made.attempted_at == START + HOUR / 2 and made.note.text == "Ask for Bo"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"attempted_at": "2026-03-02T09:59"}, "before the hand-off"),
        ({"attempted_at": "2026-03-02T12:01"}, "in the future"),
        ({"attempted_at": "0001-01-01T00:00"}, "year"),
        ({"attempted_at": "9999-12-31T23:59"}, "year"),
        ({"attempted_at": "noon"}, "valid date/time"),
        ({"channel": "pigeon"}, "pigeon"),
        ({"outcome": "x" * 10_000}, "valid choice"),
        ({"outcome": ""}, "required"),
        ({"key": "not a uuid"}, "UUID"),
        ({"key": "x" * 10_000}, "UUID"),
        ({"note": "a\0b"}, "Null characters"),
        ({"note": "x" * 10_001}, "at most 10000"),
    ],
)
def test_an_attempt_that_makes_no_sense_is_refused_beside_its_field(office, data, complaint):
    hand_off = office.hand_off(owner=office.kim)
    response = send(office.kim, "log-attempt", hand_off.pk, **attempt(**data))
    assert complaint in errors(response)
    assert not FollowUpAttempt.objects.exists()
    if "attempted_at" in data and "noon" not in data.values():
        assert data["attempted_at"] in response.text or "alert" in response.text


def test_only_the_owner_and_who_manages_them_log_attempts(office):
    owned, free = office.hand_off(owner=office.kim), office.hand_off("Free Lead")
    assert "Only Kim Ito or who manages them can log attempts here." in refused(
        send(office.marketer, "log-attempt", owned.pk, **attempt())
    )
    assert "who accepts it logs the attempts" in refused(
        send(office.rob, "log-attempt", free.pk, **attempt())
    )
    assert send(office.rob, "log-attempt", owned.pk, **attempt()).status_code == 404
    assert send(office.other, "log-attempt", free.pk, **attempt()).status_code == 404
    assert not FollowUpAttempt.objects.exists()
    for user in (office.kim, office.manager, office.admin):
        done(send(user, "log-attempt", owned.pk, **attempt()))
    done(send(office.manager, "log-attempt", free.pk, **attempt()))


def test_a_closed_hand_off_takes_only_attempts_from_before(office):
    hand_off = office.hand_off(owner=office.kim)
    close(hand_off=hand_off, closed_as="lost", at=START + HOUR, now=NOON)
    response = send(office.kim, "log-attempt", hand_off.pk, **attempt(note="Kept text"))
    assert (
        "was closed as lost; only attempts from before" in errors(response) and "Kept text" in response.text
    )
    done(send(office.kim, "log-attempt", hand_off.pk, **attempt(attempted_at="2026-03-02T10:30")))


def test_an_outcome_that_the_channel_cannot_have_is_refused(office):
    hand_off = office.hand_off(owner=office.kim)
    for channel, outcome in (("call", "sent"), ("visit", "bounced"), ("email", "voicemail")):
        refusal = send(office.kim, "log-attempt", hand_off.pk, **attempt(channel=channel, outcome=outcome))
        assert "cannot be the outcome here" in errors(refusal)
        with pytest.raises(ValidationError, match="cannot be the outcome"):
            log_attempt(hand_off=hand_off, attempted_at=NOON, channel=channel, outcome=outcome, now=NOON)
    assert not FollowUpAttempt.objects.exists()
    done(send(office.kim, "log-attempt", hand_off.pk, **attempt(channel="email", outcome="no_answer")))


def test_every_tap_is_a_pair_that_can_be():
    assert all(FollowUpAttempt.can_be(tap.channel, outcome) for tap in TAPS for outcome in tap.outcomes)


def test_an_older_attempt_is_undone_by_a_manager_with_a_reason(office):
    hand_off = office.hand_off(owner=office.kim)
    made = log_attempt(
        hand_off=hand_off, attempted_at=START, channel="email", outcome="sent", now=START, by=office.kim
    )
    assert "for 15 minutes" in refused(send(office.kim, "undo-attempt", made.pk))
    assert "Say why" in errors(send(office.manager, "undo-attempt", made.pk))
    assert "at most 200" in errors(send(office.manager, "undo-attempt", made.pk, reason="x" * 201))
    done(send(office.manager, "undo-attempt", made.pk, reason="another lead"))
    made.refresh_from_db()
    assert made.void_reason == "another lead"
    seen = {
        person.name: browser(person).get(address("lead", hand_off.lead_id))
        for person in (office.kim, office.manager, office.marketer, office.admin, office.rob, office.other)
    }
    knows = {name: answer.status_code == 200 for name, answer in seen.items()}
    assert knows == {
        "Kim Ito": True,
        "Mia Manager": True,
        "Mark Eter": True,
        "Ada Admin": True,
        "Rob Roy": False,
        "Otto Other": False,
    }
    for name, answer in seen.items():
        assert ("another lead" in answer.text) == knows[name], name
    at_the_end = log_attempt(
        hand_off=hand_off,
        attempted_at=START,
        channel="email",
        outcome="sent",
        now=NOON - dt.timedelta(minutes=15),
        by=office.kim,
    )
    done(send(office.kim, "undo-attempt", at_the_end.pk))


def test_who_accepts_a_free_lead_becomes_its_owner_and_others_are_told(office):
    hand_off = office.hand_off()
    assert done(send(office.kim, "accept", hand_off.pk)) == "Ana Sample is yours."
    hand_off.refresh_from_db()
    assert (hand_off.owner, hand_off.accepted_at, hand_off.assigned_at) == (office.kim, NOON, NOON)
    done(send(office.kim, "accept", hand_off.pk))  # the button pressed twice
    with time_machine.travel(NOON + dt.timedelta(seconds=3), tick=False):
        response = send(office.rob, "accept", hand_off.pk)
    assert done(response) == "Taken by Kim Ito 3 s ago." and response.url == "/queue/"
    assert send(office.other, "accept", hand_off.pk).status_code == 404
    assert "Only Kim Ito can accept" in refused(send(office.marketer, "accept", hand_off.pk))
    assert hand_off.events.filter(kind="accepted").count() == 1
    given = office.hand_off("Given Lead", owner=office.kim)
    assert done(send(office.rob, "accept", given.pk)) == "This lead was given to Kim Ito."
    closed = office.hand_off("Clo Sed", owner=office.kim)
    close(hand_off=closed, closed_as="lost", at=NOON, now=NOON)
    assert done(send(office.kim, "accept", closed.pk)) == "This hand-off was closed as lost."


def test_the_part_until_an_owner_is_there_is_routing(office):
    hand_off = office.hand_off()
    accept(hand_off=hand_off, at=START + HOUR, now=START + HOUR, by=office.kim)
    done(send(office.kim, "log-attempt", hand_off.pk, **attempt()))
    hand_off.refresh_from_db()
    assert (hand_off.routing_business_seconds, hand_off.first_attempt_business_seconds) == (3600, 7200)


def test_a_lead_is_handed_over_once_with_its_due_time_said_before(office):
    lead = office.new_lead()
    page = html.unescape(browser(office.marketer).get(address("hand-over", lead.pk)).text)
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "first attempt due 16:00 (4 h business, Company)" in page
    assert "no clock: no agreement in force promises a time" in page  # the other team is party to none
    wrong = {"team": office.other_team.pk, "owner": office.kim.pk}
    assert "not in the team" in errors(send(office.marketer, "hand-over", lead.pk, **wrong))
    for team in ("", "0", "x", "9" * 30, "\0"):
        assert errors(send(office.marketer, "hand-over", lead.pk, team=team)), team
    response = send(office.marketer, "hand-over", lead.pk, team=office.team.pk, owner=office.kim.pk)
    assert done(response) == "Ana Sample is with Company Sales now."
    hand_off = lead.hand_offs.get()
    assert (hand_off.owner, hand_off.handed_off_by, hand_off.due_at) == (
        office.kim,
        office.marketer,
        NOON + 4 * HOUR,
    )
    again = send(office.marketer, "hand-over", lead.pk, team=office.team.pk)
    assert "already with sales" in errors(again)
    assert "Only people of marketing" in refused(send(office.kim, "hand-over", lead.pk, team=office.team.pk))
    close(hand_off=hand_off, closed_as="recycled", at=NOON, now=NOON)
    done(send(office.marketer, "hand-over", lead.pk, team=office.team.pk))
    assert lead.hand_offs.count() == 2


def test_a_manager_gives_work_to_their_people(office):
    hand_off = office.hand_off(owner=office.kim)
    assert "Only who manages Kim Ito can give" in refused(
        send(office.kim, "assign", hand_off.pk, owner=office.rob.pk)
    )
    free = office.hand_off("Free")
    assert "Only a manager of Company Sales can give" in refused(
        send(office.rob, "assign", free.pk, owner=office.rob.pk)
    )
    for owner in (office.other.pk, office.marketer.pk, "", "x", "9" * 30):
        assert errors(send(office.manager, "assign", hand_off.pk, owner=owner)), owner
    assert (
        done(send(office.manager, "assign", hand_off.pk, owner=office.rob.pk))
        == "Ana Sample is with Rob Roy now."
    )
    done(send(office.admin, "assign", hand_off.pk, owner=office.other.pk))
    hand_off.refresh_from_db()
    assert hand_off.owner == office.other and hand_off.due_at == START + 4 * HOUR
    # the owner is in another team now: no business of this team's manager any more
    assert send(office.manager, "assign", hand_off.pk, owner=office.rob.pk).status_code == 404
    # … nor where they know the lead by what their people did before
    close(hand_off=hand_off, closed_as="recycled", at=NOON, now=NOON)
    known = office.hand_off(owner=office.kim)
    close(hand_off=known, closed_as="recycled", at=NOON, now=NOON)
    again = hand_over(lead=known.lead, at=NOON, now=NOON, team=office.team, owner=office.other)
    assert "Only who manages Otto Other can give" in refused(
        send(office.manager, "assign", again.pk, owner=office.rob.pk)
    )
    mine = office.hand_off("Clo Sed", owner=office.kim)
    close(hand_off=mine, closed_as="lost", at=NOON, now=NOON)
    assert "closed as lost" in errors(send(office.manager, "assign", mine.pk, owner=office.rob.pk))


def test_a_lead_goes_back_to_marketing_with_a_reason(office):
    hand_off = office.hand_off()
    assert "choose one" in errors(send(office.rob, "reject", hand_off.pk))
    assert "which other reason" in errors(send(office.rob, "reject", hand_off.pk, reason="other"))
    response = send(office.rob, "reject", hand_off.pk, reason="other", text="x" * 81)
    assert "at most 80" in errors(response) and "x" * 81 in response.text
    done(send(office.rob, "reject", hand_off.pk, reason="other", text="Speaks only Breton"))
    hand_off.refresh_from_db()
    assert hand_off.closed_as == hand_off.state == "rejected"
    assert hand_off.rejection_said == "another reason: Speaks only Breton"
    assert not HandOffEvent.objects.filter(data__icontains="Breton").exists()
    assert "closed as rejected" in errors(send(office.rob, "reject", hand_off.pk, reason="duplicate"))
    owned = office.hand_off("Of Kim", owner=office.kim)
    assert "Only Kim Ito or who manages them" in refused(send(office.marketer, "reject", owned.pk))
    assert send(office.rob, "reject", owned.pk, reason="duplicate").status_code == 404
    longest = max(HandOff.RejectionReason.values, key=len)
    done(send(office.kim, "reject", owned.pk, reason=longest, text="x" * 80))


def test_a_hand_off_is_closed_in_the_ways_that_a_person_may(office):
    hand_off = office.hand_off(owner=office.kim)
    for wrong in ("", "excused", "rejected", "gone", "\0"):
        assert errors(send(office.kim, "close", hand_off.pk, closed_as=wrong)), wrong
    assert "Only Kim Ito" in refused(send(office.marketer, "close", hand_off.pk, closed_as="won"))
    assert done(send(office.kim, "close", hand_off.pk, closed_as="won")) == "Ana Sample is closed as won."
    assert "closed as won" in errors(send(office.kim, "close", hand_off.pk, closed_as="lost"))
    for way in ("qualified", "lost", "unreachable", "recycled", "cancelled"):
        done(send(office.kim, "close", office.hand_off(owner=office.kim).pk, closed_as=way))


def test_a_lead_is_entered_by_hand_and_its_like_are_shown(office):
    factories.lead(START, name="Ana S.", email="ANA@sample.example")
    given = {
        "name": "Ana Sample",
        "email": "ana@sample.example",
        "origin": "marketing",
        "key": str(uuid.uuid4()),
    }
    response = send(office.marketer, "new-lead", **given)
    assert "other leads with this e-mail address" in done(response)
    made = Lead.objects.get(name="Ana Sample")
    assert (made.system, made.external_id, made.qualified_at) == ("sla", given["key"], NOON)
    assert "Ana S." in browser(office.marketer).get(response.url).text
    done(send(office.marketer, "new-lead", **given))  # sent twice
    assert Lead.objects.filter(name="Ana Sample").count() == 1
    for wrong, complaint in (
        ({}, "at least a name"),
        ({"email": "no address"}, "valid email"),
        ({"name": "x" * 201}, "at most 200"),
        ({"name": "a\0b"}, "Null characters"),
        ({"company": "A", "qualified_at": "2026-03-02T12:01"}, "in the future"),
        ({"company": "A", "qualified_at": "0001-01-01T00:00"}, "year"),
        ({"company": "A", "segment": "9" * 30}, "valid choice"),
        ({"company": "A", "origin": "mars"}, "valid choice"),
    ):
        sent = {"origin": "marketing", "key": str(uuid.uuid4())} | wrong
        assert complaint in errors(send(office.marketer, "new-lead", **sent)), wrong
    assert Lead.objects.count() == 2
    assert "Only people of marketing" in refused(send(office.kim, "new-lead", **given))


def test_what_was_typed_before_the_session_ended_is_there_again(office, rf):
    from leads.views import actions

    hand_off = office.hand_off(owner=office.kim)
    request = browser(office.kim).get(address("log-attempt", hand_off.pk)).wsgi_request
    request.kept = request.GET.copy()
    request.kept.update(attempt(note="Kept text", outcome="voicemail"))
    text = actions.log_attempt(request, hand_off.pk).content.decode()
    assert "Kept text" in text and '<option value="voicemail" selected>' in text
    assert not FollowUpAttempt.objects.exists()


def test_what_was_tapped_after_the_session_ended_is_offered_again(office):
    hand_off = office.hand_off(owner=office.kim)
    client = browser(office.kim)
    client.get("/queue/")
    session = client.cookies.pop(settings.SESSION_COOKIE_NAME)
    sent = attempt(hand_off=str(hand_off.pk), next="/queue/")
    address_of_log = address("log-attempt", hand_off.pk)
    away = client.post(address_of_log, sent, headers={"referer": "http://testserver/queue/"})
    assert away.status_code == 302 and "/sign-in/" in away.url
    client.post(away.url, {"username": office.kim.email, "password": "secret"})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.value
    text = client.get("/queue/").text
    assert "Not logged yet: call · no answer, on Ana Sample." in text and sent["key"] in text
    assert not FollowUpAttempt.objects.exists()


def test_what_was_tapped_on_a_lead_one_may_not_know_is_not_offered_again(office, rf):
    from leads.views import pages

    hand_off = office.hand_off(owner=office.rob)
    request = browser(office.kim).get("/queue/").wsgi_request
    request.kept_elsewhere = request.GET.copy()
    request.kept_elsewhere.update(attempt(hand_off=str(hand_off.pk)))
    said = pages.queue(request).content.decode()
    assert "Not logged yet" not in said and "Ana Sample" not in said


@pytest.mark.parametrize(
    "after", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x", "/a\nb", "\0"]
)
def test_nobody_is_sent_elsewhere_afterwards(office, after):
    hand_off = office.hand_off(owner=office.kim)
    response = send(office.kim, "log-attempt", hand_off.pk, **attempt(next=after))
    done(response)
    assert response.url == address("lead", hand_off.lead_id)


def test_hostile_text_in_every_field_stays_text(office):
    for text in (
        *HOSTILE_TEXTS[::25],
        "\u202eRTL\u202c",
        "x" * 10_000,
        "a\0b",
        "' OR 1=1 --",
        "\ud7ff\uffff",
    ):
        hand_off = office.hand_off("Ana Sample", owner=office.kim)
        for user, name, pk, fields in (
            (office.marketer, "new-lead", None, NEW_LEAD),
            (office.marketer, "hand-over", office.new_lead().pk, ("team", "owner")),
            (office.manager, "assign", hand_off.pk, ("owner",)),
            (
                office.kim,
                "log-attempt",
                hand_off.pk,
                ("channel", "outcome", "attempted_at", "note", "key", "next"),
            ),
            (office.kim, "close", hand_off.pk, ("closed_as", "next")),
            (office.kim, "reject", hand_off.pk, ("reason", "text", "next")),
        ):
            response = send(user, name, pk, **dict.fromkeys(fields, text))
            assert response.status_code in (200, 302), (name, text)
            assert "data-injected>" not in response.text and "<script>window" not in response.text, name
        made = send(
            office.marketer,
            "new-lead",
            key=str(uuid.uuid4()),
            origin="marketing",
            name=text[:150],
            source="x",
        )
        assert made.status_code in (200, 302)
        sent = send(office.kim, "log-attempt", hand_off.pk, **attempt(note=text))
        assert sent.status_code in (200, 302)
        page = browser(office.kim).get(address("lead", hand_off.lead_id))
        assert page.status_code == 200 and "<script>window" not in page.text
    assert browser(office.marketer).get(address("leads")).status_code == 200


NEW_LEAD = ("name", "company", "email", "phone", "job_title", "country", "segment", "source", "campaign", "origin",
            "qualified_at", "key")  # fmt: skip


def test_assigning_while_it_is_accepted_keeps_one_owner(office):
    hand_off = office.hand_off()
    assign(hand_off=hand_off, owner=office.kim, at=NOON, now=NOON, by=office.manager)
    assert done(send(office.rob, "accept", hand_off.pk)) == "This lead was given to Kim Ito."
    done(send(office.kim, "accept", hand_off.pk))
    hand_off.refresh_from_db()
    assert hand_off.owner == office.kim and hand_off.accepted_at == NOON


def test_an_accepted_lead_stays_accepted_whoever_works_it_then(office):
    hand_off = office.hand_off()
    done(send(office.kim, "accept", hand_off.pk))
    due_at = HandOff.objects.get(pk=hand_off.pk).due_at
    assert done(send(office.manager, "assign", hand_off.pk, owner=office.rob.pk)).endswith(
        "is with Rob Roy now."
    )
    hand_off.refresh_from_db()
    assert (hand_off.owner, hand_off.accepted_at, hand_off.due_at) == (office.rob, NOON, due_at)
    event = hand_off.events.filter(kind="assigned").get()
    assert event.data == {"owner": office.rob.pk, "from": office.kim.pk}


def test_form_that_shows_a_former_owner_is_refused_and_says_who_took_it(office):
    hand_off = office.hand_off()
    page = browser(office.manager).get(address("assign", hand_off.pk)).text
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    done(send(office.kim, "accept", hand_off.pk))
    refused = send(office.manager, "assign", hand_off.pk, owner=office.rob.pk, seen=seen)
    assert "Taken by Kim Ito" in errors(refused)
    hand_off.refresh_from_db()
    assert hand_off.owner == office.kim
    seen = re.search(r'name="seen" value="([^"]*)"', refused.text)[1]
    done(send(office.manager, "assign", hand_off.pk, owner=office.rob.pk, seen=seen))
    for odd in ("x" * 400, "\0", "<script>"):
        assert errors(send(office.manager, "assign", hand_off.pk, owner=office.kim.pk, seen=odd))
