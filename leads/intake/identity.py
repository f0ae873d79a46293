"""By what a lead is known whose row has no id: its e-mail, else its phone, else its name and company together.

The key that this makes is the lead's external id in its system, in a form that says what it is, as in
`email:ana@example.com`: so everything that goes by ids goes by it too, and a file of such leads that is given out comes
in again. An id that a row does have is taken exactly, since ids of some systems differ by case alone.

What is no address or number tells nobody apart: two addresses in one cell, a number that a spreadsheet rounded, one
digit over and over. What stands in for an empty cell doesn't either: it would make all such rows one lead.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

ID_LIMIT = 200  # letters that an id may have
KEPT_OF_HASH = 32
ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
NUMBERS = re.compile(r"(\d+)(?:\s*;\s*\d+)+")
NUMBER = re.compile(r"\+?[\d ()./\u2010-\u2013-]+")
SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15  # digits; the most are those of E.164


def _email(cells: Mapping[str, str]) -> str:
    text = _seen(cells.get("email", ""))
    return folded(text) if ADDRESS.fullmatch(text) else ""


def _phone(cells: Mapping[str, str]) -> str:
    text = _seen(cells.get("phone", ""))
    if not NUMBER.fullmatch(text):
        return ""
    if text.startswith(("+", "00")):
        text = text.replace("(0)", "")  # that nobody dials from abroad, as in +44 (0)20
    digits = "".join(str(int(letter)) for letter in text if letter.isdecimal()).removeprefix("00")
    is_number = SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER and len(set(digits)) > 1
    return digits if is_number else ""


def _name(cells: Mapping[str, str]) -> str:
    name, company = (folded(cells.get(field, "").replace("|", " ")) for field in ("name", "company"))
    return f"{name}|{company}" if name and company else ""


# In the order in which they are asked; each with what it reads, and how it is called.
WAYS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, str]], str], str | Promise]] = {
    "email": (("email",), _email, gettext_lazy("their e-mail")),
    "phone": (("phone",), _phone, gettext_lazy("their phone number")),
    "name": (("name", "company"), _name, gettext_lazy("their name and company together")),
}
READ = frozenset(field for fields, _key, _words in WAYS.values() for field in fields)
DERIVED = re.compile(rf"(?:{'|'.join(WAYS)}):.")


def _seen(text: str) -> str:
    """Leave out what comes along unseen where a text is copied from a page: marks without width."""
    return text if text.isascii() else "".join(one for one in text if unicodedata.category(one) != "Cf")


def folded(text: str) -> str:
    """Return what texts have in common that differ by case, blanks, unseen marks or how letters are composed alone."""
    plain = unicodedata.normalize("NFC", _seen(text)).casefold()
    return unicodedata.normalize("NFC", " ".join(plain.split()))


def derived(cells: Mapping[str, str], defaults: Mapping[str, str]) -> tuple[str, str]:
    """Return by which of WAYS the lead of these cleaned cells is known, and its key; two empty texts if by none.

    `defaults` are the texts that stand in for empty cells. A key too long for an id ends in its SHA-256.
    """
    own = {name: text for name in READ if (text := cells.get(name)) and text != defaults.get(name)}
    for way, (_fields, key_of, _words) in WAYS.items():
        if key := key_of(own):
            if len(way) + 1 + len(key) > ID_LIMIT:
                key = f"~{hashlib.sha256(key.encode()).hexdigest()[:KEPT_OF_HASH]}"
            return way, f"{way}:{key}"
    return "", ""


def naming_its_lead(cells: dict[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of an attempt or deal with its lead's id, made of how to reach the lead where there is none.

    Of several numbers, as HubSpot has them of all contacts of a deal, the first counts.
    """
    if said_id := cells.get("lead_external_id"):
        several = NUMBERS.fullmatch(said_id)
        return {**cells, "lead_external_id": several[1]} if several else cells
    said, stand_in = (
        {name: texts.get(f"lead_{name}", "") for name in ("email", "phone")} for texts in (cells, defaults)
    )
    key = derived(said, stand_in)[1]
    return {**cells, "lead_external_id": key} if key else cells


def is_derived(external_id: str) -> bool:
    """Whether a lead's external id was made here of what the lead is known by."""
    return DERIVED.match(external_id) is not None


def nothing_to_know_by() -> str:
    """Say why a row is rejected that has neither an id nor anything else."""
    return _(
        "external_id: empty, and there is no e-mail address, no phone number, and no name with a company to know "
        "the lead by"
    )


def told_apart(there: Collection[str]) -> str:
    """Say how rows of leads are told apart, of which these fields are there."""
    ways = [words for fields, _key, words in WAYS.values() if all(field in there for field in fields)]
    by_id = _("Rows are told apart by their id.") if "external_id" in there else ""
    return " ".join(filter(None, (by_id, _without_an_id(list(map(str, ways))))))


def told_apart_by(rows: Mapping[str, int]) -> str:
    """Say by what so many rows without an id are known, by WAYS; nothing where there was none."""
    return _without_an_id(
        [
            ngettext("%(way)s (%(rows)s row)", "%(way)s (%(rows)s rows)", rows[way])
            % {"way": words, "rows": number_format(rows[way])}
            for way, (_fields, _key, words) in WAYS.items()
            if rows.get(way)
        ]
    )


def _without_an_id(ways: list[str]) -> str:
    if not ways:
        return ""
    return _("Rows without an id are known by %(ways)s.") % {"ways": _(", else by ").join(ways)}
