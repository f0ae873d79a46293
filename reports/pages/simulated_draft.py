"""What each term of a draft would have meant, by the name of its field: the sentences beside the editor's fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Commitment, Version
from agreements.services.draft_values import goal_key
from agreements.terms import DEFAULT_WINDOW
from reports.charts import simulation as said
from reports.charts.simulation import Span
from reports.readings.goal_history import goal_history
from reports.readings.population import CameUnder, Population, population
from reports.readings.simulation import (
    REST,
    DepthTerms,
    Waits,
    depth_and_worked,
    in_memory,
    judged_under,
    speed_under,
)
from reports.simulation import Depth, Judged

Values = Mapping[str, Any]
Says = dict[str, str]
Kind = Commitment.Kind
RECENT = 3
# As the keys of a draft begin, which are the words of the kinds.
DEADLINES = tuple(kind.value for kind in Commitment.DEADLINES)


def draft_says(
    version: Version,
    values: Values,
    *,
    segments: Sequence[int],
    months: Sequence[dt.date],
    span: Span,
    now: dt.datetime,
) -> Says:
    """Return a sentence for each term that can be tried on the past; `values` are the draft's, by its form's keys."""
    asked = population(version.agreement, span.period, now)
    keys = ["", *(str(pk) for pk in segments)]
    with in_memory():
        says = _speed_says(asked, values, keys, span.name) | _depth_says(asked, values, keys, span.name)
        for kind in DEADLINES:
            says |= _deadline_says(kind, asked, values, keys, span.name)
    # What came under an agreement above is not stored by the parties of this one.
    if asked.came_under is not CameUnder.ABOVE:
        says |= _goal_says(version, keys, months, now)
    if any(says.values()):
        says["population"] = said.population_sentence(asked)
    return says


def _of(values: Values, kind: str, key: str, term: str) -> Any:
    return values.get(f"{kind}-{key or 0}-{term}")


def _speed_says(asked: Population, values: Values, keys: Sequence[str], when: str) -> Says:
    allowances = {
        key: int(length.total_seconds())
        for key in keys
        if (length := _of(values, "speed", key, "allowance")) is not None
    }
    if not allowances:
        return {}
    speed = speed_under(asked.judged_by(Kind.SPEED), allowances)
    is_mixed = len(allowances) > 1
    says = {}
    for key, allowance in allowances.items():
        judged, waits = speed.judged.get(key, Judged()), speed.waits.get(key, Waits())
        name = f"speed-{key or 0}"
        says[f"{name}-allowance"] = said.allowance_sentence(
            judged, waits, allowance, when=when, is_rest=is_mixed and key == REST
        )
        if key == REST:  # what is promised for all leads is judged on all
            judged, waits = speed.all_judged, speed.all_waits
        if goal := _of(values, "speed", key, "average_goal"):
            says[f"{name}-average_goal"] = said.average_sentence(waits, int(goal.total_seconds()), when=when)
        if share := _of(values, "speed", key, "in_time_share"):
            says[f"{name}-in_time_share"] = said.in_time_sentence(
                judged, share, when=when, is_mixed=is_mixed and key == REST
            )
    return says


def _deadline_says(kind: str, asked: Population, values: Values, keys: Sequence[str], when: str) -> Says:
    allowances = {
        key: int(length.total_seconds())
        for key in keys
        if (length := _of(values, kind, key, "allowance")) is not None
    }
    if not allowances:
        return {}
    found = judged_under(asked.judged_by(kind), allowances, of=kind)
    is_mixed = len(allowances) > 1
    says = {}
    for key, allowance in allowances.items():
        judged, name = found.get(key, Judged()), f"{kind}-{key or 0}"
        is_rest = is_mixed and key == REST
        sentence = said.deadline_sentence(kind, judged, allowance, when=when, is_rest=is_rest)
        says[f"{name}-allowance"] = sentence
        if key == REST:  # what is promised for all leads is judged on all
            judged = reduce(add, found.values(), Judged())
        if share := _of(values, kind, key, "in_time_share"):
            says[f"{name}-in_time_share"] = said.in_time_sentence(judged, share, when=when, is_mixed=is_rest)
    return says


def _depth_says(asked: Population, values: Values, keys: Sequence[str], when: str) -> Says:
    rest = _depth_terms(values, REST) or DepthTerms()
    terms = {REST: rest}
    for key in keys:
        own = _depth_terms(values, key)
        if key and (own or _of(values, "worked", key, "share")):
            terms[key] = own or rest
    found, of_worked = depth_and_worked(asked, terms)
    over_all, all_worked = (reduce(add, one.values(), Depth()) for one in (found, of_worked))
    says = {}
    for key, of_key in terms.items():
        depth = found.get(key, Depth()) if key else over_all
        worked = of_worked.get(key, Depth()) if key else all_worked
        if of_key.attempts is not None and _of(values, "depth", key, "attempts"):
            is_mixed = not key and any(one != rest for one in terms.values())
            says[f"depth-{key or 0}-attempts"] = said.depth_sentence(
                depth, of_key.attempts, of_key.window, when=when, is_mixed=is_mixed
            )
            says[f"depth-{key or 0}-window"] = said.young_sentence(depth)
        if share := _of(values, "worked", key, "share"):
            says[f"worked-{key or 0}-share"] = said.worked_sentence(worked, share, when=when)
    return says


def _depth_terms(values: Values, key: str) -> DepthTerms | None:
    attempts = _of(values, "depth", key, "attempts")
    if not attempts:
        return None
    return DepthTerms(
        attempts=int(attempts),
        window=_of(values, "depth", key, "window") or DEFAULT_WINDOW,
        counts_automated=bool(_of(values, "depth", key, "counts_automated")),
    )


def _goal_says(version: Version, keys: Sequence[str], months: Sequence[dt.date], now: dt.datetime) -> Says:
    agreement = version.agreement
    this_month = now.astimezone(agreement.zone).date().replace(day=1)
    recent = list[dt.date]()
    month = this_month
    for _turn in range(RECENT):
        month = (month - dt.timedelta(days=1)).replace(day=1)
        recent.insert(0, month)
    before = {month: month.replace(year=month.year - 1) for month in months}
    past = {one for one in before.values() if one < this_month}
    kinds = version.commitments.filter(kind=Kind.MQL_GOAL).values_list("segment_id", "measure")
    measures = dict.fromkeys(keys, Commitment.Measure.HANDED_OFF.value)
    measures |= {str(segment or ""): measure for segment, measure in kinds if str(segment or "") in measures}
    history = goal_history(agreement, {*recent, *past}, measures, now)
    says = {}
    for key, of_key in history.items():
        measure = measures[key]
        for month, year_before in before.items():
            if year_before in of_key:
                says[goal_key(int(key or 0) or None, month)] = said.past_month_sentence(
                    of_key[year_before], measure, agreement.currency
                )
        lines = [said.past_month_sentence(of_key[one], measure, agreement.currency) for one in recent]
        says[f"goals-{key or 0}"] = _("The last three months. %(months)s") % {"months": " ".join(lines)}
    return says
