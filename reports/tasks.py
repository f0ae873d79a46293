"""What Celery runs for the reports: short tasks that read the clock and call one function."""

from __future__ import annotations

import datetime as dt
from random import SystemRandom

from celery import shared_task

from leads.services.leaving import move_work_of_the_absent
from leads.services.re_dating import re_date_what_begins
from leads.services.sweep import sweep_clocks
from reports import attaching, checking, closing, editions, rollups


@shared_task
def refresh_figures() -> None:
    """Bring clocks and stored figures up to date. Safe to run twice, at once, and to kill."""
    now = dt.datetime.now(dt.UTC)
    re_date_what_begins(now=now)
    sweep_clocks(now=now)
    rollups.refresh(now=now)
    move_work_of_the_absent(now=now)  # last: what cannot be moved keeps no clock and no figure back


@shared_task
def attach_reports() -> None:
    """Attach the reports that are owed regularly and due now. Safe to run twice, at once, and to kill."""
    attaching.attach_due_reports(now=dt.datetime.now(dt.UTC))


@shared_task
def close_months() -> None:
    """Write down what became of each promise in the months that are over. Safe to run twice, at once, and to kill."""
    closing.close_months(now=dt.datetime.now(dt.UTC))


@shared_task
def make_editions() -> None:
    """Freeze the months that closed, and those corrected once more. Safe to run twice, at once, and to kill."""
    editions.make_editions(now=dt.datetime.now(dt.UTC))


@shared_task
def check_figures() -> None:
    """Count some months anew and compare. Safe to run twice, at once, and to kill."""
    checking.check_figures(now=dt.datetime.now(dt.UTC), random=SystemRandom())
