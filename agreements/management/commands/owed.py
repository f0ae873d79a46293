"""`manage.py owed`: what the worker does by itself about duties, reviews and ends, now and by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agreements.services.deliveries import write_out_due_dates
from agreements.services.noticing import make_notices
from agreements.services.reviewing import plan_reviews


class Command(BaseCommand):
    help = "Write out the dates ahead, plan the agreed reviews, and note whom to tell of both."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        done = {
            "dates changed": write_out_due_dates(now=now),
            "reviews changed": plan_reviews(now=now),
            "notices made": make_notices(now=now),
        }
        for what, n in done.items():
            self.stdout.write(f"{what}: {n}")
