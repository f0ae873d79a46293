"""Which hand-offs below an agreement do not fall under its promises: an agreement between makes the promise itself.

A promise of speed, depth, share worked or a deadline is judged where it is made, on the hand-offs that fall under it:
those of the agreement itself, and those of agreements below where nobody between promises the same for their segment.
What an agreement below promises is asked of the version that judges its part of the period, over all days of it: so
each hand-off is judged by one agreement, also where a promise was begun, dropped or amended within the period. A goal
is a number of leads: those of all below count towards it, whatever goals of their own they have.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from agreements.models import Commitment, Version
from reports.periods import Period
from reports.readings.goals import agreements_below, last_seen, version_judging
from reports.readings.scope import Scope
from reports.readings.selection import Overriding

Kind = Commitment.Kind
JUDGED_WHERE_MADE = (Kind.SPEED, Kind.DEPTH, Kind.SHARE_WORKED, Kind.ACCEPTANCE, Kind.OUTCOME)


def overriding_of(scope: Scope, kind: str) -> tuple[Overriding, ...]:
    """Return what agreements below the scope's promise themselves of this kind in its period."""
    if scope.selection.agreement is None or kind not in JUDGED_WHERE_MADE:
        return ()
    if "overriding" not in scope.read:
        below = agreements_below(scope)
        scope.read["overriding"] = overriding_below(below, scope.period, last_seen(scope))
    by_kind: Mapping[str, tuple[Overriding, ...]] = scope.read["overriding"]
    return by_kind.get(kind, ())


def overriding_below(
    below: Mapping[int, int | None], period: Period, day: dt.date
) -> dict[str, tuple[Overriding, ...]]:
    """Return by kind what agreements below another promise themselves, by their versions that judge the period.

    `below` has the parent of each; `day` is the last one seen of the period.
    """
    if not below:
        return {}
    signed = Version.objects.signed().filter(
        agreement__in=below, in_force__overlap=(period.start, period.end)
    )
    promises = Commitment.objects.filter(version=OuterRef("pk"), kind__in=JUDGED_WHERE_MADE)
    promised = ArraySubquery(promises.values(each=JSONObject(kind="kind", segment="segment_id")))
    versions: dict[int, list[Version]] = defaultdict(list)
    promised_by: dict[int, list[tuple[str, int | None]]] = {}
    for version in (
        signed.order_by("starts_on").defer("signed_text", "signed_rows").annotate(promised=promised)
    ):
        versions[version.agreement_id].append(version)
        promised_by[version.pk] = [(each["kind"], each["segment"]) for each in getattr(version, "promised")]  # noqa: B009
    judging = {pk: version_judging(of_agreement, day) for pk, of_agreement in versions.items()}
    found: dict[str, list[Overriding]] = defaultdict(list)
    for pk in below:
        step: int | None = pk
        while step is not None and step in below:  # from the hand-off's agreement up to the one just below
            judged_by = judging.get(step)
            for kind, segment_id in promised_by[judged_by.pk] if judged_by else ():
                found[kind].append(Overriding(pk, None if segment_id is None else str(segment_id)))
            step = below[step]
    return {kind: tuple(dict.fromkeys(of_kind)) for kind, of_kind in found.items()}
