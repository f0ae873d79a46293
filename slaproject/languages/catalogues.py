"""The catalogues of translations: `slaproject/locale/LANGUAGE/LC_MESSAGES/django.po`, compiled beside it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from slaproject.languages.places import catalogue_file
from slaproject.languages.sources import texts

UNKEPT = tuple(
    f'"{heading}: '.encode()
    for heading in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def read_catalogue(language: str) -> Catalog:
    """Return the translations of a language; none where it has no file yet."""
    file = catalogue_file(language)
    if not file.exists():
        return Catalog(locale=language, fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def update_catalogue(language: str) -> Catalog:
    """Bring the file of a language up to the sources: new texts come in empty, those no longer there go.

    Nothing is guessed from texts that look alike: a guess would be shown to people.
    """
    catalogue = read_catalogue(language)
    catalogue.update(texts(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    file = catalogue_file(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(as_file(catalogue))
    return catalogue


def as_file(catalogue: Catalog) -> bytes:
    """Without line numbers, dates and names: what did not change leaves no trace in the history."""
    catalogue.header_comment = f"# {catalogue.locale.english_name}"  # type: ignore[union-attr]
    written = BytesIO()
    write_po(written, catalogue, width=110, sort_by_file=True, include_lineno=False)
    lines = written.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(UNKEPT))


def compile_catalogue(language: str) -> Path:
    """Write what Django reads, and return its path."""
    compiled = catalogue_file(language, ".mo")
    with compiled.open("wb") as target:
        write_mo(target, read_catalogue(language))
    return compiled


def missing(catalogue: Catalog) -> list[Message]:
    """Return the texts of the sources that have no translation, or not one for every plural form of the language."""
    return [found for found in texts() if found.id and not _is_translated(catalogue, found)]


def _is_translated(catalogue: Catalog, text: Message) -> bool:
    kept = catalogue.get(text.id, text.context)
    if kept is None or kept.fuzzy:
        return False
    words = kept.string if isinstance(kept.string, tuple) else (kept.string,)
    return len(words) == (catalogue.num_plurals if text.pluralizable else 1) and all(words)
