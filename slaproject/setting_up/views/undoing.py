"""Undoing an import: what would go and what would stay is shown first, how far it is, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from agreements.access import administrators, page
from leads.asking import ask_the_worker
from leads.intake.undo_work import ask_to_undo
from leads.intake.undoing import what_an_undo_would_do, why_not
from leads.intake.undone import Undone
from leads.models import Import, ImportUndo


@page("GET", "POST", allow=administrators)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What would go if this import were undone, what would stay, and why? A worker does it."""
    record = get_object_or_404(Import.objects.select_related("started_by", "undone_by"), pk=pk)
    if request.method == "POST":
        try:
            ask_to_undo(record=record, by=request.user, now=timezone.now())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            ask_the_worker("leads.tasks.work_on_uploads")
        return redirect("set-up-import-undo", pk)
    asked = ImportUndo.objects.filter(record=record).first()
    if asked is not None and asked.is_waiting:
        return render(request, "setting_up/import_undoing.html", {"record": record, "asked": asked})
    refusal = why_not(record, timezone.now())
    if record.undone_at is not None:
        undone: Undone | None = Undone.read(record.undone)
    else:
        undone = None if refusal else what_an_undo_would_do(record=record)
    context = {"record": record, "refusal": refusal, "undone": undone, "asked": asked}
    return render(request, "setting_up/import_undo.html", context)


@page(allow=administrators)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far is the worker? Once it has ended, the page is opened anew."""
    asked = get_object_or_404(ImportUndo.objects.visible_to(request.user), record=pk)
    answer = render(request, "setting_up/_undo_progress.html", {"asked": asked})
    if not asked.is_waiting:
        answer.headers["HX-Refresh"] = "true"
    return answer
