"""What a version inherits: the promises that hold under it though it does not make them, and where each is from.

The rule is that of agreements.levels, read for all segments at once: a promise of an agreement above holds unless one
nearer makes the same for that segment, or for all leads. Goals are not inherited: the leads count towards the goals
above, whatever goal there is below. Of who hears when, each term is looked up by itself, and so are the reasons of
rejection. Terms are those of the day asked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext as _

from agreements.models import Agreement, Commitment, MonthGoal, Version
from agreements.readings.inherited_ladder import nearest_ladder
from agreements.services.draft_values import LADDER, PREFIXES, TERMS, Value, is_nothing

Kind = Commitment.Kind


@dataclass(frozen=True, slots=True)
class Inherited:
    """A promise of a version above; both with what they are named by."""

    promise: Commitment
    version: Version

    @property
    def has_goals(self) -> bool:
        """Whether some month has a goal by this promise."""
        return bool(getattr(self.promise, "has_goals"))  # noqa: B009

    @property
    def source(self) -> str:
        return source_of(self.version)


def source_of(version: Version) -> str:
    """Say where something inherited is from."""
    said = {"agreement": version.agreement.name, "number": version.number}
    return _("from %(agreement)s, version %(number)s") % said


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a version on a day: the versions in force there, the nearest first."""

    versions: tuple[Version, ...] = ()
    segment_id: int | None = None

    def promises(self, own: Iterable[Commitment] = ()) -> list[Inherited]:
        """Return the promises that hold from above, beside a version's own; a goal for all leads once, the nearest."""
        made = {(one.kind, one.segment_id) for one in own if one.kind != Kind.MQL_GOAL}
        found: list[Inherited] = []
        for version in self.versions:
            nearer = frozenset(made)
            for promise in version.commitments.all():
                if self._holds(promise, nearer, version):
                    found.append(Inherited(promise, version))
                made.add((promise.kind, promise.segment_id))
        return found

    def _holds(
        self, promise: Commitment, nearer: frozenset[tuple[str, int | None]], version: Version
    ) -> bool:
        kind, segment_id = promise.kind, promise.segment_id
        if (kind, None) in nearer or (kind, segment_id) in nearer:
            return False
        if kind == Kind.MQL_GOAL:
            return segment_id is None
        if self.segment_id is None:
            return True
        if segment_id is not None:
            return segment_id == self.segment_id
        own = {(one.kind, one.segment_id) for one in version.commitments.all()}
        return (kind, self.segment_id) not in nearer | own

    def values(self) -> dict[str, tuple[Value, str]]:
        """Return by the keys of a draft's fields what holds where the draft says nothing, and where it is from."""
        found: dict[str, tuple[Value, str]] = {
            term: (value, source_of(version)) for term, (value, version) in self.ladder().items()
        }
        for one in self.promises():
            prefix = PREFIXES.get(Kind(one.promise.kind))
            segment = 0 if self.segment_id is not None else one.promise.segment_id or 0
            for term in TERMS[prefix] if prefix else ():
                value = getattr(one.promise, term)
                if not is_nothing(value):
                    found[f"{prefix}-{segment}-{term}"] = (value, one.source)
        if (above := self.reasons()) is not None:
            found["rejection_reasons"] = (above.rejection_reasons, source_of(above))
        return found

    def ladder(self) -> dict[str, tuple[Value, Version]]:
        """Return the terms of who hears when that hold from above, each of the nearest version that names it."""
        return nearest_ladder(self.versions)

    def reasons(self) -> Version | None:
        """Return the nearest version that names for what reasons a lead may be given back."""
        return next((one for one in self.versions if one.rejection_reasons), None)


def above_on(version: Version, today: dt.date) -> Above:
    """Read what stands above a version today, or on the nearest of its days; nothing for one that stands alone."""
    agreement = version.agreement
    if agreement.parent_id is None:
        return Above()
    day = max(today, version.starts_on)
    if version.governs_until is not None:
        day = max(version.starts_on, min(day, version.governs_until - dt.timedelta(days=1)))
    return above_agreement(agreement, day)


def above_agreement(agreement: Agreement, day: dt.date) -> Above:
    """Read what stands above an agreement on a day; nothing for one that stands alone."""
    if agreement.parent_id is None:
        return Above()
    higher = Agreement.objects.above(agreement)
    has_goals = Exists(MonthGoal.objects.filter(commitment=OuterRef("pk")))
    promises = Commitment.objects.select_related("party__team", "segment").annotate(has_goals=has_goals)
    found = Version.objects.in_force_on(day).filter(agreement__in=higher).select_related("agreement")
    read = found.prefetch_related(Prefetch("commitments", promises))
    return Above(tuple(sorted(read, key=lambda one: -one.agreement.level)), agreement.segment_id)


def with_inherited(
    values: Mapping[str, Value], inherited: Mapping[str, tuple[Value, str]]
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return a draft's values with what it inherits, and for each inherited key where it is from."""
    whole, sources = dict(values), dict[str, str]()
    for key, (value, source) in inherited.items():
        if key in (*LADDER, "rejection_reasons"):
            if is_nothing(values.get(key)):
                whole[key], sources[key] = value, source
            continue
        prefix, segment, _term = key.split("-")
        first = TERMS[prefix][0]
        own = (values.get(f"{prefix}-{of}-{first}") for of in dict.fromkeys((segment, "0")))
        if all(is_nothing(one) for one in own):
            whole[key], sources[key] = value, source
    return whole, sources
