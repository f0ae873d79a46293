"""What people say: each party's pulse month by month, and how good sales found the leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Party, PulseAnswer
from agreements.pulse_months import FEWEST, LOW
from agreements.readings.pulse import NO_ANSWERS, QUESTIONS, PartyPulse
from leads.models import Rating
from reports.charts import words
from reports.charts.buckets import counts_below, few, few_note
from reports.charts.description import Cell, Chart, Column, Goal, Mark, Panel, Series, Table, Tick, Tone
from reports.charts.gap import source_name
from reports.readings.numbers import number
from reports.readings.ratings import Grades, RatingsReport

MOST_ROWS = 50


def question_labels() -> list[tuple[str, str]]:
    """Return the questions with their sentences."""
    fields = {field.name: field for field in PulseAnswer._meta.fields}
    return [(name, str(fields[name].verbose_name)) for name in QUESTIONS]


def pulse_text(pulse: PartyPulse) -> str:
    """Say an average with its n, or why there is none."""
    if not pulse.n:
        return _("nobody answered")
    said = {"n": words.amount(pulse.n), "fewest": words.amount(FEWEST)}
    if pulse.whole is None:
        return _("fewer than %(fewest)s answered") % said
    return _("%(average)s of 5 (n %(n)s)") % (said | {"average": words.amount(pulse.whole)})


def pulse_chart(
    party: Party, months: Sequence[dt.date], pulses: Mapping[dt.date, PartyPulse], *, as_of: dt.datetime
) -> Chart:
    """Describe one party's pulse: the average of its answers by month, those of too few people left out."""
    found = [pulses.get(month, NO_ANSWERS) for month in months]
    ticks = tuple(Tick(value, words.amount(value)) for value in range(6))
    averages = Series(
        name=_("Average of the three answers"),
        mark=Mark.BARS,
        tone=Tone.ACTUAL,
        values=tuple(number(one.whole) for one in found),
        texts=tuple(pulse_text(one) for one in found),
    )
    name = party.team.name
    return Chart(
        key=f"pulse-{party.team.slug}",
        title=_pulse_finding(name, months, found),
        subtitle=_("Average of three answers from 1 (not at all) to 5 (fully), by month · %(team)s")
        % {"team": name},
        labels=tuple(words.short_month(month) for month in months),
        spoken=tuple(words.month(month) for month in months),
        under=tuple(
            _("n %(n)s") % {"n": words.amount(one.n)} if not one.is_muted else words.NONE for one in found
        ),
        panels=(Panel("", ticks),),
        series=(averages,),
        goal=Goal(LOW, _("Low below %(low)s") % {"low": words.amount(LOW)}),
        summary=_pulse_summary(months, found),
        table=_pulse_table(name, months, found),
        as_of=as_of,
        notes=(
            _("Months in which fewer than %(n)s answered are left out: an average would tell who said what.")
            % {"n": words.amount(FEWEST)},
        ),
        is_empty=not any(not one.is_muted for one in found),
    )


def _pulse_finding(name: str, months: Sequence[dt.date], found: Sequence[PartyPulse]) -> str:
    shown = [(month, one) for month, one in zip(months, found, strict=True) if one.whole is not None]
    if not shown:
        return _("No month of %(team)s has answers enough to show.") % {"team": name}
    month, last = shown[-1]
    said = {"team": name, "month": words.month(month), "average": words.amount(last.whole)}
    if last.is_low:
        return _("%(team)s is not well served: %(average)s of 5 in %(month)s.") % said
    return _("%(team)s is well served: %(average)s of 5 in %(month)s.") % said


def _pulse_summary(months: Sequence[dt.date], found: Sequence[PartyPulse]) -> str:
    shown = [one for one in found if one.whole is not None]
    if not shown:
        return _("Nothing can be shown yet.")
    last = shown[-1].whole or Fraction(0)
    said = {
        "last": words.amount(last),
        "first": words.amount(shown[0].whole),
        "n": words.amount(shown[-1].n),
        "months": words.amount(len(shown)),
        "low": words.amount(sum(one.is_low for one in shown)),
    }
    if len(shown) == 1:
        return _("%(last)s of 5, from %(n)s answers.") % said
    return (
        ngettext(
            "%(last)s of 5 last, from %(n)s answers; %(first)s at first. Low in %(low)s of %(months)s month.",
            "%(last)s of 5 last, from %(n)s answers; %(first)s at first. Low in %(low)s of %(months)s months.",
            len(shown),
        )
        % said
    )


