"""The text that a lead is found by, and the words that find it: an index of trigrams answers for a million leads.

A word of three letters and more is found anywhere; one of two letters only where a word begins, since there is no
trigram inside it; a single letter finds nothing by itself.
"""

from __future__ import annotations

from django.db.models import F, TextField, Value
from django.db.models.functions import Concat

MOST_WORDS = 8
SHORTEST = 2

_SPACE = Value(" ")
# The index is on this in capitals, as a comparison regardless of case asks for it.
SEARCHED = Concat(
    _SPACE,
    F("name"),
    _SPACE,
    F("company"),
    _SPACE,
    F("email"),
    _SPACE,
    F("external_id"),
    output_field=TextField(),
)


def words_of(text: str) -> list[str]:
    """Return the words that can find something, the first eight of them."""
    return [word for word in text.split() if len(word) >= SHORTEST][:MOST_WORDS]


def as_searched(word: str) -> str:
    """Return what stands in the text of a lead in which this word is found."""
    return f" {word}" if len(word) == SHORTEST else word
