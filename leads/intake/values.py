"""What the cells of a file mean: texts, words, yes and no, amounts.

A cell comes in as the file has it. Everything that cannot be understood raises ``Rejected`` with a reason that
names the field; nothing is guessed. An empty cell is the caller's to judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from agreements.table_files import unescaped
from leads.intake.faults import Rejected

# Letters that turn the direction of the text after them: they make one name look like another.
TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

SYSTEM_LIMIT = 64
"""So many letters the name of a system has."""
YES = frozenset({"true", "yes", "y", "1", "won"})
NO = frozenset({"false", "no", "n", "0", "lost"})

CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10) ** 12
DIGITS = {
    ".": re.compile(r"(?:\d+|\d{1,3}(?:[,' ]\d{3})+)(?:\.\d+)?"),
    ",": re.compile(r"(?:\d+|\d{1,3}(?:[.' ]\d{3})+)(?:,\d+)?"),
}
SIGNS_OF_MONEY = "$€£¥₩₹₽₺₴₫฿₪₦₱"
AMOUNT = re.compile(
    rf"(?P<sign>[+-]?) ?(?P<before>[A-Z]{{0,3}}[{SIGNS_OF_MONEY}]|[A-Z]{{3}}|kr)? ?(?P<later_sign>[+-]?)"
    rf"(?P<digits>\d[\d.,' ]*) ?(?P<after>[A-Z]{{3}}|[{SIGNS_OF_MONEY}]|zł|kr|Kč|Ft)?"
)
# Signs of one currency alone: $, ¥ and kr are those of several.
CURRENCY_OF_SIGN = {
    "€": "EUR",
    "£": "GBP",
    "₩": "KRW",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₴": "UAH",
    "₫": "VND",
    "฿": "THB",
    "₪": "ILS",
    "₦": "NGN",
    "₱": "PHP",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "US$": "USD",
    "CA$": "CAD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
}
# Those that a word can be said to mean, beside those agreed on; any three letters are taken where a file has them.
CURRENCIES = frozenset(CURRENCY_OF_SIGN.values()) | {
    "BRL", "CHF", "CNY", "DKK", "JPY", "MXN", "NOK", "RON", "SEK", "SGD", "ZAR"
}  # fmt: skip


def clean(cell: str, *, keeps_lines: bool = False) -> str:
    """The cell's text in NFC, on one line unless `keeps_lines`, without control characters and outer blanks."""
    text = cell.strip()
    if "'" in text:
        text = unescaped(text).strip()
    if text.isprintable():
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    letters = []
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if letter == "\n" and keeps_lines:
            letters.append(letter)
        elif letter in "\t\n\r" or category in ("Zl", "Zp", "Zs"):
            letters.append(" ")
        elif category not in ("Cc", "Cs") and letter not in TURNS_DIRECTION:
            letters.append(letter)
    return "".join(letters).strip()


def at_most(text: str, limit: int, field: str) -> str:
    """The text, unless it is longer than the place for it."""
    if len(text) > limit:
        raise Rejected(
            _("%(field)s: %(length)d characters, at most %(limit)d are kept")
            % {"field": field, "length": len(text), "limit": limit}
        )
    return text


def word(text: str, known: Collection[str], field: str) -> str:
    """One of the known words, in any case; blanks and hyphens may stand for underscores."""
    found = text.casefold().replace(" ", "_").replace("-", "_")
    if found not in known:
        raise Rejected(
            _("%(field)s: “%(text)s” is not known; known are %(known)s")
            % {"field": field, "text": shortened(text), "known": ", ".join(known)}
        )
    return found


def yes_or_no(text: str, field: str) -> bool:
    """Whether the cell says yes; neither yes nor no is rejected."""
    found = text.casefold()
    if found in YES:
        return True
    if found in NO:
        return False
    raise Rejected(
        _("%(field)s: “%(text)s” is neither yes nor no") % {"field": field, "text": shortened(text)}
    )


def amount(text: str, decimal_mark: str, field: str) -> Decimal:
    """The sum of money, to the cent; a currency sign and thousands marks may be around it."""
    around = _around(text)
    digits = around["digits"].rstrip() if around else ""
    if (
        around is None
        or (around["sign"] and around["later_sign"])
        or not DIGITS[decimal_mark].fullmatch(digits)
    ):
        raise _no_amount(text, decimal_mark, field)
    thousands = str.maketrans("", "", ", '" if decimal_mark == "." else ". '")
    value = Decimal(digits.translate(thousands).replace(",", "."))
    if value >= LARGEST_AMOUNT - 1:
        raise _no_amount(text, decimal_mark, field)
    value = value.quantize(CENT, ROUND_HALF_UP)
    return -value if value and "-" in (around["sign"], around["later_sign"]) else value


def currency_written(text: str, field: str) -> str | None:
    """The currency that an amount is written in, as in €5, 5 zł or EUR 5; None where none is, or a shared sign."""
    around = _around(text)
    marks = (around["before"], around["after"]) if around else ()
    codes = (CURRENCY_OF_SIGN.get(mark, mark) for mark in marks if mark)
    written = {code for code in codes if re.fullmatch("[A-Z]{3}", code)}
    if len(written) > 1:
        raise Rejected(
            _("%(field)s: “%(text)s” is written in two currencies")
            % {"field": field, "text": shortened(text)}
        )
    return next(iter(written), None)


def _around(text: str) -> re.Match[str] | None:
    """The amount in its parts: signs, digits, and what stands around them."""
    return AMOUNT.fullmatch(text.replace("\u00a0", " ").replace("\u202f", " ").replace("−", "-"))


def _no_amount(text: str, decimal_mark: str, field: str) -> Rejected:
    return Rejected(
        _("%(field)s: “%(text)s” is not an amount (decimal mark “%(mark)s”; the mapping can name another)")
        % {"field": field, "text": shortened(text), "mark": decimal_mark}
    )


def currency(text: str, field: str) -> str:
    """A currency by its three letters."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise Rejected(
            _("%(field)s: “%(text)s” is not a currency of three letters, as in EUR")
            % {"field": field, "text": shortened(text)}
        )
    return text.upper()


def shortened(text: str) -> str:
    """The beginning of a text that may be very long, for a reason that people read."""
    return text if len(text) <= 60 else f"{text[:60]}…"
