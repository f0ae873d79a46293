"""Countries whose public holidays are known, by name, and the parts of them that have holidays of their own."""

from __future__ import annotations

import re
from functools import cache

import holidays
from holidays.registry import COUNTRIES


@cache
def countries() -> list[tuple[str, str]]:
    """Return code and English name of each country, by name."""
    named = {code: _spaced(name) for name, code, *_others in COUNTRIES.values()}
    return sorted(named.items(), key=lambda item: item[1])


@cache
def subdivisions(country: str) -> tuple[str, ...]:
    """Return the codes of the parts of a country whose holidays differ; none for a country that is not known."""
    return tuple(holidays.list_supported_countries().get(country, ()))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=DR)(?=C)", " ", name)
