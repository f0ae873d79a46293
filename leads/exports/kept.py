"""Lists too long to wait for: asked for, kept for their asker as files once a worker has made them, and taken away."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.rights import rights_of
from agreements.table_files import MOST_ROWS, Format
from leads.exports.lists import has_list, open_list
from leads.exports.placing import sweep_strays, unplace
from leads.models import Export, ExportPiece

AT_ONCE = 5_000  # rows that a page gives out without a worker
MOST_WAITING = 3
KEPT = dt.timedelta(days=7)


def mark_of_rights(user: Any) -> str:
    """Return what tells this person's rights from any others."""
    said = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in dataclasses.asdict(rights_of(user)).items()
    }
    return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()


def ask_for_export(*, kind: str, form: Format, query: str, by: Any, now: dt.datetime) -> Export:
    """Let a worker make a list into a file; asked for twice while it waits, it is made once.

    Raises ValidationError for a list that no workbook can hold, and for more than a few that wait;
    NotUnderstood for an address whose page complains.
    """
    rows = open_list(kind, by, QueryDict(query), now=now).count()
    if form is Format.XLSX and rows > MOST_ROWS:
        raise ValidationError(_("A workbook holds 1,048,575 rows below its heading: take the CSV file."))
    said = {"kind": kind, "form": form.value, "query": query, "rights": mark_of_rights(by)}
    with transaction.atomic():
        # Two clicks at once wait for each other here.
        get_user_model()._default_manager.select_for_update(no_key=True).get(pk=by.pk)
        waiting = Export.objects.filter(by=by, state=Export.State.WAITING)
        if (same := waiting.filter(**said, placed_as="").first()) is not None:
            return same
        if waiting.count() >= MOST_WAITING:
            raise ValidationError(
                ngettext(
                    "%(n)s of your files is being made: ask for another once it is ready.",
                    "%(n)s of your files are being made: ask for another once one is ready.",
                    MOST_WAITING,
                )
                % {"n": MOST_WAITING}
            )
        return Export.objects.create(**said, by=by, asked_at=now, rows_total=rows)


def may_be_made(export: Export) -> bool:
    """Whether its asker is here, has the rights with which they asked, and may have it where it goes."""
    rights = rights_of(export.by)
    is_theirs = export.by.is_active and has_list(export.kind, export.by)
    is_theirs = is_theirs and export.rights == mark_of_rights(export.by)
    return is_theirs and (rights.is_administrator or not export.placed_as)


def may_fetch(export: Export, user: Any) -> bool:
    """Whether the file is kept here, and its asker may see what they might see when they asked."""
    is_here = export.state == Export.State.DONE and not export.placed_as
    return is_here and export.rights == mark_of_rights(user)


def pieces_of(export: Export) -> Iterator[bytes]:
    """Return the file, piece by piece."""
    number = 0
    pieces = ExportPiece.objects.filter(export=export)
    while (content := pieces.filter(number=number).values_list("content", flat=True).first()) is not None:
        yield bytes(content)
        number += 1


def discard_export(*, export: Export) -> None:
    """Take a file away, or let go of what is being made: its worker finds it gone at its next thousand rows."""
    Export.objects.filter(pk=export.pk).delete()
    if export.placed_as:
        unplace(export.placed_as)


def forget_old_exports(*, now: dt.datetime) -> int:
    """Take away files that were made, or not, more than a week ago, those in the folder too; return how many."""
    old = Export.objects.filter(ended_at__lt=now - KEPT)
    names = dict(old.values_list("pk", "placed_as"))
    for name in filter(None, names.values()):
        unplace(name)
    Export.objects.filter(pk__in=names).delete()
    sweep_strays(now=now)
    return len(names)
