"""A share as what it counts: numerator and denominator, never a percentage."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from agreements.exact import exact


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, or any ratio of two sums; the sums stay apart so that buckets can be added up."""

    numerator: Fraction
    denominator: Fraction

    @property
    def value(self) -> Fraction | None:
        """The exact quotient; None where the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None

    def __add__(self, other: "Share") -> "Share":
        """Pool two groups: numerators and denominators each add up (no mean of two quotients)."""
        return Share(self.numerator + other.numerator, self.denominator + other.denominator)


def share(numerator: int | Decimal | Fraction, denominator: int | Decimal | Fraction) -> Share:
    """`numerator` out of `denominator`; floats are refused with `TypeError`."""
    return Share(exact(numerator, "numerator"), exact(denominator, "denominator"))
