"""The tables behind a calculation's answer."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _

from reports.calculation import BreakEven, Calculation, LeadMonth
from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.readings.numbers import number


def steps_table(found: Calculation, currency: str) -> Table:
    """Return the way from the quota to the leads, a step a row."""
    inputs, plan = found.inputs, found.plan
    quota = words.money(inputs.quota, currency, 2)
    revenue = words.money(plan.revenue_goal, currency, 2)
    rows: list[tuple[str, str, str, str, Fraction | int]] = [
        (
            "revenue_goal",
            _("Revenue expected from marketing"),
            f"{quota} × {words.percent(Fraction(inputs.marketing_share), 2)}",
            revenue,
            plan.revenue_goal,
        ),
        (
            "customers_exact",
            _("Customers needed"),
            f"{revenue} ÷ {words.money(found.average_deal, currency, 2)}",
            words.amount(plan.customers_exact, 2),
            plan.customers_exact,
        ),
        (
            "customers",
            _("Customers needed, whole"),
            _("rounded up"),
            words.amount(plan.customers),
            plan.customers,
        ),
        (
            "leads_exact",
            _("Leads needed"),
            f"{words.amount(plan.customers_exact, 2)} ÷ {words.percent(found.close_rate, 2)}",
            words.amount(plan.leads_exact, 2),
            plan.leads_exact,
        ),
        ("leads", _("Leads needed, whole"), _("rounded up once"), words.amount(plan.leads), plan.leads),
        (
            "lead_value",
            _("Value of a lead"),
            _("on average over the segments")
            if found.segments
            else f"{words.money(found.average_deal, currency, 2)} × {words.percent(found.close_rate, 2)}",
            words.money(found.lead_value, currency, 2),
            found.lead_value,
        ),
        (
            "value",
            _("The goal in money"),
            _("leads × value of a lead"),
            words.money(found.value, currency, 2),
            found.value,
        ),
    ]
    return Table(
        caption=_("Quota, customers, leads and their value, step by step"),
        columns=(
            Column("step", _("Step")),
            Column("worked_out", _("Worked out")),
            Column("result", _("Result")),
        ),
        rows=tuple(
            (Cell(name, key), Cell(sum_, sum_), Cell(text, number(value)))
            for key, name, sum_, text, value in rows
        ),
    )


def segments_table(found: Calculation, names: dict[str, str], currency: str) -> Table:
    """Return the leads of each segment, which sum to all."""
    return Table(
        caption=_("Leads needed by segment"),
        columns=(
            Column("segment", _("Segment")),
            Column("revenue_goal", _("Revenue goal")),
            Column("customers_exact", _("Customers")),
            Column("leads_exact", _("Leads, exact")),
            Column("leads", _("Leads")),
            Column("lead_value", _("Value of a lead")),
            Column("value", _("Goal in money")),
        ),
        rows=tuple(
            (
                Cell(names.get(one.key, one.key), one.key),
                Cell(words.money(one.revenue_goal, currency), number(one.revenue_goal)),
                Cell(words.amount(one.customers_exact, 2), number(one.customers_exact)),
                Cell(words.amount(one.leads_exact, 2), number(one.leads_exact)),
                Cell(words.amount(one.leads), one.leads),
                Cell(words.money(one.lead_value, currency, 2), number(one.lead_value)),
                Cell(words.money(one.value, currency), number(one.value)),
            )
            for one in found.segments
        ),
        total=(
            Cell(_("All"), ""),
            Cell(words.money(found.plan.revenue_goal, currency), number(found.plan.revenue_goal)),
            Cell(words.amount(found.plan.customers_exact, 2), number(found.plan.customers_exact)),
            Cell(words.amount(found.plan.leads_exact, 2), number(found.plan.leads_exact)),
            Cell(words.amount(found.leads), found.leads),
            Cell(words.money(found.lead_value, currency, 2), number(found.lead_value)),
            Cell(words.money(found.value, currency), number(found.value)),
        ),
    )


def mix_table(found: Calculation) -> Table:
    """Return the leads of each source or campaign, which sum to all."""
    return Table(
        caption=_("Leads needed by where they come from"),
        columns=(
            Column("name", _("Name")),
            Column("share", _("Share of the leads")),
            Column("leads", _("Leads")),
        ),
        rows=tuple(
            (
                Cell(name, name),
                Cell(words.percent(Fraction(share), 2), number(share)),
                Cell(words.amount(leads), leads),
            )
            for (name, leads), (_name, share) in zip(found.mix, found.inputs.mix, strict=True)
        ),
        total=(
            Cell(_("All"), ""),
            Cell(words.percent(Fraction(1)), 1),
            Cell(words.amount(found.leads), found.leads),
        ),
    )


def quota_table(found: Calculation, currency: str) -> Table:
    """Return the quota's part of each month, and the leads behind it."""
    return Table(
        caption=_("The quota by month"),
        columns=(
            Column("month", _("Closes in")),
            Column("quota", _("Quota")),
            Column("leads_exact", _("Leads behind it, exact")),
        ),
        rows=tuple(
            (
                Cell(words.month(one.month), one.month.isoformat()),
                Cell(words.money(one.quota, currency, 2), number(one.quota)),
                Cell(words.amount(one.leads_exact, 2), number(one.leads_exact)),
            )
            for one in found.quota_months
        ),
    )


