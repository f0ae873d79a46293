"""What is known of each number of a calculation before anybody types one: planned, agreed, counted or measured.

A number starts from the plan in force; else as measured; else, all four of the plan's numbers together, from the
example of the product: a quota of 5,000, all of it from marketing, deals of 100, every second lead a customer. Values
are in the units in which they are typed: shares in per cent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements.exact import largest_remainder
from agreements.models import Segment
from reports.charts import words
from reports.readings.measured import Measured, SegmentRates
from reports.readings.plan_setting import PlanSetting
from reports.recalibration import Estimate

EXAMPLE = {
    "quota": Decimal(5_000),
    "marketing_share": Decimal(100),
    "average_deal": Decimal(100),
    "close_rate": Decimal(50),
}
PLACES = {"quota": 2, "marketing_share": 2, "average_deal": 2, "close_rate": 4}
MOST_NAMED = 8
"""Sources or campaigns with a share of their own; the rest is one."""


class Origin(StrEnum):
    """Where a number comes from that nobody typed."""

    PLAN = "plan"
    MEASURED = "measured"
    AGREED = "agreed"
    COUNTED = "counted"
    ASSUMED = "assumed"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Reference:
    """A value to compare with, in words, and as a field takes it."""

    text: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Known:
    """A number's start and where it comes from; what the plan in force says and what was measured, where known."""

    value: Decimal
    origin: Origin
    planned: Reference | None = None
    measured: Reference | None = None


def origin_name(origin: Origin) -> str:
    """Return where numbers come from, as a reader knows it."""
    return {
        Origin.PLAN: _("the plan in force"),
        Origin.MEASURED: _("what was measured"),
        Origin.AGREED: _("the agreement"),
        Origin.COUNTED: _("a count of the people in the sales teams"),
        Origin.ASSUMED: _("an assumption"),
        Origin.EXAMPLE: _("an example"),
    }[origin]


def known_numbers(setting: PlanSetting, months: tuple[dt.date, ...]) -> dict[str, Known]:
    """Return what is known of the numbers that every calculation has, by the field's name."""
    measured = setting.measured
    known = _plan_numbers(setting, months)
    attempts = setting.attempts
    tried = measured.attempts.value
    made = max(Decimal("0.1"), _plain(tried, 1)) if tried else None
    known["attempts"] = Known(
        Decimal(attempts) if attempts else made or Decimal(6),
        Origin.AGREED if attempts else Origin.MEASURED if made else Origin.ASSUMED,
        measured=_measured_reference(measured, words.amount(tried), measured.attempts, made),
    )
    known["minutes"] = Known(Decimal(10), Origin.ASSUMED)
    known["reps"] = Known(Decimal(setting.reps), Origin.COUNTED)
    known["hours"] = Known(Decimal(8), Origin.ASSUMED)
    known["time_share"] = Known(Decimal(50), Origin.ASSUMED)
    own = measured.sales_leads_a_month * Fraction(known["attempts"].value) * 10
    said = _(
        "Measured: %(n)s leads a month that sales found itself, %(minutes)s minutes for all their attempts."
    )
    known["own_minutes"] = Known(
        _plain(own, 0),
        Origin.MEASURED,
        measured=None
        if measured.is_empty
        else Reference(
            said % {"n": words.amount(measured.sales_leads_a_month), "minutes": words.amount(own, 0)},
            _plain(own, 0),
        ),
    )
    cycle = measured.cycle_days
    whole = max(Decimal(0), _plain(cycle.average, 0)) if cycle.average is not None else None
    known["cycle_days"] = Known(
        Decimal(setting.plan.cycle_days) if setting.plan else Decimal(0),
        Origin.PLAN if setting.plan else Origin.ASSUMED,
        planned=_planned(words.amount(setting.plan.cycle_days), Decimal(setting.plan.cycle_days))
        if setting.plan
        else None,
        measured=None
        if whole is None
        else Reference(
            _("Measured: %(average)s on average, median %(median)s (n = %(n)s, %(period)s).")
            % {
                "average": words.amount(cycle.average),
                "median": words.amount(cycle.median),
                "n": words.amount(cycle.n),
                "period": period_name(measured),
            },
            whole,
        ),
    )
    return known


