"""Which hand-offs, or which leads, figures are of: the filters in words, and the conditions in SQL that they mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from agreements.models import Agreement
from reports.hand_off_facts import ARRIVAL_HOUR, AT_OR_BELOW, FIRST_CHANNEL

OUTSIDE = "name:"
"""Begins the key of an owner outside the product, whose name follows."""
UNSTORED = ("country", "channel", "hour", "outcome")
"""Filters that stored figures know nothing of."""
NOT_OF_LEADS = ("channel", "hour", "outcome")
"""What only a hand-off has: a lead that was not handed off yet has none of it."""


@dataclass(frozen=True, slots=True)
class Overriding:
    """Hand-offs of an agreement, of one segment or (None) of all, are left out."""

    agreement_id: int
    segment: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which hand-offs: of one agreement and those below it or of all, by what the filters say.

    Filters are keys as the facts have them: a segment's or team's id in text ("" for none), source, campaign and
    country as they are, an owner's id in text or `name:` and the name of a person outside, the channel of the first
    attempt ("" before it), the hour of arrival as 00 … 23 on the clocks of `zone` ("" unknown), and the outcome as
    `closed_as` has it ("" while open). None does not filter. `only_counted`: those that
    count towards marketing's goal. `without_days` and `without_hand_offs` are left out, as an accepted excuse says,
    and `overriding` what falls under a promise of an agreement below.
    """

    agreement: Agreement | None = None
    segment: str | None = None
    source: str | None = None
    owner: str | None = None
    team: str | None = None
    campaign: str | None = None
    country: str | None = None
    channel: str | None = None
    hour: str | None = None
    outcome: str | None = None
    zone: str = "UTC"
    only_counted: bool = False
    without_days: tuple[dt.date, ...] = ()
    without_hand_offs: tuple[int, ...] = ()
    overriding: tuple[Overriding, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Whether the stored figures can know it."""
        leaves_out = self.without_days or self.without_hand_offs or self.overriding
        filters = self.filters()
        is_known = len(filters) <= 1 and not filters.keys() & set(UNSTORED)
        return is_known and not self.only_counted and not leaves_out

    def narrowed(self, dimension: str, key: str) -> Selection:
        """Return the same, of one segment, source, owner or whatever else can be filtered by."""
        return replace(self, **{dimension: key})  # type: ignore[arg-type]

    def filters(self) -> dict[str, str]:
        """Return the filters that are set, by dimension."""
        values = {
            "segment": self.segment,
            "source": self.source,
            "owner": self.owner,
            "team": self.team,
            "campaign": self.campaign,
            "country": self.country,
            "channel": self.channel,
            "hour": self.hour,
            "outcome": self.outcome,
        }
        return {dimension: key for dimension, key in values.items() if key is not None}


_NOT_OVERRIDDEN = """NOT EXISTS (
    SELECT FROM unnest(%(own_agreements)s::bigint[], %(own_segments)s::text[]) own(agreement_id, segment)
    WHERE own.agreement_id = f.agreement_id AND (own.segment IS NULL OR own.segment = f.segment)
)"""


def where(selection: Selection) -> tuple[str, dict[str, Any]]:
    """Return the condition on facts `f` that a selection means, and its parameters."""
    conditions, parameters = ["true"], dict[str, Any]()
    if selection.agreement is not None:
        conditions.append(f"f.agreement_id = ANY({AT_OR_BELOW})")
        parameters["agreement"] = selection.agreement.pk
    if selection.only_counted:
        conditions.append("f.is_counted")
    if selection.without_days:
        conditions.append("f.handed_off_on <> ALL(%(without_days)s)")
        parameters["without_days"] = list(selection.without_days)
    if selection.without_hand_offs:
        conditions.append("f.id <> ALL(%(without_hand_offs)s)")
        parameters["without_hand_offs"] = list(selection.without_hand_offs)
    if selection.overriding:
        conditions.append(_NOT_OVERRIDDEN)
        own = selection.overriding
        parameters["own_agreements"] = [one.agreement_id for one in own]
        parameters["own_segments"] = [one.segment for one in own]
    for dimension, key in selection.filters().items():
        condition, named = _has_key(dimension, key, selection.zone)
        conditions.append(condition)
        parameters |= named
    return " AND ".join(conditions), parameters


def _has_key(dimension: str, key: str, zone: str) -> tuple[str, dict[str, Any]]:
    """Return the condition that a fact has a key, on the columns that have indexes, and its parameters."""
    match dimension:
        case "owner" if key.startswith(OUTSIDE):
            name = key.removeprefix(OUTSIDE)
            return "f.owner_id IS NULL AND f.owner_name = %(owner_name)s", {"owner_name": name}
        case "segment" if not key:
            return "f.segment_id IS NULL", {}
        case "owner" | "segment":
            return f"f.{dimension}_id = %({dimension})s::bigint", {dimension: key}
        case "channel":
            return f"coalesce(({FIRST_CHANNEL}), '') = %(channel)s", {dimension: key}
        case "hour":
            said = ARRIVAL_HOUR.format(zone="%(hour_zone)s")
            return f"{said} = %(hour)s", {dimension: key, "hour_zone": zone}
        case "outcome":
            return "f.closed_as = %(outcome)s", {dimension: key}
    return f"f.{dimension} = %({dimension})s", {dimension: key}


def where_leads(selection: Selection) -> tuple[str, dict[str, Any]]:
    """Return the condition on leads `l` with their first hand-off `h`, and its parameters.

    A lead has its own source, segment, campaign and country; agreement, owner and team are those of its first hand-off.
    What has no lead here (a deal) is in no selection but the one of everything. A lead that was merged into another is
    counted there. ValueError for a filter that is `NOT_OF_LEADS`.
    """
    columns = {
        "segment": "coalesce(l.segment_id::text, '')",
        "source": "l.source",
        "campaign": "l.campaign",
        "country": "l.country",
        "owner": "coalesce(h.owner_id::text, 'name:' || coalesce(h.owner_name, ''))",
        "team": "coalesce(h.team_id::text, '')",
    }
    parameters: dict[str, Any] = dict(selection.filters())
    if unknown := parameters.keys() & set(NOT_OF_LEADS):
        raise ValueError(f"a lead has no {', '.join(sorted(unknown))}")
    chosen = [f"{columns[name]} = %({name})s" for name in parameters]
    if selection.agreement is not None:
        parameters["agreement"] = selection.agreement.pk
        chosen.append(f"h.agreement_id = ANY({AT_OR_BELOW})")
    if selection.without_days:
        chosen.append("l.qualified_on <> ALL(%(without_days)s)")
        parameters["without_days"] = list(selection.without_days)
    if selection.without_hand_offs:
        chosen.append("(h.id IS NULL OR h.id <> ALL(%(without_hand_offs)s))")
        parameters["without_hand_offs"] = list(selection.without_hand_offs)
    known = ["l.id IS NOT NULL"] if chosen else []
    return " AND ".join([*known, "l.merged_into_id IS NULL", *chosen]), parameters
