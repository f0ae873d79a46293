"""To which part of a version's page a comment belongs, and how many are open there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from agreements.models import Comment, Version
from agreements.services.draft_values import clause_of_key

NUMBERS = "numbers"  # the part in which the measured promises stand


def part_of(about: str) -> str:
    """Return the part of the page: a topic, the numbers, or nothing for the whole."""
    if about.startswith("clause-"):
        return clause_of_key(about)[0]
    return NUMBERS if about.startswith("promise-") else ""


def first_anchor(part: str, anchors: list[tuple[str, str]]) -> str:
    """Return the key to begin with where somebody comments on a part of the page, or on the key itself."""
    keys = [key for key, _label in anchors]
    if part in keys:
        return part
    return next((key for key in keys if key and part_of(key) == part), "")


@dataclass(frozen=True, slots=True)
class Remarks:
    """How many comments there are on a version, and how many of them are open in each part of its page."""

    total: int
    unsettled: Counter[str]

    @property
    def n_unsettled(self) -> int:
        return self.unsettled.total()


def remarks_on(version: Version, user: Any) -> Remarks:
    """Count the comments on a version, as far as this person may read them."""
    found = list(Comment.objects.visible_to(user).filter(version=version).values_list("about", "settled_at"))
    return Remarks(len(found), Counter(part_of(about) for about, settled_at in found if settled_at is None))
