"""What a webhook says: changes of objects, merged so that the order in which they arrive does not matter.

Of each field of an object the value of the latest instant is kept with that instant; what arrives with an earlier one
changes nothing. Of two of one instant the one with the greater id counts, so that every order ends alike. An empty
value says nothing, as everywhere in what is imported. Nothing here knows a database or a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

MOST_CHANGES = 100
# A field by its name: the instant of what was said last, the id of who said it, its place there, and what was said.
Fields = dict[str, list[Any]]
ALWAYS_SAID = ("external_id", "qualified_at", "handed_off_at")


class Unreadable(ValueError):
    """Why a payload says nothing that can be taken, in a sentence."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of what kind (`leads` or `deals`) which object is, and what was said of it at which instant.

    The fields have the names of the program that says so.
    """

    kind: str
    external_id: str
    occurred_at: dt.datetime
    fields: Mapping[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    """How one kind of program words its webhooks."""

    def changes(self, payload: Any) -> list[Change]:
        """Return what a payload says; Unreadable when that cannot be told. What is not for us is left out."""

    def row(self, kind: str, fields: Mapping[str, Any], stage: str) -> dict[str, Any] | None:
        """Return the row that an object is by all that was said of it; None: it is no lead, or deal, of ours yet.

        `stage` is the word by which the program calls a lead qualified.
        """


def merged(known: Fields, change: Change, message_id: str, place: int) -> Fields:
    """Return the fields after a change: those that it says, and that nothing later has said."""
    at = change.occurred_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    stamp = [at, message_id, place]
    said: Fields = {
        name: [*stamp, value]
        for name, value in change.fields.items()
        if value is not None and (name not in known or known[name][:3] < stamp)
    }
    return {**known, **said}


def values(fields: Fields) -> dict[str, Any]:
    """Return what was said last of each field."""
    return {name: said[3] for name, said in fields.items()}


def what_is_new(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the row without what it said before: what people changed here meanwhile stays as they left it."""
    if before is None:
        return dict(row)
    return {
        name: value
        for name, value in row.items()
        if name in ALWAYS_SAID or name not in before or before[name] != value
    }


def instant(value: Any, name: str) -> dt.datetime:
    """Return an instant given by ISO 8601 with its offset, or by milliseconds since 1970; Unreadable if it is none."""
    try:
        if isinstance(value, str):
            found = dt.datetime.fromisoformat(value)
            if found.tzinfo is not None and found.year >= 1970:
                return found.astimezone(dt.UTC)
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return dt.datetime.fromtimestamp(value / 1000, tz=dt.UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Unreadable(_("%s: an instant is needed, with its offset.") % name)


def objects_of(payload: Any) -> list[Mapping[str, Any]]:
    """Return the objects that a payload is, or has in a list; Unreadable when it is neither, or has too many."""
    found = payload if isinstance(payload, list) else [payload]
    if not all(isinstance(one, Mapping) for one in found):
        raise Unreadable(_("An object is needed, or a list of objects."))
    if len(found) > MOST_CHANGES:
        raise Unreadable(_("At most %s are taken of one webhook.") % MOST_CHANGES)
    return found


def said_only(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
