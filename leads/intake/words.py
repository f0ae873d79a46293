"""The words of a file that somebody has to say the meaning of, and the days in it that can be read in two ways."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from leads.intake.asked import Asked, Choices, asked_of
from leads.intake.faults import Rejected
from leads.intake.mapping import MOMENTS, Cells, FileMapping, combined, preset
from leads.intake.moments import ORDERS, THREE_NUMBERS, OrderClues
from leads.intake.reading import Table
from leads.intake.said import Said
from leads.intake.values import amount, currency_written

LOOKED_AT = 20_000
MOST_WORDS = 30
MOST_REMEMBERED = 300


@dataclass(slots=True)
class FoundWord:
    """A word as most rows write it, in how many rows, and what it is said to mean.

    `answer` is one of the choices, "" for nothing, or None where nobody said; `is_kept` where it is to stay as it is.
    `guess` is the choice that it looks like.
    """

    text: str
    count: int
    answer: str | None = None
    is_kept: bool = False
    guess: str = ""

    @property
    def key(self) -> str:
        """What it is told by in a form, whichever other words there are."""
        return hashlib.sha256(self.text.casefold().encode()).hexdigest()[:16]

    @property
    def is_open(self) -> bool:
        """Whether nobody has said what it means."""
        return self.answer is None and not self.is_kept


@dataclass(slots=True)
class UnknownWords:
    """The words of one field that mean nothing here by themselves, and what they could mean.

    Those of which nobody has said it come first, the most frequent before the others; `more` of them are not listed.
    `keeps` tells that a word of which nothing is said stays as it is.
    """

    name: str
    choices: Choices
    keeps: bool
    words: list[FoundWord]
    more: int = 0


@dataclass(slots=True)
class Words:
    """What was found in the first rows of a file."""

    rows: int = 0
    unknown: list[UnknownWords] = field(default_factory=list)
    example: str = ""  # of a day of three numbers
    order: str | None = None  # that all of these have
    without_currency: int = 0  # amounts that name none

    @property
    def is_order_open(self) -> bool:
        """Whether only a person can say which number is the day."""
        return bool(self.example) and self.order is None


def words_of(kind: str, said: Said, table: Table) -> Words:
    """Read the first rows. CannotImport where a column that is needed is missing."""
    mapping = said.mapping(kind)
    if said.preset:
        mapping = combined(preset(said.preset, kind), mapping)
    cells = Cells(kind, replace(mapping, values={}), table.heading)
    asked = asked_of(kind, cells.stands_at)
    found: dict[str, Counter[str]] = {one.name: Counter() for one in asked}
    asks = {one.name: _Question(one, said, mapping) for one in asked}
    clues = OrderClues()
    words = Words()
    for _number, row in itertools.islice(table.rows(), LOOKED_AT):
        words.rows += 1
        taken = cells.take(row)
        for name, counter in found.items():
            text = taken.get(name)
            if text and (text in counter or (len(counter) < MOST_REMEMBERED and asks[name].is_one(text))):
                counter[text] += 1
        for name in MOMENTS[kind]:
            if text := taken.get(name):
                clues.look_at(text)
        words.without_currency += _names_no_currency(taken, mapping.decimal)
    if not mapping.formats:
        words.example, words.order = clues.example, clues.order() if clues.example else None
    for one in asked:
        if unknown := _unknown(found[one.name], asks[one.name]):
            is_open = [word for word in unknown if word.is_open]
            answered = [word for word in unknown if not word.is_open]
            listed = is_open[:MOST_WORDS] + answered[:MOST_WORDS]
            for word in is_open[:MOST_WORDS]:
                word.guess = one.guess(word.text)
            more = max(0, len(is_open) - MOST_WORDS)
            words.unknown.append(UnknownWords(one.name, one.choices, one.keeps, listed, more))
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


class _Question:
    """Whether anybody is asked what a text of one field means, and what was said of it.

    What the preset says of a word is no question any more; what was said of it here before can be said otherwise.
    """

    def __init__(self, asked: Asked, said: Said, mapping: FileMapping) -> None:
        self.said, self.kept = said.values.get(asked.name, {}), said.kept.get(asked.name, ())
        self.offered = {value for value, _label in asked.choices} | {""}
        self._asked, self._meant = asked, mapping.values.get(asked.name, {})
        self._known: dict[str, bool] = {}

    def is_one(self, text: str) -> bool:
        key = text.casefold()
        if key in self.said:
            return True
        means = self._meant.get(key, text)
        return bool(means) and not self._is_known(means)

    def _is_known(self, text: str) -> bool:
        if text not in self._known:
            self._known[text] = self._asked.is_known(text)
        return self._known[text]


def _unknown(found: Counter[str], question: _Question) -> list[FoundWord]:
    """Return the words that are asked about, each once however it is written, the most frequent first."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for text, _count in found.most_common():
        spellings[text.casefold()].append(text)
    unknown = []
    for key, texts in spellings.items():
        word = FoundWord(texts[0], sum(found[text] for text in texts))
        if key in question.said and question.said[key] in question.offered:
            word.answer = question.said[key]
        elif key in question.kept:
            word.is_kept = True
        unknown.append(word)
    return sorted(unknown, key=lambda word: -word.count)


def _names_no_currency(taken: dict[str, str], decimal: str) -> bool:
    if "amount" not in taken or "currency" in taken:
        return False
    try:
        written = currency_written(taken["amount"], "amount")
        amount(taken["amount"], decimal, "amount")
    except Rejected:
        return False
    return written is None
