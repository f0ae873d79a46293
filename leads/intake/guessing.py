"""What a file says about itself before anybody does: its letters, and what its headings mean.

Everything here is a guess that a page shows and lets people change; an import itself guesses nothing of it.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.intake.mapping import FIELDS, Column, FileMapping, preset, presets, same, understood
from leads.intake.needed import REQUIRED
from leads.intake.reading import BYTE_ORDER_MARKS, Source
from leads.intake.values import clean

SAMPLE = 1 << 18
PIECE = 1 << 16
ALIKE = 0.84
# What is found so often in the names of people and firms that it tells two encodings of single bytes apart.
WESTERN = frozenset("àâäãåáæçèéêëìíîïñòóôöõøùúûüÿßÀÂÄÅÁÆÇÈÉÊËÍÎÑÓÔÖÕØÚÜœŒ€’“”–")
CENTRAL = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáäčďéěíľĺňôŕřšťúůýžÁČĎÉĚÍĽŇŘŠŤÚŮÝŽőűŐŰăâîşţöüÖÜ€’“”–")

ENCODINGS: tuple[tuple[str, str | Promise], ...] = (
    ("utf-8", _("UTF-8, the usual one")),
    ("utf-16-le", _("UTF-16, as from “Unicode text”")),
    ("utf-16-be", _("UTF-16, big-endian")),
    ("utf-32", _("UTF-32")),
    ("cp1252", _("Western Europe (Windows-1252)")),
    ("cp1250", _("Central Europe (Windows-1250)")),
    ("cp949", _("Korean (CP949, EUC-KR)")),
    ("cp932", _("Japanese (Shift-JIS)")),
)
OF_MARKS = {"utf-8-sig": "utf-8", "utf-32": "utf-32"}

LIKE: Mapping[str, tuple[str, ...]] = {
    "leads.external_id": ("id", "lead id", "contact id", "record id", "mql id", "deal id", "key", "uuid"),
    "external_id": ("id", "record id", "deal id", "activity id", "task id", "key", "uuid"),
    "lead_external_id": ("lead id", "contact id", "mql id", "lead", "who id", "associated contact id"),
    "lead_email": ("lead mail", "lead email address", "contact email", "contact e-mail", "contact email address"),
    "lead_phone": ("lead phone number", "lead telephone", "contact phone", "contact phone number"),
    "qualified_at": ("mql date", "qualified", "qualified on", "qualified date", "first contact date", "created at",
                     "created", "create date", "creation date", "date", "created time"),
    "handed_off_at": ("handed off", "handed over at", "assigned at", "owner assigned date", "assigned date"),
    "name": ("full name", "contact", "contact name", "person", "lead name", "contact person"),
    "company": ("company name", "organisation", "organization", "account", "account name", "firm"),
    "job_title": ("title", "position", "role", "function"),
    "email": ("e-mail", "mail", "email address", "e-mail address"),
    "phone": ("phone number", "telephone", "mobile", "mobile phone", "tel"),
    "country": ("country/region", "country code", "nation"),
    "source": ("lead source", "original source", "utm source"),
    "campaign": ("campaign name", "utm campaign"),
    "segment": ("lead type", "tier"),
    "origin": ("lead origin",),
    "owner": ("contact owner", "lead owner", "assigned to", "sales rep", "rep", "owner name"),
    "team": ("sales team", "owner team"),
    "attempted_at": ("date", "activity date", "call date", "created at", "timestamp", "time"),
    "channel": ("type", "activity type", "medium"),
    "outcome": ("result", "disposition", "call outcome", "status"),
    "by": ("user", "rep", "owner", "created by", "assigned to"),
    "automated": ("is automated", "automatic"),
    "note": ("notes", "comment", "comments", "description", "subject"),
    "closed_at": ("close date", "closed", "won date", "close time"),
    "amount": ("value", "deal value", "revenue", "price"),
    "currency": ("currency code", "deal currency"),
    "won": ("is won", "status", "deal stage", "stage"),
}  # fmt: skip


class HowSure(StrEnum):
    """How the column of a field was found."""

    SAME = "same"
    LAST = "last"
    PRESET = "preset"
    LIKE = "like"
    CHOSEN = "chosen"
    NONE = "none"


SURE_WORDS: Mapping[str, str | Promise] = {
    HowSure.SAME: _("same name"),
    HowSure.LAST: _("as last time"),
    HowSure.PRESET: _("as this program names it"),
    HowSure.LIKE: _("looks like it"),
    HowSure.CHOSEN: _("as you chose"),
    HowSure.NONE: _("not found"),
}


def guess_encoding(source: Source) -> str:
    """Return the encoding that a file seems to have, one of ENCODINGS; UTF-8 wherever all of it is UTF-8."""
    with source.open() as binary:
        start = binary.read(SAMPLE)
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return OF_MARKS.get(encoding) or ("utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be")
    zeros = start[::2].count(0), start[1::2].count(0)
    if max(zeros) > len(start) // 8 and min(zeros) < max(zeros) // 8:
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if _is_utf_8(source):
        return "utf-8"
    return _legacy(start)


def _is_utf_8(source: Source) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as binary:
        while piece := binary.read(PIECE):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                return False
    return not decoder.getstate()[0]


def _legacy(start: bytes) -> str:
    lines = start[: start.rfind(b"\n") + 1] or start  # no letter is cut in half
    for encoding, first, last in (("cp932", "ぁ", "ヿ"), ("cp949", "가", "힣")):
        try:
            beyond = [letter for letter in lines.decode(encoding) if letter > "\x7f"]
        except UnicodeDecodeError:
            continue
        if beyond and sum(first <= letter <= last for letter in beyond) * 3 > len(beyond):
            return encoding
    western, central = (
        sum(letter in known for letter in lines.decode(encoding, errors="replace"))
        for encoding, known in (("cp1252", WESTERN), ("cp1250", CENTRAL))
    )
    return "cp1250" if central > western else "cp1252"


def guess_preset(kind: str, heading: list[str]) -> str:
    """Return the preset that understands clearly more of these headings than their names alone; "" where none does."""
    plain = understood(kind, FileMapping(), heading)
    best = max(
        ((understood(kind, preset(name, kind), heading), name) for name in presets(kind)), default=(0, "")
    )
    return best[1] if best[0] >= max(3, plain + 2) else ""


def guess_columns(
    kind: str, heading: list[str], *, preset_name: str = "", remembered: Mapping[str, Column] | None = None
) -> tuple[dict[str, Column], dict[str, str]]:
    """Return for each field the column it seems to stand in, and how it was found.

    What was chosen for this source before comes first, then the preset's column, then a heading of the same name, then
    one that looks like it. Two columns of one name are taken for nothing.
    """
    texts = unique_headings(heading)
    by_preset = preset(preset_name, kind).columns if preset_name else {}
    columns: dict[str, Column] = {}
    sure: dict[str, str] = {}

    def take(name: str, column: Column, how: HowSure) -> None:
        columns[name], sure[name] = column, how.value

    for name in FIELDS[kind]:
        for known, how in ((remembered or {}, HowSure.LAST), (by_preset, HowSure.PRESET)):
            there = _there(known[name], texts) if name in known else None
            if there is not None and there.headings:
                take(name, there, how)
                break
        else:
            is_another = name in by_preset and not by_preset[name].headings
            if same(name) in texts and not is_another:
                take(name, Column((texts[same(name)],)), HowSure.SAME)
    taken = {same(text) for column in columns.values() for text in column.headings}
    needed = {name for group in REQUIRED[kind] for names in group for name in names}
    for name in sorted(FIELDS[kind], key=lambda name: name not in needed):
        if name not in columns:
            found = _alike(kind, name, [key for key in texts if key not in taken])
            if found:
                take(name, Column((texts[found],)), HowSure.LIKE)
                taken.add(found)
            else:
                take(name, Column(()), HowSure.NONE)
    return columns, sure


def unique_headings(heading: Sequence[str]) -> dict[str, str]:
    """Return the headings that name one column each, by what two equal ones have in common."""
    texts: dict[str, str] = {}
    doubled: set[str] = set()
    for cell in heading:
        text = clean(cell.replace("\ufeff", ""))
        if key := same(text):
            if key in texts:
                doubled.add(key)
            texts.setdefault(key, text)
    return {key: text for key, text in texts.items() if key not in doubled}


def doubled_headings(heading: Sequence[str]) -> list[str]:
    """Return the headings that more than one column has."""
    texts = unique_headings(heading)
    return sorted({clean(cell) for cell in heading if same(clean(cell)) and same(clean(cell)) not in texts})


def _there(column: Column, texts: Mapping[str, str]) -> Column | None:
    found = tuple(texts[same(text)] for text in column.headings if same(text) in texts)
    if not found:
        return None
    return Column(found[:1]) if column.is_choice else Column(found)


def _alike(kind: str, name: str, keys: list[str]) -> str:
    for known in LIKE.get(f"{kind}.{name}") or LIKE.get(name, ()):
        if same(known) in keys:
            return same(known)
    return next(iter(get_close_matches(same(name), keys, n=1, cutoff=ALIKE)), "")
