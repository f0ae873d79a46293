"""What a file's headings, words, dates and amounts mean: said in a TOML file, or by a preset that is one.

    [columns]                      # canonical heading = heading in the file
    external_id = "mql_id"
    name = ["First Name", "Last Name"]               # joined by a blank
    phone = { any = ["Phone", "Mobile Phone"] }      # the first of these headings that the file has
    owner = ""                                       # not in this file, though a heading is called so
    [defaults]                     # for empty cells, and where there is no such column
    origin = "marketing"
    [values.outcome]               # what the file's words mean; "" = not filled in
    "Left voice mail" = "voicemail"
    [dates]
    order = "dmy"                  # or "mdy", "ymd"
    formats = ["%d %b, %Y %H:%M:%S"]
    [amounts]
    decimal = ","
    currency = "EUR"               # of amounts that name none; without this the agreement's
    [csv]
    delimiter = ";"
    encoding = "cp1252"
    [workbook]
    sheet = "March"                # of several sheets; without this the one that is understood best
    [cells]
    empty = "clear"                # an empty cell empties the lead's text; without this it says nothing

Canonical headings need no mapping. Headings are compared without case, outer blanks, and `_` against blank. A
heading that the mapping uses is used for that alone.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport, Rejected
from leads.intake.moments import ORDERS
from leads.intake.needed import in_words, unmet
from leads.intake.reading import headings_named
from leads.intake.values import clean, currency

PRESETS = Path(__file__).resolve().parent / "presets"

FIELDS: dict[str, tuple[str, ...]] = {
    "leads": (
        "external_id", "qualified_at", "handed_off_at", "name", "company", "job_title", "email", "phone", "country",
        "source", "campaign", "segment", "origin", "owner", "team",
    ),
    "attempts": (
        "external_id", "lead_external_id", "attempted_at", "channel", "outcome", "by", "automated", "note", "system",
        "lead_system", "lead_email", "lead_phone",
    ),
    "deals": (
        "external_id", "lead_external_id", "closed_at", "amount", "currency", "won", "origin", "lead_email",
        "lead_phone",
    ),
}  # fmt: skip
MOMENTS = {"leads": ("qualified_at", "handed_off_at"), "attempts": ("attempted_at",), "deals": ("closed_at",)}
KEEPS_LINES = frozenset({"note"})


@dataclass(frozen=True, slots=True)
class Column:
    """Where a canonical field stands: all of the headings joined, or the first one that the file has."""

    headings: tuple[str, ...]
    is_choice: bool = False


@dataclass(frozen=True)
class FileMapping:
    """A mapping, read and checked. Without one, everything is canonical."""

    columns: dict[str, Column] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    order: str | None = None
    decimal: str = "."
    currency: str = ""
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    clears: bool = False


def read_mapping(path: str | Path, kind: str) -> FileMapping:
    """The mapping in a TOML file. CannotImport names what is wrong with it."""
    try:
        with Path(path).open("rb") as file:
            return mapping_from(tomllib.load(file), kind, str(path))
    except OSError as error:
        raise CannotImport(
            _("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": error.strerror}
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotImport(_("%(file)s is not TOML: %(reason)s") % {"file": path, "reason": error}) from None


def preset(name: str, kind: str) -> FileMapping:
    """The mapping that comes with the product for files of this program."""
    known = presets(kind)
    if name not in known:
        raise CannotImport(
            _("There is no preset “%(name)s” for %(kind)s; there is %(known)s.")
            % {"name": name, "kind": kind, "known": ", ".join(known) or _("none")}
        )
    return read_mapping(PRESETS / kind / f"{name}.toml", kind)


def presets(kind: str) -> list[str]:
    """The names of the presets for this kind of file."""
    return sorted(path.stem for path in (PRESETS / kind).glob("*.toml"))


def combined(base: FileMapping, over: FileMapping) -> FileMapping:
    """`base` with everything that `over` says itself put over it: a preset, and the user's own mapping."""
    plain = FileMapping()
    said = {
        name: getattr(over, name)
        for name in ("formats", "order", "decimal", "currency", "delimiter", "encoding", "sheet", "clears")
        if getattr(over, name) != getattr(plain, name)
    }
    return replace(
        base,
        columns=base.columns | over.columns,
        defaults=base.defaults | over.defaults,
        values={
            name: base.values.get(name, {}) | over.values.get(name, {})
            for name in base.values.keys() | over.values.keys()
        },
        **said,
    )


