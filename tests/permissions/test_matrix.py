"""Every address × method × person is declared in the matrix, and is as declared; foreign looks exactly like absent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import factories
from tests.permissions.matrix import MATRIX
from tests.permissions.rows import METHODS, Row
from tests.permissions.scene import (
    ABSENT,
    ABSENT_SLUG,
    IDENTITIES,
    MAY_KNOW,
    NOT_SIGNED_IN,
    SECRETS,
    WRITERS,
    Scene,
)


def addresses(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the site with its full name."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            below = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, below)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}", pattern


pytestmark = pytest.mark.django_db
ALL = list(addresses(get_resolver()))
OWN = [(name, pattern) for name, pattern in ALL if not name.startswith("admin:")]
HUSHED = "Hushed Compact"
ADMIN = [(name, pattern) for name, pattern in ALL if name.startswith("admin:")]


def answer(client: Client, method: str, address: str) -> Any:
    """Ask in a transaction that is taken back, so that no cell changes what the next one finds."""
    cookies = SimpleCookie(client.cookies)
    with transaction.atomic():
        found = client.generic(method, address)
        transaction.set_rollback(True)
    client.cookies = cookies
    return found


def address_of(row: Row, scene: Scene, *, absent: bool = False) -> str:
    values = {}
    for part, name in row.filled.items():
        own = scene.own[name]
        values[part] = own if not absent else ABSENT_SLUG if isinstance(own, str) else ABSENT
    return reverse(row.url_name, kwargs=values)


def test_every_address_has_a_row():
    declared = {row.url_name for row in MATRIX}
    assert len(declared) == len(MATRIX), "an address is declared twice"
    assert {name for name, _ in OWN} == declared


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.url_name)
def test_everybody_gets_what_is_declared_and_reads_nothing_that_is_not_theirs(
    row: Row, scene: Scene, clients: dict[str, Client]
):
    unsigned = factories.agreement("hushed")
    unsigned.name = HUSHED
    unsigned.save()
    factories.draft(unsigned)
    address = address_of(row, scene)
    for method in METHODS:
        for identity in IDENTITIES:
            said = answer(clients[identity], method, address)
            assert said.status_code == row.expected(method, identity), f"{identity} {method}"
            if method == "GET" and said.status_code == 200:
                text = said.getvalue().decode(errors="replace")
                assert not [words for words in not_for(identity) if words in text], identity


def not_for(identity: str) -> Iterator[str]:
    """What stands on no page of this person: personal data, a draft of others, an agreement never signed."""
    if identity not in MAY_KNOW:
        yield from SECRETS
    if identity not in WRITERS:
        yield "ersion 2"
    if identity != "administrator":
        yield HUSHED


@pytest.mark.parametrize("row", [row for row in MATRIX if row.filled], ids=lambda row: row.url_name)
def test_what_is_foreign_looks_like_what_is_absent(row: Row, scene: Scene, clients: dict[str, Client]):
    own, absent = address_of(row, scene), address_of(row, scene, absent=True)
    for method in row.methods:
        for identity in IDENTITIES:
            foreign = row.expected(method, identity)
            nothing = answer(clients[identity], method, absent)
            # Whom the address as such is open to is told that there is nothing; the others are stopped before.
            assert nothing.status_code == (
                foreign if foreign in (302, 401, 403) and is_door(row, method, identity) else 404
            ), f"{identity} {method}"
            if foreign == 404:
                assert plain(answer(clients[identity], method, own), own) == plain(nothing, absent), identity


OF_AN_AGREEMENT = [row for row in MATRIX if row.filled.get("slug") == "agreement"]


@pytest.mark.parametrize("row", OF_AN_AGREEMENT, ids=lambda row: row.url_name)
def test_an_agreement_never_signed_looks_absent_to_all_but_its_parties(
    row: Row, scene: Scene, clients: dict[str, Client]
):
    unsigned = factories.draft(factories.agreement("unsigned"))
    values = {part: scene.own[name] for part, name in row.filled.items() if part not in ("slug", "number")}
    if "number" in row.filled:
        values["number"] = unsigned.number
    foreign, absent = (
        reverse(row.url_name, kwargs=values | {"slug": slug})
        for slug in (unsigned.agreement.slug, ABSENT_SLUG)
    )
    for method in row.methods:
        for identity in set(IDENTITIES) - {"administrator"}:
            said, nothing = (answer(clients[identity], method, address) for address in (foreign, absent))
            assert said.status_code == nothing.status_code != 200, f"{identity} {method}"
            if said.status_code == 404:
                assert plain(said, foreign) == plain(nothing, absent), identity


def is_door(row: Row, method: str, identity: str) -> bool:
    """Whether this person is stopped at the door, whatever the object: not let in, or a page not for them."""
    is_refused = row.expected(method, identity) in (401, 403) and identity not in row.seen_by.split()
    return identity in (*NOT_SIGNED_IN, "integration") or is_refused


def plain(found: Any, address: str) -> str:
    """The page without what differs from one request to the next: its own address and the tokens in it."""
    text = found.text.replace(address, "ADDRESS")
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": "|nonce=")[^"]*', r"\1", text)


@pytest.mark.parametrize(("name", "pattern"), ADMIN, ids=[name for name, _ in ADMIN])
def test_the_admin_is_for_administrators(name: str, pattern: URLPattern, clients: dict[str, Client]):
    values: dict[str, Any] = dict.fromkeys(pattern.pattern.converters, ABSENT)
    if "app_label" in values:
        values["app_label"] = "leads"
    if not values and pattern.pattern.regex.groups:
        values = dict.fromkeys(pattern.pattern.regex.groupindex, "leads")
    # Two of the admin's patterns have no name: one that sends on to another page, and one that catches the rest.
    address = reverse(name, kwargs=values) if pattern.name else "/admin/leads/lead/1/"
    for identity, client in clients.items():
        said = answer(client, "GET", address)
        if identity == "administrator" or name in ("admin:login", "admin:logout"):
            assert said.status_code < 500
        elif name == "admin:jsi18n":
            assert said.status_code in (200, 302)
        else:
            assert said.status_code == 302 and "/admin/login/" in said.url, identity
