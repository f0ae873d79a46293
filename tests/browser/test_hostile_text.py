"""Hostile text in every name, note, company and clause stays text, on every page and in every chart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import pytest
from django.db import models

from agreements.models import Agreement, Campaign, Clause, Contact, Scenario, Segment, Team, Version
from leads.models import AttemptNote, HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.models import SavedView
from slaproject.accounts.models import User
from tests import factories
from tests.browser.every_page import every_page
from tests.browser.hostile_pages import Watch
from tests.browser.test_every_page import NOT_PAGES
from tests.hostile_text import HOSTILE_TEXTS
from tests.permissions.scene import Scene, make_scene

N = 2
TURNS = len(HOSTILE_TEXTS) // 4
ROWS = 4  # of a kind that are spoilt with texts of their own, so that many stand on one page
PLACES: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Lead, ("name", "company", "job_title", "email", "phone", "country", "source", "campaign")),
    (AttemptNote, ("text",)),
    (Agreement, ("name",)),
    (Campaign, ("name",)),
    (Contact, ("responsibility", "outside")),
    (Scenario, ("name",)),
    (SavedView, ("name",)),
    (Segment, ("name",)),
    (Team, ("name",)),
    (User, ("name",)),
    (HandOff, ("rejection_reason", "rejection_label")),
)


def spoil(turn: int) -> None:
    """Put hostile texts wherever a person, a file or another system can write one.

    Each place gets another text, and the next turn the next ones: after TURNS turns every text has stood in every
    place of which there are ROWS rows, and every page has had many of them at once.
    """
    places = count()
    for model, fields in PLACES:
        offsets = {field: 11 * next(places) for field in fields}
        for number, row in enumerate(model._default_manager.order_by("pk")):
            texts = {field: hostile(turn * ROWS + number + offset) for field, offset in offsets.items()}
            write(row, {field: f"{text}{row.pk}" for field, text in texts.items()})
    for version in Version.objects.exclude(state="signed"):
        sentence = " ".join(hostile(turn * ROWS).split())[:80] or "nothing"
        write(version, {"summary": hostile(turn * ROWS), "rejection_reasons": f"own: {sentence}"})
        for number, goal in enumerate(version.campaign_goals.order_by("pk")):
            write(goal, {"name": f"{hostile(turn * ROWS + number)}{goal.pk}"})
        for number, topic in enumerate(Clause.Topic.values):
            text = " ".join(hostile(turn * ROWS + number + further) for further in range(ROWS))
            Clause.objects.update_or_create(version=version, party=None, topic=topic, defaults={"text": text})


def hostile(number: int) -> str:
    return HOSTILE_TEXTS[number % len(HOSTILE_TEXTS)]


def write(row: models.Model, texts: dict[str, str]) -> None:
    """Write past every form and service, as much of each text as the column takes."""
    cut = {
        name: text[: getattr(row._meta.get_field(name), "max_length", None)] for name, text in texts.items()
    }
    type(row)._default_manager.filter(pk=row.pk).update(**cut)


@pytest.fixture
def scene(transactional_db):
    made = make_scene()
    segment, *_others = (factories.segment(name) for name in ("Enterprise", "Middle", "Small", "Partners"))
    Contact.objects.update(person=None, outside="Somebody")  # who is outside is said in words
    for name in ("Careful", "Usual", "Daring"):
        Scenario.objects.create(author=made.people["marketing_director"], name=name, saved_at=factories.NOON)
    rep, marketer = made.people["rep"], made.people["marketer"]
    for _ in range(3):
        lead = factories.lead(segment=segment)
        hand_off = hand_over(lead=lead, now=factories.NOON, at=factories.NOON, owner=rep, by=marketer)
        log_attempt(
            hand_off=hand_off,
            attempted_at=factories.NOON,
            channel="call",
            outcome="no_answer",
            now=factories.NOON,
            by=rep,
            note="note",
        )
    return made


def watched(scene: Scene, turns: Iterable[int], watch: Watch) -> list[str]:
    """Spoil everything, turn by turn, and open every page; return what went wrong."""
    for turn in turns:
        spoil(turn)
        rollups.rebuild()
        for name, address, visitor in every_page(scene):
            if name not in NOT_PAGES:
                whole = address + ("?month=2026-03" if name.startswith("reports:") else "")
                watch.open(f"{name} in turn {turn}", whole, scene.people.get(visitor))
    return watch.faults


def test_hostile_text_stays_text(scene, watch):
    faults = watched(scene, range(0, TURNS, TURNS // N), watch)
    assert watch.opened >= 40 * N
    assert not faults, "\n".join(faults[:20])


@pytest.mark.proof
def test_all_hostile_texts_stay_text(scene, watch):
    faults = watched(scene, range(TURNS), watch)
    print(
        f"\nhostile texts: {len(HOSTILE_TEXTS)}, pages opened: {watch.opened}, executed or injected: {len(faults)}"
    )
    assert not faults, "\n".join(faults[:20])
