"""How the figures of one shared chart are counted: in the sentences of editions and of the explore page.

Nothing of it was written by people but the names that the chart itself has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Evaluation, Version
from reports.charts import words
from reports.charts.explored_words import MEASURE_WORDS, TOPIC_NAMES
from reports.charts.heat import HEAT
from reports.pages.counting_words import (
    Said,
    business_hours,
    by_a_deadline,
    counted_by,
    custom_measures,
    depth,
    leads_counted,
    measured_rates,
    over_the_period,
    speed,
)
from reports.pages.edition_definitions import WRITTEN_BY_PEOPLE
from reports.periods import Period, month_of
from reports.readings.explored_measures import MEASURES, Topic
from reports.readings.goals import versions_in
from reports.readings.promise_months import PromiseMonths
from reports.readings.scope import Scope, segments_of

Definition = tuple[str, str]
"""Of what it is, and what it says."""
MOST_VALUED = 12
OF_DEPTH: Mapping[str, tuple[str, ...]] = {
    "depth": ("depth", "share_worked"),
    "at-least": ("depth",),
    HEAT: ("depth", "hours"),
}
OF_THE_GOAL = ("handed_off", "accepted", "rejected", "net", "value")
IN_BUSINESS_TIME = ("speed", "speed_median", "speed_p90", "speed_survival", "in_time", "routing", "rep_part")
"""Measures that count towards the goal by the terms of an agreement, and those that know opening hours."""


def of_waterfall(scope: Scope, measure: str) -> list[Definition]:
    """Say how a month's goal and its leads are counted."""
    if not versions_in(scope):
        return [_of_measure(measure), _of_each_agreement()]
    return _plain(_promised(scope, ("goal",), measure))


def of_speed(scope: Scope) -> list[Definition]:
    """Say how the time to the first attempt is counted, and in whose hours."""
    said = _promised(scope, ("speed",)) if versions_in(scope) else [speed(())]
    return _plain([*said, business_hours(scope)])


def of_depth(scope: Scope, chart: str) -> list[Definition]:
    """Say how attempts are counted on one of the charts of depth."""
    wanted = OF_DEPTH[chart]
    said = [*(_promised(scope, wanted) if versions_in(scope) else [depth(())])]
    if "hours" in wanted:
        said.append(business_hours(scope))
    steps = [_of_measure(f"at_least_{k}") for k in (1, 2)] if chart == "at-least" else []
    return [*steps, *_plain(said)]


def of_rates() -> list[Definition]:
    """Say how rates are measured."""
    return [_of_measure("close_rate"), *_plain([measured_rates()])]


def of_explored(scope: Scope, measure: str) -> list[Definition]:
    """Say what a measure counts, and by whose terms."""
    found = [_of_measure(measure)]
    if measure in OF_THE_GOAL:
        found = _plain(over_the_period(versions_in(scope), _counting(scope, measure), scope.period)) or [
            *found,
            _of_each_agreement(),
        ]
    elif MEASURES[measure].topic is Topic.DEPTH and versions_in(scope):
        found += [one for one in _plain(_promised(scope, ("depth",))) if one not in found]
    return [*found, *_plain([business_hours(scope)] if measure in IN_BUSINESS_TIME else [])]


def of_campaign(scope: Scope, measure: str) -> list[Definition]:
    """Say how the leads of a campaign, and what is planned of it, are counted."""
    counted = over_the_period(versions_in(scope), _counting(scope, measure), scope.period)
    plan = _("What is planned of it is spread alike over its days, days off too.")
    return [*(_plain(counted) or [_of_measure(measure)]), (_("Plan"), plan)]


def of_promise(found: PromiseMonths) -> list[Definition]:
    """Say how a promise was judged over the months, by the versions that it was judged by."""
    last = found.last
    if last.promise != Evaluation.Promise.CUSTOM:
        return _plain([by_a_deadline(last.promise)])
    versions = list({one.version_id: one.version for one in found.evaluations}.values())
    key = f"measure:{last.subject}"

    def judged_by(version: Version) -> Iterator[Said]:
        return (one for one in custom_measures(version) if one[0] == key)

    first = found.evaluations[0].month.month_on
    return _plain(over_the_period(versions, judged_by, Period(first, month_of(last.month.month_on).end)))


def of_edition(snapshot: Mapping[str, Any]) -> list[Definition]:
    """Return what an edition keeps of how its figures were counted, but for what the parties wrote themselves."""
    kept = snapshot.get("definitions")
    rows = kept["rows"] if kept else ()
    return [
        (of["text"], text["text"])
        for of, text in rows
        if str(of["value"]).partition(":")[0].partition("@")[0] not in WRITTEN_BY_PEOPLE
    ]


def _promised(scope: Scope, wanted: Sequence[str], measure: str = "") -> Iterator[Said]:
    def of_version(version: Version) -> Iterator[Said]:
        said = counted_by(version, lambda currency: _worth_now(scope, currency), measure=measure)
        return (one for one in said if one[0] in wanted)

    return over_the_period(versions_in(scope), of_version, scope.period)


def _counting(scope: Scope, measure: str) -> Any:
    return lambda version: [leads_counted(version, measure, lambda currency: _worth_now(scope, currency))]


def _of_measure(measure: str) -> Definition:
    said = MEASURE_WORDS[measure]
    return str(said.name), str(said.meaning)


def _of_each_agreement() -> Definition:
    text = _("Which ones count is said by the agreement that each was handed over under.")
    return str(TOPIC_NAMES[Topic.GOAL]), text


def _worth_now(scope: Scope, currency: str) -> Iterator[str]:
    valued = [one for one in segments_of(scope).values() if one.lead_value is not None]
    said = [f"{one.name} {words.money(one.lead_value, currency, 2)}" for one in valued[:MOST_VALUED]]
    if said:
        yield _("A lead handed over now is worth: %(values)s.") % {"values": "; ".join(said)}


def _plain(said: Iterable[Said]) -> list[Definition]:
    return [(of, text) for _key, of, text in said]
