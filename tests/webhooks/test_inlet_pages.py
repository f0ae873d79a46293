"""The page of webhooks that come in: addresses, secrets that are shown once, and what failed with its reasons."""

from __future__ import annotations

import re
import uuid

import pytest

from slaproject.webhooks import signing
from slaproject.webhooks.models import Incoming, Inlet
from tests import factories
from tests.api.programs import person
from tests.query_counts import assert_same_queries
from tests.webhooks.sender import ANA, headers, post, said, send, take_all

pytestmark = pytest.mark.django_db
LIST, NEW = "/webhooks/in/", "/webhooks/in/new/"


@pytest.fixture
def administrator(db):
    return person(factories.user("Administrator", is_superuser=True, is_staff=True))


def given(**changed):
    about = {"name": "HubSpot", "system": "crm", "form": "hubspot", "signature": "standard"}
    return {**about, "key": str(uuid.uuid4()), **changed}


def shown_secret(page):
    return re.search(r'id="secret" value="(whsec_[^"]+)"', page.text)[1]


def test_an_address_is_made_and_its_secret_shown_once(administrator):
    assert "No program sends webhooks yet" in administrator.get(LIST).text
    form = given()
    page = administrator.post(NEW, form)
    inlet = Inlet.objects.get()
    assert shown_secret(page) == signing.shown(signing.secret_of(inlet.salt))
    assert f"/api/v1/webhooks/{inlet.key}/" in page.text and page["Cache-Control"] == "private, no-store"
    assert (inlet.stage, inlet.integration.role) == ("marketingqualifiedlead", "integration")
    again = administrator.post(NEW, form, follow=True)
    assert Inlet.objects.count() == 1 and "made already" in again.text
    assert "whsec_" not in administrator.get(LIST).text


def test_what_cannot_be_is_refused(administrator):
    for wrong in ({"name": ""}, {"system": "x" * 65}, {"system": "a\u202eb"}, {"form": "fax"}, {"key": "x"}):
        assert administrator.post(NEW, given(**wrong)).status_code == 200
    assert not Inlet.objects.exists()


def test_a_new_secret_serves_beside_the_older_one_until_that_is_ended(administrator):
    administrator.post(NEW, given(form="standard"))
    inlet = Inlet.objects.get()
    page = administrator.post(f"{LIST}{inlet.pk}/new-secret/", {"number": "1"})
    assert shown_secret(page)
    late = administrator.post(f"{LIST}{inlet.pk}/new-secret/", {"number": "1"}, follow=True)
    assert "meanwhile" in late.text and "two serve" in late.text
    administrator.post(f"{LIST}{inlet.pk}/end-older-secret/")
    assert "one serves" in administrator.get(LIST).text
    administrator.post(f"{LIST}{inlet.pk}/close/")
    assert "closed " in administrator.get(LIST).text
    inlet.refresh_from_db()
    assert post(inlet, said(ANA), headers(inlet, said(ANA))).status_code == 401


def test_what_failed_is_listed_with_its_reasons_and_tried_again(administrator, inlet):
    send(inlet, said({**ANA, "team": "south", "name": "<b>Ana"}), "evt_<b>")
    take_all()
    page = administrator.get(LIST)
    assert "1 webhook could not be taken" in page.text and "evt_&lt;b&gt;" in page.text
    assert "team: there is no “south”" in page.text
    factories.team("South", function="sales")
    pk = Incoming.objects.get().pk
    assert "tried again within a minute" in administrator.post(f"{LIST}failed/{pk}/again/", follow=True).text
    take_all()
    assert "All webhooks that came in were taken" in administrator.get(LIST).text


def test_how_many_questions_the_page_asks_does_not_grow(administrator, inlet):
    def fail(n):
        for k in range(n):
            send(inlet, said({**ANA, "team": "south"}), f"evt_{n}_{k}")
        take_all()

    fail(2)
    assert_same_queries(lambda: administrator.get(LIST), add_rows=lambda: fail(15))
