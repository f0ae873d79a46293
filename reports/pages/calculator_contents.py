"""What a calculation says: its answer in the first lines, then the tables and the chart behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.calculation import (
    BreakEven,
    Calculation,
    Inputs,
    Interval,
    SegmentEffect,
    break_even,
    calculate,
    effects,
)
from reports.charts import words
from reports.charts.description import Chart, Table
from reports.charts.known_numbers import period_name
from reports.charts.sensitivity import sensitivity_chart
from reports.pages.calculator_tables import (
    break_even_table,
    mix_table,
    months_table,
    quota_table,
    segments_table,
    steps_table,
    work_table,
)
from reports.readings.plan_setting import PlanSetting


@dataclass(frozen=True, slots=True)
class CalculatorContents:
    """`answer` is the first line, `further` the sentences after it, `tables` what stands behind it by key."""

    calculation: Calculation
    answer: str
    further: tuple[str, ...]
    tables: tuple[tuple[str, str, Table], ...]
    chart: Chart
    bar: str

    def table(self, key: str) -> Table | None:
        """Return a table by its key, the chart's among them."""
        named = {name: table for name, _heading, table in self.tables}
        return (named | {"sensitivity": self.chart.table}).get(key)


def work_out(inputs: Inputs, setting: PlanSetting) -> CalculatorContents:
    """Work a calculation out and describe it; `FunnelError` naming the input that cannot be used."""
    found = calculate(inputs, business_days=setting.business_days)
    names = {segment.slug: segment.name for segment in setting.segments}
    tables = [("steps", _("From the quota to the leads"), steps_table(found, setting.currency))]
    if found.segments:
        tables.append(("segments", _("By segment"), segments_table(found, names, setting.currency)))
    if found.mix:
        tables.append(("sources", _("Where the leads come from"), mix_table(found)))
    if len(found.quota_months) > 1 or inputs.cycle_days:
        tables.append(("quota", _("What must close, by month"), quota_table(found, setting.currency)))
    if inputs.cycle_days:
        tables.append(("months", _("When leads are needed"), months_table(found)))
    tables.append(("work", _("The work, and who is there for it"), work_table(found)))
    reached = _break_evens(found, setting)
    if reached:
        tables.append(("break-even", _("Break-even"), break_even_table(reached, setting.currency)))
    return CalculatorContents(
        calculation=found,
        answer=answer(found),
        further=tuple(sentence for sentence in (_capacity_sentence(found), _lag_sentence(found)) if sentence),
        tables=tuple(tables),
        chart=_chart(inputs, found, setting, names),
        bar=_bar(found),
    )


def answer(found: Calculation) -> str:
    """Return the first line: how many leads, a month and a business day, and for how many customers."""
    said = {
        "leads": words.amount(found.leads),
        "month": words.amount(found.a_month),
        "day": words.amount(found.per_business_day),
        "customers": _customers(found),
        "rate": words.percent(found.close_rate, 2),
    }
    months = len(found.quota_months)
    if found.per_business_day is None:
        return _("You need %(leads)s MQLs: %(customers)s at %(rate)s.") % said
    if months == 1:
        return (
            ngettext(
                "You need %(leads)s MQL a month (%(day)s per business day): %(customers)s at %(rate)s.",
                "You need %(leads)s MQLs a month (%(day)s per business day): %(customers)s at %(rate)s.",
                found.leads,
            )
            % said
        )
    said["months"] = words.amount(months)
    return (
        ngettext(
            "You need %(leads)s MQL in %(months)s months, %(month)s a month (%(day)s per business day): "
            "%(customers)s at %(rate)s.",
            "You need %(leads)s MQLs in %(months)s months, %(month)s a month (%(day)s per business day): "
            "%(customers)s at %(rate)s.",
            found.leads,
        )
        % said
    )


def _bar(found: Calculation) -> str:
    """Return the answer as short as it can be said."""
    work = found.busiest.work
    said = {
        "leads": words.amount(found.a_month),
        "reps": words.amount(work.reps_needed if work else None),
        "have": words.amount(found.inputs.team.reps, 2),
    }
    return _("%(leads)s MQLs a month · %(reps)s reps needed, %(have)s there") % said


def _customers(found: Calculation) -> str:
    n = found.plan.customers
    return ngettext("%(n)s customer", "%(n)s customers", n) % {"n": words.amount(n)}


