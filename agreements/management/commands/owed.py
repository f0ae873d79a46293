"""`manage.py owed`: what the worker does by itself about recurring duties, now and by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agreements.services.deliveries import write_out_due_dates


class Command(BaseCommand):
    help = "Write out the dates of the next 60 days on which something is owed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{write_out_due_dates(now=timezone.now())} dates changed")
