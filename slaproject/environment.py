"""What the environment says to the settings, checked where it is read: a fault is one sentence that names the variable.

No value is repeated in a complaint that could hold a password.
"""

from __future__ import annotations

import math
import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("postgresql", "postgres")


def database_url(variable: str, default: str) -> str:
    """Return the address of a PostgreSQL database; ImproperlyConfigured when it is none."""
    url = os.environ.get(variable) or default
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in SCHEMES and parts.port != 0 and len(parts.path) > 1
    except ValueError:  # a port that is no number or too large, a bracket that is never closed
        is_address = False
    if not is_address:
        raise ImproperlyConfigured(
            f"{variable} is not the address of a PostgreSQL database. "
            "Write it like postgresql://user:password@host:5432/name."
        )
    return url


def seconds(variable: str, default: float, *, at_least: float) -> float:
    """Return a number of seconds; ImproperlyConfigured when it is none, or too few."""
    text = os.environ.get(variable, "").strip()
    try:
        found = float(text) if text else default
    except ValueError:
        found = math.nan
    if not at_least <= found < math.inf:
        raise ImproperlyConfigured(
            f"{variable} is {_shown(text)}: a number of seconds is needed, {at_least:g} or more."
        )
    return found


def whole_number(variable: str, default: int, *, at_least: int) -> int:
    """Return a whole number; ImproperlyConfigured when it is none, or too small."""
    text = os.environ.get(variable, "").strip()
    try:
        found = int(text) if text else default
    except ValueError:
        found = at_least - 1
    if found < at_least:
        raise ImproperlyConfigured(
            f"{variable} is {_shown(text)}: a whole number is needed, {at_least} or more."
        )
    return found


def _shown(text: str) -> str:
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
