"""Addresses of people and their accounts."""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, Row, anybody

# Who is signed in has no business there, by whatever method, and is sent to their first page.
SIGNED_IN = dict.fromkeys((*EVERY_PERSON, "integration"), 302)

PEOPLE = (
    Row(
        "sign-in",
        {method: anybody(200, **SIGNED_IN) for method in ("GET", "POST")}
        | {method: anybody(405, **SIGNED_IN) for method in ("PUT", "PATCH", "DELETE")},
    ),
    Row("sign-out", {"POST": anybody(302)}),
)
