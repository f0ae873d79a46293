"""A POST of JSON to an address that a person typed: to the public internet alone, and never for long.

The name is looked up once and the connection goes to the address that was checked, so that a name which answers
differently the second time leads nowhere else. Redirects are not followed. A timer ends what takes too long as a whole,
however slowly the other side drips, and looking a name up has a limit of its own.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import BoundedSemaphore, Event, Thread, Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

STEP_SECONDS = 5
WHOLE_SECONDS = 15
LOOK_UP_SECONDS = 3
MOST_LOOK_UPS = 8
LOOK_UPS = BoundedSemaphore(MOST_LOOK_UPS)
TOO_SLOW = "no name server answered in time"
PORTS = {"https": 443, "http": 80}


class Refused(Exception):
    """An address to which nothing is sent, as it is now: trying again does not help."""


class NotTaken(OSError):
    """The other side answered, and did not take it."""


def check_url(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of an address that may be posted to; Refused says why not."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise Refused(_("This is no address.")) from None
    allowed = ("https", "http") if settings.ALLOW_PRIVATE_TARGETS else ("https",)
    if parts.scheme not in allowed:
        raise Refused(_("The address begins with https://."))
    if not host or parts.username is not None or parts.password is not None:
        raise Refused(_("The address names a host, and no user."))
    path = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
    if any(not "!" <= character <= "~" for character in path):
        raise Refused(_("The address has characters that do not belong in one."))
    return parts.scheme, host, port, path


def resolve(host: str, port: int) -> str:
    """Return the address of a host by its number; Refused when any of its addresses is not public."""
    numbers = _look_up(host, port)
    if not settings.ALLOW_PRIVATE_TARGETS and not all(is_public(number) for number in numbers):
        raise Refused(_("The address lies in a private network."))
    return numbers[0]


def _look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name; TimeoutError when no name server says them in time.

    The system's own look-up knows no limit of time, so it runs in a thread that is left behind: few of them at once.
    """
    answers: list[list[str] | Exception] = []
    if not LOOK_UPS.acquire(timeout=LOOK_UP_SECONDS):
        raise TimeoutError(TOO_SLOW)

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.append([str(one[4][0]) for one in found])
        except Exception as error:
            answers.append(error)
        finally:
            LOOK_UPS.release()

    thread = Thread(target=ask, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        LOOK_UPS.release()
        raise TimeoutError(TOO_SLOW) from None
    thread.join(LOOK_UP_SECONDS)
    if not answers:
        raise TimeoutError(TOO_SLOW)
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def is_public(number: str) -> bool:
    """Whether an address is one of the public internet, also the one inside of an IPv6 that carries an IPv4."""
    try:
        address = ipaddress.ip_address(number.split("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:  # deprecated, and global by the book, yet routed inside of a house alone
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def post_json(url: str, content: Any, headers: Mapping[str, str] | None = None) -> None:
    """Send it; OSError when it did not arrive or was not taken, Refused when it is sent nowhere."""
    body = json.dumps(content, ensure_ascii=True).encode()
    post(url, body, headers or {})


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send these bytes of JSON; see post_json."""
    scheme, host, port, path = check_url(url)
    number = resolve(host, port)
    plain = socket.create_connection((number, port), timeout=STEP_SECONDS)
    guard = plain.dup()  # of its own: securing a connection takes the plain socket's place
    is_cut = Event()
    timer = Timer(WHOLE_SECONDS, _cut, [guard, is_cut])
    timer.daemon = True
    timer.start()
    try:
        secured = _secured(plain, host) if scheme == "https" else plain
        connection = http.client.HTTPConnection(host, port, timeout=STEP_SECONDS)
        connection.sock = secured
        sent = {"Content-Type": "application/json", "User-Agent": "promises", "Connection": "close"}
        try:
            connection.request("POST", path, body, {**sent, **headers})
            status = connection.getresponse().status
        except http.client.HTTPException as error:
            raise NotTaken(_("The other side gave no proper answer.")) from error
        finally:
            secured.close()
    finally:
        timer.cancel()
        guard.close()
        plain.close()
    if is_cut.is_set():  # what came by then may look like the beginning of a yes
        raise NotTaken(_("The other side took too long to answer."))
    if not 200 <= status < 300:
        raise NotTaken(_("The other side answered %(status)s.") % {"status": status})


def _secured(plain: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _cut(connection: socket.socket, is_cut: Event) -> None:
    is_cut.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
