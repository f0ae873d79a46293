"""Every address of an object of an agreement that nobody signed looks absent to all but its parties."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.permissions.hushed import make_hushed
from tests.permissions.matrix import MATRIX
from tests.permissions.rows import Row
from tests.permissions.scene import ABSENT, ABSENT_SLUG, IDENTITIES, Scene
from tests.permissions.test_matrix import answer, plain

pytestmark = pytest.mark.django_db
ON_AN_AGREEMENT = frozenset(
    (
        *(
            "agreement",
            "obligation",
            "draft_obligation",
            "draft_measure",
            "draft_campaign_goal",
            "measure_value",
            "occurrence",
            "support",
        ),
        *(
            "hours_proposal",
            "comment",
            "campaign",
            "contact",
            "review",
            "decision",
            "strike",
            "action",
            "excuse",
            "edition",
        ),
    )
)
"""The names in `Scene.own` of what hangs on an agreement, numbers of its versions apart."""


OF_AN_AGREEMENT = [row for row in MATRIX if ON_AN_AGREEMENT & set(row.filled.values())]


@pytest.mark.parametrize("row", OF_AN_AGREEMENT, ids=lambda row: row.url_name)
def test_its_objects_look_absent_to_all_but_its_parties(row: Row, scene: Scene, clients: dict[str, Any]):
    hushed = make_hushed()
    own = scene.own | hushed.own
    there = {part: own[name] for part, name in row.filled.items()}
    nowhere = {
        part: ABSENT_SLUG if name == "agreement" else ABSENT if name in ON_AN_AGREEMENT else own[name]
        for part, name in row.filled.items()
    }
    foreign, absent = (reverse(row.url_name, kwargs=values) for values in (there, nowhere))
    for method in row.methods:
        for identity in sorted(set(IDENTITIES) - {"administrator", "token"}):
            said, nothing = (answer(clients[identity], method, address) for address in (foreign, absent))
            assert said.status_code == nothing.status_code != 200, f"{identity} {method}"
            if said.status_code == 404:
                assert plain(said, foreign) == plain(nothing, absent), identity
