"""What drafted terms would have meant, in sentences, and the share that each allowance would have met as a chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment
from reports.charts import words
from reports.charts.description import (
    Cell,
    Chart,
    Column,
    Goal,
    Mark,
    Panel,
    Series,
    Table,
    Today,
    Tone,
)
from reports.keeping import Outcome, judge
from reports.periods import Period
from reports.readings.goal_history import PastMonth
from reports.readings.numbers import number
from reports.readings.population import CameUnder, Population
from reports.readings.simulation import Waits
from reports.shares import Share, share
from reports.simulation import Depth, Judged

Measure = Commitment.Measure


@dataclass(frozen=True, slots=True)
class Span:
    """A period to ask about: as addresses have it, and as people call it."""

    value: str
    name: str
    period: Period


def spans(today: dt.date) -> tuple[Span, ...]:
    """Return the periods that can be asked about, all over: the last four quarters, the last month, the last year."""
    ends = dt.date(today.year, today.month - (today.month - 1) % 3, 1)
    found = []
    for _turn in range(4):
        starts = _months_before(ends, 3)
        said = {"quarter": (starts.month + 2) // 3, "year": starts.year}
        name = _("quarter %(quarter)s of %(year)s") % said
        found.append(Span(f"{starts.year}-Q{said['quarter']}", name, Period(starts, ends)))
        ends = starts
    this_month = today.replace(day=1)
    last_month = _months_before(this_month, 1)
    found.append(Span("month", words.month(last_month), Period(last_month, this_month)))
    name = _("12 months to %(month)s") % {"month": words.month(last_month)}
    found.append(Span("year", name, Period(_months_before(this_month, 12), this_month)))
    return tuple(found)


def _months_before(month: dt.date, count: int) -> dt.date:
    index = month.year * 12 + month.month - 1 - count
    return dt.date(index // 12, index % 12 + 1, 1)


def population_sentence(asked: Population) -> str:
    """Say which hand-offs were asked, where these are not simply those of the agreement."""
    match asked.came_under:
        case CameUnder.ABOVE:
            text = _(
                "Nothing came under this agreement then: these are hand-offs that came under the agreement above, and "
                "would have come under this one."
            )
        case CameUnder.NOTHING:
            text = _(
                "Nothing came under this agreement then: these are hand-offs that came under no agreement."
            )
        case _ if asked.overriding:
            text = _("Hand-offs for which an agreement below promises the same itself are judged there.")
        case _:
            text = ""
    return text


def allowance_sentence(
    judged: Judged, waits: Waits, allowance: int, *, when: str, is_rest: bool = False
) -> str:
    """Say how many would have met the allowance. `is_rest`: of the leads whose segment has none of its own."""
    if not judged.due:
        if not judged.not_yet_due:
            return _("Nothing was handed off in the %(when)s to try this on.") % {"when": when}
        return _("Of the %(when)s none would have been due yet.") % {"when": when}
    said = {
        "when": _capital(when),
        "share": words.percent(judged.in_time),
        "met": words.amount(judged.met),
        "due": words.amount(judged.due),
        "allowance": words.duration(allowance),
        "median": words.duration(waits.median),
    }
    if is_rest:
        text = _(
            "%(when)s: %(share)s (%(met)s of %(due)s, those of no segment with terms of its own) would have met "
            "%(allowance)s."
        )
    else:
        text = _("%(when)s: %(share)s (%(met)s of %(due)s) would have met %(allowance)s.")
    parts = [text % said]
    if waits.median is not None:
        parts.append(_("Half of the first attempts came within %(median)s.") % said)
    parts += _early(judged)
    return " ".join(parts)


def deadline_sentence(kind: str, judged: Judged, allowance: int, *, when: str, is_rest: bool = False) -> str:
    """Say how many would have been accepted or given back, or come to an outcome, within the allowance."""
    if not judged.due:
        if not judged.not_yet_due:
            return _("Nothing was handed off in the %(when)s to try this on.") % {"when": when}
        return _("Of the %(when)s none would have been due yet.") % {"when": when}
    said = {
        "when": _capital(when),
        "share": words.percent(judged.in_time),
        "met": words.amount(judged.met),
        "due": words.amount(judged.due),
        "allowance": words.duration(allowance),
    }
    if kind == Commitment.Kind.ACCEPTANCE:
        text = _("%(when)s: %(share)s (%(met)s of %(due)s) would have been accepted within %(allowance)s.")
    else:
        text = _(
            "%(when)s: %(share)s (%(met)s of %(due)s) would have come to an outcome within %(allowance)s."
        )
    parts = [text % said]
    if is_rest:
        parts.append(_("Those are the leads of no segment with terms of its own."))
    return " ".join([*parts, *_early(judged)])


def _early(judged: Judged) -> list[str]:
    if not judged.not_yet_due:
        return []
    text = ngettext(
        "%(n)s would not be due yet and is not counted.",
        "%(n)s would not be due yet and are not counted.",
        judged.not_yet_due,
    )
    return [text % {"n": words.amount(judged.not_yet_due)}]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _outcome(measured: Share, agreed: Decimal | int, *, at_most: bool = False) -> Outcome:
    return judge(measured=measured, agreed=agreed, at_most=at_most, is_over=True).outcome


def average_sentence(waits: Waits, goal: int, *, when: str) -> str:
    """Say what the average was, and whether it would have kept what is drafted."""
    if waits.average is None:
        return ""
    said = {
        "when": _capital(when),
        "average": words.duration(waits.average),
        "goal": words.duration(goal),
        "n": words.amount(waits.attempted),
    }
    if _outcome(share(waits.seconds, waits.attempted), goal, at_most=True) == Outcome.MET:
        return _("%(when)s: %(average)s on average over %(n)s; %(goal)s would have been kept.") % said
    return _("%(when)s: %(average)s on average over %(n)s; %(goal)s would have been missed.") % said


def in_time_sentence(judged: Judged, goal: Decimal, *, when: str, is_mixed: bool = False) -> str:
    """Say whether the share in time would have been reached. `is_mixed`: segments have allowances of their own."""
    if not judged.due:
        return ""
    said = {
        "when": _capital(when),
        "share": words.percent(judged.in_time, 1),
        "met": words.amount(judged.met),
        "due": words.amount(judged.due),
        "goal": words.percent(Fraction(goal), 1),
    }
    is_kept = _outcome(judged.in_time, goal) == Outcome.MET
    if is_mixed and is_kept:
        text = _(
            "%(when)s: %(share)s in time (%(met)s of %(due)s, each by its segment's allowance); %(goal)s would have "
            "been reached."
        )
    elif is_mixed:
        text = _(
            "%(when)s: %(share)s in time (%(met)s of %(due)s, each by its segment's allowance); %(goal)s would not "
            "have been reached."
        )
    elif is_kept:
        text = _("%(when)s: %(share)s in time (%(met)s of %(due)s); %(goal)s would have been reached.")
    else:
        text = _("%(when)s: %(share)s in time (%(met)s of %(due)s); %(goal)s would not have been reached.")
    return text % said


def depth_sentence(
    depth: Depth, attempts: int, window: dt.timedelta, *, when: str, is_mixed: bool = False
) -> str:
    """Say how often those not connected were tried, and how many as often as drafted within the window."""
    if depth.average is None:
        return _("%(when)s: no hand-off left without a connection has its follow-up behind it.") % {
            "when": _capital(when)
        }
    said = {
        "when": _capital(when),
        "average": words.amount(depth.average),
        "n": words.amount(depth.judged),
        "share": words.percent(depth.share_fully_worked),
        "attempts": words.amount(attempts),
        "window": window_name(window),
    }
    average = _("%(when)s: %(average)s attempts on average on the %(n)s not connected;") % said
    if is_mixed:
        return " ".join((average, _("%(share)s had all that their segment is to have.") % said))
    return " ".join((average, _("%(share)s had all %(attempts)s within %(window)s.") % said))


def young_sentence(depth: Depth) -> str:
    """Say how many are still within the drafted window."""
    if not depth.young:
        return ""
    text = ngettext(
        "%(n)s would still be within this window, and is not counted.",
        "%(n)s would still be within this window, and are not counted.",
        depth.young,
    )
    return text % {"n": words.amount(depth.young)}


def window_name(window: dt.timedelta) -> str:
    """Write a follow-up window: 14 days, 1.5 days."""
    days = Fraction(window // dt.timedelta(seconds=1), 86_400)
    return ngettext("%(days)s day", "%(days)s days", 1 if days == 1 else 2) % {"days": words.amount(days, 2)}


def worked_sentence(depth: Depth, goal: Decimal, *, when: str) -> str:
    """Say whether the share worked would have been reached."""
    if not depth.judged:
        return ""
    said = {
        "when": _capital(when),
        "share": words.percent(depth.share_worked, 1),
        "worked": words.amount(depth.worked),
        "n": words.amount(depth.judged),
        "goal": words.percent(Fraction(goal), 1),
    }
    if _outcome(depth.share_worked, goal) == Outcome.MET:
        return _("%(when)s: %(share)s worked (%(worked)s of %(n)s); %(goal)s would have been reached.") % said
    return _("%(when)s: %(share)s worked (%(worked)s of %(n)s); %(goal)s would not have been reached.") % said


def past_month_sentence(past: PastMonth, measure: str, currency: str) -> str:
    """Say what a month brought, of what was promised."""
    said = {
        "month": words.month(past.month),
        "actual": _amount(past.actual, measure, currency),
        "promised": _amount(past.promised, measure, currency),
    }
    if past.promised is None:
        texts = {
            Measure.QUALIFIED: _("%(month)s: %(actual)s qualified."),
            Measure.ACCEPTED: _("%(month)s: %(actual)s accepted."),
            Measure.NET: _("%(month)s: %(actual)s handed over less those rejected."),
            Measure.VALUE: _("%(month)s: worth %(actual)s."),
        }
        return texts.get(Measure(measure), _("%(month)s: %(actual)s handed over.")) % said
    texts = {
        Measure.QUALIFIED: _("%(month)s: %(actual)s qualified of %(promised)s promised."),
        Measure.ACCEPTED: _("%(month)s: %(actual)s accepted of %(promised)s promised."),
        Measure.NET: _("%(month)s: %(actual)s handed over less those rejected, of %(promised)s promised."),
        Measure.VALUE: _("%(month)s: worth %(actual)s of %(promised)s promised."),
    }
    return (
        texts.get(Measure(measure), _("%(month)s: %(actual)s handed over of %(promised)s promised.")) % said
    )


def _amount(value: Decimal | Fraction | None, measure: str, currency: str) -> str:
    return words.money(value, currency) if measure == Measure.VALUE else words.amount(value)


def curve_chart(
    asked: Sequence[tuple[int, Judged]],
    *,
    allowance: int,
    goal: Decimal | None,
    title: str,
    subtitle: str,
    as_of: dt.datetime,
) -> Chart:
    """Describe the share that each allowance would have met, the drafted one marked."""
    labels = tuple(words.duration(seconds) if seconds else words.amount(0) for seconds, _judged in asked)
    shares = [judged.in_time.value for _seconds, judged in asked]
    place = [seconds for seconds, _judged in asked].index(allowance)
    return Chart(
        key="simulated",
        title=title,
        subtitle=subtitle,
        labels=labels,
        spoken=labels,
        panels=(Panel("", words.share_ticks()),),
        series=(
            Series(
                name=_("Would have met"),
                mark=Mark.STEP,
                tone=Tone.ACTUAL,
                values=tuple(number(value) for value in shares),
                texts=tuple(_spoken(judged) for _seconds, judged in asked),
            ),
        ),
        today=Today(place, labels[place]),
        goal=None
        if goal is None
        else Goal(float(goal), _("Agreed %(goal)s") % {"goal": words.percent(Fraction(goal))}),
        summary=_steps(asked),
        table=curve_table(asked),
        as_of=as_of,
        is_empty=not any(judged.due for _seconds, judged in asked),
    )


def _spoken(judged: Judged) -> str:
    said = {
        "share": words.percent(judged.in_time),
        "met": words.amount(judged.met),
        "due": words.amount(judged.due),
    }
    return _("%(share)s, %(met)s of %(due)s") % said


def _steps(asked: Sequence[tuple[int, Judged]]) -> str:
    """Say from which allowance on half and nine in ten would have been in time."""
    sentences = []
    texts = (
        (Fraction(1, 2), _("Half would have met %(allowance)s.")),
        (Fraction(9, 10), _("Nine in ten would have met %(allowance)s.")),
    )
    for wanted, text in texts:
        reached = [seconds for seconds, judged in asked if (judged.in_time.value or 0) >= wanted]
        if reached:
            sentences.append(text % {"allowance": words.duration(reached[0])})
    return " ".join(sentences)


def curve_table(asked: Sequence[tuple[int, Judged]]) -> Table:
    """Return the same figures, an allowance a row."""
    return Table(
        caption=_("What each time to the first attempt would have meant"),
        columns=(
            Column("allowance", _("Time to the first attempt")),
            Column("met", _("Would have met it")),
            Column("due", _("Of those due")),
            Column("in_time", _("Share in time")),
            Column("attempted_not_yet_due", _("Attempted, not yet due")),
            Column("open_not_yet_due", _("Open, not yet due")),
        ),
        rows=tuple(
            (
                Cell(words.duration(seconds) if seconds else words.amount(0), seconds),
                Cell(words.amount(judged.met), judged.met),
                Cell(words.amount(judged.due), judged.due),
                Cell(words.percent(judged.in_time), number(judged.in_time.value)),
                Cell(words.amount(judged.attempted_not_yet_due), judged.attempted_not_yet_due),
                Cell(words.amount(judged.open_not_yet_due), judged.open_not_yet_due),
            )
            for seconds, judged in asked
        ),
    )
