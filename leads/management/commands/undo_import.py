"""`manage.py undo_import`: take back what a file brought in."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from leads.intake.runs import ask_for_fresh_figures
from leads.intake.undoing import undo_import, what_an_undo_would_do, why_not
from leads.models import Import


class Command(BaseCommand):
    """Undoes one import; the last line of what it prints is JSON with the counts."""

    help = (
        "Undo an import of the last 24 hours. What was worked on since stays. Without a number: the imports "
        "that can be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, nargs="?", help="the number that `import` printed")
        parser.add_argument("--by", help="e-mail address of who undoes it")
        parser.add_argument("--dry-run", action="store_true", help="count, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = dt.datetime.now(dt.UTC)
        if options["number"] is None:
            for known in Import.objects.filter(undone_at=None, undoable_until__gte=now):
                self.stdout.write(
                    f"{known.pk} {known.started_at:%Y-%m-%d %H:%M} {known.kind} {known.file_name}"
                )
            return
        record = Import.objects.filter(pk=options["number"]).first()
        if record is None:
            raise CommandError(_("There is no import %s.") % options["number"])
        by = None
        if options["by"]:
            by = get_user_model()._default_manager.filter(email__iexact=options["by"]).first()
            if by is None:
                raise CommandError(_("Nobody has the e-mail address %s.") % options["by"])
        if refusal := why_not(record, now):
            raise CommandError(refusal)
        try:
            undone = (
                what_an_undo_would_do(record=record)
                if options["dry_run"]
                else undo_import(record=record, by=by, now=now)
            )
        except ValidationError as error:
            raise CommandError(error.messages[0]) from None
        for one in undone.left:
            more = _(" and %(n)d more") % {"n": one.more} if one.more else ""
            self.stderr.write(f"{one.count}: {one.words} {', '.join(one.ids)}{more}")
        if not options["dry_run"]:
            ask_for_fresh_figures()
        self.stdout.write(
            json.dumps({"removed": undone.removed, "restored": undone.restored, "left": undone.stays})
        )
