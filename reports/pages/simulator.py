"""The simulator's page: what one set of terms would have meant, in sentences, and every other allowance beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Agreement, Commitment, Segment, Version
from agreements.terms import DEFAULT_WINDOW
from reports.charts import simulation as said
from reports.charts.description import Chart
from reports.charts.simulation import Span
from reports.readings.simulation import (
    REST,
    DepthTerms,
    curve,
    depth_under,
    in_memory,
    population,
    waits,
)
from reports.simulation import Depth

HOUR = 3600
TRIED = tuple(minutes * 60 for minutes in (5, 15, 30, 60, 120, 180, 240, 360, 480, 720, 960, 1440, 2400))
USUAL_ALLOWANCE = dt.timedelta(hours=4)
Kind = Commitment.Kind


@dataclass(frozen=True, slots=True)
class Simulated:
    """The finding in the first line, the sentences after it, and the chart."""

    finding: str
    further: tuple[str, ...]
    chart: Chart


def terms_of(version: Version | None, segment: Segment | None = None) -> dict[str, Any]:
    """Return what a version promises for these leads, by the names of the simulator's fields; four hours without."""
    terms: dict[str, Any] = {"allowance": USUAL_ALLOWANCE}
    if version is None:
        return terms
    names = {
        Kind.SPEED: ("allowance", "average_goal", "in_time_share"),
        Kind.DEPTH: ("attempts", "window"),
        Kind.SHARE_WORKED: ("share",),
    }
    wanted = {None, segment.pk if segment else None}
    for promise in sorted(version.commitments.all(), key=lambda one: one.segment_id or 0):
        if promise.segment_id in wanted and promise.kind in names:
            for name in names[Kind(promise.kind)]:
                terms[name] = getattr(promise, name)
    return terms


def simulate(
    agreement: Agreement, asked: Mapping[str, Any], span: Span, now: dt.datetime
) -> Simulated | None:
    """Return what the terms asked about would have meant; None without an allowance."""
    if asked.get("allowance") is None:
        return None
    allowance, segment = int(asked["allowance"].total_seconds()), asked.get("segment")
    of = population(agreement, span.period, now, segment.pk if segment else None)
    tried = sorted({*TRIED, allowance})
    depth_terms = DepthTerms(asked.get("attempts"), asked.get("window") or DEFAULT_WINDOW)
    with in_memory():
        shares = list(zip(tried, curve(of, tried), strict=True))
        _by_key, over_all = waits(of)
        depth = depth_under(of, {REST: depth_terms}).get(REST, Depth())
    judged = dict(shares)[allowance]
    when, sentences = span.name, list[str]()
    finding = said.allowance_sentence(judged, over_all, allowance, when=when)
    if not of.is_own:
        sentences.append(
            _("Nothing came under this agreement then: these are hand-offs that came under no agreement.")
        )
    if goal := asked.get("average_goal"):
        sentences.append(said.average_sentence(over_all, int(goal.total_seconds()), when=when))
    if share := asked.get("in_time_share"):
        sentences.append(said.in_time_sentence(judged, share, when=when))
    if depth_terms.attempts:
        sentences.append(said.depth_sentence(depth, depth_terms.attempts, depth_terms.window, when=when))
        sentences.append(said.young_sentence(depth))
    if share := asked.get("share"):
        sentences.append(said.worked_sentence(depth, share, when=when))
    place = f"{agreement.name} · {segment.name}" if segment else agreement.name
    chart = said.curve_chart(
        shares,
        allowance=allowance,
        goal=asked.get("in_time_share"),
        title=finding,
        subtitle=f"{_('Share that would have met each time to the first attempt')} · {place} · {when}",
        as_of=now,
    )
    return Simulated(finding, tuple(sentence for sentence in sentences if sentence), chart)
