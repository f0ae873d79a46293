"""The page of measured rates: beside those of the plan, over time, and what they would mean as the next version's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from agreements.models import Commitment, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.standing import may_write
from agreements.rights import rights_of
from reports.charts.rate_trend import trend_chart
from reports.charts.recalibrated import effect_notes, effect_sentences, effect_table, way_name
from reports.charts.recalibration import rates_table, recalibration_notes, recalibration_verdict
from reports.charts.words import span_name
from reports.measured_plan import Way
from reports.pages.contents import Contents
from reports.pages.frame import ReportPage
from reports.periods import Span, next_month, spans_up_to
from reports.readings.goals import commitment_on
from reports.readings.plan_setting import PlanSetting
from reports.readings.plans import month_goal
from reports.readings.recalibrated import Recalibrated, Recalibration, recalibrate
from reports.readings.recalibration import RecalibrationReport, recalibration_report
from reports.readings.segment_rates import measurements
from reports.readings.tables import Rows
from reports.readings.trend import monthly_rates

TREND = {Span.MONTH: 12, Span.QUARTER: 8, Span.YEAR: 4}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way of measuring, with what it would mean; `leads` is None where it cannot be a plan's."""

    way: Way
    name: str
    sentences: tuple[str, ...]
    leads: int | None
    is_immature: bool


@dataclass(frozen=True, slots=True)
class NextVersion:
    """What the measured rates would be as the next version's plan. `draft` is the number of an open one, if any."""

    found: Recalibration
    choices: tuple[Choice, ...]
    notes: tuple[str, ...]
    draft: int | None
    may_draft: bool

    @property
    def first_month(self) -> dt.date:
        return self.found.first_month


@dataclass(frozen=True, slots=True)
class RecalibrationContents(Contents):
    """`next` is None under a filter, for all hand-offs, and where no plan is stored."""

    period_name: str = ""
    next: NextVersion | None = None

    def file(self, table: str) -> tuple[str, Rows]:
        """Return name and rows of a CSV: of the trend or the effect, or else of the whole report."""
        named = {chart.key: chart.table for chart in self.charts} | dict(self.tables[1:])
        if table in named:
            return f"{self.report}-{table}", named[table].flat_rows()
        return super(RecalibrationContents, self).file(table)


def recalibration_contents(page: ReportPage, user: Any) -> RecalibrationContents:
    """Read the measured rates of the period, those of the plan in force, the trend, and what they would mean."""
    scope = page.scope
    report = recalibration_report(scope)
    goal = month_goal(scope, commitment_on(scope, Commitment.Kind.MQL_GOAL))
    plan = goal.plan if goal else None
    rates = monthly_rates(
        scope,
        spans_up_to(page.month, page.span, TREND[page.span]),
        report.currency,
        usual_cycle_days=report.usual_cycle_days,
    )
    trend = trend_chart(
        rates, plan, span=page.span, currency=report.currency, subtitle=page.selected, as_of=page.as_of
    )
    following = _next_version(page, report, user)
    tables = [("rates", rates_table(report, plan))]
    if following is not None:
        tables.append(("effect", effect_table(following.found, following.found.plan.currency)))
    return RecalibrationContents(
        report="recalibration",
        document=report.as_json(),
        finding=recalibration_verdict(report, plan),
        charts=(trend,),
        tables=tuple(tables),
        notes=tuple(recalibration_notes(report)),
        is_empty=not any(one.marketing_leads or one.customers for one in rates),
        period_name=span_name(scope.period),
        next=following,
    )


def plan_ahead(page: ReportPage, report: RecalibrationReport) -> tuple[Recalibration | None, Version | None]:
    """Work out the plan in force with the rates of the page, and return it with the open draft, if there is one.

    A draft that is open says when the next version begins; else it is next month, or after a version signed ahead.
    """
    if page.agreement is None or page.chips:
        return None, None
    setting = PlanSetting(page.agreement, page.now)
    first_month = setting.next_month
    ahead = Q(state__in=Version.OPEN_STATES) | Q(state=Version.State.SIGNED, starts_on__gte=first_month)
    versions = list(Version.objects.filter(ahead, agreement=page.agreement).order_by("number"))
    draft = next((one for one in reversed(versions) if one.is_open), None)
    if draft is not None:
        first_month = draft.starts_on.replace(day=1)
    elif versions:
        first_month = next_month(max(one.starts_on for one in versions))
    measured = measurements(page.scope, report.currency)
    return recalibrate(setting, report, measured, first_month=first_month), draft


def _next_version(page: ReportPage, report: RecalibrationReport, user: Any) -> NextVersion | None:
    found, draft = plan_ahead(page, report)
    if found is None or page.agreement is None:
        return None
    names = {option.value: option.name for option in page.segments}
    may_draft = may_write(parties_of(page.agreement), rights_of(user))
    return NextVersion(
        found=found,
        choices=tuple(_choice(found, one, names) for one in found.ways.values()),
        notes=tuple(effect_notes(found)),
        draft=draft.number if draft is not None and may_draft else None,
        may_draft=may_draft,
    )


def _choice(found: Recalibration, one: Recalibrated, names: dict[str, str]) -> Choice:
    return Choice(
        way=one.way,
        name=way_name(one.way),
        sentences=tuple(effect_sentences(found, one, names)),
        leads=one.calculation.leads if one.calculation else None,
        is_immature=one.is_immature,
    )