def known_of_segment(setting: PlanSetting, segment_id: int, slug: str) -> dict[str, Known]:
    """Return what is known of one segment: its deal and its close rate."""
    planned = {row["segment"]: row for row in setting.plan.segments} if setting.plan else {}
    rates = setting.measured.segments.get(segment_id)
    overall = _plan_numbers(setting, ())
    known = {}
    for name in ("average_deal", "close_rate"):
        scale = 100 if name == "close_rate" else 1
        plan = Fraction(planned[slug][name]) * scale if slug in planned else None
        estimate = _of(rates, name)
        measured = _measured_value(setting, name, estimate) if estimate else None
        typed_plan = None if plan is None else _plain(plan, PLACES[name])
        usual = overall[name]
        known[name] = Known(
            typed_plan if typed_plan is not None else measured if measured is not None else usual.value,
            Origin.PLAN if plan is not None else Origin.MEASURED if measured is not None else usual.origin,
            planned=None if typed_plan is None else _planned(shown(setting, name, typed_plan), typed_plan),
            measured=_rate_reference(setting, name, estimate) if estimate else None,
        )
    return known


def segment_shares(setting: PlanSetting) -> dict[str, Decimal]:
    """Return each segment's share of the revenue goal in per cent, summing to 100: planned, measured or even."""
    segments = setting.segments
    if setting.plan and setting.plan.segments:
        planned = {row["segment"]: Fraction(row["share"]) for row in setting.plan.segments}
        weights = [planned.get(segment.slug, Fraction(0)) for segment in segments]
        return _hundred(segments, weights, 10_000)
    rates = [setting.measured.segments.get(segment.pk) for segment in segments]
    return _hundred(segments, [rate.share if rate and rate.share else Fraction(0) for rate in rates], 1_000)


def _hundred(segments: Sequence[Segment], weights: Sequence[Fraction], parts: int) -> dict[str, Decimal]:
    """Share 100 per cent out by weights, in so many parts; evenly where there is no weight."""
    if not segments:
        return {}
    shared = largest_remainder(parts, weights if any(weights) else [1] * len(segments))
    return {segment.slug: Decimal(part) * 100 / parts for segment, part in zip(segments, shared, strict=True)}


def mix_shares(names: Sequence[tuple[str, int]]) -> list[tuple[str, Decimal]]:
    """Return the measured shares of the largest sources or campaigns, and of the rest, summing to 100 per cent."""
    named = [(name, n) for name, n in names if name][: MOST_NAMED - 1]
    rest = sum(n for _name, n in names) - sum(n for _name, n in named)
    if rest:
        named.append((pgettext("the other sources or campaigns", "all others"), rest))
    if not named:
        return []
    parts = largest_remainder(1000, [n for _name, n in named])
    return [(name, Decimal(part) / 10) for (name, _n), part in zip(named, parts, strict=True)]


def period_name(measured: Measured) -> str:
    """Write the months that rates were measured over."""
    last = max(measured.period.start, measured.period.end - dt.timedelta(days=1))
    first = measured.period.start
    if (first.year, first.month) == (last.year, last.month):
        return words.month(first)
    return f"{words.month(first)} – {words.month(last)}"


