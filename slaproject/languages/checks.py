"""What Django's checks tell of the languages that people may choose."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from slaproject.languages.places import catalogue_file, translated_languages


@register(Tags.translation)
def catalogues_are_compiled(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn where a language would be shown in English, or in the words of an earlier catalogue."""
    return [
        Warning(
            f"The catalogue of “{language}” is not compiled, or an older one.",
            hint="Run: manage.py translations compile",
            id="languages.W001",
        )
        for language in translated_languages()
        if not _is_compiled(language)
    ]


def _is_compiled(language: str) -> bool:
    written, compiled = catalogue_file(language), catalogue_file(language, ".mo")
    if not compiled.exists():
        return False
    return not written.exists() or compiled.stat().st_mtime >= written.stat().st_mtime
