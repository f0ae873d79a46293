"""What is stored of periods: of one bucket as it stands there, of any other span the stored months and days added up.

Sums add up. Medians and percentiles do not: they are worked out from the stored lengths themselves, as they would be
from the hand-offs.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import ceil, floor, fsum
from typing import Any

from reports.hand_off_facts import SUM_COLUMNS
from reports.models import PeriodFigure
from reports.periods import Grain, Period, bucket_of, part_of
from reports.readings.selection import Selection

Row = dict[str, Any]
GAP_COLUMNS = ("gaps", "gap_average", "gap_median")
"""The time between attempts, which only stored figures know: who reads others asks for it apart."""
TALLIES = ("distribution", "connected_distribution")
"""How many hand-offs had how many attempts, which groups are read without."""
Bucket = tuple[str, dt.date]
"""Grain and first day of what is stored."""

_READ = (*SUM_COLUMNS, *GAP_COLUMNS, *TALLIES)
_LENGTHS = ("business_median", "business_p90", "elapsed_median", "elapsed_p90")
_ADDED = (*(name for name in SUM_COLUMNS if name not in _LENGTHS), "rep_days")


def stored_grain(period: Period) -> str | None:
    """Return the grain of stored figures that have the period: a whole bucket, or the part of a week in one month."""
    whole = (grain.value for grain in Grain if period == bucket_of(period.start, grain))
    part = PeriodFigure.Grain.PART.value if period == part_of(period.start) else None
    return next(whole, part)


def buckets_of(period: Period) -> list[Bucket]:
    """Return what is stored and together makes up the period: one bucket, or its whole months and its other days."""
    grain = stored_grain(period)
    if grain is not None:
        return [(grain, period.start)]
    found, day = list[Bucket](), period.start
    while day < period.end:
        month = bucket_of(day, Grain.MONTH)
        is_whole = month.start == day and month.end <= period.end
        bucket, grain = (month, Grain.MONTH) if is_whole else (bucket_of(day, Grain.DAY), Grain.DAY)
        found.append((grain.value, day))
        day = bucket.end
    return found


def stored_figures(periods: Iterable[Period], selection: Selection) -> dict[Period, Row]:
    """Return the row of each period that anything is stored of, for a selection that stored figures can know."""
    parts = {period: buckets_of(period) for period in periods}
    single = {period: of_period[0] for period, of_period in parts.items() if len(of_period) == 1}
    found = _stored(single.values(), selection, _READ)
    rows = {period: _tallied(found[bucket]) for period, bucket in single.items() if bucket in found}
    spans = {period: of_period for period, of_period in parts.items() if len(of_period) > 1}
    dimension, key = _asked(selection)
    added_up = _added_up(spans, selection, dimension, key)
    return rows | {period: row for period, by_key in added_up.items() for row in by_key.values()}


def stored_by(dimension: str, period: Period, selection: Selection) -> dict[str, Row] | None:
    """Return what is stored of one period by the keys of a dimension; None where stored figures cannot know it.

    They know it without any filter. The rows have the days of a rep beside the figures, and no distribution.
    """
    if not selection.is_stored or selection.filters():
        return None
    parts = buckets_of(period)
    if len(parts) > 1:
        return _added_up({period: parts}, selection, dimension).get(period, {})
    rows = {}
    for grain, starts_on in parts:
        found = PeriodFigure.objects.filter(
            agreement=selection.agreement, dimension=dimension, grain=grain, starts_on=starts_on
        ).values("key", "rep_days", *SUM_COLUMNS, *GAP_COLUMNS)
        rows = {row.pop("key"): row for row in map(dict, found)}
    return rows


def stored_waits(periods: Sequence[Period], selection: Selection) -> list[Sequence[int]] | None:
    """Return the business seconds to each first attempt, ascending, by period; None where no stored figure knows."""
    if not selection.is_stored:
        return None
    parts = {period: buckets_of(period) for period in periods}
    found = _stored(chain.from_iterable(parts.values()), selection, ["waits"])
    return [
        sorted(chain.from_iterable(found[bucket]["waits"] for bucket in parts[period] if bucket in found))
        for period in periods
    ]


def _stored(wanted: Iterable[Bucket], selection: Selection, columns: Sequence[str]) -> dict[Bucket, Row]:
    """Return these columns of stored buckets, and perhaps of others."""
    buckets = set(wanted)
    if not buckets:
        return {}
    dimension, key = _asked(selection)
    found = PeriodFigure.objects.filter(
        agreement=selection.agreement,
        dimension=dimension,
        key=key,
        grain__in={grain for grain, _starts_on in buckets},
        starts_on__in={starts_on for _grain, starts_on in buckets},
    ).values("grain", "starts_on", *columns)
    return {(row.pop("grain"), row.pop("starts_on")): row for row in map(dict, found)}


def _added_up(
    spans: Mapping[Period, Sequence[Bucket]], selection: Selection, dimension: str, key: str | None = None
) -> dict[Period, dict[str, Row]]:
    """Return the rows of these spans by key, of one key or of all; those of all are without tallies."""
    if not spans:
        return {}
    buckets = set(chain.from_iterable(spans.values()))
    tallies = () if key is None else TALLIES
    found = PeriodFigure.objects.filter(
        agreement=selection.agreement,
        dimension=dimension,
        grain__in={grain for grain, _starts_on in buckets},
        starts_on__in={starts_on for _grain, starts_on in buckets},
        **({} if key is None else {"key": key}),
    ).values("key", "grain", "starts_on", *_ADDED, "waits", "elapsed_waits", "gap_lengths", *tallies)
    stored: dict[Bucket, list[Row]] = defaultdict(list)
    for row in found:
        stored[row["grain"], row["starts_on"]].append(row)
    rows: dict[Period, dict[str, Row]] = {}
    for period, parts in spans.items():
        of_key: dict[str, list[Row]] = defaultdict(list)
        for row in chain.from_iterable(stored[bucket] for bucket in parts if bucket in stored):
            of_key[row["key"]].append(row)
        rows[period] = {one: _row_of(those, tallies) for one, those in of_key.items()}
    return rows


def _row_of(parts: Sequence[Row], tallies: Sequence[str]) -> Row:
    """Return the row that stored rows come to together; medians are those of the lengths themselves."""
    row: Row = {name: sum(part[name] for part in parts) for name in _ADDED}
    row |= {name: _together(part[name] for part in parts) for name in tallies}
    for name, lengths in (("business", "waits"), ("elapsed", "elapsed_waits")):
        ordered = _ordered(parts, lengths)
        row |= {f"{name}_median": _percentile(ordered, 0.5), f"{name}_p90": _percentile(ordered, 0.9)}
    gaps = _ordered(parts, "gap_lengths")
    average = fsum(gaps) / len(gaps) if gaps else None
    return row | {"gaps": len(gaps), "gap_average": average, "gap_median": _percentile(gaps, 0.5)}


def _ordered(parts: Sequence[Row], name: str) -> list[float]:
    """Return the lengths of all parts, ascending: each has its own so, and they are merged."""
    return sorted(chain.from_iterable(part[name] for part in parts))


def _percentile(ordered: Sequence[float], fraction: float) -> float | None:
    """Return the percentile between the two values nearest to it, as percentile_cont of PostgreSQL does."""
    if not ordered:
        return None
    place = fraction * (len(ordered) - 1)
    below, above = ordered[floor(place)], ordered[ceil(place)]
    return below + (place - floor(place)) * (above - below)


def _asked(selection: Selection) -> tuple[str, str]:
    return next(iter(selection.filters().items()), ("", ""))


def _tallied(row: Row) -> Row:
    return row | {name: _together([row[name]]) for name in TALLIES}


def _together(distributions: Iterable[Mapping[str, int]]) -> dict[int, int]:
    tally: dict[int, int] = {}
    for one in distributions:
        for made, n in one.items():
            tally[int(made)] = tally.get(int(made), 0) + n
    return tally
