"""One's own account, passwords and the links by which they are chosen."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from agreements.models import Membership
from slaproject.accounts import tasks
from slaproject.accounts.links import link_path
from slaproject.accounts.models import User, WantedLink
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one"
NEW = "another long enough one"
HOSTILE = ["", "\0", "x\0y", "<script>alert(1)</script>", '"quoted"', "‮txet", "x" * 10_000, "-1", "Europe/\0"]


@pytest.fixture
def ada():
    return User.objects.create_user("ada@example.com", PASSWORD, name="Ada Nowak", time_zone="Europe/Warsaw")


@pytest.fixture
def page(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    """A worker that executes at once; the list of whom a link was wanted for."""
    told = []

    def ask(task):
        assert task == tasks.mail_links.name
        told.append(WantedLink.objects.get().person_id)
        tasks.mail_links()
        return True

    monkeypatch.setattr(tasks, "ask_the_worker", ask)
    return told


def mine(**changed):
    return {"name": "Ada Nowak", "time_zone": "Europe/Warsaw", "language": "en"} | changed


def link_in(message):
    return re.search(r"http://testserver(/\S+)", message.body).group(1)


def test_a_person_sees_and_changes_their_own_account(page, ada, settings):
    team = factories.team("Warsaw")
    Membership.objects.create(user=ada, team=team)
    shown = page.get(reverse("account"))
    assert "You see times in Europe/Warsaw." in shown.text
    assert "ada@example.com" in shown.text
    assert "Sales rep: Warsaw" in shown.text
    page.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    saved = page.post(reverse("account"), mine(name="Ada N.", time_zone="asia/seoul ", language="pl"))
    assert (saved.status_code, saved.url) == (302, reverse("account"))
    ada.refresh_from_db()
    assert (ada.name, ada.time_zone, ada.language) == ("Ada N.", "Asia/Seoul", "pl")
    assert not page.cookies[settings.LANGUAGE_COOKIE_NAME].value, (
        "the language of the account holds from now on"
    )


def test_nobody_changes_their_own_address_or_role(page, ada):
    page.post(reverse("account"), mine(email="x@example.com", is_superuser="on", role="auditor"))
    ada.refresh_from_db()
    assert (ada.email, ada.is_superuser, ada.role) == ("ada@example.com", False, "")


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["name", "time_zone", "language"])
def test_what_cannot_be_is_said_beside_its_field(page, ada, field, value):
    answer = page.post(reverse("account"), mine(**{field: value}))
    ada.refresh_from_db()
    if answer.status_code == 302:
        assert field == "name" and ada.name == value
    else:
        assert (answer.status_code, ada.name) == (200, "Ada Nowak")
        assert f'id="id_{field}_error"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "<script>alert" not in answer.text


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(page, ada, client_class=None):
    other = type(page)()
    other.force_login(ada)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert page.post(reverse("change-password"), sent | {"old_password": "wrong"}).status_code == 200
    assert other.get(reverse("account")).status_code == 200
    assert page.post(reverse("change-password"), sent).url == reverse("account")
    assert page.get(reverse("account")).status_code == 200
    assert "/sign-in/" in other.get(reverse("account")).url
    ada.refresh_from_db()
    assert ada.check_password(NEW)


def test_wrong_old_passwords_are_counted_as_at_the_door(page, ada):
    sent = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert [page.post(reverse("change-password"), sent).status_code for _ in range(5)] == [200] * 4 + [429]
    refused = page.post(reverse("change-password"), sent | {"old_password": PASSWORD})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert try_to_sign_in(type(page)(), "ada@example.com", PASSWORD).status_code == 429
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    (attempt,) = AccessAttempt.objects.all()
    assert NEW not in attempt.post_data and "old_password=wrong" not in attempt.post_data
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        page.force_login(ada)
        assert page.post(reverse("change-password"), sent | {"old_password": PASSWORD}).status_code == 302


def test_the_admin_has_no_other_page_for_ones_own_password(page, ada):
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    asked = page.post("/admin/password_change/", {"old_password": "wrong"})
    assert (asked.status_code, asked.url) == (302, reverse("change-password"))


def test_a_forgotten_password_is_replaced_by_mail_once(client, ada, worker):
    asked = client.post(reverse("reset-password"), {"email": "ADA@example.com"})
    assert asked.url == reverse("reset-password-sent")
    assert "Look into your mail" in client.get(asked.url).text
    (message,) = mail.outbox
    assert message.to == ["ada@example.com"]
    link = link_in(message)
    assert "choose a new password" in client.get(link).text
    assert client.post(link, {"new_password1": "short", "new_password2": "short"}).status_code == 200
    client.cookies.clear()
    assert client.post(link, {"new_password1": NEW, "new_password2": NEW}).url == "/"
    assert client.session["_auth_user_id"] == str(ada.pk)
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    for method in (client.get, client.post):
        again = method(link, {"new_password1": PASSWORD, "new_password2": PASSWORD})
        assert (again.status_code, "does not serve any more" in again.text) == (404, True)


def test_the_answer_is_the_same_for_addresses_that_nobody_has(client, ada, worker):
    User.objects.create_user("closed@example.com", PASSWORD, name="Closed", is_active=False)
    User.objects.create_user("program@example.com", PASSWORD, name="Program", role="integration")
    answers = {}
    for email in ("ada@example.com", "nobody@example.com", "closed@example.com", "program@example.com"):
        answer = client.post(reverse("reset-password"), {"email": email})
        answers[email] = (answer.status_code, answer.url, dict(answer.cookies))
    assert len({str(answer) for answer in answers.values()}) == 1
    assert worker == [ada.pk, None, None, None], (
        "each is written down and told, so that each takes equally long"
    )
    assert not WantedLink.objects.exists()
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


def test_a_link_ends_after_three_days_and_when_the_address_changes(client, ada):
    link = link_path(ada)
    with time_machine.travel(timezone.now() + dt.timedelta(days=3, minutes=1), tick=False):
        assert client.get(link).status_code == 404
    assert client.get(link).status_code == 200
    User.objects.filter(pk=ada.pk).update(email="ada2@example.com")
    assert client.get(link).status_code == 404
    User.objects.filter(pk=ada.pk).update(email="ada@example.com", is_active=False)
    assert client.get(link).status_code == 404


def test_the_link_for_a_new_password_is_no_invitation_and_the_other_way_round(client, ada):
    uid, token = link_path(ada).split("/")[2:4]
    assert client.get(reverse("invitation", args=[uid, token])).status_code == 404
    ada.set_unusable_password()
    ada.save()
    uid, token = link_path(ada).split("/")[2:4]
    assert client.get(reverse("choose-password", args=[uid, token])).status_code == 404


@pytest.mark.parametrize(
    "uid", ["x", "MQ", "AA", "w6k", "99999999999999999999", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_a_link_that_was_made_up_is_not_found(client, ada, uid):
    for name in ("invitation", "choose-password"):
        for token in ("x", "set-password", "c4c-%00", "0-" + "a" * 32, "é"):
            assert client.get(reverse(name, args=[uid, token])).status_code == 404
            assert client.post(reverse(name, args=[uid, token])).status_code == 404


# Too many attempts


def try_to_sign_in(client, email, password="wrong", **extra):
    return client.post(reverse("sign-in"), {"username": email, "password": password}, **extra)


def test_five_failures_from_one_place_are_followed_by_a_wait(client, ada):
    for email in ("ada@example.com", "ADA@example.com", " Ada@Example.com "):
        assert try_to_sign_in(client, email).status_code == 200
    assert try_to_sign_in(client, "ada@example.com").status_code == 200
    assert try_to_sign_in(client, "ada@example.com").status_code == 429
    refused = try_to_sign_in(client, "ada@example.com", PASSWORD)
    assert refused.status_code == 429
    assert "wait 15 minutes" in refused.text
    assert refused.headers["Retry-After"] == "900"
    assert "_auth_user_id" not in client.session
    elsewhere = try_to_sign_in(client, "ada@example.com", PASSWORD, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302, "elsewhere she comes in"


def test_letters_that_have_the_same_capitals_make_no_second_account(client):
    User.objects.create_user("iris.s@example.com", PASSWORD, name="Iris")
    for email in ("ıris.s@example.com", "iriſ.s@example.com", "ırıſ.ſ@example.com", "Iris.ſ@example.com"):
        assert try_to_sign_in(client, email).status_code == 200
    assert try_to_sign_in(client, "iriS.s@example.com").status_code == 429
    assert try_to_sign_in(client, "ırıs.ſ@example.com", PASSWORD).status_code == 429
    client.post(
        link_path(User.objects.get(name="Iris")),
        {"new_password1": NEW, "new_password2": NEW},
        REMOTE_ADDR="192.0.2.7",
    )
    client.post(reverse("sign-out"))
    assert try_to_sign_in(client, "iris.s@example.com", NEW).status_code == 302


@pytest.mark.parametrize("is_behind", [False, True])
def test_all_addresses_of_one_connection_are_one_place(client, ada, settings, is_behind):
    settings.BEHIND_PROXY = is_behind
    name = "HTTP_X_FORWARDED_FOR" if is_behind else "REMOTE_ADDR"
    answers = [
        try_to_sign_in(
            client, "ada@example.com", **{name: address, "HTTP_X_FORWARDED_PROTO": "https"}
        ).status_code
        for address in [*(f"2001:db8:1:2:{n}::7" for n in range(1, 6)), "2001:db8:1:3::1", "192.0.2.7"]
    ]
    assert answers == [200, 200, 200, 200, 429, 200, 200]
    mapped = [
        try_to_sign_in(
            client, "bo@example.com", **{name: address, "HTTP_X_FORWARDED_PROTO": "https"}
        ).status_code
        for address in ["192.0.2.7", "::ffff:192.0.2.7"] * 3
    ]
    assert mapped[4:] == [429, 429]


def test_the_wait_ends_by_itself(client, ada):
    for _ in range(6):
        try_to_sign_in(client, "ada@example.com")
    for minutes, status in ((14, 429), (16, 302)):
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes)):
            assert try_to_sign_in(client, "ada@example.com", PASSWORD).status_code == status


def test_a_new_password_by_mail_ends_the_wait(client, ada):
    for _ in range(6):
        try_to_sign_in(client, "ada@example.com")
    client.post(link_path(ada), {"new_password1": NEW, "new_password2": NEW})
    client.post(reverse("sign-out"))
    assert try_to_sign_in(client, "ada@example.com", NEW).status_code == 302


def test_an_unknown_address_waits_just_the_same(client, ada):
    answers = [
        [try_to_sign_in(client, email).status_code for _ in range(6)]
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert answers[0] == answers[1] == [200, 200, 200, 200, 429, 429]


def test_an_administrator_lifts_the_wait(client, ada):
    for _ in range(6):
        try_to_sign_in(client, "ada@example.com")
    root = User.objects.create_superuser("root@example.com", PASSWORD, name="Root")
    other = type(client)()
    other.force_login(root)
    attempt = AccessAttempt.objects.get()
    assert PASSWORD not in attempt.post_data and "wrong" not in attempt.post_data
    other.post(reverse("admin:axes_accessattempt_delete", args=[attempt.pk]), {"post": "yes"})
    assert try_to_sign_in(client, "ada@example.com", PASSWORD).status_code == 302


def test_behind_a_proxy_the_place_is_what_the_proxy_wrote(client, ada, settings):
    settings.BEHIND_PROXY = True
    for number in range(6):
        said = {"HTTP_X_FORWARDED_FOR": f"10.0.0.{number}, 192.0.2.1", "HTTP_X_FORWARDED_PROTO": "https"}
        answer = try_to_sign_in(client, "ada@example.com", **said)
    assert answer.status_code == 429, "what the visitor adds in front is not believed"
    assert try_to_sign_in(client, "ada@example.com", HTTP_X_FORWARDED_FOR="nonsense, \"'").status_code == 200


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_typed_at_the_door_is_a_server_error(client, ada, value):
    for sent in (
        {"username": value, "password": PASSWORD},
        {"username": "ada@example.com", "password": value, "more": value, "next": value},
    ):
        assert client.post(reverse("sign-in") + "?next=%00", sent).status_code in (200, 302)
    assert client.post(reverse("reset-password"), {"email": value}).status_code == 200
