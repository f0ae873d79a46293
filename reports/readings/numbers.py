"""Exact numbers as JSON has them: seconds and counts as numbers, shares as numerator and denominator."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from reports.shares import Share

Number = int | float


def number(value: Fraction | Decimal | float | None) -> Number | None:
    """Return a whole number as int, any other as the nearest float; None stays None."""
    if value is None:
        return None
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def ratio(numerator: int | Decimal, denominator: int | Decimal) -> Number | None:
    """Return numerator ÷ denominator, None for nothing to divide by."""
    return number(Fraction(numerator) / Fraction(denominator)) if denominator else None


def share_json(part: Share | None) -> dict[str, Number | None] | None:
    """Return a share as {"numerator", "denominator"}."""
    if part is None:
        return None
    return {"numerator": number(part.numerator), "denominator": number(part.denominator)}
