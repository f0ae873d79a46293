"""Tables given out as files: a page's own address with `format=csv` or `format=xlsx` is the file of what it shows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpResponse, QueryDict
from django.utils.http import content_disposition_header

from agreements.table_files import Cell, Format, Row, write_table


def asked_format(query: Mapping[str, str]) -> Format | None:
    """Return which kind of file an address asks for; None for the page."""
    found = query.get("format", "")
    return Format(found) if found in list(Format) else None


def file_answer(form: Format, headings: Sequence[str], rows: Iterable[Row], *, name: str) -> HttpResponse:
    """Return the rows as a file for download; `name` is plain ASCII without an ending."""
    out = io.BytesIO()
    write_table(out, form, headings, rows)
    answer = HttpResponse(out.read(), content_type=form.content_type)
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, f"{name}.{form}"))
    return answer


def table_answer(form: Format, rows: Sequence[Mapping[str, Cell]], *, name: str) -> HttpResponse:
    """Return rows that name their columns, all the same ones, as a file for download."""
    headings = list(rows[0]) if rows else []
    return file_answer(form, headings, (list(row.values()) for row in rows), name=name)


def address_as(address: str, form: Format) -> str:
    """Return the address of a page as that of its file."""
    path, _mark, query = address.partition("?")
    parts = QueryDict(query, mutable=True)
    parts["format"] = form.value
    return f"{path}?{parts.urlencode()}"
