"""What leaves the house: bundled, in hours, claimed, tried again, parked; no name that was typed does harm in it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import smtplib
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core import mail

from slaproject.outbox.bundling import bundle_errands
from slaproject.outbox.channels import chat, posting
from slaproject.outbox.channels.posting import NotTaken, Refused, check_url, is_public, post_json, resolve
from slaproject.outbox.channels.webhook import HEADER, signature
from slaproject.outbox.choosing import ask_for_test, choose, name_address
from slaproject.outbox.delivery import MOST_TRIES, deliver_next, replay
from slaproject.outbox.kinds import Channel, Subject
from slaproject.outbox.messages import Words
from slaproject.outbox.models import Address, Alert, Errand, Message
from slaproject.outbox.retention import forget_old_alerts
from tests.hostile_text import HOSTILE_TEXTS
from tests.outbox.office import HOUR, MINUTE, NINE, office, tick
from tests.races import race

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
OVERDUE = NINE + 4 * HOUR + MINUTE


@pytest.fixture(autouse=True)
def _address(settings):
    settings.SITE_URL = "https://sla.example.com"


def mails_to(person):
    return [one for one in mail.outbox if one.to == [person.email]]


def test_many_breaches_in_one_tick_are_one_mail_a_person():
    here = office()
    for n in range(40):
        here.given(name=f"Lead {n}")
    tick(NINE)
    mail.outbox.clear()
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    assert one.subject.startswith("Overdue: Lead ") and one.subject.endswith("and 39 more")
    assert "And 20 more. https://sla.example.com/notices/" in one.body
    assert one.body.count("Overdue:") == 20
    assert not mails_to(here.manager), "the manager's come in one at the full hour"
    tick(NINE + 5 * HOUR)
    assert len(mails_to(here.manager)) == 1
    assert Alert.objects.filter(person=here.manager, kind="overdue").count() == 40


def test_outside_of_hours_nothing_is_sent_and_in_the_morning_one_mail():
    here = office()
    late = NINE + 7 * HOUR  # 16:00: at risk on Thursday at 11:00
    for _n in range(3):
        here.given(late)
    at, sent = late, []
    while at < late + 2 * DAY:
        before = len(mail.outbox)
        tick(at)
        sent += [at] * (len(mail.outbox) - before)
        at += 20 * MINUTE
    assert all(9 <= at.hour < 17 for at in sent), "the hours of the team"
    assert len(mails_to(here.rep)) == 2, "at risk and overdue, three leads in each"


def test_a_mail_says_why_and_how_to_stop_it():
    here = office()
    here.given(name="Ana")
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    assert "You are told because it is your lead." in one.body
    assert "https://sla.example.com/leads/" in one.body
    link = one.extra_headers["List-Unsubscribe"]
    assert link.startswith("<https://sla.example.com/notices/unsubscribe/") and link[1:-1] in one.body
    assert one.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_the_sites_address_a_mail_has_no_links(settings):
    settings.SITE_URL = ""
    here = office()
    here.given()
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    assert "://" not in one.body and "List-Unsubscribe" not in one.extra_headers


@pytest.mark.parametrize(
    "typed", [*HOSTILE_TEXTS[::19], "A\r\nBcc: x@example.com", "A\u2028B", "=?utf-8?q?x?=", "A" * 10_000]
)
def test_what_was_typed_into_a_name_stays_a_name(typed):
    here = office()
    here.given(name=typed[:150], company=typed[:150])
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    sent = message_from_bytes(one.message().as_bytes(), policy=policy.default)
    assert sent["To"] == here.rep.email and sent["Bcc"] is None and sent["Cc"] is None
    assert len(sent.get_all("Subject")) == 1 and len(one.subject) <= 150
    html = sent.get_body(("html",)).get_content()
    assert "<script" not in html and "<img" not in html and "javascript:" not in html.split("href=")[0]
    for service in chat.WRITERS.values():
        words = Words(1, NINE, "", "", lines=())
        assert json.dumps(service(words))


def test_what_was_settled_meanwhile_is_mailed_no_more():
    here = office()
    hand_off = here.given()
    tick(NINE + 3 * HOUR, deliver=False)
    hand_off.refresh_from_db()
    type(hand_off).objects.filter(pk=hand_off.pk).update(
        state="met", first_attempt_at=NINE + 3 * HOUR, first_attempt_business_seconds=1
    )
    while deliver_next(now=NINE + 3 * HOUR):
        pass
    assert not mails_to(here.rep)
    assert Message.objects.get(person=here.rep).state == Message.State.DROPPED


def test_who_lost_sight_of_a_lead_gets_no_mail_about_it():
    here = office()
    hand_off = here.given(name="Secret Lead")
    tick(NINE + 3 * HOUR, deliver=False)
    type(hand_off).objects.filter(pk=hand_off.pk).update(owner=here.director)
    while deliver_next(now=NINE + 3 * HOUR):
        pass
    assert not any("Secret" in one.body for one in mails_to(here.rep))


def test_who_cannot_sign_in_any_more_is_sent_nothing():
    here = office()
    here.given()
    tick(OVERDUE, deliver=False)
    here.rep.is_active = False
    here.rep.save()
    while deliver_next(now=OVERDUE):
        pass
    assert not mails_to(here.rep)


def test_a_mail_that_is_not_taken_is_tried_again_then_parked_and_can_be_sent_again(monkeypatch):
    here = office()
    here.given()
    tick(OVERDUE, deliver=False)
    message = Message.objects.get(person=here.rep)
    taken = []

    def refuse(self):
        taken.append(1)
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    now, tried_at = OVERDUE, []
    while Message.objects.filter(pk=message.pk, state="waiting").exists():
        before = len(taken)
        deliver_next(now=now)
        tried_at += [now] * (len(taken) - before)
        now += 10 * MINUTE
        assert now < OVERDUE + 10 * DAY
    message.refresh_from_db()
    assert (message.state, message.tries, len(tried_at)) == ("parked", MOST_TRIES, MOST_TRIES)
    assert message.fault == "SMTPServerDisconnected", "what a mail server says may name the address"
    assert all(9 <= at.hour < 17 and at.weekday() < 5 for at in tried_at), "no try at night either"
    monkeypatch.undo()
    assert replay(message_id=message.pk, now=NINE + 7 * DAY)
    assert not replay(message_id=message.pk, now=NINE + 7 * DAY)
    assert deliver_next(now=NINE + 7 * DAY)
    assert len(mails_to(here.rep)) == 1


def test_a_message_that_kills_its_worker_each_time_is_parked():
    here = office()
    ask_for_test(person=here.rep, channel=Channel.MAIL, now=NINE)
    Message.objects.update(tries=MOST_TRIES)  # claimed as often as may be, and nobody noted what became of it
    assert deliver_next(now=NINE)
    message = Message.objects.get()
    assert message.state == "parked" and "worker ended" in message.fault


def test_never_more_than_the_cap_at_once_and_the_rest_in_one():
    here = office()
    tick(NINE)
    for n in range(20):
        here.given(NINE + n * MINUTE)
    mail.outbox.clear()
    for n in range(180, 240):
        tick(NINE + n * MINUTE)
    assert len(mails_to(here.rep)) == 6
    tick(NINE + 240 * MINUTE)
    assert len(mails_to(here.rep)) == 7
    assert "and 13 more" in mails_to(here.rep)[-1].subject


def test_what_somebody_chose_is_kept_to():
    here = office()
    choose(
        person=here.rep, chosen={(Subject.MINE, Channel.MAIL): "never", (Subject.GIVEN, Channel.APP): "never"}
    )
    choose(person=here.manager, chosen={(Subject.TEAM, Channel.MAIL): "daily"})
    here.given()
    tick(NINE)
    tick(OVERDUE)
    assert not mails_to(here.rep)
    assert set(Alert.objects.visible_to(here.rep).values_list("kind", flat=True)) == {"overdue"}
    for n in range(1, 20):
        tick(NINE + 4 * HOUR + n * HOUR)
        assert not mails_to(here.manager)
    tick(NINE + DAY)
    assert len(mails_to(here.manager)) == 1


# Chats and webhooks


class Taker(BaseHTTPRequestHandler):
    answer = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_said):
        """Say nothing."""


@pytest.fixture
def taker(settings):
    settings.ALLOW_PRIVATE_TARGETS = True
    server = HTTPServer(("127.0.0.1", 0), Taker)
    server.taken, server.answer = [], 200
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/hook?key=1"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_gets_signed_json_and_a_chat_its_text(taker):
    here = office()
    name_address(person=here.rep, channel=Channel.WEBHOOK, url=taker.url)
    name_address(person=here.rep, channel=Channel.CHAT, url=taker.url + "&chat")
    here.given(name="Ana <!channel> & Co")
    tick(NINE)
    tick(OVERDUE)
    hooks = [one for one in taker.taken if HEADER in one[1]]
    chats = [one for one in taker.taken if HEADER not in one[1]]
    (path, headers, body), secret = hooks[-1], Address.objects.get(channel="webhook").secret
    at = int(headers[HEADER].split(",")[0][2:])
    assert path == "/hook?key=1" and headers[HEADER] == signature(secret, at, body)
    said = json.loads(body)
    assert [one["kind"] for one in said["alerts"]] == ["overdue"]
    assert said["alerts"][0]["url"].startswith("https://sla.example.com/leads/")
    assert "&lt;!channel&gt; &amp; Co" in json.loads(chats[-1][2])["text"]


@pytest.mark.parametrize("status", [301, 400, 500])
def test_an_answer_that_is_no_yes_is_a_fault_and_a_redirect_is_not_followed(taker, status):
    taker.answer = status
    with pytest.raises(NotTaken, match=str(status)):
        post_json(taker.url, {})
    assert len(taker.taken) == 1


def test_a_test_by_each_way_arrives_and_not_twice_within_a_minute(taker):
    from django.core.exceptions import ValidationError

    here = office()
    with pytest.raises(ValidationError):
        ask_for_test(person=here.rep, channel=Channel.CHAT, now=NINE)
    name_address(person=here.rep, channel=Channel.CHAT, url=taker.url)
    for channel in (Channel.MAIL, Channel.CHAT):
        ask_for_test(person=here.rep, channel=channel, now=NINE + 12 * HOUR)
        with pytest.raises(ValidationError):
            ask_for_test(person=here.rep, channel=channel, now=NINE + 12 * HOUR)
    while deliver_next(now=NINE + 12 * HOUR):
        pass
    assert len(taker.taken) == len(mails_to(here.rep)) == 1
    assert "https" not in mails_to(here.rep)[0].body


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::",
    "nothing",
]  # fmt: skip


@pytest.mark.parametrize("number", PRIVATE)
def test_an_address_of_the_own_network_is_not_public(number):
    assert not is_public(number)


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is(number):
    assert is_public(number)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://", "ftp://example.com/", "file:///etc/passwd", "https://a:b@example.com/",
        "https://example.com:99999/", "https://exa mple.com/\r\nX: y", "https://example.com/\r\nHost: x", "nothing",
        "https://example.com/ä b",
    ],
)  # fmt: skip
def test_what_is_no_public_https_address_is_refused(url):
    with pytest.raises(Refused):
        check_url(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_a_name_that_leads_into_the_own_network_is_refused(host):
    with pytest.raises((Refused, OSError)):
        _scheme, name, port, _path = check_url(f"https://{host}/")
        resolve(name, port)


def test_one_private_address_among_several_is_enough_and_the_checked_one_is_connected_to(monkeypatch):
    def found(*numbers):
        return lambda *_a, **_k: [(2, 1, 6, "", (number, 443)) for number in numbers]

    monkeypatch.setattr(posting.socket, "getaddrinfo", found("93.184.216.34", "10.0.0.1"))
    with pytest.raises(Refused):
        post_json("https://rebind.example.com/", {})
    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise OSError("no network here")

    answers = iter([found("93.184.216.34"), found("127.0.0.1")])
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *a, **k: next(answers)(*a, **k))
    monkeypatch.setattr(posting.socket, "create_connection", connect)
    with pytest.raises(OSError):
        post_json("https://rebind.example.com/", {})
    assert connected == [("93.184.216.34", 443)], "looked up once, and not again to connect"


def test_an_unknown_chat_is_refused():
    for url in (
        "https://evil.example.com/x",
        "https://hooks.slack.com.evil.example.com/",
        "https://office.com/",
    ):
        with pytest.raises(Refused):
            chat.service_of(url)
    assert chat.service_of("https://hooks.slack.com/services/T/B/x") == "slack"
    assert chat.service_of("https://prod-1.westeurope.logic.azure.com:443/workflows/x") == "teams"


def test_an_address_that_became_private_parks_the_message(monkeypatch):
    here = office()
    Address.objects.create(person=here.rep, channel="webhook", url="https://127.0.0.1/", secret="s")
    ask_for_test(person=here.rep, channel=Channel.WEBHOOK, now=NINE)
    assert deliver_next(now=NINE)
    message = Message.objects.get()
    assert message.state == "parked" and "private network" in message.fault


def test_a_slow_drip_is_cut_off(settings, monkeypatch):
    settings.ALLOW_PRIVATE_TARGETS = True
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 0.5)
    server = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _ = server.accept()
        with connection:
            try:
                for _n in range(100):
                    connection.sendall(b"H")
                    connection.settimeout(0.05)
                    with suppress(TimeoutError):
                        connection.recv(1000)
            except OSError:
                return

    thread = Thread(target=drip, daemon=True)
    thread.start()
    started = dt.datetime.now(dt.UTC)
    with pytest.raises(OSError):
        post_json(f"http://127.0.0.1:{server.getsockname()[1]}/", {})
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=5)
    server.close()
    thread.join()


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 and its key, made here, for an hour's trust at most."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-out", str(paths[0]), "-keyout", str(paths[1])),
        ],
        capture_output=True,
        timeout=30,
    )
    assert made.returncode == 0, made.stderr.decode()
    return paths


@pytest.mark.parametrize("part", ["handshake", "answer"])
def test_a_slow_drip_is_cut_off_over_tls_too(settings, monkeypatch, certificate, part):
    settings.ALLOW_PRIVATE_TARGETS = True
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 1)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server, asked = socket.create_server(("127.0.0.1", 0)), []

    def drip():
        plain, _ = server.accept()
        with suppress(OSError):
            connection = context.wrap_socket(plain, server_side=True) if part == "answer" else plain
            with connection:
                asked.append(connection.recv(10_000))
                # An answer that never ends, or the beginning of a record of the handshake.
                connection.sendall(b"HTTP/1.1 200 " if part == "answer" else b"\x16\x03\x03\x3f\xff")
                for _n in range(200):
                    connection.sendall(b"x")
                    time.sleep(0.05)

    thread = Thread(target=drip, daemon=True)
    thread.start()
    started = time.monotonic()
    with pytest.raises(OSError):
        post_json(f"https://127.0.0.1:{server.getsockname()[1]}/hook", {"text": "x"})
    took = time.monotonic() - started
    assert 0.9 < took < 4, "far sooner than the drip ends, and by the timer alone"
    assert asked and (part == "handshake" or asked[0].startswith(b"POST /hook"))
    server.close()
    thread.join(5)


def test_what_was_told_a_year_ago_is_taken_away_but_not_what_keeps_an_open_clock_from_being_told_again():
    here = office()
    closed, still_open = here.given(), here.given()
    tick(OVERDUE)
    tick(NINE + 5 * HOUR)  # the manager's go out at the full hour; what waits to be sent would stay
    type(closed).objects.filter(pk=closed.pk).update(closed_as="lost", closed_at=OVERDUE)
    forget_old_alerts(now=OVERDUE + 364 * DAY)
    assert Alert.objects.filter(hand_off=closed).exists()
    forget_old_alerts(now=OVERDUE + 366 * DAY)
    assert set(Alert.objects.values_list("hand_off", flat=True)) == {still_open.pk}
    assert not Message.objects.filter(state="sent").exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_bundle_and_deliver_each_once():
    here = office()
    for _n in range(10):
        here.given()
    tick(OVERDUE, deliver=False)
    Errand.objects.update(message=None)
    Message.objects.all().delete()
    Errand.objects.all().delete()
    Errand.objects.bulk_create(
        Errand(alert=one, person_id=one.person_id, channel="mail", is_at_once=True, send_at=OVERDUE)
        for one in Alert.objects.filter(kind="overdue")
    )

    def work():
        bundle_errands(now=OVERDUE)
        while deliver_next(now=OVERDUE):
            pass

    mail.outbox.clear()
    assert race(*[work] * 6) == [None] * 6
    assert len(mails_to(here.rep)) == len(mails_to(here.manager)) == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
