"""Signatures of webhooks, as Standard Webhooks has them: HMAC-SHA-256 of id, instant and the bytes of the body.

A secret is nowhere kept: it is worked out from the site's SECRET_KEY and a salt, which is random, and by which it is
kept. One that a program gave is kept sealed by Fernet, under a key worked out from SECRET_KEY. Who has a copy of the
database has none of the secrets.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

MARK = "whsec_"
TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 10
KEY_SALT = "slaproject.webhooks.secret"
SEAL_SALT = "slaproject.webhooks.seal"
LONGEST_GIVEN = 64
"""So many bytes a secret has that a program gave; sealed they take 184."""


def new_salt() -> str:
    """Return what a new secret is worked out from."""
    return secrets.token_hex(16)


def secret_of(salt: str) -> bytes:
    """Return the secret of a salt."""
    return _secret_of(salt, settings.SECRET_KEY)


def shown(secret: bytes) -> str:
    """Return a secret as it is shown and given to a program."""
    return MARK + base64.b64encode(secret).decode()


def secrets_of(salts: Iterable[str]) -> list[bytes]:
    """Return every secret that these salts stand for, those of the keys that the site had before among them."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_secret_of(salt, key) for salt in salts if salt for key in keys]


def sealed(secret: bytes) -> str:
    """Return a secret that a program gave as it is kept."""
    if not 0 < len(secret) <= LONGEST_GIVEN:
        raise ValueError(f"a given secret has 1 to {LONGEST_GIVEN} bytes")
    return _seal().encrypt(secret).decode()


def unsealed(kept: Iterable[str]) -> list[bytes]:
    """Return the secrets that are sealed in these by the key that the site has, or had: by no other, and no "" one."""
    seal, found = _seal(), []
    for one in filter(None, kept):
        with suppress(InvalidToken):
            found.append(seal.decrypt(one))
    return found


def signature(secret: bytes, message_id: str, at: int, body: bytes) -> str:
    """Return `v1,BASE64` of these bytes, sent under this id in this second."""
    signed = f"{message_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def is_signed(header: str, by: Iterable[bytes], message_id: str, at: int, body: bytes) -> bool:
    """Whether one of the signatures, which have spaces between them, is that of one of the secrets."""
    shown_ones = [one.encode() for one in header.split()[:MOST_SIGNATURES]]
    right = [signature(secret, message_id, at, body).encode() for secret in by]
    return any(hmac.compare_digest(one, other) for one in shown_ones for other in right)


def _secret_of(salt: str, key: str | bytes) -> bytes:
    return salted_hmac(KEY_SALT, salt, secret=key, algorithm="sha256").digest()


def _seal() -> MultiFernet:
    """What seals by the present key, and opens by those before too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [salted_hmac(SEAL_SALT, "", secret=key, algorithm="sha256").digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
