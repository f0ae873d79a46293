"""What some measures need beside the sums, by the same dimensions: spacing, waits of the open ones too, deals.

Each is read as the page of that figure reads it, so that a cell is the number that stands there under its filter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reports.hand_off_facts import GAPS, SPACING
from reports.readings.explored import (
    FIRST_TRY,
    HAND_OFF_KEYS,
    By,
    Explored,
    explored,
    read_hand_offs,
    read_leads,
)
from reports.readings.explored_measures import Measure, Needs
from reports.readings.figures import Row
from reports.readings.recalibration import OF_MOST, WON
from reports.readings.scope import Scope
from reports.readings.speed import waits_by_pair
from reports.readings.stored import GAP_COLUMNS
from reports.speed import Waits, kaplan_meier_median

NO_GAPS: Row = {"gaps": 0, "gap_average": None, "gap_median": None}
NO_WAITS: Row = {"waited": 0, "kaplan_meier_median": None}
NO_DEALS: Row = {"paying": 0, "revenue": 0}
# What each lead's won deals came to by now, in the currency of most; NULL where no amount is known.
_MOST = f"WITH most AS ({OF_MOST.format(won=f'({WON})')})"
_AMOUNT = """
(SELECT sum(d.amount) FROM leads_deal d WHERE d.lead_id = l.id AND d.is_won AND d.closed_at <= %(now)s
    AND d.currency = (SELECT currency FROM most)) AS amount
"""
_OF_DEALS = "count(f.amount), coalesce(sum(f.amount), 0), (SELECT currency FROM most)"
_DEAL_COLUMNS = ("paying", "revenue", "currency")


def explore(scope: Scope, measure: Measure, by: By, split: By | None = None) -> Explored:
    """Return figures by these dimensions, with all in them that the measure reads."""
    needs = measure.needs
    found = explored(scope, by, split, of_leads=measure.of_leads, with_tallies=needs is Needs.TALLIES)
    match needs:
        case Needs.SPACING:
            gaps = read_hand_offs(
                scope, by, split, SPACING, GAP_COLUMNS, each=f"CROSS JOIN LATERAL {GAPS} gaps"
            )
            return _beside(found, gaps, NO_GAPS)
        case Needs.WAITS:
            return _beside(found, _medians(scope, by, split), NO_WAITS)
        case Needs.DEALS:
            deals = read_leads(scope, by, split, _OF_DEALS, _DEAL_COLUMNS, each=_AMOUNT, before=_MOST)
            return _beside(found, deals, NO_DEALS)
    return found


def _beside(found: Explored, more: Explored, nothing: Row) -> Explored:
    """Put more figures beside those found, and nothing where there are none."""
    return Explored(
        total={**found.total, **nothing, **more.total},
        first={key: {**row, **nothing, **more.first.get(key, {})} for key, row in found.first.items()},
        second={key: {**row, **nothing, **more.second.get(key, {})} for key, row in found.second.items()},
        cells={key: {**row, **nothing, **more.cells.get(key, {})} for key, row in found.cells.items()},
    )


def _medians(scope: Scope, by: By, split: By | None) -> Explored:
    """Return the medians that count the open ones, and how many they rest on."""
    cells = waits_by_pair(
        scope,
        HAND_OFF_KEYS[by],
        HAND_OFF_KEYS[split] if split else "''",
        join=FIRST_TRY if By.CHANNEL in (by, split) else "",
        asked={"zone": scope.zone.key},
    )
    first, second = defaultdict[str, list[Waits]](list), defaultdict[str, list[Waits]](list)
    for (one, two), waits in cells.items():
        first[one].append(waits)
        second[two].append(waits)
    return Explored(
        total=_median(cells.values()),
        first={key: _median(parts) for key, parts in first.items()},
        second={key: _median(parts) for key, parts in second.items()},
        cells={key: _median([waits]) for key, waits in cells.items()},
    )


def _median(parts: Iterable[Waits]) -> Row:
    waits = Waits.together(parts)
    return {
        "waited": len(waits.answered) + len(waits.unanswered),
        "kaplan_meier_median": kaplan_meier_median(waits),
    }
