"""Bringing leads, attempts and deals in from a file."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from leads.intake.faults import CannotImport
from leads.intake.mapping import FIELDS, REQUIRED
from leads.models import HandOff, Import
from slaproject.setting_up.forms import LARGEST_FILE, ImportForm
from slaproject.setting_up.hours_form import time_zones
from slaproject.setting_up.samples import sample
from slaproject.setting_up.typed import administrators, typed
from slaproject.setting_up.uploads import Outcome, import_upload


@page("GET", "POST", allow=administrators)
def import_file(request: HttpRequest) -> HttpResponse:
    """Which file is to come in, and what became of it?

    The answer to a file is the result itself, no redirect to it: nothing of the file is kept that another page could
    show, and to send the same file again changes nothing.
    """
    form = ImportForm(typed(request), request.FILES or None)
    outcome = _imported(form, request) if request.method == "POST" and form.is_valid() else None
    if outcome is not None:
        # What was tried is sent next in earnest, with all that was said about it; the file is chosen again.
        form = ImportForm(initial={**form.said(), "dry_run": not outcome.is_trial})
    context = {
        "form": form,
        "outcome": outcome,
        "hand_offs": HandOff.objects.count(),
        "recent": Import.objects.select_related("started_by")[:5],
        "headings": [
            {
                "kind": kind,
                "label": Import.Kind(kind).label,
                "names": names,
                "needed": [_(" or ").join(group) for group in REQUIRED[kind]],
                "sample": f"set-up-sample-{kind}",
            }
            for kind, names in FIELDS.items()
        ],
        "zones": time_zones(),
        "largest": LARGEST_FILE,
    }
    return render(request, "setting_up/import.html", context)


def _imported(form: ImportForm, request: HttpRequest) -> Outcome | None:
    said: dict[str, Any] = form.said()
    try:
        return import_upload(
            kind=said["kind"], file=said["file"], said=said, by=request.user, now=timezone.now()
        )
    except CannotImport as error:
        form.add_error("file", str(error))
    except OperationalError:
        form.add_error(
            "file",
            _(
                "The database stopped this import, most likely because it is busy. What was written until then is "
                "kept: send the same file again, and the rest comes in."
            ),
        )
    return None


@page(allow=administrators)
def sample_file(request: HttpRequest, kind: str) -> HttpResponse:
    """A small file with the right headings, to look at or to try."""
    answer = HttpResponse(sample(kind, timezone.localdate()), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'inline; filename="sample-{kind}.csv"'
    return answer
