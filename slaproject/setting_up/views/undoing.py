"""Undoing an import: what would go and what would stay is shown first, and what became of it afterwards."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from agreements.access import administrators, page
from leads.intake.runs import ask_for_fresh_figures
from leads.intake.undoing import undo_import, what_an_undo_would_do, why_not
from leads.intake.undone import Undone
from leads.models import Import


@page("GET", "POST", allow=administrators)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What would go if this import were undone, what would stay, and why?"""
    record = get_object_or_404(Import.objects.select_related("started_by", "undone_by"), pk=pk)
    if request.method == "POST":
        try:
            undo_import(record=record, by=request.user, now=timezone.now())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            ask_for_fresh_figures()
        return redirect("set-up-import-undo", pk)
    refusal = why_not(record, timezone.now())
    if record.undone_at is not None:
        undone: Undone | None = Undone.read(record.undone)
    else:
        undone = None if refusal else what_an_undo_would_do(record=record)
    return render(
        request, "setting_up/import_undo.html", {"record": record, "refusal": refusal, "undone": undone}
    )
