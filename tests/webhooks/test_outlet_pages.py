"""The page of webhooks that go out: who is told, the secret that is shown once, a test, and what became of each."""

from __future__ import annotations

import re
import uuid

import pytest

from slaproject.outbox.channels import posting
from slaproject.webhooks import signing
from slaproject.webhooks.models import Dispatch, Outlet
from tests import factories
from tests.api.programs import person
from tests.api.test_reading import given as hand_offs_given
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
LIST, NEW = "/webhooks/out/", "/webhooks/out/new/"


@pytest.fixture
def administrator(db):
    return person(factories.user("Administrator", is_superuser=True, is_staff=True))


@pytest.fixture(autouse=True)
def number(monkeypatch):
    """All names lead to this number."""
    numbers = ["93.184.216.34"]
    found = lambda *_a, **_k: [(2, 1, 6, "", (numbers[0], 443))]  # noqa: E731
    monkeypatch.setattr(posting.socket, "getaddrinfo", found)
    return numbers


def given(**changed):
    return {
        "name": "Warehouse",
        "url": "https://hooks.example.com/in",
        "subjects": ["hand_off", "goal"],
        "key": str(uuid.uuid4()),
        **changed,
    }


def test_a_program_is_told_from_then_on_and_its_secret_shown_once(administrator):
    assert "No program is told by webhooks yet" in administrator.get(LIST).text
    form = given()
    page = administrator.post(NEW, form)
    outlet = Outlet.objects.get()
    secret = re.search(r'id="secret" value="(whsec_[^"]+)"', page.text)[1]
    assert secret == signing.shown(signing.secret_of(outlet.salt)) and outlet.subjects == ["goal", "hand_off"]
    again = administrator.post(NEW, form, follow=True)
    assert Outlet.objects.count() == 1 and "made already" in again.text and "whsec_" not in again.text
    page = administrator.post(f"{LIST}{outlet.pk}/new-secret/", {"number": "1"})
    assert "whsec_" in page.text and secret not in page.text
    assert (
        "meanwhile" in administrator.post(f"{LIST}{outlet.pk}/new-secret/", {"number": "1"}, follow=True).text
    )
    assert "two sign" in administrator.get(LIST).text
    administrator.post(f"{LIST}{outlet.pk}/end-older-secret/")
    assert "one signs" in administrator.get(LIST).text


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.com/", "https://", "https://a:b@example.com/", "nothing", "ftp://example.com/"],
)
def test_an_address_that_is_none_is_refused(administrator, url):
    assert administrator.post(NEW, given(url=url)).status_code == 200
    assert not Outlet.objects.exists()


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "fc00::1"])
def test_an_address_of_the_own_network_is_refused_when_it_is_saved(administrator, number, private):
    number[0] = private
    assert "private network" in administrator.post(NEW, given()).text
    assert not Outlet.objects.exists()


def test_a_test_is_asked_for_and_parked_ones_are_sent_again(administrator):
    administrator.post(NEW, given())
    outlet = Outlet.objects.get()
    assert "on its way" in administrator.post(f"{LIST}{outlet.pk}/test/", follow=True).text
    assert "just sent" in administrator.post(f"{LIST}{outlet.pk}/test/", follow=True).text
    Dispatch.objects.update(state="parked", ended_at=factories.NOON, fault="The other side answered 500.")
    page = administrator.get(f"{LIST}?state=parked").text
    assert "1 webhook could not be sent" in page and "answered 500" in page
    again = administrator.post(f"{LIST}sent/{Dispatch.objects.get().pk}/again/", follow=True)
    assert "It is sent again" in again.text and Dispatch.objects.get().state == "waiting"
    administrator.post(f"{LIST}{outlet.pk}/close/")
    assert "address is closed" in administrator.post(f"{LIST}{outlet.pk}/test/", follow=True).text
    assert "No webhook here" in administrator.get(f"{LIST}?state=sent").text


def test_how_many_questions_the_page_asks_does_not_grow(administrator):
    administrator.post(NEW, given(subjects=["hand_off", "attempt", "overdue"]))
    agreement = factories.agreement()
    factories.signed(agreement)

    hand_offs_given(agreement)
    assert Dispatch.objects.count() == 3  # handed off, tried, and that in time
    assert_same_queries(lambda: administrator.get(LIST), add_rows=lambda: hand_offs_given(agreement, 10))
