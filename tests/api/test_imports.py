"""Imports by the API: what came in and what became of it, for who brings data in."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest

from leads.models import Import
from tests import factories
from tests.api import programs
from tests.permissions.scene import EVERY_ONE_WITH_AN_ACCOUNT, make_scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]


def came_in(**given) -> Import:
    about = {"kind": "leads", "system": "crm", "file_name": "leads.csv", "started_at": factories.NOON}
    return Import.objects.create(**(about | given))


def test_an_import_says_what_became_of_its_rows_who_began_it_and_whether_it_was_undone(program):
    ada = factories.user("Ada", email="ada@example.com")
    minute = dt.timedelta(minutes=1)
    one = came_in(
        finished_at=factories.NOON + minute,
        started_by=ada,
        rows=10,
        created=4,
        updated=3,
        unchanged=2,
        rejected=1,
        undoable_until=factories.NOON + Import.TO_UNDO,
        undone_at=factories.NOON + 2 * minute,
        undone_by=ada,
        undone={"removed": {"lead": 4}},
    )
    said = program.get(f"/api/v1/imports/{one.pk}/").json()
    assert said == {
        "id": one.pk,
        "kind": "leads",
        "system": "crm",
        "file_name": "leads.csv",
        "started_at": "2026-03-04T12:00:00Z",
        "finished_at": "2026-03-04T12:01:00Z",
        "started_by": "ada@example.com",
        "rows": 10,
        "created": 4,
        "updated": 3,
        "unchanged": 2,
        "rejected": 1,
        "undoable_until": "2026-03-05T12:00:00Z",
        "undone_at": "2026-03-04T12:02:00Z",
        "undone_by": "ada@example.com",
    }
    assert program.get("/api/v1/imports/").json()["results"] == [said]


def test_what_a_program_sent_is_an_import_that_it_reads(program):
    sent = [{"external_id": "L-1", "qualified_at": "2026-03-04T12:00:00Z"}, {"external_id": "L-2"}]
    answer = program.post("/api/v1/leads/bulk/?system=shop", sent, content_type="application/json")
    assert answer.status_code == 200, answer.text
    (said,) = program.get("/api/v1/imports/?system=shop").json()["results"]
    assert (said["rows"], said["created"], said["rejected"]) == (2, 1, 1)
    assert said["finished_at"] and said["undoable_until"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "deals"}, {"b"}),
        ({"system": "shop"}, {"c"}),
        ({"is_undone": "true"}, {"c"}),
        ({"is_undone": "false"}, {"a", "b"}),
        ({"is_finished": "false"}, {"a"}),
        ({"started_from": "2026-03-04T13:00:00Z"}, {"b", "c"}),
        ({"started_before": "2026-03-04T13:00:00Z"}, {"a"}),
    ],
)
def test_imports_are_filtered(program, asked, found):
    later = factories.NOON + dt.timedelta(hours=1)
    came_in(file_name="a")
    came_in(file_name="b", kind="deals", started_at=later, finished_at=later)
    came_in(
        file_name="c",
        system="shop",
        started_at=later,
        finished_at=later,
        undoable_until=later,
        undone_at=later,
    )
    said = program.get(f"/api/v1/imports/?{urlencode(asked)}").json()["results"]
    assert {one["file_name"] for one in said} == found
    assert program.get("/api/v1/imports/?kind=people").status_code == 400


def test_imports_are_the_administrators_and_the_programs():
    scene = make_scene()
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = Import.objects.count() if name in ("administrator", "integration") else 0
        assert Import.objects.visible_to(scene.people[name]).count() == expected, name
    assert programs.client(scene.secret).get("/api/v1/imports/?ordering=-started_at").json()["results"]