def _capacity_sentence(found: Calculation) -> str:
    busiest = found.busiest
    if busiest.work is None:
        return _("%(month)s has no business day: nobody could follow its leads up.") % {
            "month": words.month(busiest.month)
        }
    reps = found.inputs.team.reps
    said = {
        "needed": words.amount(busiest.work.reps_needed),
        "month": words.month(busiest.month),
        "have": words.amount(reps, 2),
        "n": words.amount(busiest.unworked),
        "share": words.percent(busiest.work.share_of_capacity),
    }
    if busiest.unworked:
        return (
            ngettext(
                "Following up in %(month)s needs %(needed)s reps; you have %(have)s: %(n)s lead of the month would go "
                "beyond what was agreed.",
                "Following up in %(month)s needs %(needed)s reps; you have %(have)s: %(n)s leads of the month would go "
                "beyond what was agreed.",
                busiest.unworked,
            )
            % said
        )
    return (
        _("Following up in %(month)s needs %(needed)s reps; you have %(have)s: %(share)s of their time.")
        % said
    )


def _lag_sentence(found: Calculation) -> str:
    days = found.inputs.cycle_days
    if not days:
        return ""
    first = found.quota_months[0].month
    last = found.quota_months[-1].month
    after = dt.date(last.year + last.month // 12, last.month % 12 + 1, 1)
    moved = [on - dt.timedelta(days=days) for on in (first, after - dt.timedelta(days=1))]
    return ngettext(
        "A deal takes %(n)s day, so what closes from %(first)s to %(last)s needs its leads from %(from)s to %(to)s.",
        "A deal takes %(n)s days, so what closes from %(first)s to %(last)s needs its leads from %(from)s to %(to)s.",
        days,
    ) % {
        "n": words.amount(days),
        "first": words.whole_day(first),
        "last": words.whole_day(after - dt.timedelta(days=1)),
        "from": words.whole_day(moved[0]),
        "to": words.whole_day(moved[1]),
    }


def _break_evens(found: Calculation, setting: PlanSetting) -> list[tuple[str, BreakEven]]:
    """Return where the goal would be just what the reps can work, and just what was agreed."""
    reached = []
    busiest = found.busiest
    fitting = busiest.leads - busiest.unworked
    if busiest.unworked:
        title = _("All leads of %(month)s are worked: %(leads)s")
        reached.append((title, busiest.month, break_even(found, leads=fitting, needed=busiest.leads_exact)))
    for one in found.load:
        goal = setting.goal_of(one.month)
        if goal is not None and goal.goal == int(goal.goal):
            title = _("The goal agreed for %(month)s is enough: %(leads)s")
            reached.append(
                (title, one.month, break_even(found, leads=int(goal.goal), needed=one.leads_exact))
            )
            break
    return [
        (title % {"month": words.month(month), "leads": words.leads(even.leads)}, even)
        for title, month, even in reached
        if even is not None
    ]


def intervals(setting: PlanSetting) -> dict[tuple[str, str], Interval]:
    """Return the measured interval of each input, by segment ("" for all) and input."""
    measured = setting.measured
    found: dict[tuple[str, str], Any] = {
        ("", name): getattr(measured, name) for name in ("close_rate", "average_deal", "marketing_share")
    }
    slugs = {segment.pk: segment.slug for segment in setting.segments}
    for segment, rates in measured.segments.items():
        if segment in slugs:
            found[slugs[segment], "average_deal"] = rates.average_deal
            found[slugs[segment], "close_rate"] = rates.close_rate
    if measured.currency != setting.currency:
        found = {key: one for key, one in found.items() if key[1] != "average_deal"}
    return {
        key: (one.low, one.high) for key, one in found.items() if one.low is not None and one.high is not None
    }


def _chart(inputs: Inputs, found: Calculation, setting: PlanSetting, names: dict[str, str]) -> Chart:
    fields = {
        "quota": _("Quota"),
        "marketing_share": _("Share from marketing"),
        "average_deal": _("Average deal"),
        "close_rate": _("Close rate"),
    }

    def name(one: SegmentEffect) -> str:
        field = fields[one.effect.field]
        if not one.segment:
            return field
        return _("%(input)s of %(segment)s") % {
            "input": field,
            "segment": names.get(one.segment, one.segment),
        }

    def value(one: SegmentEffect, amount: Fraction) -> str:
        if one.effect.field in ("marketing_share", "close_rate"):
            return words.percent(amount, 1)
        return words.money(amount, setting.currency)

    measured = setting.measured
    subtitle = _("Leads needed at both ends of each input's interval, the others unchanged")
    if not measured.is_empty:
        subtitle = _(
            "Leads needed at both ends of each input's interval as measured (%(period)s), the others unchanged"
        ) % {"period": period_name(measured)}
    return sensitivity_chart(
        effects(inputs, intervals(setting)),
        needed=found.plan.leads_exact,
        name=name,
        value=value,
        subtitle=subtitle,
        as_of=measured.as_of,
    )
