"""Which hand-offs below an agreement do not fall under its promises: an agreement between makes the promise itself.

A promise of speed, depth, share worked or a deadline is judged where it is made, on the hand-offs that fall under it:
those of the agreement itself, and those of agreements below for whose segment nobody between promises the same on their
day. A goal is a number of leads: those of all below count towards it, whatever goals of their own they have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from agreements.models import Agreement, Commitment, Version
from reports.periods import Period
from reports.readings.figures import Overriding
from reports.readings.goals import is_above_others
from reports.readings.scope import Scope

Kind = Commitment.Kind
JUDGED_WHERE_MADE = (Kind.SPEED, Kind.DEPTH, Kind.SHARE_WORKED, Kind.ACCEPTANCE, Kind.OUTCOME)


def overriding_of(scope: Scope, kind: str) -> tuple[Overriding, ...]:
    """Return what agreements below the scope's promise themselves of this kind in its period."""
    agreement = scope.selection.agreement
    if agreement is None or kind not in JUDGED_WHERE_MADE or not is_above_others(scope):
        return ()
    if "overriding" not in scope.read:
        scope.read["overriding"] = _overriding_below(agreement, scope.period)
    by_kind: Mapping[str, tuple[Overriding, ...]] = scope.read["overriding"]
    return by_kind.get(kind, ())


def _overriding_below(agreement: Agreement, period: Period) -> dict[str, tuple[Overriding, ...]]:
    below = dict(
        Agreement.objects.at_or_below(agreement).exclude(pk=agreement.pk).values_list("pk", "parent_id")
    )
    if not below:
        return {}
    made = Commitment.objects.filter(
        kind__in=JUDGED_WHERE_MADE,
        version__agreement__in=below,
        version__state=Version.State.SIGNED,
        version__in_force__overlap=(period.start, period.end),
    ).select_related("version")
    by_agreement: dict[int, list[Commitment]] = defaultdict(list)
    for promise in made:
        by_agreement[promise.version.agreement_id].append(promise)
    found: dict[str, list[Overriding]] = defaultdict(list)
    for pk in below:
        step: int | None = pk
        while step in below:  # from the hand-off's agreement up to the one just below
            for promise in by_agreement[step]:
                version = promise.version
                segment = str(promise.segment_id) if promise.segment_id is not None else None
                one = Overriding(pk, version.starts_on, version.governs_until, segment)
                found[promise.kind].append(one)
            step = below[step]
    return {kind: tuple(dict.fromkeys(of_kind)) for kind, of_kind in found.items()}
