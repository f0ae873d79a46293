"""Hostile text in every name, note, company and clause stays text, on every page and in every chart."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from agreements.models import Agreement, Clause, Party, Scenario, Segment, Team, Version
from leads.models import AttemptNote, HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports import rollups
from slaproject.accounts.models import User
from tests import factories
from tests.browser.every_page import every_page
from tests.browser.test_every_page import NOT_PAGES
from tests.hostile_text import FOREIGN, HOSTILE_TEXTS
from tests.permissions.scene import Scene, make_scene

N = 12
FOUND = f"""() => [
    ...document.querySelectorAll('[data-injected]'),
    ...['href', 'src', 'action', '*|href']
        .flatMap((name) => [...document.querySelectorAll(`[${{name}}^="{FOREIGN}"]`)]),
    ...[...document.querySelectorAll('a')].filter((link) => (link.protocol || '').startsWith('javascript')),
].map((element) => element.outerHTML.slice(0, 200))"""


def spoil(scene: Scene, text: str) -> None:
    """Put the text wherever a person, a file or another system can write one."""
    for model, fields in (
        (Lead, ("name", "company", "job_title", "email", "phone", "country", "source", "campaign")),
        (AttemptNote, ("text",)),
        (Agreement, ("name",)),
        (Party, ("contact",)),
        (Scenario, ("name",)),
        (Segment, ("name",)),
        (Team, ("name",)),
        (User, ("name",)),
        (HandOff, ("rejection_reason",)),
    ):
        for row in model.objects.all():
            write(row, dict.fromkeys(fields, f"{text}{row.pk}"))
    for version in Version.objects.exclude(state="signed"):
        write(version, {"summary": text})
        for topic in Clause.Topic.values:
            Clause.objects.update_or_create(version=version, party=None, topic=topic, defaults={"text": text})
    scene.own["segment_text"] = text


def write(row: models.Model, texts: dict[str, str]) -> None:
    room = {name: row._meta.get_field(name).max_length for name in texts}
    cut = {name: text[: room[name]] if room[name] else text for name, text in texts.items()}
    type(row).objects.filter(pk=row.pk).update(**cut)  # type: ignore[attr-defined]


@pytest.fixture
def scene(transactional_db):
    made = make_scene()
    segment = factories.segment("Enterprise")
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


def executions(
    scene: Scene, texts: tuple[str, ...], open_context: Any, sign_in: Any
) -> tuple[int, list[str]]:
    """Spoil everything with each text in turn and open every page; return how many pages, and what went wrong."""
    pages: dict[str, Any] = {}
    opened, faults = 0, list[str]()
    dialogs: list[str] = []
    for text in texts:
        spoil(scene, text)
        rollups.rebuild()
        for name, address, visitor in every_page(scene):
            if name in NOT_PAGES:
                continue
            if visitor not in pages:
                pages[visitor] = open_context().new_page()
                pages[visitor].on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
                if visitor in scene.people:
                    sign_in(pages[visitor].context, scene.people[visitor])
            page = pages[visitor]
            answer = page.goto(address + ("?month=2026-03" if name.startswith("reports:") else ""))
            if "html" not in answer.headers.get("content-type", ""):
                continue
            opened += 1
            if answer.status >= 500:
                faults.append(f"{name}: {answer.status} with {text}")
            if page.evaluate("window.hacked"):
                faults.append(f"{name} executed {text}")
            faults += [f"{name}: {element} from {text}" for element in page.evaluate(FOUND)]
    return opened, faults + dialogs


def test_hostile_text_stays_text(scene, open_context, sign_in):
    opened, faults = executions(scene, HOSTILE_TEXTS[:: len(HOSTILE_TEXTS) // N], open_context, sign_in)
    assert opened >= 5 * N
    assert not faults, "\n".join(faults[:20])


@pytest.mark.proof
def test_all_hostile_texts_stay_text(scene, open_context, sign_in):
    opened, faults = executions(scene, HOSTILE_TEXTS, open_context, sign_in)
    print(
        f"\nhostile texts: {len(HOSTILE_TEXTS)}, pages opened: {opened}, executed or injected: {len(faults)}"
    )
    assert not faults, "\n".join(faults[:20])
