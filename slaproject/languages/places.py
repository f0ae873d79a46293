"""Which languages have a catalogue, and where it is kept."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

SOURCE_LANGUAGE = "en"


def translated_languages() -> list[str]:
    """The languages that people may choose, but for the one that the sources are written in."""
    return [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]


def catalogue_file(language: str, suffix: str = ".po") -> Path:
    """Return where the catalogue of a language is kept; with `.mo` what Django reads."""
    (root,) = settings.LOCALE_PATHS
    return Path(root) / language / "LC_MESSAGES" / f"django{suffix}"
