"""Signing in, and what a page takes from the person who asks for it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from slaproject.accounts.middleware import person_middleware

pytestmark = pytest.mark.django_db
User = get_user_model()
PASSWORD = "a long enough one"


@pytest.fixture
def ada():
    return User.objects.create_user(
        "Ada@example.com", PASSWORD, name="Ada Nowak", time_zone="Europe/Warsaw", language="pl"
    )


@pytest.fixture
def administrator(client):
    person = User.objects.create_superuser("root@example.com", PASSWORD, name="Root")
    client.force_login(person)
    return person


def test_an_address_is_one_person_whatever_its_case(ada):
    with pytest.raises(IntegrityError):
        User.objects.create_user("ADA@example.com", name="Ada again")


def test_user_needs_an_address():
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("", name="Nobody")


@pytest.mark.parametrize("email", ["Ada@example.com", "ada@EXAMPLE.com"])
def test_person_signs_in_by_e_mail_in_any_case(client, ada, email):
    answer = client.post(reverse("sign-in"), {"username": email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_wrong_password_says_so_and_nothing_about_who_exists(client, ada):
    known = client.post(reverse("sign-in"), {"username": "ada@example.com", "password": "wrong"})
    unknown = client.post(reverse("sign-in"), {"username": "eve@example.com", "password": "wrong"})
    for answer in (known, unknown):
        assert "This e-mail and password do not belong together." in answer.text
        assert 'role="alert"' in answer.text


def test_sign_out_is_a_post(client, ada):
    client.force_login(ada)
    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out")).url == reverse("sign-in")
    assert "_auth_user_id" not in client.session


def test_sample_accounts_are_shown_in_the_demo_only(client, settings):
    User.objects.create_user("mia@acme.example", name="Mia")
    assert "mia@acme.example" not in client.get(reverse("sign-in")).text
    settings.DEMO = True
    assert "mia@acme.example" in client.get(reverse("sign-in")).text


def test_pages_are_in_the_zone_and_the_language_of_the_person(ada):
    seen = {}

    def respond(request):
        seen.update(zone=timezone.get_current_timezone_name(), language=translation.get_language())

    request = RequestFactory().get("/")
    request.user = ada
    with translation.override("en"):
        person_middleware(respond)(request)
        assert seen == {"zone": "Europe/Warsaw", "language": "pl"}
    assert timezone.get_current_timezone_name() == "UTC"


def test_language_picked_in_this_browser_comes_before_the_account(client, ada, settings):
    client.force_login(ada)
    answer = client.post(reverse("set_language"), {"language": "ko", "next": "/sign-in/"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ko"
    assert '<html lang="ko"' in client.get("/no-such-page/").text


def test_administrator_adds_and_changes_a_person_by_e_mail(client, administrator):
    add = reverse("admin:accounts_user_add")
    fields = {"email": "new@example.com", "name": "New", "time_zone": "Asia/Seoul", "language": "ko"}
    password = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(add).status_code == 200
    assert client.post(add, fields | password).status_code == 302
    person = User.objects.get(email="new@example.com")
    assert person.check_password(PASSWORD)

    change = reverse("admin:accounts_user_change", args=[person.pk])
    assert client.get(change).status_code == 200
    dates = {"date_joined_0": "2026-03-02", "date_joined_1": "09:00:00"}
    assert client.post(change, fields | dates | {"name": "Newer", "is_active": "on"}).status_code == 302
    person.refresh_from_db()
    assert person.name == "Newer"
    assert "Newer" in client.get(reverse("admin:accounts_user_changelist")).text


def test_zone_that_does_not_exist_is_refused(client, administrator):
    fields = {"email": "new@example.com", "name": "New", "time_zone": "Europe/Nowhere", "language": "en"}
    answer = client.post(
        reverse("admin:accounts_user_add"),
        fields | {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code == 200
    assert not User.objects.filter(email="new@example.com").exists()
