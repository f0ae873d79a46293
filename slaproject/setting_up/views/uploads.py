"""Bringing a file in, step by step: the file, its columns, its words, a trial of all rows, the import."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from leads.asking import ask_the_worker
from leads.intake import uploads
from leads.intake.faults import CannotImport
from leads.intake.guessing import doubled_headings
from leads.intake.mapping import FIELDS
from leads.intake.needed import REQUIRED, in_words
from leads.intake.reading import Row
from leads.intake.said import Said, said_from
from leads.intake.values import SYSTEM_LIMIT, clean
from leads.intake.words import words_of
from leads.models import HandOff, Import, Upload
from slaproject.setting_up.hours_form import time_zones
from slaproject.setting_up.progress import last_month, progress_of
from slaproject.setting_up.typed import typed
from slaproject.setting_up.upload_forms import BeginForm, ColumnsForm, FileForm
from slaproject.setting_up.values_form import ValuesForm

SHOWN_COLUMNS = 30


@page("GET", "POST", allow=administrators)
def begin(request: HttpRequest) -> HttpResponse:
    """Which file is to come in, and which ones are on their way or came in before?"""
    form = BeginForm(typed(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, name = form.stream()
        try:
            upload = uploads.keep_upload(
                kind=form.cleaned_data["kind"],
                system=form.cleaned_data["source"],
                file=file,
                file_name=name,
                by=request.user,
                now=timezone.now(),
            )
        except CannotImport as error:
            form.add_error("file" if form.cleaned_data["file"] is not None else "pasted", str(error))
        else:
            return redirect("set-up-upload-file", upload.pk)
    context = {
        "form": form,
        "hand_offs": HandOff.objects.count(),
        "own": Upload.objects.visible_to(request.user).exclude(state=Upload.State.DONE)[:10],
        "recent": [
            (one, one.is_undoable(timezone.now())) for one in Import.objects.select_related("upload")[:10]
        ],
        "headings": [
            {
                "kind": kind,
                "label": Import.Kind(kind).label,
                "names": names,
                "needed": [in_words(group) for group in REQUIRED[kind]],
                "sample": f"set-up-sample-{kind}",
            }
            for kind, names in FIELDS.items()
        ],
    }
    return render(request, "setting_up/import.html", context)


@page("GET", "POST", allow=administrators)
def file_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Are the letters and cells of the file read as they were meant?"""
    upload = _upload(request, pk)
    if not upload.is_changeable:
        return redirect("set-up-upload", pk)
    said = said_from(upload.said)
    source = uploads.StoredSource(upload)
    sheets = uploads.sheets_of(source)
    initial = {"encoding": said.encoding, "delimiter": said.delimiter, "sheet": said.sheet}
    form = FileForm(typed(request), initial=initial, sheets=sheets)
    fault, table = "", None
    rows: list[Row] = []
    if request.method == "POST" and (system := clean(request.POST.get("system", ""))[:SYSTEM_LIMIT]):
        return _take_as_of(request, upload, system)
    if request.method == "POST" and form.is_valid():
        chosen = replace(said, **form.cleaned_data)
        is_new = chosen != said
        try:
            if is_new:
                chosen = uploads.with_columns(upload.kind, chosen, source)
        except CannotImport as error:
            fault, said = str(error), chosen
        else:
            if is_new and not _described(request, upload, chosen):
                return redirect("set-up-upload", pk)
            return redirect("set-up-upload-columns" if "go-on" in request.POST else "set-up-upload-file", pk)
    if not fault:
        try:
            table, rows = uploads.looked_at(upload.kind, said, source, rows=uploads.LOOKED_AT)
        except CannotImport as error:
            fault = str(error)
    systems = uploads.systems_named(upload.kind, table, rows) if table else []
    context = {
        "form": form,
        "fault": fault,
        "heading": table.heading[:SHOWN_COLUMNS] if table else [],
        "more_columns": max(0, len(table.heading) - SHOWN_COLUMNS) if table else 0,
        "rows": [
            (number, [cell[:80] for cell in cells[:SHOWN_COLUMNS]])
            for number, cells in rows[: uploads.PREVIEW]
        ],
        "systems": [] if systems == [upload.system] else systems,
    }
    return _step(request, upload, "file", context)


@page("GET", "POST", allow=administrators)
def columns_step(request: HttpRequest, pk: int) -> HttpResponse:
    """In which column does each field stand?"""
    upload = _upload(request, pk)
    if not upload.is_changeable:
        return redirect("set-up-upload", pk)
    said, source = said_from(upload.said), uploads.StoredSource(upload)
    try:
        table, rows = uploads.looked_at(upload.kind, said, source, rows=uploads.PREVIEW)
    except CannotImport:
        return redirect("set-up-upload-file", pk)

    def form_of(data: Any, said: Said) -> ColumnsForm:
        return ColumnsForm(
            data, kind=upload.kind, said=said, heading=table.heading, rows=[cells for _number, cells in rows]
        )

    form = form_of(typed(request), said)
    if request.method == "POST":
        if "guess" in request.POST:
            form.is_valid()
            with contextlib.suppress(CannotImport):
                name = form.cleaned_data.get("preset", "")
                _described(request, upload, uploads.with_columns(upload.kind, said, source, preset=name))
            return redirect("set-up-upload-columns", pk)
        if form.is_valid() and _described(request, upload, form.chosen()):
            return redirect("set-up-upload-values", pk)
    doubled = doubled_headings(table.heading)
    return _step(request, upload, "columns", {"form": form, "doubled": doubled[:10]})


