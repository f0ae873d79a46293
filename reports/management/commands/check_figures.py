"""`manage.py check_figures`: count some months anew, compare with what is stored, and put right what differs."""

from __future__ import annotations

import datetime as dt
import json
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.checking import MONTHS, check_figures


class Command(BaseCommand):
    """Print a line for each month that was checked; fail where something was wrong."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--months", type=int, default=MONTHS, help=f"how many; default: {MONTHS}")
        parser.add_argument("--seed", type=int, help="which of them: the same seed chooses the same months")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["months"] < 1:
            raise CommandError("--months: at least one")
        now = dt.datetime.now(dt.UTC)
        found = check_figures(now=now, random=Random(options["seed"]), months=options["months"])
        for one in found:
            said = {
                "month": f"{one.month_on:%Y-%m}",
                "hand_offs": one.hand_offs,
                "figures": one.figures,
                "wrong_hand_offs": one.wrong_hand_offs,
                "wrong_figures": one.wrong_figures,
                "examples": one.examples,
            }
            self.stdout.write(json.dumps(said))
        if wrong := sum(one.wrong for one in found):
            raise CommandError(f"{wrong} were not what counting anew gives; they have been put right")
