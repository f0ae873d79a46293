"""`manage.py refresh_reports`: bring the stored figures up to date, or count them all anew."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports import rollups
from reports.management.commands.report import day
from reports.periods import Period


class Command(BaseCommand):
    """Count anew what changed; with --rebuild everything, changed or not."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="start", type=day, help="first day; default: all there is")
        parser.add_argument("--to", dest="end", type=day, help="first day after")
        parser.add_argument("--rebuild", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = options["start"], options["end"]
        if (start is None) != (end is None):
            raise CommandError("give --from and --to together, or neither")
        if start is not None and end <= start:
            raise CommandError("--to must lie after --from: it is the first day after the period")
        period = Period(start, end) if start else None
        now = dt.datetime.now(dt.UTC)
        done = rollups.rebuild(period=period) if options["rebuild"] else None
        changed = rollups.refresh(now=now, wait=True, period=period)
        refreshed = done or changed
        if refreshed is not None:
            self.stdout.write(json.dumps({"days": refreshed.days, "periods": refreshed.periods}))
