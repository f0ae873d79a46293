"""`manage.py plan`: from a sales quota to the leads that marketing promises."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.exact import FunnelError
from agreements.funnel import plan

NUMBERS = (
    "quota",
    "marketing_share",
    "average_deal",
    "close_rate",
    "revenue_goal",
    "customers_exact",
    "leads_exact",
)
WHOLE = ("customers", "leads")
EXACT = {"revenue_goal": "revenue_goal", "customers": "customers_exact", "leads": "leads_exact"}


class Command(BaseCommand):
    """Prints the derivation as JSON: numbers, and under `exact` the same as text without any rounding."""

    help = "Derive the leads needed for a quota, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quota", required=True)
        parser.add_argument("--marketing-share", default="1")
        parser.add_argument("--average-deal", required=True)
        parser.add_argument("--close-rate", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        inputs = {name: options[name] for name in ("quota", "marketing_share", "average_deal", "close_rate")}
        try:
            result = plan(**inputs)
        except FunnelError as error:
            raise CommandError(f"--{error.field.replace('_', '-')} {error.reason}") from None
        answer: dict[str, Any] = {name: _number(getattr(result, name)) for name in NUMBERS}
        answer |= {name: getattr(result, name) for name in WHOLE}
        answer["exact"] = {name: exact_text(getattr(result, field)) for name, field in EXACT.items()}
        self.stdout.write(json.dumps(answer))


def _number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def exact_text(value: Fraction) -> str:
    """The number in decimal where that is exact, else as a fraction: 1/3."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(value)
    digits = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{digits:f}" if Fraction(digits) == value else str(value)
