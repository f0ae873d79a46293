"""How each figure is counted, in sentences: by the terms of versions, and in whose business hours.

One text for all who say it: editions, and what a share link shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import CalendarRevision, Commitment, Version
from agreements.readings.hours_words import other_days_text, week_text
from agreements.readings.measure_words import meaning
from agreements.readings.promise_sentences import goal_line
from leads.models import HandOff
from reports.charts import words
from reports.charts.explored_words import MEASURE_WORDS
from reports.charts.recalibration import how_rates_are_measured
from reports.periods import Period
from reports.readings.goals import agreements_below
from reports.readings.scope import Scope

Kind, Measure = Commitment.Kind, Commitment.Measure
MOST_CALENDARS = 6
LONGEST_WITH_DAYS = dt.timedelta(days=366)
"""In a longer period a day without its year could be any of several."""
LONGEST_MONTH = dt.timedelta(days=31)
Said = tuple[str, str, str]
"""A definition: its key, of what, and what it says."""
Worth = Callable[[str], Iterable[str]]
"""Says what a lead of each segment is worth, in the agreement's currency."""


def over_the_period(
    versions: Sequence[Version], of_version: Callable[[Version], Iterable[Said]], period: Period
) -> Iterator[Said]:
    """Yield each definition once where all versions of the period agree on it, else those of each, with its days."""
    by_version = [(version, {said[0]: said for said in of_version(version)}) for version in versions]
    keys = dict.fromkeys(key for _version, found in by_version for key in found)
    is_month = period.end - period.start <= LONGEST_MONTH
    for key in sorted(keys, key=lambda key: ORDER.index(key.partition(":")[0])):
        alike = [
            (said, [version for version, _found in group])
            for said, group in groupby(by_version, key=lambda one: one[1].get(key))
        ]
        for said, those in alike:
            if said is None:
                continue
            if len(alike) == 1:
                yield said
                continue
            start, end = _days_of(those, period)
            name = _("%(what)s, %(days)s") % {
                "what": said[1],
                "days": (words.days if is_month else words.whole_days)(start, end),
            }
            yield f"{key}@{start.isoformat()}", name, said[2]


def _days_of(versions: Sequence[Version], period: Period) -> tuple[dt.date, dt.date]:
    last = versions[-1].governs_until
    return max(versions[0].starts_on, period.start), min(last or period.end, period.end)


ORDER = (
    "qualified",
    "returned",
    "goal",
    "speed",
    "depth",
    "share_worked",
    "acceptance",
    "outcome",
    "measure",
    "obligations",
)


def counted_by(version: Version, worth: Worth, *, measure: str = "") -> Iterator[Said]:
    """Yield how what a version promises is counted; the goal by another measure than the agreed one if it is named."""
    promises = sorted(version.commitments.all(), key=lambda one: (one.segment_id is not None, one.pk))
    of_kind = {kind: [one for one in promises if one.kind == kind] for kind in Kind.values}
    yield _goal(version, of_kind[Kind.MQL_GOAL], worth, measure)
    yield speed(of_kind[Kind.SPEED])
    yield depth(of_kind[Kind.DEPTH])
    if of_kind[Kind.SHARE_WORKED]:
        text = _("%(meaning)s Judged on the same hand-offs as depth.")
        text %= {"meaning": MEASURE_WORDS["worked"].meaning}
        yield "share_worked", str(Kind.SHARE_WORKED.label), text
    for kind in (Kind.ACCEPTANCE, Kind.OUTCOME):
        if of_kind[kind]:
            yield by_a_deadline(kind)


def by_a_deadline(kind: str) -> Said:
    """Say which hand-offs a promise with a deadline is judged on."""
    text = (
        _(
            "Of the hand-offs whose time for it is over, those answered in time: accepted, tried by a person, "
            "or closed. Those cancelled or excused are not asked."
        )
        if kind == Kind.ACCEPTANCE
        else _(
            "Of the hand-offs whose time for it is over, those qualified, won, lost or unreachable in time. "
            "Those closed otherwise are not asked."
        )
    )
    return str(kind), str(Kind(kind).label), text


def custom_measures(version: Version) -> Iterator[Said]:
    """Yield what keeps each measure of the parties' own."""
    for one in version.measures.all():
        yield f"measure:{one.name}", one.name, meaning(one.direction, one.target, one.unit)


def leads_counted(version: Version, measure: str, worth: Worth) -> Said:
    """Say which leads are counted by a measure, whatever was promised of them."""
    promise = _promised([one for one in version.commitments.all() if one.kind == Kind.MQL_GOAL])
    sentences = _counting(version, promise, measure, worth)
    return "goal", str(MEASURE_WORDS[measure].name), " ".join(sentences)


