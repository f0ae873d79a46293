"""What each report page shows: its figures read, its charts described, the finding in the first line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.derivation import Derivation, derivation
from agreements.models import Commitment
from reports.charts import depth as depth_charts
from reports.charts import speed as speed_charts
from reports.charts import words
from reports.charts.beside import Beside
from reports.charts.campaigns import campaign_notes, goal_named
from reports.charts.description import Cell, Chart, Table
from reports.charts.gap import segment_chart, source_chart
from reports.charts.heat import HeatTable, heat_table
from reports.charts.multiples import Multiple, multiples
from reports.charts.verdicts import Standing, outlook, verdict
from reports.charts.waits import waits_chart
from reports.charts.waterfall import waterfall_chart
from reports.charts.waterfall_notes import excused_days, goal_changes, restated
from reports.forecast import Landing
from reports.pages.behind_addresses import (
    depth_behind,
    speed_behind,
    with_buckets_linked,
    with_gap_linked,
    with_steps_linked,
)
from reports.pages.frame import ReportPage, party_name
from reports.pages.groups import by_load, depth_groups, speed_groups
from reports.pages.measures_offered import chosen_measure, measures_offered
from reports.periods import Grain
from reports.readings.attempt_days import attempt_days_of
from reports.readings.breakdown import gap_by_segment, gap_by_source, segment_waterfalls
from reports.readings.campaigns import campaigns_in
from reports.readings.depth import depth_report
from reports.readings.excused import accepted_excuses
from reports.readings.goal_values import goals_in, leads_without_value
from reports.readings.goals import agreement_of, business_days, commitment_on, tolerance_of
from reports.readings.groups import Group
from reports.readings.landing import month_landing
from reports.readings.plans import month_goal
from reports.readings.restated import restated_lately
from reports.readings.returned import disputed_rejections
from reports.readings.scope import segments_of
from reports.readings.signed_goals import goal_asked_for
from reports.readings.speed import speed_report
from reports.readings.tables import Rows, flat_rows
from reports.readings.waterfall import WaterfallReport, month_before, waterfall_report

Measure = Commitment.Measure


@dataclass(frozen=True, slots=True)
class Contents:
    """`finding` is the first line, `further` the sentences after it. `document` is the report as JSON has it."""

    report: str
    document: dict[str, Any]
    finding: str
    further: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()
    notes: tuple[str, ...] = ()
    derivation: Derivation | None = None
    multiples: tuple[Multiple, ...] = ()
    heat: HeatTable | None = None
    measure: str = ""
    measures: tuple[Commitment.Measure, ...] = ()
    is_empty: bool = False
    behind: tuple[tuple[str, str], ...] = ()

    def file(self, table: str) -> tuple[str, Rows]:
        """Return name and rows of a CSV: of a chart or table beside the main one, or else of the whole report."""
        found = self.table(table)
        if found is not None:
            return f"{self.report}-{table}", found.flat_rows()
        return self.report, flat_rows(self.report, self.document)

    def table(self, key: str) -> Table | None:
        """Return the table of a chart or of figures beside the main one; None where none is called so."""
        named = {chart.key: chart.table for chart in self.charts[1:]} | dict(self.tables[1:])
        if self.heat is not None:
            named[self.heat.key] = self.heat.table
        return named.get(key)


@dataclass(frozen=True, slots=True)
class MonthSeen:
    """A month's waterfall with its sentences and its chart. `goal` is what was promised, None for nothing."""

    report: WaterfallReport
    goal: Commitment | None
    standing: Standing
    landing: Landing | None
    chart: Chart
    beside: Beside

    @property
    def outlook(self) -> tuple[str, ...]:
        """What is needed each day, where the month will end, and both read-outs: in leads and in expected revenue."""
        return (*outlook(self.standing, self.landing), *self.beside.sentences)


def see_month(
    page: ReportPage, *, measure: str | None = None, is_whole: bool = False, with_before: bool = False
) -> MonthSeen:
    """Read the month's waterfall and its landing, by the agreed measure or another.

    `is_whole`: with what is to be noted, as the page of the waterfall shows it; `with_before`: with the month before.
    """
    scope = page.scope
    report = waterfall_report(scope, measure=measure)
    promise = commitment_on(scope, Commitment.Kind.MQL_GOAL)
    waterfall, opens = report.months[-1].waterfall, business_days(scope)
    standing = _standing(page, report, promise)
    landing = month_landing(scope, report.measure, opens) if page.has_hand_offs else None
    main = waterfall_chart(
        standing=standing,
        waterfall=waterfall,
        measure=report.measure,
        profile=report.profile,
        selected=page.selected,
        is_business_day=opens,
        as_of=page.as_of,
        landing=landing,
        disputed=disputed_rejections(scope) if report.measure == Commitment.Measure.NET else 0,
        before=month_before(scope, report.measure) if with_before else None,
        further_notes=_further_notes(page, report.measure, promise) if is_whole else (),
    )
    return MonthSeen(report, promise, standing, landing, main, _beside(page, report, promise, opens))


