"""Tokens: made on a page, shown once, kept as a hash, refused once they serve no more."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from slaproject.accounts.services import deactivate_person
from slaproject.integrations.models import Token
from slaproject.integrations.tokens import revoke_token
from tests import factories
from tests.api import programs
from tests.query_counts import assert_same_queries
from tests.races import race

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"


@pytest.fixture
def administrator():
    return factories.user("Ada Administrator", is_superuser=True, is_staff=True)


def form(**given):
    day = timezone.localdate() + dt.timedelta(days=30)
    filled = {"name": "HubSpot", "scopes": ["leads:read", "deals:read"], "expires_on": f"{day:%Y-%m-%d}"}
    return filled | {"key": str(uuid.uuid4())} | given


def shown(page) -> str:
    (secret,) = re.findall(r'id="secret" value="(promises_[\w-]{43})"', page.text)
    return str(secret)


def test_a_token_is_shown_once_and_only_its_hash_is_kept(administrator):
    browser = programs.person(administrator)
    sent = form()
    page = browser.post("/integrations/new/", sent)
    secret = shown(page)
    assert "no-store" in page["Cache-Control"]
    token = Token.objects.get()
    assert (token.name, token.scopes, token.made_by) == (
        "HubSpot",
        ["deals:read", "leads:read"],
        administrator,
    )
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert (token.integration.role, token.integration.name) == ("integration", "HubSpot")
    assert not token.integration.has_usable_password()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM integrations_token t")
        assert secret not in cursor.fetchone()[0]
    assert secret not in browser.get("/integrations/").text
    assert programs.client(secret).get(ROOT).json()["you"] == {"name": "HubSpot", "scopes": token.scopes}
    # The same form once more makes no second one, and no second integration.
    again = browser.post("/integrations/new/", sent, follow=True)
    assert "is made already" in again.text and "promises_" not in again.text
    assert Token.objects.count() == 1
    assert get_user_model().objects.filter(role="integration").count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "required"),
        ({"name": "x\0y"}, "Null characters"),
        ({"scopes": []}, "required"),
        ({"scopes": ["leads:everything"]}, "not one of the available choices"),
        ({"expires_on": "2020-01-01"}, "from today on"),
        ({"expires_on": "9999-12-31"}, "within two years"),
        ({"expires_on": "soon"}, "valid date"),
        ({"integration": "99999999999999999999"}, "not one of the available choices"),
    ],
)
def test_what_makes_no_token_is_said_at_its_field(administrator, change, says):
    page = programs.person(administrator).post("/integrations/new/", form(**change))
    assert page.status_code == 200 and says in page.text
    assert not Token.objects.exists()


def test_a_second_token_of_the_same_integration_replaces_the_first(administrator):
    first, old = programs.token(by=administrator)
    browser = programs.person(administrator)
    new = shown(browser.post("/integrations/new/", form(integration=first.integration_id)))
    assert get_user_model().objects.filter(role="integration").count() == 1
    page = browser.post(f"/integrations/{first.pk}/revoke/", follow=True)
    assert "CRM is refused from now on." in page.text
    assert programs.client(old).get(ROOT).status_code == 401
    assert programs.client(new).get(ROOT).status_code == 200


def test_a_day_chosen_ends_in_the_zone_of_who_chose_it(administrator):
    administrator.time_zone = "Asia/Seoul"
    administrator.save()
    with time_machine.travel(factories.NOON, tick=False):
        programs.person(administrator).post("/integrations/new/", form(expires_on="2026-04-01"))
    assert Token.objects.get().expires_at == dt.datetime(2026, 4, 1, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize("why", ["unknown", "revoked", "expired", "closed", "a person's", "basic", "empty"])
def test_a_token_that_serves_not_is_refused_alike(administrator, why):
    token, secret = programs.token(by=administrator)
    if why == "unknown":
        secret = secret[:-1] + ("x" if secret[-1] != "x" else "y")
    elif why == "revoked":
        assert revoke_token(token=token, now=factories.NOON, by=administrator)
        assert not revoke_token(token=token, now=factories.NOON, by=administrator)
    elif why == "expired":
        Token.objects.update(expires_at=timezone.now())
    elif why == "closed":
        deactivate_person(person=token.integration, now=timezone.now(), by=administrator)
    elif why == "a person's":
        get_user_model().objects.filter(pk=token.integration_id).update(role="")
    word = "Basic" if why == "basic" else "Bearer"
    program = programs.client("")
    program.defaults["HTTP_AUTHORIZATION"] = f"{word} {'' if why == 'empty' else secret}"
    answer = program.get(ROOT)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer["Content-Type"] == "application/problem+json"
    assert Token.objects.get().last_used_at is None


def test_last_use_is_noted_to_the_minute(administrator):
    _token, secret = programs.token(by=administrator)
    program, start = programs.client(secret), factories.NOON
    seen = []
    for seconds in (0, 59, 61):
        with time_machine.travel(start + dt.timedelta(seconds=seconds), tick=False):
            assert program.get(ROOT).status_code == 200
        seen.append((Token.objects.get().last_used_at - start).total_seconds())
    assert seen == [0, 0, 61]


def test_the_list_says_what_serves_and_asks_no_more_for_many(administrator):
    browser = programs.person(administrator)
    assert "No program is let in" in browser.get("/integrations/").text

    def more():
        for _n in range(5):
            programs.token(by=administrator)

    more()
    assert_same_queries(lambda: browser.get("/integrations/"), add_rows=more)
    one, two, *_others = Token.objects.all()
    revoke_token(token=one, now=factories.NOON, by=administrator)
    Token.objects.filter(pk=two.pk).update(expires_at=timezone.now())
    page = browser.get("/integrations/").text
    assert "8 tokens let programs in" in page and "revoked" in page and "expired" in page


def test_the_database_keeps_what_must_hold(administrator):
    token, _secret = programs.token(by=administrator)
    for change in (
        {"expires_at": token.made_at},
        {"scopes": []},
        {"revoked_at": factories.NOON},
        {"digest": "", "key": token.key, "scopes": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Token.objects.filter(pk=token.pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_of_one_form_sent_many_times_at_once_one_token_is_made(administrator):
    key = uuid.uuid4()
    found = race(*[lambda: programs.token(by=administrator, key=key)] * 6)
    assert sum(not isinstance(one, ValidationError) for one in found) == 1
    assert all(isinstance(one, (tuple, ValidationError)) for one in found)
    assert Token.objects.count() == 1
    assert get_user_model().objects.filter(role="integration").count() == 1
