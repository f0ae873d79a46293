"""What comes in: stored once and acknowledged when it is signed and can be read; else refused, without a trace."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from leads.models import Lead
from slaproject.webhooks import inlets, renewing, signing
from slaproject.webhooks.bodies import MOST_BYTES, MOST_DEPTH
from slaproject.webhooks.models import Incoming, Inlet, RemoteObject
from tests import factories
from tests.api.test_door import is_problem
from tests.webhooks.sender import ANA, failures, headers, post, said, send, take_all

BODY = said(ANA)
NOW = int(factories.NOON.timestamp())


def test_a_webhook_is_stored_and_acknowledged_then_taken(inlet, asked):
    answer = send(inlet, BODY)
    assert answer.json() == {"id": "evt_1", "result": "stored"}
    assert Incoming.objects.get().body == BODY.decode() and not Lead.objects.exists()
    assert asked == ["slaproject.webhooks.tasks.take_incoming"]
    take_all()
    lead = Lead.objects.get()
    assert (lead.system, lead.name, lead.hand_offs.get().owner.name) == ("crm", "Ana Sample", "rep")
    kept = Incoming.objects.get()
    assert (kept.state, kept.body, kept.tries) == ("done", "", 1)


def test_the_worker_is_asked_for_by_the_first_that_waits(inlet, asked):
    for n in range(5):
        send(inlet, BODY, f"evt_{n}")
    assert len(asked) == 1


def test_the_same_again_is_acknowledged_and_does_nothing(inlet, noon):
    send(inlet, BODY)
    assert send(inlet, BODY, status=200).json() == {"id": "evt_1", "result": "known"}
    take_all()
    noon.shift(dt.timedelta(hours=72))
    later = int(factories.NOON.timestamp()) + 72 * 3600
    send(inlet, BODY, status=200, at=later)
    take_all()
    assert Incoming.objects.count() == Lead.objects.count() == 1


def test_an_id_that_comes_with_another_body_is_refused(inlet):
    send(inlet, BODY)
    is_problem(send(inlet, said({**ANA, "name": "Eve"}), status=409), 409, "Conflict")
    take_all()
    assert Lead.objects.get().name == "Ana Sample"


def deep(levels):
    return b'{"type": "lead.x", "timestamp": "%s", "data": %s%s}' % (
        b"2026-03-04T09:00:00Z",
        b"[" * levels,
        b"]" * levels,
    )


REFUSED_BODIES = {
    "truncated": BODY[:-2],
    "empty": b"",
    "deep": deep(MOST_DEPTH + 1),
    "very deep": deep(10_000),
    "deeper than Python": deep(300_000),
    "twice the same member": b'{"type": "lead.x", "type": "deal.x"}',
    "NaN": b'{"type": NaN}',
    "Infinity": b'{"type": -Infinity}',
    "no number": b'{"type": 1e999}',
    "half a character": b'{"type": "\\ud800"}',
    "half a character as a name": b'{"\\udfff": 1}',
    "NUL": b'{"type": "\\u0000"}',
    "gzip": gzip.compress(b"0" * 10_000_000),
    "UTF-16": BODY.decode().encode("utf-16"),
    "two documents": BODY + BODY,
    "a number of many digits": b'{"type": ' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("body", REFUSED_BODIES.values(), ids=REFUSED_BODIES)
def test_a_body_that_cannot_be_read_is_refused_however_well_it_is_signed(inlet, body):
    is_problem(send(inlet, body, status=400), 400, "Bad Request")
    assert not Incoming.objects.exists()


def test_a_body_as_large_and_deep_as_may_be_is_taken(inlet):
    room = MOST_BYTES - len(said({"note": ""}))
    send(inlet, said({"note": "x" * room}))
    is_problem(
        send(inlet, said({"note": "x" * (room + 1)}), "evt_2", status=413), 413, "Request Entity Too Large"
    )
    is_problem(send(inlet, b"x" * 10_000_000, "evt_3", status=413), 413, "Request Entity Too Large")
    send(inlet, deep(MOST_DEPTH - 1), "evt_4")
    assert Incoming.objects.count() == 2


def forged(inlet):
    """Each way to forge a webhook: its body and headers."""
    right = headers(inlet, BODY)
    other = signing.new_salt()
    yield "no headers", BODY, {}
    for name in right:
        yield f"without {name}", BODY, {key: value for key, value in right.items() if key != name}
    yield "another body", said({**ANA, "name": "Eve"}), right
    yield "one byte more", BODY + b" ", right
    yield "another id", BODY, {**right, "webhook-id": "evt_2"}
    yield "another instant", BODY, {**right, "webhook-timestamp": str(NOW + 1)}
    yield "another key", BODY, headers(inlet, BODY, salt=other)
    yield "short", BODY, {**right, "webhook-signature": right["webhook-signature"][:-4]}
    yield "empty", BODY, {**right, "webhook-signature": "v1,"}
    yield "no version", BODY, {**right, "webhook-signature": right["webhook-signature"][3:]}
    yield "another version", BODY, {**right, "webhook-signature": "v1a," + right["webhook-signature"][3:]}
    yield "too old", BODY, headers(inlet, BODY, at=NOW - 301)
    yield "too new", BODY, headers(inlet, BODY, at=NOW + 301)
    yield "no instant", BODY, {**right, "webhook-timestamp": "now"}
    yield "another's digits", BODY, {**right, "webhook-timestamp": "١٢٣"}
    yield "a huge instant", BODY, {**right, "webhook-timestamp": "9" * 400}
    yield "a long id", BODY, headers(inlet, BODY, "x" * 201)
    yield "parts that change places", BODY, headers(inlet, BODY, f"evt.{NOW}")
    yield "no body", b"", right


def test_whatever_is_forged_or_replayed_is_refused_and_leaves_nothing(inlet):
    seen = 0
    for name, body, forged_headers in forged(inlet):
        answer = post(inlet, body, forged_headers)
        assert answer.status_code == 401, name
        assert answer.headers["WWW-Authenticate"].startswith("Signature"), name
        seen += 1
    assert seen >= 20
    for at in (NOW - 300, NOW + 300):  # the edges are still taken
        send(inlet, BODY, f"evt_{at}", at=at)
    assert Incoming.objects.count() == 2


def test_a_webhook_that_is_replayed_later_is_refused(inlet, noon):
    send(inlet, BODY)
    noon.shift(dt.timedelta(seconds=301))
    send(inlet, BODY, status=401, at=NOW)


def test_another_inlet_or_none_takes_nothing(inlet):
    other = inlets.make_inlet(
        name="Other", system="other", form="standard", now=factories.NOON, by=inlet.made_by
    )[0]
    assert post(other, BODY, headers(inlet, BODY)).status_code == 401
    absent = Inlet(key="absent", salt=inlet.salt)
    assert post(absent, BODY, headers(inlet, BODY)).status_code == 401
    assert not Incoming.objects.exists()


def test_a_new_secret_and_the_one_before_both_serve_until_that_is_ended(inlet):
    first, by = inlet.salt, inlet.made_by
    shown = renewing.renew_secret(of=inlet, number="1", by=by)
    assert renewing.renew_secret(of=inlet, number="1", by=by) is None  # the same form twice
    inlet.refresh_from_db()
    assert shown == signing.shown(signing.secret_of(inlet.salt)) and inlet.older_salt == first
    send(inlet, BODY, "evt_new")
    send(inlet, BODY, "evt_old", salt=first)
    assert renewing.end_older_secret(of=inlet, by=by)
    assert not renewing.end_older_secret(of=inlet, by=by)
    send(inlet, BODY, "evt_3", status=401, salt=first)
    send(inlet, BODY, "evt_4")


def test_what_is_closed_takes_nothing(inlet):
    inlet.integration.is_active = False
    inlet.integration.save(update_fields=["is_active"])
    send(inlet, BODY, status=401)
    inlet.integration.is_active = True
    inlet.integration.save(update_fields=["is_active"])
    assert inlets.close_inlet(inlet=inlet, now=factories.NOON, by=inlet.made_by)
    send(inlet, BODY, status=401)


def test_more_than_its_pace_is_told_to_come_again_and_what_is_forged_uses_nothing_up(inlet, monkeypatch):
    monkeypatch.setattr("slaproject.integrations.pace.WINDOW", dt.timedelta(milliseconds=30))
    for _n in range(5):
        send(inlet, BODY, status=401, salt="forged")
    answers = [send(inlet, BODY, f"evt_{n}") for n in range(3)]
    answer = send(inlet, BODY, "evt_4", status=429)
    assert answer.headers["Retry-After"] == "1" and "RateLimit" in answers[0].headers
    assert Incoming.objects.count() == 3


def test_rows_that_cannot_be_taken_are_explained_and_the_others_taken(inlet):
    rows = [ANA, {**ANA, "external_id": "L-2", "qualified_at": "yesterday"}, {"name": "nobody"}]
    send(inlet, said(rows))
    take_all()
    assert Lead.objects.get().external_id == "L-1"
    empty, unknown = sorted(failures()["evt_1"])
    assert (
        empty == "external_id: empty, and there is no e-mail address to know the lead by"
        and unknown.startswith("qualified_at: “yesterday” is not a date")
    )
    assert RemoteObject.objects.filter(is_taken=True).count() == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "An object with type"),
        (json.dumps({"type": "lead.x", "data": ANA}).encode(), "timestamp"),
        (json.dumps({"type": "lead.x", "timestamp": "2026-03-04", "data": ANA}).encode(), "timestamp"),
        (said(7), "An object is needed"),
        (said([ANA] * 101), "At most 100"),
        (said({**ANA, "stage": "hot"}), "there is no such field"),
        (said(ANA, at="2026-03-05T09:00:00Z"), "happen later"),
    ],
)
def test_a_payload_that_says_nothing_usable_fails_with_the_reason(inlet, body, reason):
    send(inlet, body)
    take_all()
    (reasons,) = failures().values()
    assert reason in reasons[0] and not Lead.objects.exists()
    assert Incoming.objects.get().body == body.decode()  # to be tried again


def test_what_is_not_for_us_is_passed_over(inlet):
    send(inlet, said({"id": 1}, kind="invoice.paid"))
    take_all()
    assert Incoming.objects.get().state == "done" and not RemoteObject.objects.exists()
