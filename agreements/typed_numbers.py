"""Numbers as people type them, in the way that pages print them to the same reader, and back.

A dot is always a decimal sign, and spaces or apostrophes group thousands. A comma is what the reader's language makes
of it: it groups thousands in English and Korean (60,000), and is the decimal sign in Polish (60 000,5). Where the
digits say it themselves, that decides in every language: of two kinds of signs the last is the decimal one (1 234,5
and 1,234.5), and a sign that stands several times groups. A comma that a language cannot place (1,5 in English) is
refused, with how to write it. What others open too, like an address, is written with `neutral`: all read it the same.
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext as _

LONGEST = 60
MOST_SHOWN = 30
SPACES = "[ '’\u00a0\u202f\u2009]"
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
GROUPED = {sign: re.compile(rf"[+-]?\d{{1,3}}({re.escape(sign)}\d{{3}})+", re.ASCII) for sign in ",."}
SPACED = re.compile(rf"[+-]?[1-9]\d{{0,2}}({SPACES}\d{{3}})+([.,]\d*)?", re.ASCII)
ONE_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


def read_number(text: str) -> Decimal:
    """Return the number that a text means to this reader; ValidationError saying what is wrong with it."""
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    shown = shown.replace("\0", "\ufffd")
    if len(text) > LONGEST:
        raise ValidationError(_("“%(text)s” is too long for a number.") % {"text": shown})
    bare = text.strip().replace("−", "-").removesuffix("%").strip()
    if not bare:
        raise ValidationError(_("A number is missing."))
    if SPACED.fullmatch(bare):  # what is grouped by spaces is not grouped by commas too
        bare = re.sub(SPACES, "", bare).replace(",", ".")
    elif ONE_COMMA.fullmatch(bare):
        if _comma_is_decimal():
            bare = bare.replace(",", ".")
        elif not THOUSANDS.fullmatch(bare):
            raise ValidationError(
                _("“%(text)s” cannot be read: a comma groups thousands, as in 60,000. Write %(point)s.")
                % {"text": shown, "point": bare.replace(",", ".")}
            )
        else:
            bare = bare.replace(",", "")
    plain = _plain(bare)
    if plain is None or not PLAIN.fullmatch(plain):
        raise ValidationError(_("“%(text)s” is no number.") % {"text": shown})
    return Decimal(plain)


def _comma_is_decimal() -> bool:
    return str(get_format("DECIMAL_SEPARATOR")) == ","


def _plain(bare: str) -> str | None:
    """Return the digits with a dot as the decimal sign and nothing else; None where the signs make no sense."""
    signs = [sign for sign in ",." if sign in bare]
    if not signs:
        return bare
    if len(signs) == 1:
        (sign,) = signs
        if bare.count(sign) == 1:
            return bare if sign == "." else None
        return bare.replace(sign, "") if GROUPED[sign].fullmatch(bare) else None
    decimal = max(signs, key=bare.rindex)
    grouping = "," if decimal == "." else "."
    whole, _sign, part = bare.partition(decimal)
    if decimal in part or grouping in part or not GROUPED[grouping].fullmatch(whole):
        return None
    return f"{whole.replace(grouping, '')}.{part}"


def typed(value: Decimal) -> str:
    """Write a number as a field of this reader holds it: no grouping, their decimal sign, no needless zero."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if _comma_is_decimal() else text


def neutral(text: str) -> str:
    """Write what this reader typed so that everybody reads the same number; what is none stays as it is."""
    if "," not in text:
        return text
    try:
        return f"{read_number(text):f}"
    except ValidationError:
        return text


def shown(text: str) -> str:
    """Write a text that everybody reads the same with the decimal sign of this reader."""
    is_plain = "." in text and PLAIN.fullmatch(text) is not None
    return text.replace(".", ",") if is_plain and _comma_is_decimal() else text
