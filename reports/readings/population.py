"""Which hand-offs of a period drafted terms are tried on.

They are those of the agreement and of the agreements below it, less what one below promises itself of the kind asked
about. Where there was none in the period they are those of the agreements above that would have come under this one,
and where there is none of these either, those that came under no agreement, so that the first draft can be asked about
imported history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from agreements.models import Agreement
from leads.models import HandOff
from reports.hand_off_facts import AT_OR_BELOW
from reports.periods import Period
from reports.readings.overriding import overriding_below
from reports.readings.selection import Overriding


class CameUnder(Enum):
    """What the hand-offs asked came under: the agreement or one below it, one above it, or none."""

    ITSELF = "itself"
    ABOVE = "above"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Population:
    """Which hand-offs are asked. `segment` is a segment's id; `overriding` what is judged below, by kind.

    From above come those of `teams`, with no team only where `takes_those_without_team`, of the agreement's segment.
    """

    agreement: Agreement
    period: Period
    now: dt.datetime
    came_under: CameUnder = CameUnder.ITSELF
    segment: int | None = None
    overriding: Mapping[str, tuple[Overriding, ...]] = field(default_factory=dict)
    left_out: tuple[Overriding, ...] = ()
    above: tuple[int, ...] = ()
    teams: tuple[int, ...] = ()
    takes_those_without_team: bool = False

    def judged_by(self, kind: str) -> Population:
        """Return those of them that fall under a promise of this kind."""
        return replace(self, left_out=self.overriding.get(kind, ()))

    @property
    def where(self) -> str:
        """Return the condition on hand-offs `h`, for `parameters`."""
        parts = ["h.handed_off_on >= %(start)s AND h.handed_off_on < %(end)s"]
        match self.came_under:
            case CameUnder.ITSELF:
                parts.append(f"h.agreement_id = ANY({AT_OR_BELOW})")
            case CameUnder.ABOVE:
                parts.append(FROM_ABOVE)
            case CameUnder.NOTHING:
                parts.append("h.agreement_id IS NULL")
        if self.left_out:
            parts.append(NOT_LEFT_OUT)
        if self.segment is not None:
            parts.append("h.segment_id = %(segment)s")
        return " AND ".join(parts)

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "agreement": self.agreement.pk,
            "start": self.period.start,
            "end": self.period.end,
            "now": self.now,
            "segment": self.segment,
            "released": list(HandOff.RELEASED),
            "without_depth": list(HandOff.WITHOUT_DEPTH),
            "without_answer": list(HandOff.WITHOUT_ANSWER),
            "outcomes": list(HandOff.OUTCOMES),
            "left_out": [one.agreement_id for one in self.left_out],
            "left_out_segments": [
                int(one.segment) if one.segment is not None else None for one in self.left_out
            ],
            "above": list(self.above),
            "teams": list(self.teams),
            "without_team": self.takes_those_without_team,
            "own_segment": self.agreement.segment_id,
        }


# As `agreements.levels` says which agreement covers a hand-off.
FROM_ABOVE = """h.agreement_id = ANY(%(above)s)
    AND CASE WHEN h.team_id IS NULL THEN %(without_team)s ELSE h.team_id = ANY(%(teams)s) END
    AND (%(own_segment)s::bigint IS NULL OR h.segment_id = %(own_segment)s)"""
NOT_LEFT_OUT = """NOT EXISTS (
    SELECT FROM unnest(%(left_out)s::bigint[], %(left_out_segments)s::bigint[]) below(agreement_id, segment_id)
    WHERE below.agreement_id = h.agreement_id AND (below.segment_id IS NULL OR below.segment_id = h.segment_id))"""


def population(
    agreement: Agreement, period: Period, now: dt.datetime, segment: int | None = None
) -> Population:
    """Return the hand-offs to ask: of the agreement and those below it; for want of any from above, or of none."""
    asked = Population(agreement, period, now, segment=segment)
    of_period = HandOff.objects.filter(handed_off_on__gte=period.start, handed_off_on__lt=period.end)
    held = Agreement.objects.at_or_below(agreement).annotate(
        has_some=Exists(of_period.filter(agreement=OuterRef("pk")))
    )
    rows = list(held.values_list("pk", "parent_id", "has_some"))
    if any(has_some for _pk, _parent, has_some in rows):
        below = {pk: parent for pk, parent, _has_some in rows if pk != agreement.pk}
        last_day = period.end - dt.timedelta(days=1)
        return replace(asked, overriding=overriding_below(below, period, last_day))
    if agreement.parent_id is not None:
        asked = _from_above(asked)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM leads_handoff h WHERE {asked.where})", asked.parameters
            )
            (has_some,) = cursor.fetchone()
        if has_some:
            return asked
    return replace(asked, came_under=CameUnder.NOTHING)


def _from_above(asked: Population) -> Population:
    above = Agreement.objects.above(asked.agreement)
    chain = [asked.agreement, *above.order_by("-level").prefetch_related("parties")]
    teams = [frozenset(party.team_id for party in one.parties.all()) for one in chain]
    return replace(
        asked,
        came_under=CameUnder.ABOVE,
        above=tuple(one.pk for one in chain[1:]),
        teams=tuple(teams[0]),
        takes_those_without_team=all(above <= below for below, above in pairwise(teams)),
    )
