"""`manage.py load_calendar`: business hours from a JSON file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import BusinessCalendar
from agreements.services.calendars import load_calendar, public_holidays, revise_calendar


class Command(BaseCommand):
    """Adds a revision to the calendar of that name, made if need be."""

    help = "Load business hours: {tz, weekly, holidays…} as JSON. The same hours again change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--name", required=True)
        parser.add_argument("--default", action="store_true", help="make it the company's calendar")
        parser.add_argument("--country", help="whose public holidays are days off: two letters, as in PL")
        parser.add_argument("--subdivision", help="and of which part of it, as in BY for Bavaria")

    def handle(self, *args: Any, **options: Any) -> None:
        name = str(options["name"]).strip()
        if not 0 < len(name) <= 100:
            raise CommandError(_("The name of a calendar has 1 to 100 letters."))
        country, subdivision = options["country"], options["subdivision"]
        if subdivision and not country:
            raise CommandError(_("A subdivision needs its --country."))
        if country and len(country) != 2:
            raise CommandError(_("A country is two letters, as in PL."))
        country = country.upper() if country else None
        definition = _definition(Path(options["file"]))
        now = dt.datetime.now(dt.UTC)
        try:
            with transaction.atomic():
                if country:
                    public_holidays(country, subdivision or "", range(now.year, now.year + 1))
                revision = load_calendar(
                    name=name, definition=definition, now=now, is_default=options["default"]
                )
                if country:
                    calendar = BusinessCalendar.objects.get(pk=revision.calendar_id)
                    calendar.country, calendar.subdivision = country, subdivision or ""
                    calendar.save(update_fields=["country", "subdivision"])
                    revision = revise_calendar(calendar=calendar, definition=definition, now=now)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(
            _("%(name)s: revision %(number)d, %(zone)s")
            % {"name": name, "number": revision.number, "zone": revision.time_zone}
        )


def _definition(path: Path) -> dict[str, Any]:
    try:
        definition = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": error.strerror}
        ) from None
    except (ValueError, RecursionError) as error:
        raise CommandError(_("%(file)s is not JSON: %(reason)s") % {"file": path, "reason": error}) from None
    if not isinstance(definition, dict):
        raise CommandError(_("%(file)s: an object with tz and weekly is needed.") % {"file": path})
    return definition
