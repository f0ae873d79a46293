"""The columns of each list as files have them: what each is called, where its value stands, how it is written.

The first columns of leads, attempts and deals are those of an import, in words that it takes back: e-mail addresses for
people, slugs for teams and segments, instants in UTC, a day alone where no more is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from agreements.api.fields import SHAPED, column_of
from agreements.table_files import Cell, instant
from leads.api.hand_offs import HandOffRow

CHUNK = 1_000


def plain(value: Any) -> Cell:
    """Write a value of the database; texts and numbers stay what they are."""
    match value:
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return instant(value)
        case dt.date():
            return value.isoformat()
    return value  # type: ignore[no-any-return]


def moment(at: dt.datetime | None, on: dt.date | None, is_date_only: bool | None) -> Cell:
    """Write an instant, or its day where no more than that was said."""
    return on.isoformat() if is_date_only and on is not None else instant(at)


def person(email: str | None, name: str | None) -> Cell:
    """Write who it is: by the address of an account here, or by name."""
    return email or name or None


def lines(text: str | None) -> Cell:
    """Write a text of several lines, as files end them."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if text else None


def won(is_won: bool, closed_at: dt.datetime | None) -> Cell:
    """Write whether a deal was won; nothing while it is open."""
    return None if closed_at is None else plain(is_won)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `paths` are what it is made of, as queries name it."""

    heading: str
    paths: tuple[str, ...]
    say: Callable[..., Cell] = plain


def _same(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, (name,)) for name in names)


def _as_in_the_api(*, leave_out: tuple[str, ...]) -> Iterator[Column]:
    for name, field in HandOffRow._declared_fields.items():
        if name not in leave_out:
            say = field.to_representation if isinstance(field, SHAPED) else plain
            yield Column(name, (column_of(name, field),), say)


LEAD = (
    *_same("external_id"),
    Column("qualified_at", ("qualified_at", "qualified_on", "is_qualified_date_only"), moment),
    *_same("name", "company", "job_title", "email", "phone", "country", "source", "campaign"),
    Column("segment", ("segment__slug",)),
    *_same("origin", "system"),
)
# Of the lead's latest hand-off.
LATEST_HAND_OFF = (
    Column("handed_off_at", ("handed_off_at", "handed_off_on", "is_date_only"), moment),
    Column("owner", ("owner__email", "owner_name"), person),
    Column("team", ("team__slug",)),
    Column("clock", ("state",)),
    *_same("due_at", "attempts", "closed_as"),
)
HAND_OFF = (
    Column("lead_system", ("lead__system",)),
    Column("lead_external_id", ("lead__external_id",)),
    Column("name", ("lead__name",)),
    Column("company", ("lead__company",)),
    *_as_in_the_api(leave_out=("id", "lead", "lead_system", "lead_external_id")),
)
ATTEMPT = (
    *_same("external_id"),
    Column("lead_external_id", ("hand_off__lead__external_id",)),
    Column("attempted_at", ("attempted_at", "attempted_on", "is_date_only"), moment),
    *_same("channel", "outcome"),
    Column("by", ("by__email", "by_name"), person),
    Column("automated", ("is_automated",)),
    Column("note", ("note__text",), lines),
    *_same("system"),
    Column("lead_system", ("hand_off__lead__system",)),
    Column("hand_off", ("hand_off__number",)),
    *_same("logged_at"),
)
DEAL = (
    *_same("external_id", "lead_external_id"),
    Column("closed_at", ("closed_at", "closed_on", "is_date_only"), moment),
    *_same("amount", "currency"),
    Column("won", ("is_won", "closed_at"), won),
    *_same("origin", "system"),
)


def headings_of(columns: tuple[Column, ...]) -> list[str]:
    """Return what the columns are called."""
    return [column.heading for column in columns]


class Reader:
    """Reads exactly what some columns are made of, and writes it; `more` is read besides, for the caller."""

    def __init__(self, columns: tuple[Column, ...], *more: str) -> None:
        self.paths = tuple(dict.fromkeys((*more, *(path for one in columns for path in one.paths))))
        place = {path: number for number, path in enumerate(self.paths)}
        self._takes = [(one.say, [place[path] for path in one.paths]) for one in columns]

    def values(self, found: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
        """Go through the rows of a query as the database has them, a part of them in memory."""
        return found.values_list(*self.paths).iterator(CHUNK)

    def cells(self, values: tuple[Any, ...]) -> list[Cell]:
        """Write one row."""
        return [say(*(values[number] for number in numbers)) for say, numbers in self._takes]

    def rows(self, found: QuerySet[Any]) -> Iterator[list[Cell]]:
        """Go through the rows of a query as files have them."""
        return map(self.cells, self.values(found))