def months_table(found: Calculation) -> Table:
    """Return the leads by the months in which they are needed, moved ahead by the sales cycle."""
    return Table(
        caption=_("Leads by the month in which they are needed for this quota"),
        columns=(
            Column("month", _("Needed in")),
            Column("leads_exact", _("Leads, exact")),
            Column("leads", _("Leads")),
        ),
        rows=tuple(
            (
                Cell(words.month(one.month), one.month.isoformat()),
                Cell(words.amount(one.leads_exact, 2), number(one.leads_exact)),
                Cell(words.amount(one.leads), one.leads),
            )
            for one in found.months
        ),
        total=(
            Cell(_("All"), ""),
            Cell(words.amount(found.plan.leads_exact, 2), number(found.plan.leads_exact)),
            Cell(words.amount(found.leads), found.leads),
        ),
    )


def work_table(found: Calculation) -> Table:
    """Return each month's work against the time that reps have."""
    return Table(
        caption=_("Work by month, once every month brings the leads of such a quota")
        if found.inputs.cycle_days
        else _("Leads and work by month"),
        columns=(
            Column("month", _("Month")),
            Column("leads", _("Leads")),
            Column("business_days", _("Business days")),
            Column("per_business_day", _("Leads a business day")),
            Column("hours", _("Hours of reps")),
            Column("reps_needed", _("Reps needed")),
            Column("share_of_capacity", _("Share of their time")),
            Column("unworked", _("Leads beyond it")),
        ),
        rows=tuple(_work_row(one) for one in found.load),
    )


def _work_row(one: LeadMonth) -> tuple[Cell, ...]:
    work = one.work
    hours = work.minutes_needed / 60 if work else None
    share = work.share_of_capacity if work else None
    return (
        Cell(words.month(one.month), one.month.isoformat()),
        Cell(words.amount(one.leads), one.leads),
        Cell(words.amount(one.business_days), one.business_days),
        Cell(words.amount(one.per_business_day), number(one.per_business_day)),
        Cell(words.amount(hours), number(hours)),
        Cell(words.amount(work.reps_needed if work else None), number(work.reps_needed) if work else None),
        Cell(words.percent(share), number(share)),
        Cell(words.amount(one.unworked), one.unworked),
    )


def break_even_table(reached: list[tuple[str, BreakEven]], currency: str) -> Table:
    """Return from which value of each input on the leads would be enough."""

    def cell(value: Fraction | None, text: str) -> Cell:
        return Cell(text if value is not None else _("not possible"), number(value))

    return Table(
        caption=_("From where on it is enough"),
        columns=(
            Column("when", _("When")),
            Column("close_rate", _("Close rate of")),
            Column("average_deal", _("or average deal of")),
            Column("marketing_share", _("or share from marketing of")),
            Column("quota", _("or quota of")),
        ),
        rows=tuple(
            (
                Cell(title, title),
                cell(even.close_rate, words.percent(even.close_rate, 2)),
                cell(even.average_deal, words.money(even.average_deal, currency)),
                cell(even.marketing_share, words.percent(even.marketing_share, 1)),
                cell(even.quota, words.money(even.quota, currency)),
            )
            for title, even in reached
        ),
    )
