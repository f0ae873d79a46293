"""Who hears when, for many hand-offs at once: what versions agree of it, or inherit on a day, read in two queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from agreements.levels import InForce
from agreements.models import Version
from agreements.services.draft_values import LADDER, Value, is_nothing


def nearest_ladder(versions: Iterable[Version]) -> dict[str, tuple[Value, Version]]:
    """Return each term that one of these says something of, with the first that does."""
    found: dict[str, tuple[Value, Version]] = {}
    for version in versions:
        for term in LADDER:
            if not is_nothing(value := getattr(version, term)):
                found.setdefault(term, (value, version))
    return found


class LadderTerms:
    """The terms of who hears when of some versions, each looked up along the chain of agreements by itself."""

    def __init__(self, version_ids: Iterable[int]) -> None:
        found = Version.objects.filter(pk__in=set(version_ids)).select_related("agreement__parent")
        self._versions = {version.pk: version for version in found}
        self._above: dict[int, list[int]] = {
            version.agreement_id: _above(version) for version in self._versions.values()
        }
        self._governing: dict[int, list[tuple[InForce, Version]]] = defaultdict(list)
        higher = {pk for chain in self._above.values() for pk in chain}
        if higher:
            for one in Version.objects.signed().filter(agreement__in=higher).order_by("pk"):
                span = InForce(one.pk, one.starts_on, one.governs_until)
                self._governing[one.agreement_id].append((span, one))

    def first_day(self, version_id: int) -> dt.date:
        """Return the first day of one of these versions."""
        return self._versions[version_id].starts_on

    def of(self, version_id: int, day: dt.date) -> dict[str, Any]:
        """Return each term that a version, or else the nearest in force above it on the day, says something of."""
        version = self._versions[version_id]
        chain = [version]
        for agreement_id in self._above[version.agreement_id]:
            governing = (one for span, one in self._governing[agreement_id] if day in span)
            chain += [one for one in [next(governing, None)] if one is not None]
        return {term: value for term, (value, _version) in nearest_ladder(chain).items()}


def _above(version: Version) -> list[int]:
    """Return the agreements above a version's, the nearest first: levels are three, so there are two at most."""
    parent = version.agreement.parent
    return [] if parent is None else [pk for pk in (parent.pk, parent.parent_id) if pk is not None]
