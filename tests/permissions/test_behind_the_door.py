"""Behind a door too, rows are those of who may have them: whoever else came through it finds nothing."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve, reverse

from tests.permissions.matrix import MATRIX
from tests.permissions.rows import EVERY_PERSON, Row
from tests.permissions.scene import Scene
from tests.permissions.test_matrix import address_of

pytestmark = pytest.mark.django_db
OTHERS = tuple(sorted(set(EVERY_PERSON) - {"administrator"}))
OPEN_TO_PROGRAMS = "api:"
SHARED = {"slug"}
"""What is named in an address by a slug is known to everybody: hours, teams and segments."""
NOBODYS = ("outbox:replay", "set-up-import-undo")
"""Of the log of messages and of imports no row is anybody's: they are the administrators' as a whole."""


def is_for_administrators(row: Row) -> bool:
    return not row.url_name.startswith(OPEN_TO_PROGRAMS) and all(
        row.expected(method, person) == 403 for method in row.methods for person in OTHERS
    )


OF_ONE = [
    row
    for row in MATRIX
    if row.filled
    and row.methods
    and row.url_name not in NOBODYS
    and not SHARED & row.filled.keys()
    and is_for_administrators(row)
]


@pytest.mark.parametrize("row", OF_ONE, ids=lambda row: row.url_name)
def test_an_object_is_not_found(row: Row, scene: Scene):
    address = address_of(row, scene)
    found = resolve(address)
    view = inspect.unwrap(found.func)
    for method in row.methods:
        for person in (scene.people[name] for name in OTHERS):
            if found.kwargs == {"pk": person.pk} == {"pk": scene.own["person"]}:
                continue  # one's own account is one's own to find
            request = RequestFactory().generic(method, address)
            request.user = person
            with pytest.raises(Http404):
                view(request, *found.args, **found.kwargs)


@pytest.mark.parametrize(
    ("url_name", "whose"),
    [
        ("integrations:tokens", "administrator"),
        ("leads:exports", "rep"),
        ("set-up-import", "administrator"),
        ("webhooks:inlets", "administrator"),
        ("webhooks:outlets", "administrator"),
    ],
)
def test_a_list_is_empty(url_name: str, whose: str, scene: Scene, monkeypatch: pytest.MonkeyPatch):
    address = reverse(url_name)
    view = inspect.unwrap(resolve(address).func)
    monkeypatch.setattr(sys.modules[view.__module__], "render", lambda _request, _template, context: context)

    def rows(name: str) -> list[Any]:
        request = RequestFactory().get(address)
        request.user = scene.people[name]
        context = view(request)
        return [row for listed in ("rows", "shown", "own") for row in context.get(listed, ())]

    assert rows(whose)
    for name in sorted(set(EVERY_PERSON) - {whose}):
        assert not rows(name), name