def _goal(version: Version, promises: Sequence[Commitment], worth: Worth, measure: str) -> Said:
    promise = _promised(promises)
    share = {"share": words.percent(Fraction(promise.tolerance), 2)}
    sentences = _counting(version, promise, measure or promise.measure, lambda _currency: ())
    sentences += [
        goal_line(promise),
        _(
            "Kept up to %(share)s short of the goal; more than %(share)s above it is flagged as a flood, and kept."
        )
        % share,
    ]
    if (measure or promise.measure) == Measure.VALUE:
        sentences += worth(version.agreement.currency)
    return "goal", str(Kind.MQL_GOAL.label), " ".join(sentences)


def _promised(promises: Sequence[Commitment]) -> Commitment:
    return promises[0] if promises else Commitment(kind=Kind.MQL_GOAL)


def _counting(version: Version, promise: Commitment, measure: str, worth: Worth) -> list[str]:
    sentences = [
        str(MEASURE_WORDS[measure].meaning),
        _("Leads that sales found count too.")
        if promise.counts_sales_origin
        else _("Leads that sales found do not count."),
        _("Recycled leads count again when they are handed over again.")
        if promise.counts_recycled
        else _("A lead counts once, however often it is handed over."),
        _("Days are those of %(zone)s.") % {"zone": version.agreement.time_zone},
    ]
    return [*sentences, *(worth(version.agreement.currency) if measure == Measure.VALUE else ())]


def speed(promises: Sequence[Commitment]) -> Said:
    """Say how the time to the first attempt is counted."""
    sentences = [
        str(MEASURE_WORDS["speed"].meaning),
        _("The earliest attempt that a person made counts; those that still wait are shown apart."),
        _("In time: of those whose due time has passed, the ones tried by then."),
    ]
    if promises:
        sentences.append(
            _("Agreed pauses are not counted.")
            if any(one.pause_limit for one in promises)
            else _("The clock is never paused.")
        )
    return "speed", str(Kind.SPEED.label), " ".join(sentences)


def depth(promises: Sequence[Commitment]) -> Said:
    """Say how attempts are counted."""
    sentences = [
        str(MEASURE_WORDS["depth"].meaning),
        _("Those rejected or recycled are left out, and so are attempts after a connection."),
        _("Judged once the agreed window is over, or the hand-off closed."),
    ]
    if promises:
        sentences.append(
            _("Automated messages count as attempts.")
            if any(one.counts_automated for one in promises)
            else _("Automated messages are no attempts.")
        )
    return "depth", str(Kind.DEPTH.label), " ".join(sentences)


def business_hours(scope: Scope) -> Said:
    """Say whose business hours the hand-offs of the period were counted in, those of most of them first."""
    agreement = scope.selection.agreement
    hand_offs = HandOff.objects.all()
    if agreement is not None:
        hand_offs = hand_offs.filter(agreement__in=[agreement.pk, *agreements_below(scope)])
    counted = (
        hand_offs.filter(
            handed_off_on__gte=scope.period.start,
            handed_off_on__lt=scope.period.end,
            handed_off_at__lte=scope.moment.at,
        )
        .values("calendar_revision")
        .annotate(n=Count("pk"))
        .order_by("-n", "calendar_revision")
    )
    used = [one["calendar_revision"] for one in counted]
    revisions = CalendarRevision.objects.select_related("calendar").in_bulk(used[:MOST_CALENDARS])
    name = _("Business hours")
    if not used:
        return "hours", name, _("Nothing was handed over that would have been counted in any.")
    sentences = [_hours_of(revisions[pk], scope.period) for pk in used[:MOST_CALENDARS]]
    if more := len(used) - len(sentences):
        said = ngettext("%(n)s more calendar was used.", "%(n)s more calendars were used.", more)
        sentences.append(said % {"n": words.amount(more)})
    if _is_long(scope.period):
        sentences.append(_("Days off are not listed for more than a year."))
    return "hours", name, " ".join(sentences)


def _hours_of(revision: CalendarRevision, period: Period) -> str:
    hours = revision.compiled().hours
    said = {
        "calendar": revision.calendar.name,
        "number": revision.number,
        "week": week_text(hours),
        "zone": revision.time_zone,
        "others": "" if _is_long(period) else other_days_text(hours, period.start, period.end),
    }
    if said["others"]:
        return _("%(calendar)s, revision %(number)s: %(week)s (%(zone)s), but %(others)s.") % said
    return _("%(calendar)s, revision %(number)s: %(week)s (%(zone)s).") % said


def _is_long(period: Period) -> bool:
    return period.end - period.start > LONGEST_WITH_DAYS


def measured_rates() -> Said:
    """Say how the rates that a plan rests on are measured."""
    return "rates", _("Measured rates"), " ".join(how_rates_are_measured())
