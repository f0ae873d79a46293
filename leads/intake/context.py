"""What every row of one import is read and written with."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from django.db import connection

from agreements.models import Agreement
from agreements.terms import Terms, TermsBook
from leads.intake.mapping import FileMapping
from leads.intake.moments import Moment, Moments
from leads.intake.people import Directory
from leads.intake.sources import NewSources
from leads.services.re_dating import hold_terms

RowT = TypeVar("RowT", bound="KeyedRow")


class Clock(StrEnum):
    """Which imported hand-offs get a clock; RECENT leaves history without one."""

    RECENT = "recent"
    NONE = "none"
    HANDED_OFF = "handed-off"
    NOW = "now"


class KeyedRow(Protocol):
    """A row that was understood, known by the id it has in its system."""

    @property
    def key(self) -> str: ...


@dataclass(slots=True)
class Pending(Generic[RowT]):
    """A row that was understood, with what it looked like in the file."""

    number: int
    cells: list[str]
    row: RowT


class Written(NamedTuple):
    """What became of the rows of one batch. `rejected` are those that only the database could refuse.

    `new` and `changed` are the keys of leads and deals that were created and updated, `waited_for` the ids of the
    leads that deals wait for: one of each such deal.
    """

    created: int
    updated: int
    unchanged: int
    rejected: list[tuple[int, str]]
    new: Collection[str] = ()
    changed: Collection[str] = ()
    waited_for: Collection[str] = ()


@dataclass
class Context:
    """One import: whose ids, which agreement and zone, at what time. `zone` is that of the file's wall times."""

    system: str
    now: dt.datetime
    mapping: FileMapping
    moments: Moments
    directory: Directory
    book: TermsBook
    newest_change: tuple[int | None, ...]  # that the book knows of
    clock: Clock
    agreement: Agreement | None
    zone: zoneinfo.ZoneInfo
    is_zone_given: bool
    started_by_id: int | None
    import_id: int = 0
    is_undoable: bool = False
    known_by: Counter[str] = field(default_factory=Counter)  # rows of leads without an id, by identity.WAYS
    new_sources: NewSources | None = None  # where a whole file is read
    without_currency: int = 0  # amounts that name none
    impossible: int = 0  # attempts with an outcome that their channel cannot have

    def __post_init__(self) -> None:
        self.zones = {agreement.pk: agreement.zone for agreement in Agreement.objects.all()}
        company = zoneinfo.ZoneInfo(self.book.company_revision.time_zone)
        # Days of what belongs to no agreement: of the zone that was named for the file, else the company's.
        self.zone_without_agreement = self.zone if self.is_zone_given else company
        self.agreement_id = self.agreement.pk if self.agreement else None
        # Of amounts that name none: as was said for the file, else the agreement's.
        self.usual_currency = self.mapping.currency or (self.agreement.currency if self.agreement else "")

    def hold_terms(self) -> None:
        """Let nobody change the terms of open hand-offs until the transaction ends; read those of now."""
        hold_terms()
        newest = newest_change()
        if newest != self.newest_change:
            self.book, self.newest_change = TermsBook(), newest

    def terms(
        self,
        moment: Moment,
        *,
        team_id: int | None,
        owner_id: int | None,
        segment_id: int | None,
        agreement_id: int | None = None,
    ) -> Terms:
        """The terms of a hand-off at that moment, under the agreement that was named, if one was."""
        named = self.agreement_id or agreement_id
        return self.book.terms(
            at=moment.at,
            on=moment.day,
            agreement_id=named,
            agreement_zone=self.zones[named] if named is not None else None,
            team_id=team_id,
            owner_id=owner_id,
            segment_id=segment_id,
        )

    def day(self, moment: Moment, agreement_id: int | None) -> dt.date:
        """The local day of a moment: the one that was given, else the agreement's."""
        if moment.day is not None:
            return moment.day
        zone = self.zones[agreement_id] if agreement_id is not None else self.zone_without_agreement
        return moment.at.astimezone(zone).date()


def newest_change() -> tuple[int | None, ...]:
    """Return the newest event of an agreement and revision of a calendar: what could change terms leaves one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT max(id) FROM agreements_agreementevent), (SELECT max(id) FROM agreements_calendarrevision)"
        )
        return tuple(cursor.fetchone() or ())


class Kind(Protocol[RowT]):
    """How rows of one kind are read and written."""

    def read(self, cells: dict[str, str]) -> RowT:
        """The row that these cells say; Rejected when they cannot be understood."""

    def write(self, rows: list[Pending[RowT]], cursor: Any) -> Written:
        """Write rows of different keys, in the transaction of the caller."""
