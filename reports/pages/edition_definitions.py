"""What the words and figures of a closed month meant: when a lead was qualified, as signed, and how each is counted.

Said by the versions in force in the month and the business hours that its hand-offs were counted in. Where a version
that came within the month counts otherwise, both are said, each with its days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import CalendarRevision, Clause, Commitment, Segment, Version
from agreements.readings.hours_words import other_days_text, week_text
from agreements.readings.measure_words import meaning
from agreements.readings.promise_sentences import goal_line
from agreements.readings.reason_words import reasons_sentence
from agreements.services.signed_text import with_terms
from leads.models import HandOff
from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.charts.explored_words import MEASURE_WORDS
from reports.charts.recalibration import how_rates_are_measured
from reports.pages.frame import ReportPage
from reports.periods import Period
from reports.readings.goals import agreements_below

Kind = Commitment.Kind
MOST_CALENDARS = 6
MOST_VALUED = 12
Said = tuple[str, str, str]
"""A definition: its key, of what, and what it says."""


def definitions_table(page: ReportPage, judged: Version) -> Table:
    """Return what each word and figure of the month meant; `judged` is the version that it was judged by."""
    period = page.scope.period
    governing = (
        Version.objects.signed()
        .filter(agreement=judged.agreement_id, in_force__overlap=(period.start, period.end))
        .order_by("starts_on")
    )
    versions = list(with_terms(governing)) or list(with_terms(Version.objects.filter(pk=judged.pk)))
    said = [*_over_the_month(versions, period), _hours(page), _rates()]
    return Table(
        caption=_("How it is counted"),
        columns=(Column("of", _("What")), Column("definition", _("Definition"))),
        rows=tuple((Cell(name, key), Cell(text, text)) for key, name, text in said),
    )


def _over_the_month(versions: Sequence[Version], period: Period) -> Iterator[Said]:
    """Yield each definition once where all versions of the month agree on it, else those of each, with its days."""
    by_version = [(version, {said[0]: said for said in _of_version(version)}) for version in versions]
    keys = dict.fromkeys(key for _version, found in by_version for key in found)
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
            name = _("%(what)s, %(days)s") % {"what": said[1], "days": words.days(start, end)}
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


def _of_version(version: Version) -> Iterator[Said]:
    promises = sorted(version.commitments.all(), key=lambda one: (one.segment_id is not None, one.pk))
    of_kind = {kind: [one for one in promises if one.kind == kind] for kind in Kind.values}
    yield from _qualified(version)
    if reasons := reasons_sentence(version):
        yield "returned", _("Why a lead may be given back"), reasons
    yield _goal(version, of_kind[Kind.MQL_GOAL])
    yield _speed(of_kind[Kind.SPEED])
    yield _depth(of_kind[Kind.DEPTH])
    if of_kind[Kind.SHARE_WORKED]:
        text = _("%(meaning)s Judged on the same hand-offs as depth.")
        text %= {"meaning": MEASURE_WORDS["worked"].meaning}
        yield "share_worked", str(Kind.SHARE_WORKED.label), text
    for kind, text in (
        (
            Kind.ACCEPTANCE,
            _(
                "Of the hand-offs whose time for it is over, those answered in time: accepted, tried by a person, "
                "or closed. Those cancelled or excused are not asked."
            ),
        ),
        (
            Kind.OUTCOME,
            _(
                "Of the hand-offs whose time for it is over, those qualified, won, lost or unreachable in time. "
                "Those closed otherwise are not asked."
            ),
        ),
    ):
        if of_kind[kind]:
            yield str(kind), str(kind.label), text
    for measure in version.measures.all():
        yield (
            f"measure:{measure.name}",
            measure.name,
            meaning(measure.direction, measure.target, measure.unit),
        )
    if version.obligations.all():
        text = _("Kept where all that fell due in the month was delivered by its day.")
        yield "obligations", _("What is owed regularly"), text


def _qualified(version: Version) -> Iterator[Said]:
    clauses = [
        one
        for one in version.clauses.all()
        if one.topic == Clause.Topic.QUALIFICATION and one.party_id is None
    ]
    title = str(Clause.Topic.QUALIFICATION.label)
    for clause in sorted(clauses, key=lambda one: one.segment_id or 0):
        if clause.segment is None:
            yield "qualified", title, clause.text
        else:
            said = {"topic": title, "segment": clause.segment.name}
            yield (
                f"qualified:{clause.segment.slug}",
                _("%(topic)s: “%(segment)s”") % said,
                clause.text,
            )
    if not clauses:
        yield (
            "qualified",
            title,
            _("The agreement does not say it: a lead is qualified when it is marked so."),
        )


def _goal(version: Version, promises: Sequence[Commitment]) -> Said:
    promise = promises[0] if promises else Commitment(kind=Kind.MQL_GOAL)
    share = {"share": words.percent(Fraction(promise.tolerance), 2)}
    sentences = [
        str(MEASURE_WORDS[promise.measure].meaning),
        _("Leads that sales found count too.")
        if promise.counts_sales_origin
        else _("Leads that sales found do not count."),
        _("Recycled leads count again when they are handed over again.")
        if promise.counts_recycled
        else _("A lead counts once, however often it is handed over."),
        _("Days are those of %(zone)s.") % {"zone": version.agreement.time_zone},
        goal_line(promise),
        _(
            "Kept up to %(share)s short of the goal; more than %(share)s above it is flagged as a flood, and kept."
        )
        % share,
    ]
    if promise.measure == Commitment.Measure.VALUE:
        sentences += _values(version.agreement.currency)
    return "goal", str(Kind.MQL_GOAL.label), " ".join(sentences)


def _values(currency: str) -> Iterator[str]:
    """Say what a lead of each segment is worth by now; each keeps what it was worth when it was handed over."""
    valued = Segment.objects.exclude(lead_value=None)
    said = [f"{one.name} {words.money(one.lead_value, currency, 2)}" for one in valued[:MOST_VALUED]]
    if said:
        yield _("A lead handed over when this edition was made was worth: %(values)s.") % {
            "values": "; ".join(said)
        }


def _speed(promises: Sequence[Commitment]) -> Said:
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


def _depth(promises: Sequence[Commitment]) -> Said:
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


def _hours(page: ReportPage) -> Said:
    """Say whose business hours the hand-offs of the month were counted in, those of most of them first."""
    scope = page.scope
    assert page.agreement is not None
    counted = (
        HandOff.objects.filter(
            agreement__in=[page.agreement.pk, *agreements_below(scope)],
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
    return "hours", name, " ".join(sentences)


def _hours_of(revision: CalendarRevision, period: Period) -> str:
    hours = revision.compiled().hours
    said = {
        "calendar": revision.calendar.name,
        "number": revision.number,
        "week": week_text(hours),
        "zone": revision.time_zone,
        "others": other_days_text(hours, period.start, period.end),
    }
    if said["others"]:
        return _("%(calendar)s, revision %(number)s: %(week)s (%(zone)s), but %(others)s.") % said
    return _("%(calendar)s, revision %(number)s: %(week)s (%(zone)s).") % said


def _rates() -> Said:
    return "rates", _("Measured rates"), " ".join(how_rates_are_measured())
