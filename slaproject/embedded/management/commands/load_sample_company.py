"""`manage.py load_sample_company`: the sample company as it stands today."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports import rollups
from slaproject.embedded.sample_company.loading import NotEmpty, load_sample_company


class Command(BaseCommand):
    """Load the sample company into an empty database, or bring it up to now."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale", type=Decimal, default=Decimal(1), help="how large; 1 is ten thousand leads"
        )
        parser.add_argument(
            "--refresh", action="store_true", help="bring the stored figures up to date as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        now = dt.datetime.now(dt.UTC)
        self.stdout.write("Loading the sample company …")
        try:
            counts = load_sample_company(now=now, scale=options["scale"])
        except NotEmpty as problem:
            raise CommandError(str(problem)) from problem
        if options["refresh"]:
            rollups.refresh(now=dt.datetime.now(dt.UTC), wait=True)
        written = ", ".join(f"{n} {name}" for name, n in counts.items() if n) or "it is up to date"
        self.stdout.write(f"Sample company: {written} ({time.monotonic() - started:.1f} s).")
