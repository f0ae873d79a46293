"""How measured rates went over months, quarters or years: the leads' own close rate first, the young ones hatched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements.models import Plan
from reports.charts import words
from reports.charts.buckets import FEW, counts_below, few, few_note
from reports.charts.description import Cell, Chart, Column, Goal, Mark, Panel, Series, Table, Tick, Tone
from reports.periods import Span
from reports.readings.numbers import number
from reports.readings.trend import MonthRates


def trend_chart(
    rates: Sequence[MonthRates],
    plan: Plan | None,
    *,
    span: Span,
    currency: str,
    subtitle: str,
    as_of: dt.datetime,
) -> Chart:
    """Describe the close rates against the plan's, each way in a part of its own: the two are never mixed.

    Times with few leads do not stretch the scales: one deal of four leads is a quarter. What lies beyond is said.
    """
    planned = Fraction(plan.close_rate) if plan else None
    of_leads = [one.cohort_close_rate.value for one in rates]
    of_events = [one.close_rate.value for one in rates]
    leads = [one.marketing_leads for one in rates]
    scale, small = _scales(rates, planned)
    name = _("The leads of the time, whenever won")
    series = (
        Series(
            name=_("95 per cent interval"),
            mark=Mark.BAND,
            tone=Tone.ACTUAL,
            values=tuple(number(one.cohort_interval[0]) for one in rates),
            highs=tuple(number(one.cohort_interval[1]) for one in rates),
        ),
        Series(
            name=name,
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(value) for value in of_leads),
            texts=tuple(cohort_words(one) for one in rates),
            muted=few(leads) | {place for place, one in enumerate(rates) if one.is_immature},
        ),
        Series(
            name=_("What closed at the time"),
            mark=Mark.BARS,
            tone=Tone.INK,
            values=tuple(number(value) for value in of_events),
            texts=tuple(
                _("%(rate)s by what closed at the time") % {"rate": words.percent(one.close_rate, 1)}
                for one in rates
            ),
            muted=few(leads),
            panel=1,
        ),
    )
    return Chart(
        key="trend",
        title=_finding(rates),
        subtitle=", ".join((_("Customers for each marketing lead"), f"{span_names(span)} · {subtitle}")),
        labels=tuple(_short_name(one, span) for one in rates),
        spoken=tuple(words.span_name(one.month) for one in rates),
        under=counts_below(leads),
        panels=(
            Panel(name, scale),
            Panel(_("What closed at the time"), (small[0], small[-1]), is_small=True),
        ),
        series=series,
        legend=series[1:],
        goal=None
        if planned is None
        else Goal(float(planned), _("The plan says %(rate)s") % {"rate": words.percent(planned, 1)}),
        summary=_summary(rates, planned),
        table=trend_table(rates, currency, span),
        as_of=as_of,
        notes=(*_notes(rates), *few_note(leads), *_beyond(rates, scale, small)),
        is_empty=not any(one.marketing_leads for one in rates),
    )


def _scales(
    rates: Sequence[MonthRates], planned: Fraction | None
) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
    """Return the scales of both parts, by the times with enough leads; by all where none has."""
    none = Fraction(0)
    counted = [one for one in rates if one.marketing_leads >= FEW] or rates
    of_leads = [
        value or none for one in counted for value in (one.cohort_close_rate.value, one.cohort_interval[1])
    ]
    of_events = [one.close_rate.value or none for one in counted]
    return words.rate_ticks(max([planned or none, *of_leads])), words.rate_ticks(max([none, *of_events]))


def _beyond(rates: Sequence[MonthRates], scale: Sequence[Tick], small: Sequence[Tick]) -> list[str]:
    """Name the times whose bars or interval go beyond the scales, with what they are."""
    cut = [
        f"{words.span_name(one.month)}: {cohort_words(one)}"
        for one in rates
        if max(one.cohort_interval[1] or 0, one.cohort_close_rate.value or 0) > scale[-1].value
    ]
    cut += [
        _("%(when)s: %(rate)s by what closed at the time")
        % {"when": words.span_name(one.month), "rate": words.percent(one.close_rate, 1)}
        for one in rates
        if (one.close_rate.value or 0) > small[-1].value
    ]
    if not cut:
        return []
    said = {"n": words.amount(FEW), "which": "; ".join(cut)}
    return [_("The scale is that of times with %(n)s leads or more. Cut off at its top: %(which)s.") % said]


def span_names(span: Span) -> str:
    """Return "by month" and so on."""
    return {Span.MONTH: _("by month"), Span.QUARTER: _("by quarter"), Span.YEAR: _("by year")}[span]


def cohort_words(one: MonthRates) -> str:
    """Say the close rate of the leads with its interval and n, and that they are young."""
    value, (low, high) = one.cohort_close_rate.value, one.cohort_interval
    if value is None or low is None or high is None:
        return words.NONE
    said = {
        "rate": words.percent(value, 1),
        "low": words.percent(low, 1),
        "high": words.percent(high, 1),
        "n": words.amount(one.marketing_leads),
    }
    if one.is_immature:
        return _("%(rate)s so far (%(low)s–%(high)s, n = %(n)s), the leads still young") % said
    return _("%(rate)s (%(low)s–%(high)s, n = %(n)s)") % said


def trend_table(rates: Sequence[MonthRates], currency: str, span: Span) -> Table:
    """Return all rates, a month, quarter or year a row; those of young leads say so."""
    heading = {Span.MONTH: _("Month"), Span.QUARTER: _("Quarter"), Span.YEAR: _("Year")}[span]
    caption = {
        Span.MONTH: _("The last %(n)s months"),
        Span.QUARTER: _("The last %(n)s quarters"),
        Span.YEAR: _("The last %(n)s years"),
    }[span]
    return Table(
        caption=caption % {"n": len(rates)},
        columns=(
            Column("month", heading),
            Column("marketing_leads", _("Marketing leads")),
            Column("cohort_customers", _("Of these customers by now")),
            Column("cohort_close_rate", _("Close rate of these leads")),
            Column("cohort_low", _("at least")),
            Column("cohort_high", _("at most")),
            Column("maturity", _("Old enough")),
            Column("customers", _("Customers won at the time")),
            Column("close_rate", _("Close rate by what closed then")),
            Column("average_deal", _("Average deal of what closed then")),
            Column("marketing_share", _("Share from marketing of what closed then")),
        ),
        rows=tuple(_row(one, currency) for one in rates),
    )


def _row(one: MonthRates, currency: str) -> tuple[Cell, ...]:
    low, high = one.cohort_interval
    return (
        Cell(words.span_name(one.month), one.month.start.isoformat()),
        Cell(words.amount(one.marketing_leads), one.marketing_leads),
        Cell(words.amount(one.cohort_customers), one.cohort_customers),
        Cell(words.percent(one.cohort_close_rate, 1), number(one.cohort_close_rate.value)),
        Cell(words.percent(low, 1), number(low)),
        Cell(words.percent(high, 1), number(high)),
        Cell(_("still young"), "immature") if one.is_immature else Cell(_("yes"), "mature"),
        Cell(words.amount(one.customers), one.customers),
        Cell(words.percent(one.close_rate, 1), number(one.close_rate.value)),
        Cell(words.money(one.average_deal.value, currency), number(one.average_deal.value)),
        Cell(words.percent(one.marketing_share, 1), number(one.marketing_share.value)),
    )


def _short_name(one: MonthRates, span: Span) -> str:
    match span:
        case Span.MONTH:
            return words.short_month(one.month.start)
        case Span.QUARTER:
            said = {"n": (one.month.start.month + 2) // 3, "year": one.month.start.year}
            return _("Q%(n)s %(year)s") % said
        case Span.YEAR:
            return str(one.month.start.year)


def _old_enough(rates: Sequence[MonthRates]) -> list[MonthRates]:
    return [one for one in rates if one.marketing_leads and not one.is_immature]


def _finding(rates: Sequence[MonthRates]) -> str:
    """Say whether the last that are old enough close otherwise: all before them lie outside their interval."""
    shown = _old_enough(rates)
    if not shown:
        return _("No leads of these times are old enough to tell their close rate.")
    last = shown[-1]
    said = {"last": words.percent(last.cohort_close_rate, 1), "when": words.span_name(last.month)}
    if len(shown) == 1:
        return _("Of the leads of %(when)s, the only ones old enough, %(last)s became customers.") % said
    before = shown[:-1]
    earlier = Fraction(
        sum(one.cohort_customers for one in before), sum(one.marketing_leads for one in before)
    )
    said |= {"earlier": words.percent(earlier, 1)}
    low, high = last.cohort_interval
    assert low is not None and high is not None
    if earlier < low:
        return (
            _("Leads close better than before: %(last)s of those of %(when)s, %(earlier)s of earlier ones.")
            % said
        )
    if earlier > high:
        return (
            _("Leads close worse than before: %(last)s of those of %(when)s, %(earlier)s of earlier ones.")
            % said
        )
    return (
        _("Leads close about as before: %(last)s of those of %(when)s, %(earlier)s of earlier ones.") % said
    )


def _summary(rates: Sequence[MonthRates], planned: Fraction | None) -> str:
    shown = _old_enough(rates)
    if not shown:
        return ""
    found = [(one.cohort_close_rate.value or Fraction(0), one) for one in shown]
    low, high = min(found, key=lambda each: each[0]), max(found, key=lambda each: each[0])
    sentences = [
        _("The leads that are old enough closed at %(low)s (%(of_low)s) to %(high)s (%(of_high)s).")
        % {
            "low": words.percent(low[0], 1),
            "of_low": words.span_name(low[1].month),
            "high": words.percent(high[0], 1),
            "of_high": words.span_name(high[1].month),
        }
    ]
    if planned is not None:
        below = sum(value < planned for value, _one in found)
        sentences.append(
            _("%(below)s of these %(n)s stand below the plan’s %(rate)s.")
            % {
                "below": words.amount(below),
                "n": words.amount(len(found)),
                "rate": words.percent(planned, 1),
            }
        )
    return " ".join(sentences)


def _notes(rates: Sequence[MonthRates]) -> list[str]:
    notes = [
        _("The pale band is where the true rate lies in 19 of 20 such samples; n counts the marketing leads.")
    ]
    if any(one.is_immature and one.marketing_leads for one in rates):
        notes.append(_("Hatched: leads younger than a usual sales cycle, of which more may still be won."))
    return notes
