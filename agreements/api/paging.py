"""Pages of rows: where one ends is written in a cursor, so that rows which come or go meanwhile shift nothing.

A page is ordered by one column and by id; the cursor holds both of its last row. Who asks for the next page is given
the rows after that place, however deep it lies: by id an index leads there.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination

A_PAGE = 50
LARGEST_ID = 2**63 - 1  # as the database counts
LONGEST_PAGE = 200
PARAMETERS = ("limit", "cursor", "ordering")


@dataclass(frozen=True, slots=True)
class Page:
    """What was asked for: `ordering` is a name of `columns`, with a minus for the other way round."""

    limit: int
    ordering: str
    column: str
    after: tuple[Any, int] | None

    @property
    def goes_down(self) -> bool:
        return self.ordering.startswith("-")

    def cut(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the page, in their order, and one more if there is one."""
        if self.after is not None:
            value, last_id = self.after
            to = "lt" if self.goes_down else "gt"
            beyond = Q(**{f"{self.column}__{to}": value}) | Q(**{self.column: value, f"id__{to}": last_id})
            found = found.filter(Q(**{f"{self.column}__{to}e": value}) & beyond)
        sign = "-" if self.goes_down else ""
        return found.order_by(*dict.fromkeys((f"{sign}{self.column}", f"{sign}id")))[: self.limit + 1]

    def cursor_after(self, row: Mapping[str, Any]) -> str:
        """Write down the place of this row, which has `column` and id."""
        value = row[self.column]
        written = value.isoformat() if isinstance(value, dt.datetime) else value
        text = json.dumps([self.ordering, written, row["id"]], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def asked_page(asked: Mapping[str, str], columns: Mapping[str, str], model: Any) -> Page:
    """Read limit, ordering and cursor; ValidationError names the one that cannot be understood."""
    limit_text, ordering = asked.get("limit", str(A_PAGE)), asked.get("ordering", next(iter(columns)))
    is_short_number = limit_text.isascii() and limit_text.isdigit() and len(limit_text) < 4
    limit = int(limit_text) if is_short_number else 0
    if not 1 <= limit <= LONGEST_PAGE:
        raise ValidationError({"limit": _("A whole number from 1 to %s.") % LONGEST_PAGE})
    column = columns.get(ordering.removeprefix("-"))
    if column is None:
        raise ValidationError({"ordering": _("One of these: %s.") % ", ".join(names_of(columns))})
    after = _place(asked["cursor"], ordering, column, model) if asked.get("cursor") else None
    return Page(limit, ordering, column, after)


def names_of(columns: Mapping[str, str]) -> list[str]:
    """Return every ordering there is, both ways."""
    return [name for column in columns for name in (column, f"-{column}")]


def _place(cursor: str, ordering: str, column: str, model: Any) -> tuple[Any, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        of, written, last_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        value = model._meta.get_field(column).to_python(written)
        if isinstance(value, dt.datetime):
            value = value.astimezone(dt.UTC) if timezone.is_aware(value) else None
        is_whole = type(last_id) is int and abs(last_id) <= LARGEST_ID
        if of == ordering and value is not None and is_whole:
            return value, last_id
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, DjangoValidationError):
        pass
    raise ValidationError({"cursor": _("This is no cursor of this list in this order: begin without one.")})


class Described(BasePagination):
    """What the description of the API says of a list. The pages themselves are cut by `Page`."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The next page; null on the last.",
            "example": None,
        }
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> Sequence[dict[str, Any]]:
        names = names_of(view.orderings)
        return [
            _parameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": A_PAGE}
            ),
            _parameter(
                "cursor", {"type": "string"}, "Where the page begins: as `next` of the one before says."
            ),
            _parameter("ordering", {"type": "string", "enum": names, "default": names[0]}),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}
