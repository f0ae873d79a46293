"""`manage.py sweep`: move clocks whose time has come to at risk or overdue."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand

from leads.services.sweep import sweep_clocks


class Command(BaseCommand):
    """Sweep once, as the worker does every 20 seconds."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(sweep_clocks(now=dt.datetime.now(dt.UTC))))
