"""`manage.py translations update|compile|check`: the catalogues of the languages that people may choose."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from slaproject.languages.catalogues import compile_catalogue, missing, read_catalogue, update_catalogue
from slaproject.languages.places import translated_languages

SHOWN = 20


class Command(BaseCommand):
    """Keep the translations beside the sources."""

    help = "Bring the catalogues up to the sources, compile them for Django, or tell what has no translation."
    requires_system_checks = ()  # it makes what a check misses

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["update", "compile", "check"])

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        lacking = 0
        for language in translated_languages():
            lacking += getattr(self, f"_{what}")(language)
        if what == "check" and lacking:
            raise CommandError(f"{lacking} translations are missing.")

    def _update(self, language: str) -> int:
        catalogue = update_catalogue(language)
        lacking = len(missing(catalogue))
        self.stdout.write(f"{language}: {len(catalogue)} texts, {lacking} without a translation")
        return lacking

    def _compile(self, language: str) -> int:
        self.stdout.write(f"{language}: {compile_catalogue(language).name}")
        return 0

    def _check(self, language: str) -> int:
        found = missing(read_catalogue(language))
        self.stdout.write(f"{language}: {len(found)} texts without a translation")
        for text in found[:SHOWN]:
            self.stderr.write(f"{language}: {text.id!r} in {text.locations[0][0]}")
        return len(found)
