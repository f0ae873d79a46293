"""What measured rates would mean for the goal and for the people who follow up, before anybody makes them a draft."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.calculation import Calculation, LeadMonth
from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.measured_plan import Fault, UnusableRates, Way
from reports.readings.numbers import number
from reports.readings.recalibrated import Recalibrated, Recalibration


def way_name(way: Way) -> str:
    """Return the way of measuring as the tables of the page name it."""
    return {
        Way.SAME_MONTH: _("What closed at the time"),
        Way.COHORT: _("The leads of the time, whenever won"),
    }[way]


def effect_table(found: Recalibration, currency: str) -> Table:
    """Return the plan as it is, and with the rates of each way: inputs, leads, work."""
    ways = [found.now, *(one.calculation for one in found.ways.values())]

    def row(name: str, cells: list[Cell]) -> tuple[Cell, ...]:
        return (Cell(name, name), *cells)

    def rates(read: str, places: int) -> list[Cell]:
        values = [None if one is None else Fraction(getattr(one, read)) for one in ways]
        return [Cell(words.percent(value, places), number(value)) for value in values]

    deals = [None if one is None else one.average_deal for one in ways]
    shares = [None if one is None else Fraction(one.inputs.marketing_share) for one in ways]
    goals = [None if one is None else found.goal(one) for one in ways]
    busiest = [None if one is None else found.busiest(one) for one in ways]
    rows = [
        row(_("Close rate"), rates("close_rate", 2)),
        row(_("Average deal"), [Cell(words.money(deal, currency), number(deal)) for deal in deals]),
        row(
            _("Share of revenue from marketing"),
            [Cell(words.percent(share, 1), number(share)) for share in shares],
        ),
    ]
    if found.now.inputs.cycle_days:
        cycles = [None if one is None else one.inputs.cycle_days for one in ways]
        rows.append(row(_("Sales cycle in days"), [Cell(words.amount(days), days) for days in cycles]))
    rows += [
        row(
            _("Leads a month"),
            [Cell(words.amount(one.a_month), number(one.a_month)) if one else _nothing() for one in ways],
        ),
        row(
            _("Goal of %(month)s by the plan") % {"month": words.month(found.first_month)},
            [Cell(words.amount(goal), goal) for goal in goals],
        ),
        row(_("Reps needed in the busiest month"), [_reps(one) for one in busiest]),
        row(_("Share of the reps’ time"), [_load(one) for one in busiest]),
        row(
            _("Leads of that month beyond what was agreed"),
            [Cell(words.amount(one.unworked), one.unworked) if one else _nothing() for one in busiest],
        ),
    ]
    return Table(
        caption=_("The plan now, and with the measured rates"),
        columns=(
            Column("rate", _("Number")),
            Column("plan", _("As planned")),
            *(Column(way.value, way_name(way)) for way in found.ways),
        ),
        rows=tuple(rows),
    )


def effect_sentences(found: Recalibration, one: Recalibrated, names: Mapping[str, str]) -> list[str]:
    """Say what the rates of one way would change; or in one sentence why they cannot be a plan's."""
    if one.calculation is None:
        assert one.fault is not None
        return [fault_sentence(one.fault, names)]
    sentences = [_goal_sentence(found, one.calculation), _capacity_sentence(found, one.calculation)]
    if one.kept:
        kept = ", ".join(names.get(key, key) for key in one.kept)
        sentences.append(
            _("Nothing was won of %(segments)s, so the plan’s own numbers stay there.") % {"segments": kept}
        )
    if one.is_immature:
        sentences.append(
            _(
                "These leads are younger than a usual sales cycle: with what is still to be won, fewer would do."
            )
        )
    return sentences


