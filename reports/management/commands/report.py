"""`manage.py report`: the figures of a period as JSON or CSV, for people and for other programs."""

from __future__ import annotations

import csv
import datetime as dt
import json
from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from agreements.exact import FunnelError, exact
from agreements.models import Commitment
from reports.periods import Grain, Period
from reports.readings.attempt_days import attempt_days_of
from reports.readings.depth import depth_report
from reports.readings.groups import OF_NO_PERSON, Group, depth_by_group, speed_by_group
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import Scope, build_scope, find_agreement
from reports.readings.speed import speed_report
from reports.readings.tables import flat_rows
from reports.readings.waterfall import waterfall_report

# Those of a file that is imported; the years around them cannot be counted in every zone.
FIRST_YEAR, LAST_YEAR = 1971, 2100
Day = TypeVar("Day", bound=dt.date)


def day(text: str) -> dt.date:
    """Read a day as in 2018-03-01."""
    try:
        value = dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a day; write it like 2018-03-01") from error
    return within_years(value)


def within_years(value: Day) -> Day:
    """Return a day or an instant; ArgumentTypeError outside the years that can be reported on."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ArgumentTypeError(f"{value.year} is not a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value


def instant(text: str) -> dt.datetime:
    """Read an instant as in 2018-03-15T12:00:00Z; one without an offset is UTC."""
    try:
        value = parse_datetime(text) or dt.datetime.combine(dt.date.fromisoformat(text), dt.time())
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not an instant; write it like 2018-03-15T12:00:00Z") from error
    return within_years(value if value.tzinfo else value.replace(tzinfo=dt.UTC))


def goal(text: str) -> Decimal:
    """Read a goal: a number not below zero."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError(f"“{text}” is not a number") from error
    if not value.is_finite() or value < 0:
        raise ArgumentTypeError("a goal is a number not below zero")
    try:
        exact(value, "goal")
    except FunnelError as error:
        raise ArgumentTypeError(f"a goal {error.reason}") from error
    return value


class Command(BaseCommand):
    """Print one report. Durations are in seconds, a share is numerator and denominator, --to is exclusive."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("report", choices=["waterfall", "speed", "depth", "recalibration"])
        parser.add_argument("--from", dest="start", type=day, required=True, help="first day")
        parser.add_argument("--to", dest="end", type=day, required=True, help="first day after the period")
        parser.add_argument("--agreement", help="slug; default: all hand-offs")
        parser.add_argument("--goal", type=goal, help="monthly goal instead of the agreed one (waterfall)")
        parser.add_argument(
            "--measure", choices=Commitment.Measure.values, help="what is counted (waterfall)"
        )
        parser.add_argument("--by", choices=[grain.value for grain in Grain], default=Grain.DAY.value)
        parser.add_argument(
            "--group",
            choices=[group.value for group in OF_NO_PERSON],
            help="also of each group for itself (speed, depth; JSON)",
        )
        parser.add_argument(
            "--attempt-days",
            action="store_true",
            help="also how many k-th attempts came on which business day after the hand-off (depth; JSON)",
        )
        parser.add_argument("--segment", help="slug or name; empty for leads without one")
        parser.add_argument("--source", help="as leads have it; empty for leads without one")
        parser.add_argument("--campaign", help="as leads have it; empty for leads without one")
        parser.add_argument("--owner", help="e-mail or name; empty for unassigned hand-offs")
        parser.add_argument("--as-of", type=instant, help="leave out what happened after this instant")
        parser.add_argument("--format", choices=["json", "csv"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["end"] <= options["start"]:
            raise CommandError("--to must lie after --from: it is the first day after the period")
        try:
            scope = build_scope(
                period=Period(options["start"], options["end"]),
                now=dt.datetime.now(dt.UTC),
                agreement=find_agreement(options["agreement"]) if options["agreement"] else None,
                segment=options["segment"],
                source=options["source"],
                campaign=options["campaign"],
                owner=options["owner"],
                as_of=options["as_of"],
            )
            document = self._read(scope, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        rows = flat_rows(options["report"], document)
        writer = csv.DictWriter(self.stdout, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    def _read(self, scope: Scope, options: dict[str, Any]) -> dict[str, Any]:
        grain = Grain(options["by"])
        group = Group(options["group"]) if options["group"] else None
        match options["report"]:
            case "waterfall":
                report = waterfall_report(scope, goal=options["goal"], measure=options["measure"])
                return report.as_json()
            case "speed":
                document = speed_report(scope, grain).as_json()
                return document | ({"groups": speed_by_group(scope, group)} if group else {})
            case "depth":
                document = depth_report(scope, grain).as_json()
                if options["attempt_days"]:
                    document["attempt_days"] = [row.as_json() for row in attempt_days_of(scope)]
                return document | ({"groups": depth_by_group(scope, group)} if group else {})
        return recalibration_report(scope).as_json()
