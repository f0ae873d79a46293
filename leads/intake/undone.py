"""What the undo of an import came to, in numbers and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

NAMED = 50
PIECE = 2_000


class Why(StrEnum):
    """Why a row stays."""

    IMPORTED = "imported"
    ATTEMPTED = "attempted"
    HANDED_OVER = "handed_over"
    WORKED = "worked"
    MERGED = "merged"
    DEAL = "deal"
    EXCUSED = "excused"
    EDITED = "edited"
    VOIDED = "voided"
    CLOSED = "closed"


WHY_WORDS = {
    Why.IMPORTED: _("A later import changed it."),
    Why.ATTEMPTED: _("Attempts were logged on it since, and those are never deleted."),
    Why.HANDED_OVER: _("It was handed over again since."),
    Why.WORKED: _("Somebody worked on it since."),
    Why.MERGED: _("It was merged with another lead since."),
    Why.DEAL: _("A deal of it was noted since."),
    Why.EXCUSED: _("An excuse names it."),
    Why.EDITED: _("It was edited by hand since."),
    Why.VOIDED: _("Somebody undid it since."),
    Why.CLOSED: _("Its lead was closed since."),
}


@dataclass
class Left:
    """The rows that stay for one reason: how many, and the ids of the first of them."""

    why: Why
    count: int = 0
    ids: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[tuple[Why, str]]) -> list[Left]:
        """Return them by reason, the most frequent first."""
        found: dict[Why, Left] = {}
        for why, external_id in rows:
            one = found.setdefault(why, cls(why))
            one.count += 1
            if len(one.ids) < NAMED:
                one.ids.append(external_id)
        return sorted(found.values(), key=lambda one: -one.count)

    @property
    def words(self) -> Any:
        """The reason, for people."""
        return WHY_WORDS[self.why]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.ids)


@dataclass
class Undone:
    """How many rows that the import brought were taken away, and how many that it changed went back; what stays."""

    removed: int
    restored: int
    left: list[Left]

    @property
    def stays(self) -> int:
        """How many rows stay as the import made them."""
        return sum(one.count for one in self.left)

    def as_json(self) -> dict[str, Any]:
        """As it is stored with the import."""
        left = [{"why": one.why.value, "count": one.count, "ids": one.ids} for one in self.left]
        return {"removed": self.removed, "restored": self.restored, "left": left}

    @classmethod
    def read(cls, said: dict[str, Any]) -> Undone:
        """What `as_json` said."""
        left = [Left(Why(one["why"]), one["count"], one["ids"]) for one in said.get("left", [])]
        return cls(said.get("removed", 0), said.get("restored", 0), left)


@dataclass
class Steps:
    """How far an undo is, in rows: noted whenever some of them are done."""

    note: Callable[[int, int], None] = lambda _done, _total: None
    total: int = 0
    done: int = 0

    def begin(self, total: int) -> None:
        """Say how many rows there are."""
        self.total, self.done = total, 0
        self.note(0, total)

    def did(self, rows: int) -> None:
        """Say that so many more are done."""
        self.done += rows
        self.note(self.done, self.total)


def in_pieces(ids: Sequence[int]) -> Iterator[list[int]]:
    """These ids, some thousand at a time."""
    for start in range(0, len(ids), PIECE):
        yield list(ids[start : start + PIECE])
