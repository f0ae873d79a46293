"""Rows that are hard to write down, and files as they are read back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from typing import Any

from openpyxl import load_workbook

from leads.intake.mapping import FIELDS
from leads.intake.values import clean
from tests.hostile_text import HOSTILE_TEXTS
from tests.leads.importing import NOW

FORMULAS = (
    "=1+1",
    "+48 22 123",
    "-1",
    "@cmd",
    "'=2",
    "''=3",
    "'tis",
    "＝１",
    "#N/A",
    "_x0041_",
    "007",
    "1e5",
    "TRUE",
)
SCRIPTS = (
    "Łódź",
    "김민지",
    "山田 太郎",
    "مرحبا",
    "שלום",
    "Ünïcødé",
    "👩‍👩‍👧‍👦",
    "e\u0301",
    'say "hi"',
    "a;b,c|d",
    "two\nlines",
)
TEXTS = (*HOSTILE_TEXTS, *FORMULAS, *SCRIPTS, "", "", "")
ZONES = ("", "Z", "+05:45", "-09:30", "+14:00")


def hostile_rows(count: int, *, owners: tuple[str, ...], teams: tuple[str, ...], segments: tuple[str, ...],
                 seed: int = 7) -> list[list[str]]:  # fmt: skip
    """Rows of leads as files have them; every third says only a day, every fourth has no time of its hand-off."""
    dice = random.Random(seed)
    texts = [text for text in TEXTS if len(clean(text)) <= 60]
    rows = []
    for number in range(count):
        at = NOW - dt.timedelta(days=30 + number % 300, seconds=dice.randrange(86_400))
        qualified = (
            at.date().isoformat()
            if number % 3 == 0
            else at.strftime("%Y-%m-%dT%H:%M:%S") + dice.choice(ZONES)
        )
        later = at + dt.timedelta(days=2)
        handed = "" if number % 4 == 0 else later.strftime("%Y-%m-%d %H:%M:%S")
        said = {
            "external_id": f"{dice.choice(('L-', '=', 'Ł', '00'))}{number}",
            "qualified_at": qualified,
            "handed_off_at": handed,
            **{name: dice.choice(texts) for name in FIELDS["leads"] if name in FREE},
            "segment": dice.choice(("", *segments)),
            "origin": dice.choice(("", "marketing", "sales")),
            "owner": dice.choice(("", "=Nobody Here", *owners)),
            "team": dice.choice(("", *teams)),
        }
        rows.append([said[name] for name in FIELDS["leads"]])
    return rows


FREE = ("name", "company", "job_title", "email", "phone", "country", "source", "campaign")


def as_rows(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV file that a page gave out, as they stand in it."""
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet_rows(answer: Any) -> list[list[Any]]:
    """The rows of a workbook that a page gave out, its headings first."""
    book = load_workbook(io.BytesIO(answer.content), read_only=True)
    return [list(row) for row in book.active.iter_rows(values_only=True)]
