"""What HubSpot signs in its own way is taken once; what is forged, late, or meant for another address is refused."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import uuid
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.utils.crypto import salted_hmac

from leads.models import Lead
from slaproject.webhooks import hubspot_signing, inlets, renewing, signing
from slaproject.webhooks.models import Incoming, Inlet
from tests import factories
from tests.api.programs import person
from tests.webhooks import sender
from tests.webhooks.sender import headers as standard_headers
from tests.webhooks.sender import post, take_all

pytestmark = pytest.mark.django_db
SECRET = "1f3c0d5e-22aa-4b1c-9d55-0c4f6a7b8e90"
SITE = "https://sla.example.com"
NOW = int(factories.NOON.timestamp() * 1000)
MS = int(dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC).timestamp() * 1000)
LIST, NEW = "/webhooks/in/", "/webhooks/in/new/"


def event(number, name, value, **more):
    return {
        "eventId": number,
        "subscriptionId": 25,
        "occurredAt": MS + number,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": 512351,
        "propertyName": name,
        "propertyValue": value,
        **more,
    }


EVENTS = [
    event(1, "firstname", "Ana"),
    event(2, "email", "ana@example.com"),
    event(3, "lifecyclestage", "marketingqualifiedlead"),
]
BODY = json.dumps(EVENTS).encode()


@pytest.fixture
def inlet(settings):
    settings.SITE_URL = SITE
    made = factories.agreement()
    factories.signed(made)
    return sender.inlet("hubspot", signature="hubspot", secret=SECRET, stage="marketingqualifiedlead")


def address(to: Inlet) -> str:
    return f"{SITE}/api/v1/webhooks/{to.key}/"


def signed(to, body=BODY, *, at=NOW, secret=SECRET, uri=None, method="POST", signed_at=None):
    """The headers that HubSpot sends, worked out here from what its documentation says, not by the product."""
    text = method.encode() + (uri or address(to)).encode() + body + str(signed_at or at).encode()
    mac = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return {
        "X-HubSpot-Signature-v3": base64.b64encode(mac).decode(),
        "X-HubSpot-Request-Timestamp": str(at),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
    }


def test_what_hubspot_signed_is_stored_once_and_taken(inlet):
    answer = post(inlet, BODY, signed(inlet))
    assert (answer.status_code, answer.json()["result"]) == (202, "stored")
    take_all()
    lead = Lead.objects.get()
    assert (lead.external_id, lead.name, lead.email) == ("512351", "Ana", "ana@example.com")
    again = post(inlet, BODY, signed(inlet))
    assert again.status_code == 200 and again.json() == {"id": answer.json()["id"], "result": "known"}
    take_all()
    assert Incoming.objects.count() == Lead.objects.count() == 1


def test_sent_again_it_is_known_however_often_it_was_tried(inlet):
    post(inlet, BODY, signed(inlet))
    retried = json.dumps([{**one, "attemptNumber": 3} for one in EVENTS]).encode()
    assert post(inlet, retried, signed(inlet, retried, at=NOW + 1000)).status_code == 200
    reordered = json.dumps([dict(reversed(one.items())) for one in EVENTS], indent=1).encode()
    assert post(inlet, reordered, signed(inlet, reordered)).status_code == 200
    other = json.dumps([{**EVENTS[0], "eventId": 9}]).encode()
    assert post(inlet, other, signed(inlet, other)).status_code == 202
    assert Incoming.objects.count() == 2


def forged(to):
    """Each way to forge a webhook of HubSpot's: its body and headers."""
    right = signed(to)
    mac = right["X-HubSpot-Signature-v3"]
    yield "no headers", BODY, {}
    for name in ("X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp"):
        yield f"without {name}", BODY, {key: value for key, value in right.items() if key != name}
    yield "another body", BODY.replace(b"Ana", b"Eve"), right
    yield "truncated", BODY[:-1], right
    yield "one byte more", BODY + b" ", right
    yield "no body", b"", right
    yield "another secret", BODY, signed(to, secret=str(uuid.UUID(int=7)))
    yield "an empty secret", BODY, signed(to, secret=" ")
    yield "the sealed secret", BODY, signed(to, secret=to.sealed)
    yield "another instant", BODY, {**right, "X-HubSpot-Request-Timestamp": str(NOW + 1)}
    yield "too late", BODY, signed(to, at=NOW - 300_001)
    yield "too early", BODY, signed(to, at=NOW + 300_001)
    yield "seconds for milliseconds", BODY, signed(to, at=NOW // 1000)
    yield "no instant", BODY, {**right, "X-HubSpot-Request-Timestamp": "now"}
    yield "another's digits", BODY, {**right, "X-HubSpot-Request-Timestamp": "١٢٣"}
    yield "a huge instant", BODY, {**right, "X-HubSpot-Request-Timestamp": "9" * 400}
    yield "another method", BODY, signed(to, method="PUT")
    yield "another host", BODY, signed(to, uri=address(to).replace("sla.example.com", "evil.example.com"))
    yield "no TLS", BODY, signed(to, uri=address(to).replace("https", "http"))
    yield "another inlet", BODY, signed(to, uri=f"{SITE}/api/v1/webhooks/{'0' * 32}/")
    yield "without the last slash", BODY, signed(to, uri=address(to)[:-1])
    yield "with a query", BODY, signed(to, uri=address(to) + "?a=1")
    yield "a path alone", BODY, signed(to, uri=f"/api/v1/webhooks/{to.key}/")
    yield "short", BODY, {**right, "X-HubSpot-Signature-v3": mac[:-4]}
    yield "empty", BODY, {**right, "X-HubSpot-Signature-v3": ""}
    yield "hexadecimal", BODY, {**right, "X-HubSpot-Signature-v3": base64.b64decode(mac).hex()}
    yield "no ASCII", BODY, {**right, "X-HubSpot-Signature-v3": "é" + mac[1:]}
    yield "version 1 alone", BODY, {**right, "X-HubSpot-Signature-v3": right["X-HubSpot-Signature"]}
    yield "Standard Webhooks instead", BODY, standard_headers(to, BODY)
    yield (
        "Standard Webhooks by the client secret",
        BODY,
        {
            **standard_headers(to, BODY),
            "webhook-signature": signing.signature(SECRET.encode(), "evt_1", NOW // 1000, BODY),
        },
    )


def test_whatever_is_forged_or_late_is_refused_and_leaves_nothing(inlet):
    seen = 0
    for name, body, given in forged(inlet):
        answer = post(inlet, body, given)
        assert answer.status_code == 401, name
        seen += 1
    assert seen >= 30 and not Incoming.objects.exists()
    for n, at in enumerate(
        (NOW - 300_000, NOW + 300_000)
    ):  # the edges are still taken, so what is refused is why
        body = json.dumps([event(n, "firstname", "Ana")]).encode()
        assert post(inlet, body, signed(inlet, body, at=at)).status_code == 202


def test_replayed_later_it_is_refused(inlet, noon):
    right = signed(inlet)
    assert post(inlet, BODY, right).status_code == 202
    noon.shift(dt.timedelta(seconds=301))
    assert post(inlet, BODY, right).status_code == 401
    assert Incoming.objects.count() == 1


def test_replayed_to_another_inlet_of_the_same_secret_it_is_refused(inlet):
    other = sender.inlet("hubspot", signature="hubspot", secret=SECRET, by=inlet.made_by)
    assert post(other, BODY, signed(inlet)).status_code == 401
    assert post(other, BODY, signed(other)).status_code == 202


def test_an_inlet_of_standard_webhooks_is_not_opened_by_hubspots_way(inlet):
    other = sender.inlet("hubspot", by=inlet.made_by)
    shown = signing.shown(signing.secret_of(other.salt))
    for secret in (SECRET, shown, ""):
        assert post(other, BODY, signed(other, secret=secret or "x")).status_code == 401
    assert not Incoming.objects.exists()


def test_what_is_signed_and_cannot_be_read_is_refused(inlet):
    for body in (b"", BODY[:-2], b"{}{}", b'[{"eventId": NaN}]'):
        assert post(inlet, body, signed(inlet, body)).status_code == 400
    assert not Incoming.objects.exists()


def test_the_address_is_the_public_one_whatever_the_proxy_asks_for(inlet, settings):
    body = [json.dumps([event(n, "firstname", "Ana")]).encode() for n in range(3)]
    assert post(inlet, body[0], {**signed(inlet, body[0]), "Host": "testserver"}).status_code == 202
    settings.SITE_URL = ""
    here = f"http://testserver/api/v1/webhooks/{inlet.key}/"
    assert post(inlet, body[1], signed(inlet, body[1])).status_code == 401
    assert post(inlet, body[1], signed(inlet, body[1], uri=here)).status_code == 202
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    behind = signed(inlet, body[2], uri=here.replace("http:", "https:"))
    behind |= {"X-Forwarded-Proto": "https", "Host": "testserver"}
    assert post(inlet, body[2], behind).status_code == 202


def test_signs_that_hubspot_signs_as_themselves():
    for sent, meant in (
        ("https://a.example/x%3Ay%2Fz?q=%40b%2C%3b", "https://a.example/x:y/z?q=@b,;"),
        ("https://a.example/%20%25%C3%A9", "https://a.example/%20%25%C3%A9"),
    ):
        mac = hmac.new(b"key", f"POST{meant}".encode() + b"{}1", hashlib.sha256).digest()
        assert hubspot_signing.signature(b"key", "POST", sent, b"{}", "1") == base64.b64encode(mac).decode()


def test_a_new_client_secret_and_the_one_before_both_serve_until_that_is_ended(inlet):
    by, newer = inlet.made_by, "99999999-0000-4000-8000-000000000000"
    assert inlets.take_secret(inlet=inlet, secret=newer, number="1", by=by)
    assert not inlets.take_secret(inlet=inlet, secret="another-secret-of-16", number="1", by=by), "sent twice"
    inlet.refresh_from_db()
    bodies = [json.dumps([event(n, "firstname", "Ana")]).encode() for n in range(4)]
    assert post(inlet, bodies[0], signed(inlet, bodies[0])).status_code == 202
    assert post(inlet, bodies[1], signed(inlet, bodies[1], secret=newer)).status_code == 202
    assert renewing.end_older_secret(of=inlet, by=by)
    assert Inlet.objects.get(pk=inlet.pk).older_sealed == "", "what was ended is kept no longer"
    assert post(inlet, bodies[2], signed(inlet, bodies[2])).status_code == 401
    assert post(inlet, bodies[3], signed(inlet, bodies[3], secret=newer)).status_code == 202
    assert inlets.take_secret(inlet=inlet, secret=SECRET, number="2", by=by)


def test_the_client_secret_is_kept_sealed_by_the_key_of_the_site(inlet):
    row = Inlet.objects.filter(pk=inlet.pk).values().get()
    assert SECRET not in str(row) and SECRET.encode().hex() not in str(row)
    assert signing.unsealed([inlet.sealed]) == [SECRET.encode()]
    assert signing.sealed(SECRET.encode()) != inlet.sealed
    assert len(signing.sealed(b"x" * signing.LONGEST_GIVEN)) <= Inlet._meta.get_field("sealed").max_length
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert post(inlet, BODY, signed(inlet)).status_code == 401

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert post(inlet, BODY, signed(inlet)).status_code == 202
    for secret in (b"", b"x" * 65):
        with pytest.raises(ValueError, match="1 to 64 bytes"):
            signing.sealed(secret)


def test_no_inlet_is_without_the_secret_that_it_asks_for(inlet):
    for wrong in ({"sealed": ""}, {"form": "standard"}, {"signature": "standard"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Inlet.objects.filter(pk=inlet.pk).update(**wrong)


def given(**changed):
    about = {"name": "HubSpot", "system": "crm", "form": "hubspot", "signature": "hubspot", "secret": SECRET}
    return about | {"key": str(uuid.uuid4())} | changed


def test_an_address_for_hubspot_is_made_by_the_page_and_its_secret_never_shown(settings):
    settings.SITE_URL = SITE
    administrator = person(factories.user("Administrator", is_superuser=True, is_staff=True))
    page = administrator.post(NEW, given())
    inlet = Inlet.objects.get()
    assert f'value="{address(inlet)}"' in page.text and "Give this address to your HubSpot app" in page.text
    assert SECRET not in page.text and "whsec_" not in page.text
    shown = administrator.get(LIST).text
    assert "signed as HubSpot does" in shown and address(inlet) in shown and SECRET not in shown
    assert post(inlet, BODY, signed(inlet)).status_code == 202

    newer = "99999999-0000-4000-8000-000000000000"
    url = f"{LIST}{inlet.pk}/new-secret/"
    for wrong in ("", "short", "é" * 20, "x" * 65):
        administrator.post(url, {"number": "1", "secret": wrong})
    inlet.refresh_from_db()
    assert inlet.secret_number == 1
    told = administrator.post(url, {"number": "1", "secret": newer}, follow=True)
    assert "may sign by the new client secret now" in told.text and "two serve" in told.text
    assert "meanwhile" in administrator.post(url, {"number": "1", "secret": SECRET}, follow=True).text
    body = json.dumps([event(8, "firstname", "Ana")]).encode()
    assert post(inlet, body, signed(inlet, body, secret=newer)).status_code == 202
    administrator.post(f"{LIST}{inlet.pk}/end-older-secret/")
    assert "one serves" in administrator.get(LIST).text


def test_what_cannot_be_is_refused_beside_its_field():
    administrator = person(factories.user("Administrator", is_superuser=True, is_staff=True))
    for wrong, field in (
        ({"secret": ""}, "secret"),
        ({"secret": "short"}, "secret"),
        ({"secret": "x" * 65}, "secret"),
        ({"secret": "é" * 20}, "secret"),
        ({"form": "salesforce"}, "signature"),
        ({"signature": "v1"}, "signature"),
        ({"signature": "standard"}, "secret"),
    ):
        answer = administrator.post(NEW, given(**wrong))
        assert answer.status_code == 200 and field in answer.context["form"].errors, wrong
        assert SECRET not in answer.text
    assert not Inlet.objects.exists()


def test_a_client_secret_that_was_sealed_as_before_lets_the_same_events_in(inlet):
    """The pad of SECRET_KEY and the salt was another way to keep it: who updates loses no connection."""
    change = import_module("slaproject.webhooks.migrations.0005_client_secrets_by_fernet")
    change.seal_as_before(apps, None)
    before = Inlet.objects.get(pk=inlet.pk).sealed
    assert len(before) == 2 * len(SECRET)
    pad = salted_hmac(signing.SEAL_SALT, inlet.salt, secret=settings.SECRET_KEY, algorithm="sha512").digest()
    assert (
        bytes(one ^ other for one, other in zip(bytes.fromhex(before), pad, strict=False)) == SECRET.encode()
    )
    assert post(inlet, BODY, signed(inlet)).status_code == 401
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        change.seal_anew(apps, None)
        assert post(inlet, BODY, signed(inlet)).status_code == 202
    Inlet.objects.update(sealed="00" * 36)
    change.seal_anew(apps, None)
    assert Inlet.objects.get(pk=inlet.pk).sealed == "00" * 36


def test_a_client_secret_that_no_key_opens_is_no_obstacle_on_the_way_back_and_forth(inlet):
    change = import_module("slaproject.webhooks.migrations.0005_client_secrets_by_fernet")
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        change.seal_as_before(apps, None)
        kept = Inlet.objects.get(pk=inlet.pk).sealed
        assert 0 < len(kept) <= 128, "the column was that long"
        change.seal_anew(apps, None)
        assert Inlet.objects.get(pk=inlet.pk).sealed == kept
        assert post(inlet, BODY, signed(inlet)).status_code == 401
