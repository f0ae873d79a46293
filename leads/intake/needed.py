"""Which fields a file must have: of each group one alternative, of which every field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Group = tuple[tuple[str, ...], ...]

ITS_LEAD: Group = (("lead_external_id",), ("lead_email",), ("lead_phone",))
REQUIRED: dict[str, tuple[Group, ...]] = {
    "leads": (
        (("external_id",), ("email",), ("phone",), ("name", "company")),
        (("qualified_at",), ("handed_off_at",)),
    ),
    "attempts": (ITS_LEAD, (("attempted_at",),), (("channel",),), (("outcome",),)),
    "deals": ((("external_id",), *ITS_LEAD), (("won",),)),
}


def unmet(kind: str, has: Callable[[str], Any]) -> list[Group]:
    """Return the groups of which no alternative is there whole."""
    return [group for group in REQUIRED[kind] if not any(all(map(has, names)) for names in group)]


def in_words(group: Group, words: Mapping[str, Any] | None = None) -> str:
    """Say a group, as in “email or name and company”; `words` are what its fields are called there."""
    said = words or {}
    return _(" or ").join(_(" and ").join(str(said.get(name, name)) for name in names) for names in group)