def fault_sentence(fault: UnusableRates, names: Mapping[str, str]) -> str:
    """Say why rates cannot be a plan's."""
    if fault.segment:
        said = {"segment": names.get(fault.segment, fault.segment)}
        if fault.fault is Fault.ABOVE_ONE:
            return (
                _(
                    "No draft can be made of these: more customers of %(segment)s were won than leads came, "
                    "a close rate above 100%%."
                )
                % said
            )
        return _("No draft can be made of these: the deals of %(segment)s have no amounts.") % said
    return {
        Fault.NO_LEADS: _("No draft can be made of these: no marketing lead came, so there is no rate."),
        Fault.NO_CUSTOMERS: _(
            "No draft can be made of these: no lead became a customer, and no number of leads would be enough."
        ),
        Fault.ABOVE_ONE: _(
            "No draft can be made of these: more customers were won than leads came, a close rate above 100%."
        ),
        Fault.NO_AMOUNTS: _(
            "No draft can be made of these: no won deal has an amount in the plan’s currency."
        ),
        Fault.NO_SHARE: _("No draft can be made of these: no part of the revenue came from marketing."),
    }[fault.fault]


def effect_notes(found: Recalibration) -> list[str]:
    """Return what stays as planned, and what the work is reckoned with."""
    team = found.now.inputs.team
    notes = [
        _(
            "The quota, its months and each segment’s share of the revenue stay as planned: they are decisions."
        ),
        _(
            "Reckoned with %(attempts)s attempts a lead, %(minutes)s minutes each, and %(share)s of "
            "%(hours)s hours a business day for following up; %(own)s minutes a month go to leads that sales found."
        )
        % {
            "attempts": words.amount(team.attempts),
            "minutes": words.amount(team.minutes),
            "share": words.percent(Fraction(team.time_share)),
            "hours": words.amount(team.hours),
            "own": words.amount(team.own_minutes),
        },
    ]
    if found.plan.segments:
        notes.insert(
            0,
            _("The plan is by segment: each has its own measured rates, and those of all follow from them."),
        )
    if found.is_repeated:
        notes.insert(
            1,
            _(
                "The plan’s months are over by then: a month’s average part of its quota is taken for each month."
            ),
        )
    return notes


def _goal_sentence(found: Recalibration, new: Calculation) -> str:
    before, after = found.goal(found.now), found.goal(new)
    said = {
        "month": words.month(found.first_month),
        "after": words.leads(after) if after is not None else words.NONE,
    }
    if found.agreed is not None:
        said |= {"before": words.amount(found.agreed), "more": words.signed((after or 0) - found.agreed)}
        return _("The goal of %(month)s would go from the agreed %(before)s to %(after)s (%(more)s).") % said
    if before is not None:
        said |= {"before": words.amount(before), "more": words.signed((after or 0) - before)}
        return _("The goal of %(month)s would go from the plan’s %(before)s to %(after)s (%(more)s).") % said
    return _("The goal of %(month)s would be %(after)s.") % said


def _capacity_sentence(found: Recalibration, new: Calculation) -> str:
    before, after = found.busiest(found.now), found.busiest(new)
    if before.work is None or after.work is None:
        return _("%(month)s has no business day: nobody could follow its leads up.") % {
            "month": words.month(after.month)
        }
    have = new.inputs.team.reps
    said = {
        "before": words.amount(before.work.reps_needed),
        "after": words.amount(after.work.reps_needed),
        "have": words.amount(have),
        "n": words.amount(after.unworked),
        "month": words.month(after.month),
    }
    if not after.unworked:
        return (
            _(
                "Following up would need %(after)s reps in %(month)s instead of %(before)s; %(have)s are there."
            )
            % said
        )
    return (
        ngettext(
            "Following up would need %(after)s reps in %(month)s instead of %(before)s; %(have)s are there, so "
            "%(n)s lead would go beyond what was agreed.",
            "Following up would need %(after)s reps in %(month)s instead of %(before)s; %(have)s are there, so "
            "%(n)s leads would go beyond what was agreed.",
            after.unworked,
        )
        % said
    )


def _reps(one: LeadMonth | None) -> Cell:
    if one is None or one.work is None:
        return _nothing()
    return Cell(words.amount(one.work.reps_needed), number(one.work.reps_needed))


def _load(one: LeadMonth | None) -> Cell:
    if one is None or one.work is None:
        return _nothing()
    return Cell(words.percent(one.work.share_of_capacity), number(one.work.share_of_capacity))


def _nothing() -> Cell:
    return Cell(words.NONE, None)
