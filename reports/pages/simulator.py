"""The simulator's page: what one set of terms would have meant, in sentences, and every other allowance beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements.levels import look_up
from agreements.models import Agreement, Commitment, Segment, Version
from agreements.readings.inherited import above_agreement, above_on
from agreements.terms import DEFAULT_WINDOW, Promises
from reports.charts import simulation as said
from reports.charts.description import Chart
from reports.charts.simulation import Span
from reports.readings.population import population
from reports.readings.simulation import (
    REST,
    DepthTerms,
    curve,
    depth_and_worked,
    in_memory,
    waits,
)
from reports.simulation import Depth

HOUR = 3600
TRIED = tuple(minutes * 60 for minutes in (5, 15, 30, 60, 120, 180, 240, 360, 480, 720, 960, 1440, 2400))
USUAL_ALLOWANCE = dt.timedelta(hours=4)
Kind = Commitment.Kind
FIELDS = {
    Kind.SPEED: ("allowance", "average_goal", "in_time_share"),
    Kind.DEPTH: ("attempts", "window"),
    Kind.SHARE_WORKED: ("share",),
}


@dataclass(frozen=True, slots=True)
class Simulated:
    """The finding in the first line, the sentences after it, and the chart."""

    finding: str
    further: tuple[str, ...]
    chart: Chart


def terms_of(
    agreement: Agreement, version: Version | None, segment: Segment | None, today: dt.date
) -> dict[str, Any]:
    """Return what holds under a version for these leads, by the names of the simulator's fields; four hours without.

    What it does not promise itself it inherits; without a version all of it.
    """
    above = above_on(version, today) if version else above_agreement(agreement, today)
    chain = [*([version] if version else []), *above.versions]
    promises = {one.pk: Promises(one.commitments.all()) for one in chain}
    of_segment = segment.pk if segment else agreement.segment_id
    terms: dict[str, Any] = {"allowance": USUAL_ALLOWANCE}
    for kind, names in FIELDS.items():
        if (held := look_up(kind, of_segment, promises, promises)) is not None:
            terms |= {name: getattr(held[0], name) for name in names}
    return terms


def simulate(
    agreement: Agreement, asked: Mapping[str, Any], span: Span, now: dt.datetime
) -> Simulated | None:
    """Return what the terms asked about would have meant; None without an allowance."""
    if asked.get("allowance") is None:
        return None
    allowance, segment = int(asked["allowance"].total_seconds()), asked.get("segment")
    asked_of = population(agreement, span.period, now, segment.pk if segment else None)
    of = asked_of.judged_by(Kind.SPEED)
    tried = sorted({*TRIED, allowance})
    depth_terms = DepthTerms(asked.get("attempts"), asked.get("window") or DEFAULT_WINDOW)
    with in_memory():
        shares = list(zip(tried, curve(of, tried), strict=True))
        _by_key, over_all = waits(of)
        found, of_worked = depth_and_worked(asked_of, {REST: depth_terms})
    depth, worked = found.get(REST, Depth()), of_worked.get(REST, Depth())
    judged = dict(shares)[allowance]
    when, sentences = span.name, list[str]()
    finding = said.allowance_sentence(judged, over_all, allowance, when=when)
    sentences.append(said.population_sentence(asked_of))
    if goal := asked.get("average_goal"):
        sentences.append(said.average_sentence(over_all, int(goal.total_seconds()), when=when))
    if share := asked.get("in_time_share"):
        sentences.append(said.in_time_sentence(judged, share, when=when))
    if depth_terms.attempts:
        sentences.append(said.depth_sentence(depth, depth_terms.attempts, depth_terms.window, when=when))
        sentences.append(said.young_sentence(depth))
    if share := asked.get("share"):
        sentences.append(said.worked_sentence(worked, share, when=when))
    place = f"{agreement.name} · {segment.name}" if segment else agreement.name
    chart = said.curve_chart(
        shares,
        allowance=allowance,
        goal=asked.get("in_time_share"),
        title=finding,
        subtitle=" · ".join((_("Share that would have met each time to the first attempt"), place, when)),
        as_of=now,
    )
    return Simulated(finding, tuple(sentence for sentence in sentences if sentence), chart)
