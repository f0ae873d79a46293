"""Every address of the site: which headers its answers carry, and that no foreign form is taken."""

from __future__ import annotations

import os
import subprocess
import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.permissions.matrix import MATRIX
from tests.permissions.rows import Row
from tests.permissions.scene import Scene
from tests.permissions.test_matrix import ADMIN, address_of

pytestmark = pytest.mark.django_db
BASE = Path(__file__).resolve().parents[2]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
STRICTER = {"Referrer-Policy": "no-referrer"}


def addresses(scene: Scene) -> list[str]:
    found = [address_of(row, scene) for row in MATRIX]
    return [*found, *admin_addresses(), "/no-such-page/"]


def admin_addresses() -> list[str]:
    """Those that need nothing filled in."""
    return [reverse(name) for name, pattern in ADMIN if pattern.name and not pattern.pattern.regex.groups]


def test_every_answer_carries_its_headers_and_no_cache_keeps_one_of_who_is_signed_in(scene: Scene):
    seen = 0
    for identity in ("anonymous", "rep", "administrator"):
        client = Client(raise_request_exception=False)
        if identity != "anonymous":
            client.force_login(scene.people[identity])
        for address in addresses(scene):
            for method in ("GET", "POST"):
                answer = one_answer(client, method, address)
                about = f"{identity} {method} {address}"
                assert answer.status_code < 500, about
                for name, value in ALWAYS.items():
                    assert answer.headers.get(name) in (value, STRICTER.get(name, value)), about
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"], about
                assert "camera=()" in answer.headers["Permissions-Policy"], about
                if identity != "anonymous" and not address.endswith(("/sign-out/", "/logout/")):
                    assert "no-store" in answer.headers.get("Cache-Control", ""), about
                seen += 1
    print(f"\nanswers with all their headers: {seen}")


def one_answer(client: Client, method: str, address: str) -> Any:
    """Ask, and take back whatever that changed."""
    cookies = SimpleCookie(client.cookies)
    with transaction.atomic():
        found = client.generic(method, address, secure=True)
        transaction.set_rollback(True)
    client.cookies = cookies
    return found


# Programs ask for these by themselves, without a session: a signed link, or the signature of the body, is the right to
# it, and all that it needs.
BY_ITS_SIGNATURE = ("outbox:unsubscribe", "api:webhook")


@pytest.mark.parametrize(
    "row", [row for row in MATRIX if row.url_name not in BY_ITS_SIGNATURE], ids=lambda row: row.url_name
)
def test_no_unsafe_request_is_taken_without_its_token_or_from_another_site(row: Row, scene: Scene):
    refuse_foreign_forms(scene.people["administrator"], address_of(row, scene))


def test_the_admin_takes_no_foreign_form_either(scene: Scene):
    for address in admin_addresses():
        refuse_foreign_forms(scene.people["administrator"], address, ("POST",))


def refuse_foreign_forms(person: Any, address: str, methods: tuple[str, ...] = UNSAFE) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    token = client.get(reverse("account")).context["csrf_token"]
    foreign = {"Origin": "https://evil.example", "X-CSRFToken": str(token)}
    for method in methods:
        assert client.generic(method, address).status_code == 403, f"{method} without a token"
        assert client.generic(method, address, headers=foreign).status_code == 403, f"{method} from elsewhere"
    assert get_user_model().objects.filter(pk=person.pk, is_active=True).exists()


def test_the_token_itself_is_taken(scene: Scene):
    """Otherwise the refusals above would say nothing."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.people["administrator"])
    token = str(client.get(reverse("account")).context["csrf_token"])
    own = {"Origin": "http://testserver", "X-CSRFToken": token}
    assert client.generic("POST", reverse("account"), headers=own).status_code == 200


PRODUCTION = {
    "SECRET_KEY": "kR7-" + "aZ0_xQ9wV8uT6sP5oN4m" * 3,
    "ALLOWED_HOSTS": "sla.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://sla.example.com",
    "PRODUCTION": "1",
    "BEHIND_PROXY": "1",
    "DEBUG": "0",
    "DEMO": "0",
    "EMAIL_URL": "smtp+tls://mailer:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "promises@example.com",
}


def in_production(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env=os.environ | PRODUCTION,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_finds_nothing_to_warn_of():
    done = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_in_production_cookies_and_mail_are_as_they_must_be():
    code = (
        "from slaproject import settings as s\n"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SAMESITE, s.SESSION_COOKIE_SECURE,\n"
        "      s.EMAIL_BACKEND, s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_HOST_USER, s.DEFAULT_FROM_EMAIL)"
    )
    done = in_production("-c", code)
    assert done.stdout.split() == [
        *("__Host-sessionid", "__Host-csrftoken", "Lax", "True"),
        *("django.core.mail.backends.smtp.EmailBackend", "mail.example.com", "587", "True", "mailer"),
        "promises@example.com",
    ]
