"""Words of a draft's edits, kept apart from the event that says who changed which field when.

The event holds only the salted SHA-256 of the words, so they can be erased later and the chain still holds; while they
are there, nobody can change them unseen.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from agreements.models import AgreementEvent, EditedWords
from agreements.services.draft_values import Value, as_json, is_personal, is_words


def changes_as_data(
    changes: Mapping[str, tuple[Value, Value]],
) -> tuple[dict[str, Any], list[EditedWords]]:
    """Return what the event says of the changes, and the words that stand apart, not saved yet.

    A number or a day is named, old and new; of words the digests; of what names people nothing but that it changed.
    """
    data: dict[str, Any] = {}
    apart: list[EditedWords] = []
    for key, pair in changes.items():
        old, new = (as_json(value) for value in pair)
        if is_personal(key):
            data[key] = None
        elif is_words(key):
            salt = secrets.token_hex(16)
            data[key] = {"old": digest(salt, old), "new": digest(salt, new)}
            apart.append(EditedWords(key=key, old=old, new=new, salt=salt))
        else:
            data[key] = [old, new]
    return data, apart


def changes_of(event: AgreementEvent) -> dict[str, list[Any] | None]:
    """Return the old and new value of each field that an edit changed; None where it is not kept, or was erased."""
    apart = {words.key: [words.old, words.new] for words in event.edited_words.all()}
    changes = event.data.get("changes", {})
    return {key: pair if isinstance(pair, list) else apart.get(key) for key, pair in changes.items()}


def digest(salt: str, words: str | None) -> str | None:
    """Return what an event keeps of words: the SHA-256 of salt and words, None where nothing was."""
    return None if words is None else hashlib.sha256(f"{salt}{words}".encode()).hexdigest()
