"""What Celery runs for leads. Each task may run twice, at once, and be killed."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from leads.exports import kept, making, scheduling
from leads.intake import undo_work, undoing, upload_work, uploads
from leads.intake.runs import ask_for_fresh_figures
from leads.services import merging


# A large file takes longer than other tasks may. Given out a second time meanwhile, the task finds nothing to claim.
@shared_task(time_limit=3600, soft_time_limit=3540)
def work_on_uploads() -> None:
    """Try and import the files that people asked for, and undo what they asked to be undone, one after the other."""
    has_worked = False
    while upload_work.work_on_next(now=timezone.now()) or undo_work.undo_next(now=timezone.now()):
        has_worked = True
    if has_worked:
        ask_for_fresh_figures()


@shared_task
def forget_old_uploads() -> None:
    """Take away files that nobody came back to, and what rows were before imports and merges that stay as they are."""
    uploads.forget_old_uploads(now=timezone.now())
    undoing.forget_what_rows_were(now=timezone.now())
    merging.forget_what_was_filled(now=timezone.now())


# As above: a long list takes its time.
@shared_task(time_limit=3600, soft_time_limit=3540)
def make_exports() -> None:
    """Begin the files that are due by themselves, and make all that were asked for, one after the other."""
    scheduling.start_due(now=timezone.now())
    while making.make_next(now=timezone.now()):
        pass


@shared_task
def forget_old_exports() -> None:
    """Take away files that were made long enough ago."""
    kept.forget_old_exports(now=timezone.now())
