"""Tokens: made, shown once, recognised by their hash, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from slaproject.accounts.models import User
from slaproject.integrations.models import Token

logger = logging.getLogger(__name__)
MARK = "promises_"  # by which a scanner of source code knows what it found
A_DIGEST, AN_INSTANT = "of a token", dt.datetime.max.replace(tzinfo=dt.UTC)
USED_TO_THE = dt.timedelta(minutes=1)  # not every request writes


@transaction.atomic
def make_token(
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: dt.datetime,
    now: dt.datetime,
    by: Any,
    integration: User | None = None,
    key: uuid.UUID | None = None,
) -> tuple[Token, str]:
    """Return a new token and what the program shows, which is nowhere else; ValidationError for a form sent twice.

    Without an integration one is made, of the same name.
    """
    secret = MARK + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = Token.objects.create(
                key=key or uuid.uuid4(),
                integration=integration or new_integration(name),
                name=name,
                digest=_digest(secret),
                ending=secret[-4:],
                scopes=sorted(scopes),
                made_at=now,
                made_by=by,
                expires_at=expires_at,
            )
    except IntegrityError as error:
        if "key" not in str(error):
            raise
        refusal = _("This token is made already. It was shown once; if it is lost, make another.")
        raise ValidationError(refusal) from error
    logger.info("token %s made by %s for integration %s", token.pk, by.pk, token.integration_id)
    return token, secret


def revoke_token(*, token: Token, now: dt.datetime, by: Any) -> bool:
    """End a token at once; return whether it had not been revoked before."""
    is_first = bool(Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now, revoked_by=by))
    if is_first:
        logger.info("token %s revoked by %s", token.pk, by.pk)
    return is_first


def token_of(secret: str, *, now: dt.datetime) -> Token | None:
    """Return the token that a program shows, with its integration, and note that it was used; None if it serves not."""
    token = _found(_digest(secret), now) if secret.startswith(MARK) else None
    if token is None:
        return None
    if token.last_used_at is None or token.last_used_at <= now - USED_TO_THE:
        unknown_or_older = Q(last_used_at=None) | Q(last_used_at__lt=now)
        Token.objects.filter(unknown_or_older, pk=token.pk).update(last_used_at=now)
    return token


def _found(digest: str, now: dt.datetime) -> Token | None:
    """Look up a token that serves, and its integration."""
    statement, given = _lookup()
    asked: dict[Any, Any] = {A_DIGEST: digest, AN_INSTANT: now}
    with connection.cursor() as cursor:
        cursor.execute(statement, [asked.get(value, value) for value in given])
        row = cursor.fetchone()
    if row is None:
        return None
    its_own, its_integrations = _columns(Token), _columns(User)
    token = Token.from_db(connection.alias, its_own, row[: len(its_own)])
    token.integration = User.from_db(connection.alias, its_integrations, row[len(its_own) :])
    return token


@cache
def _lookup() -> tuple[str, tuple[Any, ...]]:
    """Return the statement that looks a token up, laid out once a process: every request of a program asks it.

    Its parameters hold A_DIGEST and AN_INSTANT, in whose places come those that are asked about.
    """
    columns = (*_columns(Token), *(f"integration__{name}" for name in _columns(User)))
    found = Token.objects.serving(AN_INSTANT).filter(digest=A_DIGEST).order_by().values_list(*columns)
    return found.query.sql_with_params()


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _digest(secret: str) -> str:
    # It has 256 random bits: nobody guesses it from a plain hash, and a slow one would slow every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def new_integration(name: str) -> User:
    """Return a new account of a program, by which nobody can sign in."""
    made = User(
        email=f"{uuid.uuid4().hex}@integration.invalid", name=name, role=User.Role.INTEGRATION, is_active=True
    )
    made.set_unusable_password()
    made.save()
    return made
