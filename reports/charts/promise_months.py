"""A promise over the months: what it came to each time it was judged, against what was agreed then."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements.models import CustomMeasure, Evaluation
from agreements.readings.measure_words import quantity, threshold_text
from reports.charts import words
from reports.charts.description import Cell, Chart, Column, Goal, Mark, Panel, Series, Table, Tick, Tone
from reports.charts.kept_figures import figure_text
from reports.readings.numbers import number
from reports.readings.promise_months import PromiseMonths, anchor_of

Outcome = Evaluation.Outcome
EIGHTHS = 8


def promise_chart(found: PromiseMonths, *, as_of: dt.datetime, currency: str) -> Chart:
    """Describe one promise: a bar for each month or quarter that was judged, and the level that was agreed."""
    evaluations, last = found.evaluations, found.last
    values = [found.value(one) for one in evaluations]
    agreed = [one.threshold for one in evaluations]
    series = [
        Series(
            name=last.title,
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(value) for value in values),
            texts=tuple(figure_text(one, currency) for one in evaluations),
        )
    ]
    goal = None
    if len(set(agreed)) == 1:
        goal = Goal(_n(agreed[-1]), _("Agreed: %(level)s") % {"level": _level(found, agreed[-1])})
    else:
        texts = tuple(_("agreed: %(level)s") % {"level": _level(found, one)} for one in agreed)
        series.append(
            Series(
                name=_("Agreed then"),
                mark=Mark.STEP,
                tone=Tone.GOAL,
                values=tuple(number(one) for one in agreed),
                texts=texts,
                end_label=_level(found, agreed[-1]),
            )
        )
    names = tuple(words.month(one.month.month_on) for one in evaluations)
    return Chart(
        key=anchor_of(last),
        title=promise_verdict(found, currency),
        subtitle=_("%(party)s · %(title)s, each time it was judged")
        % {"party": last.party.team.name, "title": last.title},
        labels=tuple(words.short_month(one.month.month_on) for one in evaluations),
        spoken=names,
        panels=(Panel("", _ticks(found, [*values, *agreed])),),
        series=tuple(series),
        summary=_summary(found),
        table=_table(found, names, currency),
        as_of=as_of,
        goal=goal,
        legend=tuple(series) if goal is None else (),
        is_empty=not any(value is not None for value in values),
    )


def promise_verdict(found: PromiseMonths, currency: str) -> str:
    """Return the finding: what the last judged month came to, and whether that kept the promise."""
    last = found.last
    said = {
        "title": last.title,
        "month": words.month(last.month.month_on),
        "figure": figure_text(last, currency),
    }
    match last.outcome:
        case Outcome.MET:
            return _("%(title)s was kept in %(month)s: %(figure)s.") % said
        case Outcome.MISSED:
            return _("%(title)s was missed in %(month)s: %(figure)s.") % said
        case Outcome.EXCUSED:
            return _("%(title)s was excused in %(month)s: %(figure)s.") % said
    return _("%(title)s: nothing was measured in %(month)s.") % said


def _summary(found: PromiseMonths) -> str:
    judged = [one for one in found.evaluations if one.outcome in (Outcome.MET, Outcome.MISSED)]
    kept = sum(one.outcome == Outcome.MET for one in judged)
    said = {"kept": words.amount(kept), "n": words.amount(len(judged))}
    text = ngettext(
        "Kept %(kept)s of %(n)s time it was judged.",
        "Kept %(kept)s of %(n)s times it was judged.",
        len(judged),
    )
    return text % said


def _level(found: PromiseMonths, level: Fraction) -> str:
    if found.is_share:
        return words.percent(level)
    measure = found.last.measure
    if measure is None:
        return words.amount(level, 4)
    return threshold_text(measure.direction, level, measure.unit)


def _ticks(found: PromiseMonths, values: list[Fraction | None]) -> tuple[Tick, ...]:
    if found.is_share:
        return words.share_ticks()
    given = [value for value in values if value is not None]
    top, bottom = max([*given, Fraction(0)]), min([*given, Fraction(0)])
    if top - bottom >= EIGHTHS or top == bottom:
        return words.count_ticks(top, bottom)
    # Small numbers, as marks out of five: the steps of whole numbers, made a power of ten smaller.
    scale = 1
    while (top - bottom) * scale < EIGHTHS:
        scale *= 10
    return tuple(
        Tick(_n(Fraction(tick.value) / scale), words.amount(Fraction(tick.value) / scale, 6))
        for tick in words.count_ticks(top * scale, bottom * scale)
    )


def _table(found: PromiseMonths, names: tuple[str, ...], currency: str) -> Table:
    columns: tuple[Column, ...] = (
        Column("month", _("Month")),
        Column("value", pgettext("of a measure", "Value")),
        Column("agreed", _("Agreed")),
        Column("numerator", _("Counted")),
        Column("denominator", _("Of")),
        Column("outcome", _("Outcome")),
    )
    if not found.is_share:
        columns = tuple(one for one in columns if one.key not in ("numerator", "denominator"))
    rows = []
    for one, name in zip(found.evaluations, names, strict=True):
        value = found.value(one)
        measure = one.measure
        cells = {
            "month": Cell(name, one.month.month_on.isoformat()),
            "value": Cell(_value_text(found, value, measure), number(value)),
            "agreed": Cell(_level(found, one.threshold), number(one.threshold)),
            "numerator": Cell(words.amount(one.numerator), number(one.numerator)),
            "denominator": Cell(words.amount(one.denominator), number(one.denominator)),
            "outcome": Cell(str(one.get_outcome_display()), str(one.outcome)),
        }
        rows.append(tuple(cells[column.key] for column in columns))
    return Table(_("%(title)s by month") % {"title": found.last.title}, columns, tuple(rows))


def _value_text(found: PromiseMonths, value: Fraction | None, measure: CustomMeasure | None) -> str:
    if value is None:
        return words.NONE
    if found.is_share:
        return words.percent(value, 1)
    return quantity(value, measure.unit if measure else "")


def _n(value: Fraction) -> int | float:
    found = number(value)
    assert found is not None
    return found