def _plan_numbers(setting: PlanSetting, months: tuple[dt.date, ...]) -> dict[str, Known]:
    plan, measured = setting.plan, setting.measured
    values = {
        name: _measured_value(setting, name, getattr(measured, name))
        for name in ("marketing_share", "average_deal", "close_rate")
    }
    revenue = measured.revenue_a_month * max(1, len(months))
    values["quota"] = _plain(revenue, 2) if _has_currency(setting) and revenue > 0 else None
    is_measured = all(value is not None for value in values.values())
    known = {}
    for name, example in EXAMPLE.items():
        measured_value = values[name]
        planned = None
        if plan is not None and plan.currency == setting.currency:
            planned = setting.quota_of_plan(months) if name == "quota" else Decimal(getattr(plan, name))
            if planned is not None and name in ("marketing_share", "close_rate"):
                planned *= 100
        if planned is not None:
            value, origin = planned, Origin.PLAN
        elif is_measured and measured_value is not None:
            value, origin = measured_value, Origin.MEASURED
        else:
            value, origin = example, Origin.EXAMPLE
        known[name] = Known(
            value,
            origin,
            planned=None if planned is None else _planned(shown(setting, name, planned), planned),
            measured=_rate_reference(setting, name, getattr(measured, name))
            if name != "quota"
            else _revenue_reference(setting, values["quota"]),
        )
    return known


def shown(setting: PlanSetting, name: str, value: Decimal) -> str:
    """Write a value of the plan's numbers with its unit."""
    if name in ("marketing_share", "close_rate"):
        return words.percent(Fraction(value) / 100, 2)
    return words.money(value, setting.currency, 2)


def _planned(text: str, value: Decimal) -> Reference:
    return Reference(_("Plan in force: %(value)s.") % {"value": text}, value)


def _of(rates: SegmentRates | None, name: str) -> Estimate | None:
    if rates is None:
        return None
    return rates.average_deal if name == "average_deal" else rates.close_rate


def _has_currency(setting: PlanSetting) -> bool:
    """Whether amounts were measured in the money of the calculation."""
    return bool(setting.measured.currency) and setting.measured.currency == setting.currency


def _measured_value(setting: PlanSetting, name: str, estimate: Estimate) -> Decimal | None:
    """Return a measured rate as a field takes it; None where it can be no input."""
    if not estimate.value or estimate.value < 0 or (name == "average_deal" and not _has_currency(setting)):
        return None
    scale = 1 if name == "average_deal" else 100
    value = _plain(estimate.value * scale, PLACES[name] if name == "average_deal" else 2)
    return value if value > 0 and (scale == 1 or value <= 100) else None


def _rate_reference(setting: PlanSetting, name: str, estimate: Estimate) -> Reference | None:
    if estimate.value is None:
        return None
    value = _measured_value(setting, name, estimate)
    if name == "average_deal":
        said = words.money(estimate.value, setting.measured.currency)
        ends = [words.money(end, "") for end in (estimate.low, estimate.high) if end is not None]
    else:
        said = words.percent(estimate.value, 1)
        ends = [words.percent(end, 1) for end in (estimate.low, estimate.high) if end is not None]
    return _measured_reference(setting.measured, said, estimate, value, "–".join(ends))


def _measured_reference(
    measured: Measured, said: str, estimate: Estimate, value: Decimal | None, interval: str = ""
) -> Reference | None:
    if estimate.value is None:
        return None
    parts = {
        "value": said,
        "interval": interval,
        "n": words.amount(estimate.n),
        "period": period_name(measured),
    }
    if measured.is_immature:
        return Reference(
            (
                _("Measured: %(value)s (%(interval)s, n = %(n)s, %(period)s; the leads are still young).")
                if interval
                else _("Measured: %(value)s (n = %(n)s, %(period)s; the leads are still young).")
            )
            % parts,
            value,
        )
    return Reference(
        (
            _("Measured: %(value)s (%(interval)s, n = %(n)s, %(period)s).")
            if interval
            else _("Measured: %(value)s (n = %(n)s, %(period)s).")
        )
        % parts,
        value,
    )


def _revenue_reference(setting: PlanSetting, value: Decimal | None) -> Reference | None:
    if value is None:
        return None
    return Reference(
        _("Measured: revenue of %(revenue)s a month from the leads of %(period)s.")
        % {
            "revenue": words.money(setting.measured.revenue_a_month, setting.currency),
            "period": period_name(setting.measured),
        },
        None,
    )


def _plain(value: Fraction, places: int) -> Decimal:
    return words.rounded(value, places)