def _pulse_table(name: str, months: Sequence[dt.date], found: Sequence[PartyPulse]) -> Table:
    rows = []
    for month, one in zip(months, found, strict=True):
        answers = [one.average(place) for place in range(len(QUESTIONS))]
        count = None if one.is_muted else one.n
        rows.append(
            (
                Cell(words.month(month), month.isoformat()),
                Cell(pulse_text(one) if count is None else words.amount(count), count),
                *(Cell(words.amount(value), number(value)) for value in answers),
                Cell(words.amount(one.whole), number(one.whole)),
            )
        )
    return Table(
        caption=_("Pulse of %(team)s") % {"team": name},
        columns=(
            Column("month", _("Month")),
            Column("answers", _("Answers")),
            *(Column(key, label) for key, label in question_labels()),
            Column("average", _("Average")),
        ),
        rows=tuple(rows),
    )


def ratings_chart(
    report: RatingsReport, months: Sequence[dt.date], *, subtitle: str, as_of: dt.datetime
) -> Chart:
    """Describe the share of leads that sales found good, by the month of the hand-off."""
    found = [report.by_month.get(month, Grades()) for month in months]
    counts = [one.n for one in found]
    good = Series(
        name=_("Found good"),
        mark=Mark.BARS,
        tone=Tone.ACTUAL,
        values=tuple(number(one.good.value) for one in found),
        texts=tuple(_share_text(one) for one in found),
        muted=few(counts),
    )
    return Chart(
        key="ratings",
        title=_ratings_finding(report.total),
        subtitle=" · ".join(
            (_("Share of the rated leads that sales found good, by month of the hand-off"), subtitle)
        ),
        labels=tuple(words.short_month(month) for month in months),
        spoken=tuple(words.month(month) for month in months),
        under=counts_below(counts),
        panels=(Panel("", words.share_ticks()),),
        series=(good,),
        summary=_ratings_summary(report),
        table=_grades_table(
            _("Quality of leads by month"),
            Column("month", _("Month")),
            [
                (Cell(words.month(month), month.isoformat()), one)
                for month, one in zip(months, found, strict=True)
            ],
            report.total,
        ),
        as_of=as_of,
        notes=(_("Below the bars, n counts the hand-offs that were rated."), *few_note(counts)),
        is_empty=not report.total.n,
    )


def ratings_by_source(report: RatingsReport) -> Table:
    """Return the grades by source, the most rated first."""
    return _ranked(
        _("Quality of leads by source"), Column("source", _("Source")), report.by_source, source_name
    )


def ratings_by_segment(report: RatingsReport) -> Table:
    """Return the grades by segment, the most rated first."""
    return _ranked(
        _("Quality of leads by segment"),
        Column("segment", _("Segment")),
        report.by_segment,
        lambda key: key or _("no segment"),
    )


def _ranked(caption: str, column: Column, groups: Mapping[str, Grades], name: object) -> Table:
    assert callable(name)
    ranked = sorted(groups.items(), key=lambda item: (-item[1].n, item[0]))[:MOST_ROWS]
    return _grades_table(caption, column, [(Cell(name(key), key), one) for key, one in ranked])


def _grades_table(
    caption: str, column: Column, rows: Sequence[tuple[Cell, Grades]], total: Grades | None = None
) -> Table:
    return Table(
        caption=caption,
        columns=(
            column,
            Column("rated", _("Rated")),
            *(Column(grade.value, str(grade.label).capitalize()) for grade in Rating.Grade),
            Column("good_share", _("Share found good")),
        ),
        rows=tuple((head, *_cells(one)) for head, one in rows),
        total=() if total is None else (Cell(_("All"), ""), *_cells(total)),
    )


def _cells(one: Grades) -> list[Cell]:
    counts = [one.n, *(one.counts[grade] for grade in Rating.Grade)]
    return [
        *(Cell(words.amount(n), n) for n in counts),
        Cell(words.percent(one.good), number(one.good.value)),
    ]


def _share_text(one: Grades) -> str:
    if not one.n:
        return ""
    said = {"share": words.percent(one.good), "n": words.amount(one.n)}
    return _("%(share)s of %(n)s found good") % said


def _ratings_finding(total: Grades) -> str:
    if not total.n:
        return _("Sales has rated no lead yet.")
    said = {"share": words.percent(total.good), "n": words.amount(total.n)}
    return (
        ngettext(
            "Sales found %(share)s of the %(n)s rated lead good.",
            "Sales found %(share)s of the %(n)s rated leads good.",
            total.n,
        )
        % said
    )


def _ratings_summary(report: RatingsReport) -> str:
    total = report.total
    if not total.n:
        return _("Who works a lead rates it on the lead's page.")
    said = {grade.value: words.amount(total.counts[grade]) for grade in Rating.Grade}
    sentence = _("%(good)s good, %(fair)s fair, %(poor)s poor.") % said
    worst = next(((reason, n) for grade, reason, n in report.reasons if grade != Rating.Grade.GOOD), None)
    if worst is None:
        return sentence
    named = {"reason": Rating.Reason(worst[0]).label, "n": words.amount(worst[1])}
    return " ".join((sentence, _("What was wrong most often: %(reason)s (%(n)s).") % named))
