"""``manage.py bench``: the product's speed beside its yardsticks."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from slaproject.bench.rows import Disagreement, Row

# Subject → the module whose run(leads) returns the rows. `all` takes them in this order.
SUBJECTS = {
    "api": "slaproject.bench.api",
    "clock": "slaproject.bench.clock",
    "forecast": "slaproject.bench.forecast",
    "import": "slaproject.bench.importing",
    "pages": "slaproject.bench.pages",
    "queue": "slaproject.bench.queue",
    "refresh": "slaproject.bench.refresh",
    "reports": "slaproject.bench.reports",
    "simulator": "slaproject.bench.simulator",
    "sweep": "slaproject.bench.sweep",
}


class Command(BaseCommand):
    help = "Measure the product, its speed and its foresight, beside yardsticks; print the ratios with their goals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", nargs="?", choices=[*SUBJECTS, "all"], default="all")
        parser.add_argument("--leads", type=int, help="size of the data, where a subject has data")
        parser.add_argument("--json", metavar="OUT", help="write the rows to this file, too")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = SUBJECTS if options["subject"] == "all" else {options["subject"]: ""}
        rows: list[Row] = []
        for subject in chosen:
            try:
                rows += import_module(SUBJECTS[subject]).run(leads=options["leads"])
            except ModuleNotFoundError as error:
                raise CommandError(f"{subject}: {error.name} is missing; install the extra 'dev'") from error
            except Disagreement as error:
                raise CommandError(str(error)) from error
        for line in table(rows):
            self.stdout.write(line)
        if options["json"]:
            try:
                Path(options["json"]).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{options['json']} cannot be written: {error.strerror}") from error


def table(rows: list[Row]) -> list[str]:
    """The rows as lines of text under a heading, columns aligned."""
    cells = [("", "leads", "product", "yardstick", "unit", "ratio", "goal", "")]
    for row in rows:
        cells.append(
            (
                row["name"],
                "-" if row["leads"] is None else f"{row['leads']:,}",
                _figure(row["product"]),
                _figure(row["yardstick"]),
                row["unit"],
                f"{row['ratio']:,.1f}" if row["ratio"] >= 1 else f"{row['ratio']:.3g}",
                f"{row['goal']:,.3g}",
                "met" if row["met"] else "missed",
            )
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return [
        "  ".join(
            text.ljust(width) if column in (0, 4, 7) else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
