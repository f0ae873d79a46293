"""The words of a file that somebody has to say the meaning of, and the days in it that can be read in two ways."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Segment, Team
from leads.intake.faults import Rejected
from leads.intake.mapping import MOMENTS, Cells, combined, preset
from leads.intake.moments import ORDERS, THREE_NUMBERS, OrderClues
from leads.intake.people import Directory
from leads.intake.reading import Table
from leads.intake.said import Said
from leads.intake.values import translated, word, yes_or_no
from leads.models import FollowUpAttempt, Lead

LOOKED_AT = 20_000
MOST_WORDS = 30
MOST_REMEMBERED = 300
Choices = list[tuple[str, Any]]


@dataclass(slots=True)
class UnknownWords:
    """The words of one field that mean nothing here yet, the most frequent first, and what they could mean."""

    name: str
    choices: Choices
    words: list[tuple[str, int]]
    more: int = 0


@dataclass(slots=True)
class Words:
    """What was found in the first rows of a file."""

    rows: int = 0
    unknown: list[UnknownWords] = field(default_factory=list)
    example: str = ""  # of a day of three numbers
    order: str | None = None  # that all of these have

    @property
    def is_order_open(self) -> bool:
        """Whether only a person can say which number is the day."""
        return bool(self.example) and self.order is None


def words_of(kind: str, said: Said, table: Table) -> Words:
    """Read the first rows. CannotImport where a column that is needed is missing."""
    mapping = said.mapping(kind)
    if said.preset:
        mapping = combined(preset(said.preset, kind), mapping)
    known_words = mapping.values
    cells = Cells(kind, replace(mapping, values={}), table.heading)
    fields = {name: (choices, means) for name, choices, means in _fields(kind) if name in cells.stands_at}
    found: dict[str, Counter[str]] = {name: Counter() for name in fields}
    clues = OrderClues()
    words = Words()
    for _number, row in itertools.islice(table.rows(), LOOKED_AT):
        words.rows += 1
        taken = cells.take(row)
        for name, counter in found.items():
            text = taken.get(name)
            if text and (text in counter or len(counter) < MOST_REMEMBERED):
                counter[text] += 1
        for name in MOMENTS[kind]:
            if text := taken.get(name):
                clues.look_at(text)
    if not mapping.formats:
        words.example, words.order = clues.example, clues.order() if clues.example else None
    for name, (choices, means) in fields.items():
        said_before = known_words.get(name, {})
        unknown = [
            (text, count)
            for text, count in found[name].most_common()
            if text.casefold() in said_before or not _is_known(means, translated(text, said_before))
        ]
        if unknown:
            words.unknown.append(
                UnknownWords(name, choices, unknown[:MOST_WORDS], max(0, len(unknown) - MOST_WORDS))
            )
    return words


def read_as(example: str, order: str) -> dt.date | None:
    """The day that such an example is when its numbers stand in this order; None where there is none."""
    found = THREE_NUMBERS.fullmatch(example)
    if found is None:
        return None
    part = dict(zip(ORDERS[order], (found[1], found[3], found[4]), strict=True))
    year = int(part["year"])
    try:
        return dt.date(year + 2000 if year < 69 else year, int(part["month"]), int(part["day"]))
    except ValueError:
        return None


def _is_known(means: Callable[[str], Any], text: str) -> bool:
    if not text:
        return True
    try:
        means(text)
    except Rejected:
        return False
    return True


def _fields(kind: str) -> list[tuple[str, Choices, Callable[[str], Any]]]:
    def one_of(name: str, choices: Choices) -> tuple[str, Choices, Callable[[str], Any]]:
        known = [value for value, _label in choices]
        return name, choices, lambda text: word(text, known, name)

    yes_no: Choices = [("yes", _("yes")), ("no", _("no"))]
    origin = one_of("origin", list(Lead.Origin.choices))
    if kind == "attempts":
        return [
            one_of("channel", list(FollowUpAttempt.Channel.choices)),
            one_of("outcome", list(FollowUpAttempt.Outcome.choices)),
            ("automated", yes_no, lambda text: yes_or_no(text, "automated")),
        ]
    if kind == "deals":
        won: Choices = [("yes", _("won")), ("no", _("not won"))]
        return [("won", won, lambda text: yes_or_no(text, "won")), origin]
    directory = Directory()
    return [
        origin,
        (
            "segment",
            list(Segment.objects.order_by("priority", "name").values_list("slug", "name")),
            directory.segment,
        ),
        ("team", list(Team.objects.order_by("name").values_list("slug", "name")), directory.team),
    ]
