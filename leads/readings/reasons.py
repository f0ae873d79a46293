"""Why a lead is worth a call: where it came from, its segment, and the definition that it met."""

from __future__ import annotations

from collections.abc import Collection

from agreements.models import Clause
from leads.models import HandOff

# The signed definition of a qualified lead, by version and segment; None: of every segment without one of its own.
Definitions = dict[tuple[int, int | None], str]


def definitions_of(hand_offs: Collection[HandOff]) -> Definitions:
    """Read what a qualified lead was under the versions of these hand-offs, in one query."""
    versions = {one.version_id for one in hand_offs if one.version_id is not None}
    if not versions:
        return {}
    said = Clause.objects.filter(party=None, version__in=versions, topic=Clause.Topic.QUALIFICATION)
    return {
        (version, segment): text
        for version, segment, text in said.values_list("version_id", "segment_id", "text")
    }


def definition_of(hand_off: HandOff, definitions: Definitions) -> str:
    """Return the definition that counted for this hand-off; empty where none was agreed."""
    if hand_off.version_id is None:
        return ""
    version = hand_off.version_id
    return definitions.get((version, hand_off.segment_id)) or definitions.get((version, None), "")


def why_this_lead(hand_off: HandOff, definitions: Definitions) -> list[str]:
    """Say where it came from, its segment then, and the definition."""
    lead = hand_off.lead
    came = " · ".join(part for part in (lead.source, lead.campaign) if part)
    segment = hand_off.segment.name if hand_off.segment else ""
    return [part for part in (came, segment, definition_of(hand_off, definitions)) if part]