@page("GET", "POST", allow=administrators)
def values_step(request: HttpRequest, pk: int) -> HttpResponse:
    """What do the days, times and words of the file mean?"""
    upload = _upload(request, pk)
    if not upload.is_changeable:
        return redirect("set-up-upload", pk)
    said = said_from(upload.said)
    try:
        table, _rows = uploads.looked_at(upload.kind, said, uploads.StoredSource(upload), rows=1)
        words = words_of(upload.kind, said, table)
    except CannotImport as error:
        messages.error(request, str(error))
        return redirect("set-up-upload-columns", pk)
    form = ValuesForm(typed(request), kind=upload.kind, said=said, words=words)
    if request.method == "POST" and form.is_valid() and _described(request, upload, form.chosen()):
        return _ask(request, upload, lambda: uploads.ask_to_try(upload=upload, now=timezone.now()))
    return _step(request, upload, "values", {"form": form, "looked_at": words.rows, "zones": time_zones()})


@page(allow=administrators)
def upload_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where does the file stand: being worked on, tried, imported, or why not?"""
    upload = _upload(request, pk)
    if upload.state == Upload.State.DRAFT:
        return redirect("set-up-upload-file", pk)
    step = "run" if upload.record_id else "try"
    is_imported = upload.state == Upload.State.DONE and upload.kind == Import.Kind.LEADS
    context = {
        "progress": progress_of(upload),
        "takeable": upload.outcome.get("rows", 0) - upload.outcome.get("rejected", 0),
        "waterfall_month": last_month(upload) if is_imported else None,
        "is_undoable": upload.record is not None and upload.record.is_undoable(timezone.now()),
    }
    return _step(request, upload, step, context)


@page(allow=administrators)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far is the worker? Once it has ended, the page is opened anew."""
    upload = _upload(request, pk)
    answer = render(request, "setting_up/_progress.html", {"upload": upload, "progress": progress_of(upload)})
    if not upload.is_worked_on:
        answer.headers["HX-Refresh"] = "true"
    return answer


@page("POST", allow=administrators)
def try_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Count what would become of every row."""
    upload = _upload(request, pk)
    return _ask(request, upload, lambda: uploads.ask_to_try(upload=upload, now=timezone.now()))


@page("POST", allow=administrators)
def run_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Import what was tried."""
    upload = _upload(request, pk)
    return _ask(
        request, upload, lambda: uploads.ask_to_run(upload=upload, by=request.user, now=timezone.now())
    )


@page("POST", allow=administrators)
def stop_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the worker."""
    uploads.ask_to_stop(upload=_upload(request, pk), now=timezone.now())
    return redirect("set-up-upload", pk)


@page("POST", allow=administrators)
def discard_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the file away."""
    upload = _upload(request, pk)
    try:
        uploads.discard(upload=upload)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("set-up-upload", pk)
    messages.success(request, _("%(file)s was taken away.") % {"file": upload.file_name})
    return redirect("set-up-import")


@page(allow=administrators)
def rejected_rows(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rejected rows as a file: as they came, each with its number and reason."""
    upload = _upload(request, pk)
    if not upload.outcome.get("rejected"):
        raise Http404
    answer = StreamingHttpResponse(uploads.rejected_rows(upload), content_type="text/csv")
    name = f"rejected-{upload.kind}.csv"
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return answer


def _upload(request: HttpRequest, pk: int) -> Upload:
    mine = Upload.objects.visible_to(request.user).select_related("record")
    return get_object_or_404(mine, pk=pk)


def _described(request: HttpRequest, upload: Upload, said: Said) -> bool:
    try:
        uploads.describe(upload=upload, said=said, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return False
    return True


def _take_as_of(request: HttpRequest, upload: Upload, system: str) -> HttpResponse:
    try:
        uploads.take_as_of(upload=upload, system=system, now=timezone.now())
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("set-up-upload-file", upload.pk)


def _ask(request: HttpRequest, upload: Upload, ask: Callable[[], None]) -> HttpResponse:
    try:
        ask()
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        ask_the_worker("leads.tasks.work_on_uploads")
    return redirect("set-up-upload", upload.pk)


def _step(request: HttpRequest, upload: Upload, step: str, context: dict[str, Any]) -> HttpResponse:
    names = {
        "file": _("File"),
        "columns": _("Columns"),
        "values": _("Values"),
        "try": _("Trial"),
        "run": _("Import"),
    }
    steps = [
        {
            "name": name,
            "text": text,
            "url": f"set-up-upload-{name}"
            if name in ("file", "columns", "values") and upload.is_changeable
            else "",
        }
        for name, text in names.items()
    ]
    template = step if step in ("file", "columns", "values") else "outcome"
    return render(
        request,
        f"setting_up/import_{template}.html",
        {"upload": upload, "steps": steps, "step": step, **context},
    )
