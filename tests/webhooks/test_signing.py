"""Signatures are those of Standard Webhooks, and secrets are kept nowhere."""

from __future__ import annotations

import base64

from django.test import override_settings

from slaproject.webhooks import signing

# The example of the specification's own libraries.
SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signature_is_that_of_the_specification():
    assert signing.signature(SECRET, ID, AT, BODY) == SIGNED


def test_one_of_several_signatures_is_enough_and_has_to_be_whole():
    other = signing.signature(b"other", ID, AT, BODY)
    for header, is_right in (
        (SIGNED, True),
        (f"{other} {SIGNED}", True),
        (f"v2,{SIGNED[3:]} {SIGNED}", True),
        (other, False),
        (SIGNED[:-1], False),
        (SIGNED[3:], False),
        (f"v2,{SIGNED[3:]}", False),
        ("", False),
        ("v1,é", False),
        (" ".join([other] * signing.MOST_SIGNATURES + [SIGNED]), False),
    ):
        assert signing.is_signed(header, [b"no", SECRET], ID, AT, BODY) == is_right, header
    assert not signing.is_signed(SIGNED, [], ID, AT, BODY)


def test_a_secret_follows_from_its_salt_and_the_key_of_the_site():
    one, other = signing.new_salt(), signing.new_salt()
    secret = signing.secret_of(one)
    assert len(secret) == 32 and secret == signing.secret_of(one) != signing.secret_of(other)
    assert signing.shown(secret) == "whsec_" + base64.b64encode(secret).decode()
    assert signing.secrets_of([one, ""]) == [secret]
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        assert secret not in signing.secrets_of([one])
    from django.conf import settings

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert secret in signing.secrets_of([one])
