"""How a body of JSON is read, wherever one is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; ValueError for a member that is there twice, of which programs take either."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError(_("A member of an object is there twice."))
    return said
