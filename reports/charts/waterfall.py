"""The month's waterfall: the goal line against what came, and the days one by one below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment
from reports.charts import words
from reports.charts.description import Cell, Chart, Column, Mark, Panel, Series, Table, Today, Tone
from reports.charts.verdicts import Standing, verdict
from reports.forecast import Landing
from reports.periods import Period
from reports.readings.numbers import Number, number
from reports.readings.waterfall import MonthBefore
from reports.waterfall import Day, Waterfall

FLAT_DAYS = 3
"""So many business days in a row without a lead are pointed out."""
ONE_DAY = dt.timedelta(days=1)


def waterfall_chart(
    *,
    standing: Standing,
    waterfall: Waterfall,
    measure: str,
    profile: str,
    selected: str,
    is_business_day: Callable[[dt.date], bool],
    as_of: dt.datetime,
    landing: Landing | None = None,
    disputed: int = 0,
    before: MonthBefore | None = None,
    further_notes: Sequence[str] = (),
) -> Chart:
    """Describe the waterfall of one month. `selected` names agreement and filters for the subtitle.

    `disputed` rejections are not decided: where the net is drawn, it may still fall by so many. `before` is the month
    before.
    """
    days = waterfall.days
    seen = waterfall.summary.days_seen
    series = [
        _goal_series(standing, days),
        _actual_series(standing, days, seen),
        *_series_before(standing, before),
        *_landing_series(standing, days, seen, landing),
        _daily_series(standing, days),
    ]
    return Chart(
        key="waterfall",
        title=verdict(standing),
        subtitle=_subtitle(standing, measure, selected),
        labels=tuple(words.amount(day.day) for day in days),
        spoken=tuple(words.weekday_and_day(day.on) for day in days),
        panels=_panels(standing, days, landing, before),
        series=tuple(one for one in series if any(value is not None for value in one.values)),
        summary=_summary(standing, waterfall, is_business_day),
        table=_table(standing, days),
        as_of=as_of,
        shaded=tuple(i for i, day in enumerate(days) if not is_business_day(day.on)),
        today=_today(standing, days, seen),
        notes=(
            *_notes(standing, days, measure, profile, is_business_day, landing),
            *_undecided(disputed),
            *_note_before(standing, before),
            *further_notes,
        ),
        is_empty=not waterfall.summary.actual and waterfall.summary.goal is None,
    )


def measure_name(measure: str) -> str:
    """Return what is counted, as the subtitle says it."""
    match measure:
        case Commitment.Measure.QUALIFIED:
            return _("Leads qualified, cumulative")
        case Commitment.Measure.ACCEPTED:
            return _("Leads accepted, cumulative by day of hand-off")
        case Commitment.Measure.NET:
            return _("Leads handed off less those rejected, cumulative")
        case Commitment.Measure.VALUE:
            return _("Value of the leads handed off, cumulative")
    return _("Leads handed off, cumulative")


def flat_runs(
    days: Sequence[Day], today: dt.date, is_business_day: Callable[[dt.date], bool]
) -> list[Period]:
    """Return the runs of at least three business days without a lead; today, not over yet, starts none."""
    runs: list[Period] = []
    run: list[dt.date] = []
    for day in days:
        if day.actual is None or (day.on >= today and not day.actual):
            break
        if day.actual:
            runs += _run(run)
            run = []
        elif is_business_day(day.on):
            run.append(day.on)
    return runs + _run(run)


def _run(run: list[dt.date]) -> list[Period]:
    return [Period(run[0], run[-1] + ONE_DAY)] if len(run) >= FLAT_DAYS else []


def _goal_series(standing: Standing, days: Sequence[Day]) -> Series:
    goal = standing.summary.goal
    return Series(
        name=_("Goal"),
        mark=Mark.DASHED,
        tone=Tone.GOAL,
        values=tuple(number(day.goal_cumulative) for day in days),
        texts=tuple(_("Goal %(n)s") % {"n": _quantity(standing, day.goal_cumulative)} for day in days),
        end_label="" if goal is None else _("Goal %(n)s") % {"n": standing.quantity(goal)},
    )


def _actual_series(standing: Standing, days: Sequence[Day], seen: int) -> Series:
    label = standing.quantity(standing.actual)
    if standing.summary.goal_to_date is not None:
        label = f"{label} ({words.signed(standing.gap)})"
    return Series(
        name=_("Actual"),
        mark=Mark.STEP,
        tone=Tone.ACTUAL,
        values=tuple(number(day.actual_cumulative) for day in days),
        texts=tuple(
            _("Actual %(n)s (%(gap)s)")
            % {"n": _quantity(standing, day.actual_cumulative), "gap": words.signed(day.gap)}
            if day.gap is not None
            else _("Actual %(n)s") % {"n": _quantity(standing, day.actual_cumulative)}
            for day in days[:seen]
        ),
        end_label=label if seen else "",
    )


def _landing_series(
    standing: Standing, days: Sequence[Day], seen: int, landing: Landing | None
) -> list[Series]:
    if landing is None or not 0 < seen < len(days):
        return []
    start, left = standing.actual, len(days) - seen
    landing = landing.not_below(start)
    ends = (landing.low, landing.projected, landing.high)

    def line(end: int) -> tuple[Number | None, ...]:
        ahead = (start + (end - start) * step / left for step in range(left + 1))
        return (*(None for _day in days[: seen - 1]), *ahead)

    said = {"low": words.amount(ends[0]), "high": standing.quantity(ends[2])}
    name = _("Projected %(low)s–%(high)s") % said
    return [
        Series(
            name=_("%(level)s%% interval") % {"level": landing.level},
            mark=Mark.BAND,
            tone=Tone.ACTUAL,
            values=line(ends[0]),
            highs=line(ends[2]),
        ),
        Series(
            name=_("Projection"), mark=Mark.DOTTED, tone=Tone.ACTUAL, values=line(ends[1]), end_label=name
        ),
    ]


def _daily_series(standing: Standing, days: Sequence[Day]) -> Series:
    return Series(
        name=_("Per day"),
        mark=Mark.BARS,
        tone=Tone.ACTUAL,
        values=tuple(number(day.actual) for day in days),
        texts=tuple(
            _("%(n)s on the day") % {"n": _quantity(standing, day.actual)} if day.actual is not None else ""
            for day in days
        ),
        panel=1,
    )


def _quantity(standing: Standing, value: object) -> str:
    if value is None:
        return words.NONE
    exact = value if isinstance(value, int | float) else number(value)  # type: ignore[arg-type]
    assert exact is not None
    return words.money(exact, standing.currency) if standing.currency else words.amount(exact)


def _series_before(standing: Standing, before: MonthBefore | None) -> list[Series]:
    """The month before, by the same business day."""
    if before is None:
        return []
    name = words.month(before.month)
    return [
        Series(
            name=name,
            mark=Mark.THIN,
            tone=Tone.INK,
            values=tuple(number(one) for one in before.reached),
            texts=tuple(
                _("%(month)s %(n)s") % {"month": name, "n": _quantity(standing, one)}
                for one in before.reached
            ),
        )
    ]


def _note_before(standing: Standing, before: MonthBefore | None) -> list[str]:
    if before is None:
        return []
    said = {"month": words.month(before.month), "n": _quantity(standing, before.total)}
    return [
        _("The thin line is %(month)s up to the same business day of that month; it ended at %(n)s.") % said
    ]


def _panels(
    standing: Standing,
    days: Sequence[Day],
    landing: Landing | None,
    before: MonthBefore | None,
) -> tuple[Panel, ...]:
    tops = [standing.summary.goal or 0, standing.summary.actual, landing.high if landing else 0]
    tops.append(Fraction(max(before.reached)) if before else 0)
    daily = [day.actual for day in days if day.actual is not None]
    below = words.count_ticks(max(daily, default=0))
    return (
        Panel("", words.count_ticks(max(tops), min([Fraction(0), *daily]))),
        Panel(_("Per day"), (below[0], below[-1]), is_small=True),
    )


def _today(standing: Standing, days: Sequence[Day], seen: int) -> Today | None:
    if standing.today not in standing.month or not seen:
        return None
    last = days[seen - 1]
    has_gap = last.gap is not None and standing.gap != 0
    return Today(
        index=seen - 1,
        label=_("Today"),
        gap_from=number(last.goal_cumulative) if has_gap else None,
        gap_to=number(last.actual_cumulative) if has_gap else None,
        gap_label=words.signed(standing.gap) if has_gap else "",
    )


def _subtitle(standing: Standing, measure: str, selected: str) -> str:
    parts = [measure_name(measure), words.month(standing.month.start), selected]
    return " · ".join(part for part in parts if part)


def _summary(standing: Standing, waterfall: Waterfall, is_business_day: Callable[[dt.date], bool]) -> str:
    summary = waterfall.summary
    over = [day for day in waterfall.days if day.actual is not None]
    if not over:
        return _("Nothing has come yet: the month has not begun.")
    business_days = [day for day in over if is_business_day(day.on)]
    said = {
        "actual": standing.quantity(summary.actual),
        "days": len(business_days),
        "all": len(business_days) + (summary.remaining_business_days or 0),
    }
    sentences = [_("%(actual)s after %(days)s of %(all)s business days.") % said]
    if summary.goal_to_date is not None and summary.gap_days is not None:
        sentences.append(
            _("Gap to the goal line: %(gap)s, which is %(days)s days of the goal.")
            % {"gap": words.signed(standing.gap), "days": words.amount(abs(summary.gap_days))}
        )
    sentences += filter(None, [standing.named])
    trend = _trend(standing, business_days)
    return " ".join([*sentences, trend] if trend else sentences)


def _trend(standing: Standing, business_days: Sequence[Day]) -> str:
    """Compare the last five business days with the five before."""
    counts = [day.actual for day in business_days if day.actual is not None]
    if len(counts) < 10:
        return ""
    last, before = sum(counts[-5:]), sum(counts[-10:-5])
    said = {"last": standing.quantity(last), "before": standing.quantity(before)}
    return _("The last five business days brought %(last)s, the five before %(before)s.") % said


def _notes(
    standing: Standing,
    days: Sequence[Day],
    measure: str,
    profile: str,
    is_business_day: Callable[[dt.date], bool],
    landing: Landing | None,
) -> list[str]:
    notes = [
        _("Nothing came on the business days %(days)s.") % {"days": words.days(run.start, run.end)}
        for run in flat_runs(days, standing.today, is_business_day)
    ]
    if any(day.actual is not None and day.goal is None for day in days) and standing.summary.goal is not None:
        notes.append(_("No goal was agreed for a part of the month; what came then counts all the same."))
    if profile == Commitment.Profile.BUSINESS_DAYS:
        notes.append(_("The goal line rises on business days only, as agreed."))
    elif profile == Commitment.Profile.WEIGHTS:
        notes.append(_("The goal line rises by the weekday weights that were agreed."))
    if any(not is_business_day(day.on) for day in days):
        notes.append(_("Days off are shaded."))
    if measure in (Commitment.Measure.NET, Commitment.Measure.ACCEPTED):
        notes.append(_("Leads stand on the day of their hand-off, so past days may still change."))
    if landing is not None:
        notes.append(_method(landing, measure))
    return notes


def _method(landing: Landing, measure: str) -> str:
    """Say how the landing is worked out."""
    method = _(
        "Projection: what came so far, and for each day left the recent level × the share of its weekday × what its"
        " part of the month usually brings."
    )
    if measure == Commitment.Measure.VALUE:
        method += " " + _("In expected revenue: these leads × what a lead was worth of late, on the mean.")
    if not landing.checked_months:
        return method + " " + _("No past month is known yet to check it against.")
    checked = ngettext(
        "The interval is as wide as the same projection missed by in %(n)s past month.",
        "The interval is as wide as the same projection missed by in %(n)s past months.",
        landing.checked_months,
    )
    return method + " " + checked % {"n": landing.checked_months}


def _undecided(disputed: int) -> list[str]:
    if not disputed:
        return []
    said = ngettext(
        "%(n)s rejection is disputed: its lead counts until it is decided.",
        "%(n)s rejections are disputed: their leads count until they are decided.",
        disputed,
    )
    return [said % {"n": words.amount(disputed)}]


def _table(standing: Standing, days: Sequence[Day]) -> Table:
    rows = []
    for day in days:
        figures = (day.goal, day.goal_cumulative, day.actual, day.actual_cumulative)
        cells = [Cell(words.weekday_and_day(day.on), day.on.isoformat())]
        cells += [Cell(words.amount(value, 2), number(value)) for value in figures]
        cells.append(Cell(words.signed(day.gap, 2), number(day.gap)))
        rows.append(tuple(cells))
    return Table(
        caption=_("Goal and actual by day, %(month)s") % {"month": words.month(standing.month.start)},
        columns=(
            Column("on", _("Day")),
            Column("goal", _("Goal of the day")),
            Column("goal_cumulative", _("Goal to date")),
            Column("actual", _("Actual of the day")),
            Column("actual_cumulative", _("Actual to date")),
            Column("gap", _("Gap")),
        ),
        rows=tuple(rows),
    )
