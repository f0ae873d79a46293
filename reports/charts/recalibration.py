"""The measured rates beside those of the plan."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Plan
from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.readings.numbers import number
from reports.readings.recalibration import RecalibrationReport
from reports.recalibration import Estimate


def recalibration_verdict(report: RecalibrationReport, plan: Plan | None) -> str:
    """Return the finding: the close rate of the month's leads against the plan's."""
    measured = report.cohort.close_rate
    if not measured.n:
        return _("No marketing lead was qualified in %(month)s, so no rate is measured.") % {
            "month": words.span_name(report.period)
        }
    said = {"measured": _rate_with_interval(measured), "month": words.span_name(report.period)}
    if plan is None:
        return (
            _("Measured close rate of the leads of %(month)s: %(measured)s. No plan is stored for it.") % said
        )
    said["planned"] = words.percent(Fraction(plan.close_rate), 1)
    if report.cohort.is_immature:
        return (
            _(
                "The plan says a close rate of %(planned)s; so far %(measured)s, and the leads are still young."
            )
            % said
        )
    if measured.low is not None and measured.high is not None:
        planned = Fraction(plan.close_rate)
        if planned > measured.high:
            return _("The plan says a close rate of %(planned)s, too much: measured %(measured)s.") % said
        if planned < measured.low:
            return _("The plan says a close rate of %(planned)s, too little: measured %(measured)s.") % said
    return _("The plan says a close rate of %(planned)s, which fits: measured %(measured)s.") % said


def rates_table(report: RecalibrationReport, plan: Plan | None) -> Table:
    """Return plan, same month and cohort side by side, with intervals and n in words."""
    same, cohort, currency = report.same_month, report.cohort, report.currency
    planned_currency = plan.currency if plan else currency
    rows = [
        (
            _("Close rate"),
            Cell(words.percent(Fraction(plan.close_rate), 1), number(plan.close_rate)) if plan else _none(),
            Cell(
                _with_parts(
                    words.percent(same.close_rate, 1),
                    words.amount(same.close_rate.numerator),
                    words.amount(same.close_rate.denominator),
                ),
                number(same.close_rate.value),
            ),
            Cell(_rate_with_interval(cohort.close_rate), number(cohort.close_rate.value)),
        ),
        (
            _("Average deal"),
            Cell(words.money(plan.average_deal, planned_currency), number(plan.average_deal))
            if plan
            else _none(),
            Cell(words.money(same.average_deal.value, currency), number(same.average_deal.value)),
            Cell(_deal_with_interval(cohort.average_deal, currency), number(cohort.average_deal.value)),
        ),
        (
            _("Share of revenue from marketing"),
            Cell(words.percent(Fraction(plan.marketing_share), 1), number(plan.marketing_share))
            if plan
            else _none(),
            Cell(
                _with_parts(
                    words.percent(same.marketing_share, 1),
                    words.money(same.revenue_marketing, currency),
                    words.money(same.revenue_all, currency),
                ),
                number(same.marketing_share.value),
            ),
            Cell(_rate_with_interval(cohort.marketing_share), number(cohort.marketing_share.value)),
        ),
        (
            _("Sales cycle in days"),
            Cell(words.amount(plan.cycle_days), plan.cycle_days) if plan else _none(),
            Cell(_cycle(report), number(report.cycle_days.average)),
            Cell(words.NONE, None),
        ),
    ]
    return Table(
        caption=_("Planned and measured, %(month)s") % {"month": words.span_name(report.period)},
        columns=(
            Column("rate", _("Rate")),
            Column("plan", _("The plan says")),
            Column("same_month", _("Measured: what closed at the time")),
            Column("cohort", _("Measured: the leads of the time, whenever won")),
        ),
        rows=tuple((Cell(name, name), *cells) for name, *cells in rows),
    )


def how_rates_are_measured() -> list[str]:
    """Say what the two ways of measuring a rate are, and what its interval is."""
    return [
        _(
            "“What closed at the time” divides customers won by leads qualified in the same days: two different "
            "sets, so it may exceed 100 per cent and has no interval."
        ),
        _("Intervals hold the true value in 19 of 20 such samples; n says how many cases they rest on."),
    ]


def recalibration_notes(report: RecalibrationReport) -> list[str]:
    """Return what a reader must know before using a rate."""
    notes = how_rates_are_measured()
    if report.cohort.is_immature:
        notes.append(
            _("The leads of %(month)s are younger than a usual sales cycle: more of them may still be won.")
            % {"month": words.span_name(report.period)}
        )
    if report.left_out:
        notes.append(
            ngettext(
                "%(n)s won deal has no amount, or one in another currency, and is left out of revenue.",
                "%(n)s won deals have no amount, or one in another currency, and are left out of revenue.",
                report.left_out,
            )
            % {"n": words.amount(report.left_out)}
        )
    if report.won_before_qualified:
        notes.append(
            ngettext(
                "%(n)s deal was won before its lead was qualified.",
                "%(n)s deals were won before their lead was qualified.",
                report.won_before_qualified,
            )
            % {"n": words.amount(report.won_before_qualified)}
        )
    return notes


def _none() -> Cell:
    return Cell(words.NONE, None)


def _with_parts(value: str, part: str, whole: str) -> str:
    if value == words.NONE:
        return value
    return _("%(value)s (%(part)s of %(whole)s)") % {"value": value, "part": part, "whole": whole}


def _rate_with_interval(estimate: Estimate) -> str:
    if estimate.value is None:
        return words.NONE
    said = {"value": words.percent(estimate.value, 1), "n": words.amount(estimate.n)}
    if estimate.low is None or estimate.high is None:
        return _("%(value)s (n = %(n)s, too few for an interval)") % said
    said |= {"low": words.percent(estimate.low), "high": words.percent(estimate.high)}
    return _("%(value)s (%(low)s–%(high)s, n = %(n)s)") % said


def _deal_with_interval(estimate: Estimate, currency: str) -> str:
    if estimate.value is None:
        return words.NONE
    said = {"value": words.money(estimate.value, currency), "n": words.amount(estimate.n)}
    if estimate.low is None or estimate.high is None:
        return _("%(value)s (n = %(n)s, too few for an interval)") % said
    said |= {"low": words.money(estimate.low, ""), "high": words.money(estimate.high, "")}
    return _("%(value)s (%(low)s–%(high)s, n = %(n)s)") % said


def _cycle(report: RecalibrationReport) -> str:
    cycle = report.cycle_days
    if cycle.average is None:
        return words.NONE
    return _("%(average)s on average, median %(median)s, n = %(n)s") % {
        "average": words.amount(cycle.average),
        "median": words.amount(cycle.median),
        "n": words.amount(cycle.n),
    }