def _standing(page: ReportPage, report: WaterfallReport, promise: Commitment | None) -> Standing:
    summary = report.months[-1].waterfall.summary
    own = None if summary.goal is None else goal_asked_for(page.scope)
    return Standing(
        month=page.scope.period,
        today=page.scope.as_of_day,
        party=party_name(own or promise, _("Marketing")),
        summary=summary,
        tolerance=tolerance_of(promise),
        currency=_currency(page) if report.measure == Measure.VALUE else "",
        named=""
        if own is None or summary.goal is None
        else goal_named(own.of, own.name, leads=words.whole(summary.goal), month=page.month),
    )


def _beside(
    page: ReportPage,
    report: WaterfallReport,
    promise: Commitment | None,
    opens: Callable[[dt.date], bool],
) -> Beside:
    """Read the month in the other unit too: in expected revenue where leads are shown, in leads where revenue is."""
    is_value = report.measure == Measure.VALUE
    leads_by = promise.measure if promise and promise.measure != Measure.VALUE else Measure.HANDED_OFF
    other = waterfall_report(page.scope, measure=leads_by if is_value else Measure.VALUE)
    this, that = _standing(page, report, promise), _standing(page, other, promise)
    leads, worth = (that, this) if is_value else (this, that)
    if worth.summary.goal is None and not worth.summary.actual:
        return Beside(leads, worth, leads_first=not is_value)
    return Beside(
        leads,
        worth,
        worth_landing=None if is_value else month_landing(page.scope, Measure.VALUE, opens),
        without_value=leads_without_value(page.scope),
        leads_first=not is_value,
    )


def _further_notes(page: ReportPage, measure: str, promise: Commitment | None) -> tuple[str, ...]:
    """Say where the goal was changed within the month, which days were excused, and what the goal was agreed for."""
    notes = [
        *goal_changes(list(zip(page.scope.period, goals_in(page.scope, measure), strict=True))),
        *excused_days(accepted_excuses(page.scope)),
        *campaign_notes(campaigns_in(page.scope)),
        *restated(measure, restated_lately(page.scope, measure)),
    ]
    if promise is not None and measure == Measure.VALUE != promise.measure:
        notes.append(
            _(
                "The goal was agreed in leads. In expected revenue it is each segment’s leads × what a lead of it is"
                " worth; leads of no segment with a value are worth nothing."
            )
        )
    elif promise is not None and measure != promise.measure:
        agreed_for = Commitment.Measure(promise.measure).label
        notes.append(_("The goal was agreed for another measure: %(measure)s.") % {"measure": agreed_for})
    return tuple(notes)


def waterfall_contents(
    page: ReportPage, *, measure: str | None = None, with_before: bool = False
) -> Contents:
    """Read the month's waterfall, its landing, and where the gap comes from."""
    chosen = chosen_measure(page.scope, measure)
    month = see_month(page, measure=chosen, is_whole=True, with_before=with_before)
    segments = {key: (one.slug, one.name) for key, one in segments_of(page.scope).items()}
    names = {key: name for key, (_slug, name) in segments.items()}
    return Contents(
        report="waterfall",
        document=month.report.as_json(),
        finding=verdict(month.standing),
        further=month.outlook,
        charts=(_with_days_linked(page, month), *_gap_charts(page, month, names)),
        multiples=_multiples(page, month, segments),
        derivation=_derivation(page, month.goal),
        measure=month.report.measure,
        measures=tuple(measures_offered(page.scope)),
        is_empty=month.chart.is_empty,
    )


def _gap_charts(page: ReportPage, month: MonthSeen, names: dict[str, str]) -> list[Chart]:
    """Describe where the gap comes from; a filter has narrowed it down already, so then there is nothing to say."""
    if page.chips:
        return []
    measure, currency = month.report.measure, month.standing.currency
    place = f"{page.month_name} · {page.selected}"
    by_segment = " · ".join((_("Where the gap comes from: goal to date and actual, by segment"), place))
    segments, sources = gap_by_segment(page.scope, measure), gap_by_source(page.scope, measure)
    by_source = _("Where the leads come from: actual to date, by source")
    if any(group.goal is not None for group in sources):
        by_source = _("Where the gap comes from: actual, and what was due of sources with a goal, to date")
    charts = []
    if any(group.key for group in segments):
        chart = segment_chart(segments, names, subtitle=by_segment, as_of=page.as_of, currency=currency)
        charts.append(with_gap_linked(page, chart, measure, Group.SEGMENT, [one.key for one in segments]))
    if sources:
        subtitle, goal = f"{by_source} · {place}", month.standing.summary.goal_to_date
        chart = source_chart(sources, subtitle=subtitle, as_of=page.as_of, goal=goal, currency=currency)
        charts.append(with_gap_linked(page, chart, measure, Group.SOURCE, [one.key for one in sources]))
    return charts


def where_the_gap_comes_from(page: ReportPage) -> list[str]:
    """Say which segment and which source the month's gap comes from, as the charts of it do."""
    month = see_month(page)
    names = {key: one.name for key, one in segments_of(page.scope).items()}
    has_goals = any(group.gap is not None for group in gap_by_segment(page.scope, month.report.measure))
    charts = _gap_charts(page, month, names)
    return [chart.title for chart in charts if chart.key != "segments" or has_goals]


