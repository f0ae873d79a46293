"""Reading the body of a webhook: JSON as its standard has it, of bounded depth, that says each thing once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from agreements.api.bodies import said_once
from leads.intake.values import shortened

MOST_BYTES = 1 << 20
MOST_DEPTH = 20
HALF = re.compile("[\ud800-\udfff]")


class NotRead(ValueError):
    """Why a body is not read, in a sentence."""


def read_body(body: bytes) -> Any:
    """Return what the body says; NotRead for one that two programs could read differently, or that nobody means."""
    try:
        said = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise NotRead(_("This is not UTF-8.")) from None
    except RecursionError:
        raise NotRead(_("This is nested too deeply.")) from None
    except NotRead:
        raise
    except ValueError as error:
        raise NotRead(_("This is no JSON.")) from error
    _check(said)
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    try:
        return said_once(pairs)
    except ValueError as error:
        raise NotRead(str(error)) from None


def _no_number(word: str) -> Any:
    raise NotRead(_("%s is no number of JSON.") % word)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(shortened(digits))


def _check(said: Any) -> None:
    """Look at all that was said, level by level, without calling itself."""
    level = [said]
    for _depth in range(MOST_DEPTH + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, Mapping):
                below += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and not _is_text(one):
                raise NotRead(_("A text has half of a character in it, or one that is none."))
        if not below:
            return
        level = below
    raise NotRead(_("This is nested too deeply."))


def _is_text(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not HALF.search(text))
