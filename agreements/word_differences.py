"""What changed between two texts, word by word.

A text is read as words, marks and the blanks between them. Pieces are kept, removed or added; kept and removed ones
joined are the old text, kept and added ones the new, to the last blank. Lines are compared first, and words only inside
the lines that differ; where these are very long the old words are removed and the new ones added as a whole, so that no
text makes a reader wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Words on both sides of one place that differs: comparing takes their product at worst.
MOST_WORDS = 2_000


class Fate(StrEnum):
    """What became of a piece of the old text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row that share their fate."""

    fate: Fate
    text: str


def word_differences(old: str, new: str) -> list[Piece]:
    """Return the pieces in the order in which they are read; at one place what was removed comes first."""
    pieces = [piece for piece in _by_line(old, new) if piece.text]
    return [
        Piece(fate, "".join(piece.text for piece in run))
        for fate, run in groupby(pieces, lambda one: one.fate)
    ]


def _by_line(old: str, new: str) -> Iterator[Piece]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for tag, i, j, k, m in _opcodes(before, after):
        was, will = "".join(before[i:j]), "".join(after[k:m])
        if tag == "equal":
            yield Piece(Fate.KEPT, was)
        else:
            yield from _by_word(was, will)


def _by_word(old: str, new: str) -> Iterator[Piece]:
    before, after = WORDS.findall(old), WORDS.findall(new)
    if len(before) + len(after) > MOST_WORDS:
        yield Piece(Fate.REMOVED, old)
        yield Piece(Fate.ADDED, new)
        return
    for tag, i, j, k, m in _opcodes(before, after):
        if tag == "equal":
            yield Piece(Fate.KEPT, "".join(before[i:j]))
        else:
            yield Piece(Fate.REMOVED, "".join(before[i:j]))
            yield Piece(Fate.ADDED, "".join(after[k:m]))


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > MOST_WORDS).get_opcodes()