def mapping_from(content: Mapping[str, Any], kind: str, name: str) -> FileMapping:
    """The mapping that this content of a TOML file says; `name` is how complaints call it."""
    return _MappingReader(kind, name).read(content)


class _MappingReader:
    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name

    def read(self, content: Mapping[str, Any]) -> FileMapping:
        self._only(
            content, ("columns", "defaults", "values", "dates", "amounts", "csv", "workbook", "cells"), ""
        )
        columns = self._table(content, "columns", FIELDS[self.kind])
        defaults = self._table(content, "defaults", FIELDS[self.kind])
        values = self._table(content, "values", FIELDS[self.kind])
        dates = self._table(content, "dates", ("order", "formats"))
        amounts = self._table(content, "amounts", ("decimal", "currency"))
        csv = self._table(content, "csv", ("delimiter", "encoding"))
        workbook = self._table(content, "workbook", ("sheet",))
        cells = self._table(content, "cells", ("empty",))
        formats = dates.get("formats", [])
        if not isinstance(formats, list):
            self._no("dates.formats", _("a list of formats is needed"))
        delimiter = self._text(csv, "csv", "delimiter")
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            self._no("csv.delimiter", _("one character is needed"))
        return FileMapping(
            columns={key: self._column(key, value) for key, value in columns.items()},
            defaults={key: self._word(f"defaults.{key}", value) for key, value in defaults.items()},
            values={key: self._words(f"values.{key}", value) for key, value in values.items()},
            formats=tuple(self._word("dates.formats", form) for form in formats),
            order=self._one_of(dates, "dates", "order", tuple(ORDERS)),
            decimal=self._one_of(amounts, "amounts", "decimal", (".", ",")) or ".",
            currency=self._currency(self._text(amounts, "amounts", "currency") or ""),
            delimiter=delimiter,
            encoding=self._encoding(self._text(csv, "csv", "encoding")),
            sheet=self._text(workbook, "workbook", "sheet"),
            clears=self._one_of(cells, "cells", "empty", ("keep", "clear")) == "clear",
        )

    def _column(self, key: str, value: Any) -> Column:
        if isinstance(value, dict):
            self._only(value, ("any",), f"columns.{key}")
            return Column(self._headings(key, value.get("any")), is_choice=True)
        if isinstance(value, list):
            return Column(self._headings(key, value))
        heading = self._word(f"columns.{key}", value)
        return Column((heading,) if heading else ())

    def _headings(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            self._no(f"columns.{key}", _("a list of headings is needed"))
        return tuple(self._word(f"columns.{key}", heading) for heading in value)

    def _words(self, key: str, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            self._no(key, _("a table of words is needed"))
        return {clean(said).casefold(): self._word(f"{key}.{said}", meant) for said, meant in value.items()}

    def _word(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return str(value)
        self._no(key, _("a text is needed"))

    def _table(self, content: Mapping[str, Any], key: str, known: tuple[str, ...]) -> Mapping[str, Any]:
        table = content.get(key, {})
        if not isinstance(table, dict):
            self._no(key, _("a table is needed, as in [%(key)s]") % {"key": key})
        self._only(table, known, key)
        return table

    def _only(self, table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                self._no(
                    f"{where}.{key}" if where else key,
                    _("is not known; known are %(known)s") % {"known": ", ".join(known)},
                )

    def _text(self, table: Mapping[str, Any], where: str, key: str) -> str | None:
        return self._word(f"{where}.{key}", table[key]) if key in table else None

    def _one_of(self, table: Mapping[str, Any], where: str, key: str, known: tuple[str, ...]) -> str | None:
        found = self._text(table, where, key)
        if found is not None and found not in known:
            self._no(f"{where}.{key}", _("one of %(known)s is needed") % {"known": ", ".join(known)})
        return found

    def _currency(self, code: str) -> str:
        try:
            return currency(code, "currency") if code else ""
        except Rejected as reason:
            self._no("amounts.currency", str(reason))

    def _encoding(self, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except (LookupError, ValueError):
                self._no("csv.encoding", _("“%(name)s” is not an encoding") % {"name": name})
        return name

    def _no(self, key: str, reason: str) -> NoReturn:
        raise CannotImport(
            _("%(file)s: %(key)s: %(reason)s") % {"file": self.name, "key": key, "reason": reason}
        )


class Cells:
    """Takes the cells of a row by canonical name: where each stands, what it means, what stands in for it."""

    def __init__(self, kind: str, mapping: FileMapping, heading: list[str]) -> None:
        self.kind = kind
        self.width = len(heading)
        self.notes: list[str] = []
        self.meant: Counter[tuple[str, bool]] = (
            Counter()
        )  # cells by field, and whether their word means something
        self._places = places_of(heading)
        self._doubled = {key for key in self._places if sum(same(cell) == key for cell in heading) > 1}
        used = {same(name) for column in mapping.columns.values() for name in column.headings}
        self.stands_at: dict[str, tuple[int, ...]] = {}
        for name in FIELDS[kind]:
            if name in mapping.columns:
                found = self._found(name, mapping.columns[name])
            else:
                found = () if same(name) in used else self._places_named(name, (name,))
            if found:
                self.stands_at[name] = found
        self._takers = [
            (
                name,
                self.stands_at[name][0] if len(self.stands_at.get(name, ())) == 1 else -1,
                self.stands_at.get(name, ()),
                mapping.values.get(name, {}),
                mapping.defaults.get(name, ""),
                name in KEEPS_LINES,
            )
            for name in FIELDS[kind]
            if name in self.stands_at or name in mapping.defaults
        ]
        self._check(mapping, heading)

    def take(self, row: list[str]) -> dict[str, str]:
        """The cleaned text of every field that the row fills in; a field without text is left out."""
        taken: dict[str, str] = {}
        width = len(row)
        for name, place, places, words, default, keeps_lines in self._takers:
            if place >= 0:
                text = row[place] if place < width else ""
                if not (text.isascii() and text.isalnum()):  # most cells need no cleaning
                    text = clean(text, keeps_lines=keeps_lines)
            else:
                parts = (clean(row[place], keeps_lines=keeps_lines) for place in places if place < width)
                text = " ".join(part for part in parts if part)
            if text and words and (meant := words.get(text.casefold())) is not None:
                self.meant[name, bool(meant)] += 1
                text = meant
            if text or default:
                taken[name] = text or default
        return taken

    def only(self, names: Collection[str]) -> Cells:
        """Return what takes the cells of these fields alone."""
        some = copy(self)
        some.meant = Counter()
        some._takers = [taker for taker in self._takers if taker[0] in names]
        return some

    def overflows(self, row: list[str]) -> bool:
        """Whether the row has text beyond the last heading: a separator within a text was not quoted."""
        return len(row) > self.width and any(map(str.strip, row[self.width :]))

    def _found(self, name: str, column: Column) -> tuple[int, ...]:
        places = self._places_named(name, column.headings)
        if column.headings and not places:
            self.notes.append(
                _("The file has no heading %(headings)s for %(name)s.")
                % {"headings": headings_named(column.headings), "name": name}
            )
        return places[:1] if column.is_choice else places

    def _places_named(self, name: str, headings: tuple[str, ...]) -> tuple[int, ...]:
        keys = [key for key in map(same, headings) if key in self._places]
        for key in keys:
            if key in self._doubled:
                raise CannotImport(
                    _("Two columns have the heading “%(heading)s”, which is read for %(name)s.")
                    % {"heading": key, "name": name}
                )
        return tuple(self._places[key] for key in keys)

    def _check(self, mapping: FileMapping, heading: list[str]) -> None:
        missing = unmet(self.kind, lambda name: name in self.stands_at or mapping.defaults.get(name))
        if missing:
            raise CannotImport(
                _("The headings do not fit %(kind)s: %(missing)s is missing. Found: %(found)s.")
                % {
                    "kind": self.kind,
                    "missing": ", ".join(map(in_words, missing)),
                    "found": headings_named(heading) or _("none"),
                }
            )


def same(heading: str) -> str:
    """What two headings have in common that are taken for the same."""
    return re.sub(r"[\s_]+", " ", heading.replace("\ufeff", "")).strip().casefold()


def places_of(heading: list[str]) -> dict[str, int]:
    """Where each heading stands, the first of equal ones; blank ones are none."""
    places: dict[str, int] = {}
    for place, cell in enumerate(heading):
        if key := same(clean(cell)):
            places.setdefault(key, place)
    return places


def understood(kind: str, mapping: FileMapping, heading: list[str]) -> int:
    """How many of the headings mean something, for telling separators apart."""
    wanted = {same(name) for name in FIELDS[kind]}
    wanted |= {same(name) for column in mapping.columns.values() for name in column.headings}
    return sum(key in wanted for key in places_of(heading))
