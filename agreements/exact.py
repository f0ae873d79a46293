"""Exact numbers in, exact shares out.

Every quantity of a plan is read once into a `Fraction` and stays one until the single rounding at the end.
Accepted are `Decimal`, decimal text ("0.36"), `int` and `Fraction`. A `float` is refused with `TypeError`:
0.68 as a binary float is another number, and asks for one lead too many or too few.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

Exact = Decimal | Fraction | int | str

MAX_DIGITS = 18
MAX_PLACES = 40
"""Digits before and after the decimal point: nothing measured needs more, and 1e999999999 would fill the
memory.
"""


class FunnelError(ValueError):
    """An input that cannot be used; `field` names it, `reason` says what is wrong in English."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def exact(value: Exact, field: str) -> Fraction:
    """The value as a fraction.

    Raises `TypeError` for floats, booleans and anything else that is no exact number, `FunnelError` for text
    that is no decimal number, for NaN and Infinity, and for more than 18 digits before the point or 40 after
    it.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | Fraction | int | str):
        raise TypeError(f"{field}: an exact number (Decimal, text, int or Fraction) is needed, not {value!r}")
    if isinstance(value, str):
        try:
            value = Decimal(value.strip())
        except InvalidOperation:
            raise FunnelError(field, "is not a decimal number") from None
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise FunnelError(field, "is not a finite number")
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        if value and (exponent < -MAX_PLACES or value.adjusted() >= MAX_DIGITS):
            raise FunnelError(field, "has too many digits")
    if abs(value) >= 10**MAX_DIGITS:
        raise FunnelError(field, "has too many digits")
    return Fraction(value)


def round_parts(total: int, parts: Sequence[Fraction]) -> list[int]:
    """Whole numbers that sum to `total`, each part rounded down or up (largest remainder, Hamilton 1792).

    Each part gets its floor; what is left goes, one each, to the parts with the largest fraction cut off.
    Equal fractions are served in the order given, so the answer depends on nothing but the arguments. `total`
    must lie between the sum of the floors and the sum of the ceilings; otherwise `ValueError`.
    """
    whole = [part.numerator // part.denominator for part in parts]
    left = total - sum(whole)
    cut = sorted(
        (index for index, part in enumerate(parts) if part != whole[index]),
        key=lambda index: whole[index] - parts[index],
    )
    if not 0 <= left <= len(cut):
        raise ValueError("the total cannot be reached by rounding each part down or up")
    for index in cut[:left]:
        whole[index] += 1
    return whole


def largest_remainder(total: int, weights: Sequence[Exact]) -> list[int]:
    """Split a whole `total` in proportion to `weights`; the parts sum to it exactly.

    `FunnelError` (field `weights`) if there is no weight, one is negative, or all are zero; (field `total`)
    if the total is negative. Equal remainders are served in the order given.
    """
    if isinstance(total, bool) or not isinstance(total, int):
        raise TypeError("total: a whole number is needed")
    if total < 0:
        raise FunnelError("total", "must not be negative")
    exact_weights = [exact(weight, "weights") for weight in weights]
    if any(weight < 0 for weight in exact_weights):
        raise FunnelError("weights", "must not be negative")
    whole = sum(exact_weights, Fraction(0))
    if not whole:
        raise FunnelError("weights", "must not all be zero")
    return round_parts(total, [total * weight / whole for weight in exact_weights])
