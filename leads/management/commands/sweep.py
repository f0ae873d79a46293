"""`manage.py sweep`: note what has come by now for clocks, pauses and next touches; re-date for versions that begin."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand

from leads.services.leaving import move_work_of_the_absent
from leads.services.re_dating import re_date_what_begins
from leads.services.sweep import sweep_clocks


class Command(BaseCommand):
    """Sweep once, as the worker does every 20 seconds."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        now = dt.datetime.now(dt.UTC)
        begun = re_date_what_begins(now=now)
        move_work_of_the_absent(now=now)
        self.stdout.write(json.dumps({**sweep_clocks(now=now), "versions_begun": begun}))
