"""What the pages of leads and of work list, as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.downloads import asked_format, file_answer
from agreements.table_files import Format
from leads.exports.kept import AT_ONCE
from leads.exports.lists import OF_LEADS, Kind, open_list
from leads.exports.scheduling import what_is_listed
from leads.exports.table import NotUnderstood


def asked_file(request: HttpRequest, kind: Kind) -> HttpResponse | None:
    """Return the list of this page as the file that its address asks for; None where the page itself is to be shown.

    A list whose filters are not understood has no file: what was left out of them would make it another list.
    """
    form, now = asked_format(request.GET), timezone.now()
    if form is None:
        return None
    try:
        table = open_list(kind, request.user, request.GET, now=now)
    except NotUnderstood:
        return None
    if (rows := table.count()) > AT_ONCE:
        return _by_a_worker(request, kind, form, rows)
    name = f"{kind}-{timezone.localdate(now).isoformat()}"
    return file_answer(form, table.headings, table.rows(), name=name)


def _by_a_worker(request: HttpRequest, kind: Kind, form: Format, rows: int) -> HttpResponse:
    query = what_is_listed(request.GET)
    context = {
        "kind": kind,
        "form": form,
        "rows": rows,
        "query": query,
        "back": f"{request.path}?{query}",
    }
    return render(request, "leads/export_large.html", context)


def asked_list(request: HttpRequest) -> Kind:
    """Return what of the leads of the list is wanted; 404 for what there is not."""
    named = request.GET.get("list") or Kind.LEADS
    if named not in OF_LEADS:
        raise Http404
    return Kind(named)