def _with_days_linked(page: ReportPage, month: MonthSeen) -> Chart:
    """Return the chart with a link from each day on which something came to the rows that were counted then."""
    parts = {
        "month": page.month_value,
        "agreement": page.agreement.slug if page.agreement else "",
        "measure": month.report.measure,
        **{chip.parameter: chip.asked for chip in page.chips},
    }
    days, rows = month.report.months[-1].waterfall.days, list[tuple[Cell, ...]]()
    for day, (heading, *cells) in zip(days, month.chart.table.rows, strict=True):
        if day.actual:
            query = urlencode({**parts, "day": day.on.isoformat()})
            heading = replace(heading, address=f"{reverse('reports:counted')}?{query}")
        rows.append((heading, *cells))
    return replace(month.chart, table=replace(month.chart.table, rows=tuple(rows)))


def _multiples(
    page: ReportPage, month: MonthSeen, segments: dict[str, tuple[str, str]]
) -> tuple[Multiple, ...]:
    """Describe each segment beside the others; nothing under a filter, which has chosen already."""
    if page.chips or month.chart.is_empty:
        return ()
    standing = month.standing
    found = segment_waterfalls(page.scope, month.report.measure, tolerance=standing.tolerance)
    return multiples(found, segments, quantity=standing.quantity)


def _derivation(page: ReportPage, promise: Commitment | None) -> Derivation | None:
    if page.chips:
        return None
    by_slug = {option.value: option.name for option in page.segments}
    return derivation(month_goal(page.scope, promise), by_slug)


def speed_contents(
    page: ReportPage, grain: Grain, *, group: Group | None = None, user: Any = None
) -> Contents:
    """Read the speed of the period's hand-offs: over time and, where a group is asked for, by that and by load."""
    report = speed_report(page.scope, grain)
    party = party_name(report.promise, _("Sales"))
    subtitle = f"{_period_name(page, grain)} · {page.selected}"
    average = speed_charts.average_chart(report, party=party, subtitle=subtitle, as_of=page.as_of)
    in_time = speed_charts.in_time_chart(report, subtitle=subtitle, as_of=page.as_of)
    beside: tuple[Chart, ...] = ()
    if group is not None and not average.is_empty:
        said: dict[str, Any] = {"promise": report.promise, "subtitle": subtitle}
        beside = (speed_groups(page, group, user, **said), by_load(page, **said))
    tiles = [bucket.period for bucket in report.buckets]
    return Contents(
        report="speed",
        document=report.as_json(),
        finding=average.title,
        further=(in_time.title,) if not in_time.is_empty else (),
        charts=(
            with_buckets_linked(page, average, "timed", tiles),
            with_buckets_linked(page, in_time, "due", tiles, place=1),
            waits_chart(report, subtitle=subtitle, as_of=page.as_of),
            *beside,
        ),
        is_empty=average.is_empty,
        behind=speed_behind(page, report.total),
    )


def depth_contents(
    page: ReportPage, grain: Grain, *, group: Group | None = None, user: Any = None
) -> Contents:
    """Read the depth of the period's hand-offs: over time and by number of attempts; if asked for, by group and day."""
    report = depth_report(page.scope, grain)
    party = party_name(report.promise, _("Sales"))
    subtitle = f"{_period_name(page, grain)} · {page.selected}"
    average = depth_charts.average_chart(
        report,
        party=party,
        subtitle=subtitle,
        worked=commitment_on(page.scope, Commitment.Kind.SHARE_WORKED),
        as_of=page.as_of,
    )
    steps = depth_charts.at_least_chart(report, subtitle=subtitle, as_of=page.as_of)
    tiles = [bucket.period for bucket in report.buckets]
    beside, heat = tuple[Chart, ...](), None
    if group is not None and not average.is_empty:
        beside = depth_groups(page, group, user, promise=report.promise, subtitle=subtitle)
        heat = depth_heat(page, grain)
    return Contents(
        report="depth",
        document=report.as_json(),
        finding=average.title,
        further=(steps.title,) if not steps.is_empty else (),
        charts=(
            with_buckets_linked(page, average, "hand_offs", tiles),
            with_steps_linked(page, steps),
            *beside,
        ),
        heat=heat,
        is_empty=average.is_empty,
        behind=depth_behind(page, report.total),
    )


def depth_heat(page: ReportPage, grain: Grain) -> HeatTable | None:
    """Read on which business day after the hand-off each attempt came; None where none was made."""
    return heat_table(attempt_days_of(page.scope), subtitle=f"{_period_name(page, grain)} · {page.selected}")


def _period_name(page: ReportPage, grain: Grain) -> str:
    if grain is not Grain.MONTH:
        return page.month_name
    return _("12 months to %(month)s") % {"month": page.month_name}


def _currency(page: ReportPage) -> str:
    agreement = agreement_of(page.scope)
    return agreement.currency if agreement else ""
