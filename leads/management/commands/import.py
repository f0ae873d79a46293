"""`manage.py import`: bring leads, attempts or deals in from a file."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from leads.intake import runs
from leads.intake.context import Clock
from leads.intake.faults import CannotImport
from leads.intake.guessing import guess_encoding
from leads.intake.mapping import combined, read_mapping
from leads.intake.reading import Source, is_workbook
from leads.intake.uploads import said_last

COUNTS = ("rows", "created", "updated", "unchanged", "rejected", "seconds")


class Command(BaseCommand):
    """Imports one file; the last line of what it prints is JSON with the counts."""

    help = "Import leads, attempts or deals from a CSV file or a workbook (xlsx). The same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("kind", choices=list(runs.KINDS))
        parser.add_argument(
            "file", help="CSV with a heading: comma, semicolon, tab or bar; UTF-8 or UTF-16; or xlsx"
        )
        parser.add_argument(
            "--source", default="import", help="the system that the ids belong to (default: import)"
        )
        parser.add_argument("--mapping", help="TOML file that says what headings, words and dates mean")
        parser.add_argument("--preset", help="a mapping that comes with the product, as in hubspot")
        parser.add_argument(
            "--sheet", help="of a workbook with several sheets (default: the one that is understood best)"
        )
        parser.add_argument(
            "--currency", help="of amounts that name none, as in EUR (default: the agreement's)"
        )
        parser.add_argument(
            "--as-before",
            action="store_true",
            help="columns, words, zone and agreement as the pages remember them for this source",
        )
        parser.add_argument("--time-zone", help="zone of times without an offset (default: the agreement's)")
        parser.add_argument("--agreement", help="slug of the agreement that the hand-offs fall under")
        parser.add_argument(
            "--clock",
            choices=[Clock.NONE, Clock.HANDED_OFF, Clock.NOW],
            default=Clock.RECENT,
            help="which hand-offs get a clock (default: those younger than one business day, from the hand-off)",
        )
        parser.add_argument("--dry-run", action="store_true", help="count, and write nothing")
        parser.add_argument("--errors", help="CSV file for the rows that were rejected, and why")

    def handle(self, *args: Any, **options: Any) -> None:
        fields = {field.name for field in dataclasses.fields(runs.ImportOptions)}
        chosen = runs.ImportOptions(**{key: options[key] for key in fields & options.keys()})
        try:
            result = runs.run_import(
                kind=options["kind"],
                stream_or_path=options["file"],
                options=_remembered(options["kind"], options["file"], chosen)
                if options["as_before"]
                else chosen,
                now=dt.datetime.now(dt.UTC),
            )
        except CannotImport as error:
            raise CommandError(" ".join(str(error).split())) from None
        for note in result.notes:
            self.stderr.write(note)
        if result.rejected:
            where = (
                _("see %(file)s") % {"file": options["errors"]}
                if options["errors"]
                else _("--errors FILE says why")
            )
            self.stderr.write(
                _("%(rejected)d of %(rows)d rows were rejected: %(where)s.")
                % {"rejected": result.rejected, "rows": result.rows, "where": where}
            )
        if result.import_id is not None and result.created + result.updated:
            self.stderr.write(
                _("Within 24 hours this undoes it: manage.py undo_import %(number)d")
                % {"number": result.import_id}
            )
        if not options["dry_run"] and result.created + result.updated and not runs.ask_for_fresh_figures():
            self.stderr.write(_("The broker does not answer; the figures follow with the next sweep."))
        self.stdout.write(json.dumps({name: getattr(result, name) for name in COUNTS}))


PEOPLE = ("owner", "by")
"""Fields whose words mean somebody."""


def _remembered(kind: str, file: str, chosen: runs.ImportOptions) -> runs.ImportOptions:
    """Return the options with what was said on the pages of the last such file; what is chosen here comes first.

    How a file is written (encoding, separator) is its own. Answers that name a closed account are forgotten: the rows
    keep the name that they have.
    """
    said = said_last(kind, chosen.source)
    if said is None:
        raise CannotImport(
            _("No file of %(kind)s came in of “%(source)s” by the pages: nothing is remembered for it.")
            % {"kind": kind, "source": chosen.source}
        )
    mapping = dataclasses.replace(said.mapping(kind), sheet=None, delimiter=None, encoding=_encoding(file))
    mapping = dataclasses.replace(mapping, values=_of_active_accounts(mapping.values))
    if chosen.preset and chosen.preset != said.preset:
        mapping = dataclasses.replace(mapping, columns={})
    if chosen.mapping:
        mapping = combined(mapping, read_mapping(str(chosen.mapping), kind))
    return dataclasses.replace(
        chosen,
        mapping=mapping,
        preset=chosen.preset or said.preset or None,
        time_zone=chosen.time_zone or said.time_zone or None,
        agreement=chosen.agreement or said.agreement or None,
    )


def _encoding(file: str) -> str | None:
    with contextlib.closing(Source(file)) as source:
        return None if is_workbook(source) else guess_encoding(source)


def _of_active_accounts(values: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    named = {address for name in PEOPLE for address in values.get(name, {}).values() if address}
    accounts = get_user_model()._default_manager.filter(is_active=True, email__in=named)
    active = {"", *accounts.values_list("email", flat=True)}
    kept = {
        name: {text: address for text, address in values[name].items() if address in active}
        for name in PEOPLE
        if name in values
    }
    return values | kept
