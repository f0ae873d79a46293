"""Numbers as people type them, in whatever language, and back.

The same text means the same number for everybody, since a link with it is opened by others: the reader's language
decides nothing. A comma and a dot are both taken for the decimal sign; spaces and apostrophes group digits. Where both
signs stand, the last is the decimal one; one that stands several times groups thousands. A single comma before exactly
three digits could be either (1,234), and is refused with both ways to write it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext as _

LONGEST = 60
MOST_SHOWN = 30
GROUPS = re.compile(r"[\s'’\u00a0\u202f\u2009]")
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
GROUPED = {sign: re.compile(rf"[+-]?\d{{1,3}}({re.escape(sign)}\d{{3}})+", re.ASCII) for sign in ",."}
EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


def read_number(text: str) -> Decimal:
    """Return the number that a text means; ValidationError saying what is wrong with it."""
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    shown = shown.replace("\0", "\ufffd")
    if len(text) > LONGEST:
        raise ValidationError(_("“%(text)s” is too long for a number.") % {"text": shown})
    bare = GROUPS.sub("", text).replace("−", "-").removesuffix("%")
    if not bare:
        raise ValidationError(_("A number is missing."))
    if EITHER.fullmatch(bare):
        whole, part = bare.split(",")
        raise ValidationError(
            _("“%(text)s” can be read in two ways: write %(whole)s or %(part)s.")
            % {"text": shown, "whole": whole + part, "part": f"{whole}.{part}0"}
        )
    plain = _plain(bare)
    if plain is None or not PLAIN.fullmatch(plain):
        raise ValidationError(_("“%(text)s” is no number.") % {"text": shown})
    return Decimal(plain)


def _plain(bare: str) -> str | None:
    """Return the digits with a dot as the decimal sign and nothing else; None where the signs make no sense."""
    signs = [sign for sign in ",." if sign in bare]
    if not signs:
        return bare
    if len(signs) == 1:
        (sign,) = signs
        if bare.count(sign) == 1:
            return bare.replace(sign, ".")
        return bare.replace(sign, "") if GROUPED[sign].fullmatch(bare) else None
    decimal = max(signs, key=bare.rindex)
    grouping = "," if decimal == "." else "."
    whole, _sign, part = bare.partition(decimal)
    if decimal in part or grouping in part or not GROUPED[grouping].fullmatch(whole):
        return None
    return f"{whole.replace(grouping, '')}.{part}"


def typed(value: Decimal) -> str:
    """Write a number as a field holds it: no grouping, the language's decimal sign, no needless zero.

    What is written here is read back as the same number in every language.
    """
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = str(get_format("DECIMAL_SEPARATOR"))
    if sign != ",":
        return text
    localised = text.replace(".", ",")
    return localised if not EITHER.fullmatch(localised) else f"{localised}0"
