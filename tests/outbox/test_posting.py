"""Chats and webhooks: what they are posted, which addresses are refused, and a reply that drips is cut off."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from slaproject.outbox.channels import chat, posting
from slaproject.outbox.channels.posting import NotTaken, Refused, check_url, is_public, post_json, resolve
from slaproject.outbox.channels.webhook import HEADER, signature
from slaproject.outbox.choosing import ask_for_test, name_address
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.kinds import Channel
from slaproject.outbox.models import Address, Message
from tests import factories
from tests.outbox.office import HOUR, MINUTE, NINE, mails_to, office, tick

pytestmark = pytest.mark.django_db
OVERDUE = NINE + 4 * HOUR + MINUTE


@pytest.fixture(autouse=True)
def _address(settings):
    settings.SITE_URL = "https://sla.example.com"


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


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_only_looks_on_gets_the_test_of_their_own_address(taker, role):
    person = factories.user("Looks on", role=role)
    name_address(person=person, channel=Channel.CHAT, url=taker.url)
    ask_for_test(person=person, channel=Channel.CHAT, now=NINE)
    assert deliver_next(now=NINE) and len(taker.taken) == 1
    assert Message.objects.get(person=person).state == Message.State.SENT


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::",
    "fec0::1", "feff::1", "nothing",
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
