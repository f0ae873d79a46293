"""Programs for tests: a token, and a client that shows it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client

from agreements.api.scopes import Scope
from slaproject.integrations.models import Token
from slaproject.integrations.tokens import make_token
from tests import factories

LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def token(*scopes: str, **given: Any) -> tuple[Token, str]:
    """A token and its secret; for everything unless scopes are given."""
    by = given.pop("by", None) or factories.user("Administrator", is_superuser=True, is_staff=True)
    terms = {"name": "CRM", "scopes": scopes or Scope.values, "expires_at": LATER, "now": factories.NOON}
    return make_token(by=by, **(terms | given))


def client(secret: str) -> Client:
    """A program that shows this token with each request."""
    return Client(headers={"Authorization": f"Bearer {secret}"})


def program(*scopes: str) -> Client:
    """A program with a token for these scopes, or for everything."""
    return client(token(*scopes)[1])


def person(user: Any) -> Client:
    """A person at their browser."""
    made = Client()
    made.force_login(user)
    return made
