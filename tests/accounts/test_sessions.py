"""Sessions end in time; what was written meanwhile is kept for who wrote it, and for nobody else."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from slaproject.accounts import kept_forms
from slaproject.accounts.models import User
from tests import factories
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one"
WRITTEN = {"name": "Ada with <b>care</b>", "time_zone": "Asia/Seoul", "language": "en"}


@pytest.fixture
def ada():
    return User.objects.create_user("ada@example.com", PASSWORD, name="Ada")


@pytest.fixture
def browser(client, ada):
    """A browser in which Ada has been, with a session that is still there."""
    client.force_login(ada)
    client.get(reverse("account"))
    return client


def end_session(browser):
    Session.objects.all().delete()


def send(browser, address="/account/", sent=WRITTEN, **headers):
    return browser.post(address, sent, headers={"Referer": "http://testserver/account/?from=menu"} | headers)


def sign_in(browser, email="ada@example.com", to="/account/?from=menu"):
    browser.post("/sign-in/", {"username": email, "password": PASSWORD, "next": to})
    return browser.get(to)


# The ends of a session


def reaches_account(browser, start, **later):
    with time_machine.travel(start + dt.timedelta(**later), tick=False):
        return browser.get(reverse("account")).status_code == 200


def test_a_session_ends_after_eight_hours_without_a_visit(client, ada):
    start = timezone.now()
    client.force_login(ada)
    assert reaches_account(client, start)
    assert reaches_account(client, start, hours=7, minutes=59)
    assert reaches_account(client, start, hours=15, minutes=50)
    assert not reaches_account(client, start, hours=23, minutes=51)


def test_a_session_ends_a_week_after_signing_in_whoever_comes(client, ada):
    start = timezone.now()
    client.force_login(ada)
    for hour in range(0, 7 * 24, 7):
        assert reaches_account(client, start, hours=hour), hour
    assert reaches_account(client, start, days=6, hours=23, minutes=59)
    assert not reaches_account(client, start, days=7)
    assert not Session.objects.exists()


def test_a_visit_is_written_down_at_most_every_five_minutes(browser):
    assert_same_queries(
        lambda: browser.get(reverse("account")), add_rows=lambda: browser.get(reverse("account"))
    )
    expires = Session.objects.values_list("expire_date", flat=True)
    first = expires.get()
    browser.get(reverse("account"))
    assert expires.get() == first
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        browser.get(reverse("account"))
    assert expires.get() > first


def test_a_program_or_a_stranger_with_a_session_reaches_no_page(client, ada):
    client.force_login(factories.user("Program", role="integration"))
    refused = client.get(reverse("account"))
    assert refused.status_code == 403
    assert "This account is a program" in refused.text, "the page says what the door said"


def test_signing_out_clears_the_browser(browser):
    answer = browser.post(reverse("sign-out"))
    assert answer.headers["Clear-Site-Data"] == '"cookies", "storage"'


# What was written


def test_what_was_written_is_there_again_after_signing_in_and_only_once(browser, ada):
    end_session(browser)
    answer = send(browser)
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=%2Faccount%2F%3Ffrom%3Dmenu")
    assert "Your session had ended. What you wrote is kept." in browser.get(answer.url).text
    page = sign_in(browser)
    assert 'value="Ada with &lt;b&gt;care&lt;/b&gt;"' in page.text
    assert "It is not saved yet." in page.text
    ada.refresh_from_db()
    assert ada.name == "Ada", "nothing is done before it is sent again"
    again = browser.get("/account/?from=menu")
    assert "care" not in again.text
    assert again.wsgi_request.kept is None


def test_what_was_written_into_another_form_of_the_page_is_said_and_fills_no_other(browser, ada):
    place = "/account/?from=menu"
    for sent, said in (
        (
            {"text": "We <call> within an hour", "owner": "12"},
            "“We &lt;call&gt; within an hour”. Do it again.",
        ),
        ({"owner": "12"}, "Your session had ended before that was done. Do it again."),
    ):
        end_session(browser)
        browser.post("/account/password/", sent, headers={"Referer": f"http://testserver{place}"})
        page = sign_in(browser, to=place)
        assert said in page.text and 'value="Ada"' in page.text
        assert page.wsgi_request.kept is None
        assert page.wsgi_request.kept_elsewhere.dict() == sent
        again = browser.get(place)
        assert "Do it again" not in again.text and again.wsgi_request.kept_elsewhere is None


def test_another_page_opened_first_leaves_it_for_its_own(browser):
    end_session(browser)
    send(browser)
    sign_in(browser, to="/account/password/")
    assert "care" in browser.get("/account/?from=menu").text


def test_who_signs_in_instead_gets_nothing_of_it(browser):
    User.objects.create_user("eve@example.com", PASSWORD, name="Eve")
    end_session(browser)
    send(browser)
    assert "care" not in sign_in(browser, "eve@example.com").text
    browser.post("/sign-out/")
    assert "care" not in sign_in(browser).text, "and it is gone for good"


def test_a_browser_in_which_nobody_was_stores_nothing(client, ada):
    before = Session.objects.count()
    assert send(client).url == "/sign-in/?next=%2Faccount%2F%3Ffrom%3Dmenu"
    client.cookies["__Host-last-person"] = f"{ada.pk}:forged"
    send(client)
    assert Session.objects.count() == before


def test_passwords_and_tokens_are_not_kept(browser):
    end_session(browser)
    secret = {
        "old_password": "s3cret",
        "new_password1": "s3cret",
        "csrfmiddlewaretoken": "s3cret",
        "note": "text",
    }
    send(browser, "/account/password/", secret)
    kept = browser.session[kept_forms.KEPT]
    assert [entry["text"] for entry in kept.values()] == ["note=text"]


def test_too_much_is_not_kept_and_that_is_said(browser):
    end_session(browser)
    answer = send(browser, sent=WRITTEN | {"name": "x" * 300_000})
    assert "too long to be kept" in browser.get(answer.url).text
    assert kept_forms.KEPT not in browser.session
    for number in range(9):
        browser.post("/account/", WRITTEN, headers={"Referer": f"http://testserver/account/?n={number}"})
    assert len(browser.session[kept_forms.KEPT]) == kept_forms.MOST_PAGES


@pytest.mark.parametrize(
    "referer", ["https://evil.example/account/", "//evil.example/", "javascript:alert(1)", "\\"]
)
def test_a_page_of_another_site_is_never_returned_to(browser, referer):
    end_session(browser)
    answer = send(browser, Referer=referer)
    assert answer.url == "/sign-in/?next=%2Faccount%2F"


def test_a_fragment_sends_the_whole_page_to_sign_in(browser):
    end_session(browser)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/"}
    for method in (browser.get, browser.post):
        answer = method("/account/", headers=headers)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in/?next=%2Faccount%2F")


def test_a_form_of_every_kind_of_text_comes_back_as_it_was(browser):
    end_session(browser)
    text = "‮ \0 😀 한글 <script> & = ; + % \r\n \ud800".encode("utf-8", "replace").decode()
    send(browser, sent={"name": text, "many": ["a", "b"]})
    kept = sign_in(browser).wsgi_request.kept
    assert kept["name"] == text
    assert kept.getlist("many") == ["a", "b"]


# A form without its token


def test_a_refused_form_says_what_to_do_and_shows_what_was_written(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    sent = WRITTEN | {"new_password1": "s3cret"}
    own = strict.post("/account/", sent, headers={"Origin": "http://testserver"})
    assert own.status_code == 403
    assert "Nothing was saved: send this form once more" in own.text
    assert "Ada with &lt;b&gt;care&lt;/b&gt;" in own.text
    assert "s3cret" not in own.text
    foreign = strict.post("/account/", sent, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "care" not in foreign.text
