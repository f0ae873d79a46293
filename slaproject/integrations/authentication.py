"""Who asks the API: a program by its token, or a person by the session of their browser."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from slaproject.integrations.tokens import token_of


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer promises_…`; `request.auth` is the token, `request.user` its integration."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        word, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer":
            return None
        token = token_of(secret.strip(), now=timezone.now())
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, has expired or was revoked."))
        return token.integration, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class PersonAuthentication(SessionAuthentication):
    """A person at their browser; whatever would change something needs the token against foreign forms."""
