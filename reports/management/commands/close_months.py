"""`manage.py close_months`: write down what became of each promise in the months that are over."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.models import Agreement
from reports.closing import close_months


def instant(text: str) -> dt.datetime:
    """Read an instant with its offset; without one it is UTC."""
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


class Command(BaseCommand):
    """Close every month that is over; run as often as you like. `--as-of` closes as of an instant gone by."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=instant, help="an instant gone by, like 2026-03-01T09:00+01:00")
        parser.add_argument("--agreement", help="of this agreement alone")

    def handle(self, *args: Any, **options: Any) -> None:
        now, as_of = dt.datetime.now(dt.UTC), options["as_of"]
        if as_of is not None and as_of > now:
            raise CommandError("--as-of cannot lie in the future")
        agreement = None
        if options["agreement"]:
            agreement = Agreement.objects.filter(slug=options["agreement"]).first()
            if agreement is None:
                raise CommandError(f"There is no agreement “{options['agreement']}”.")
        closed = close_months(now=as_of or now, is_past=as_of is not None, agreement=agreement)
        self.stdout.write(json.dumps(asdict(closed)))
        if closed.failed:
            raise CommandError(f"{closed.failed} months could not be closed; the log says why.")
