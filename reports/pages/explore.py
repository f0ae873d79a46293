"""The explore page: any measure by up to two dimensions, as its address asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.models import Commitment, Segment, Team
from agreements.rights import people_seen_by
from leads.models import FollowUpAttempt, HandOff
from reports.charts import words
from reports.charts.description import Chart
from reports.charts.exploration import Exploration
from reports.charts.explored import explored_chart
from reports.charts.explored_tables import file_rows
from reports.charts.explored_words import BY_NAMES, MEASURE_WORDS, TOPIC_NAMES
from reports.forms.explore import ExploreForm, Wanted
from reports.forms.filters import Asked, read_query
from reports.pages.behind_addresses import explored_addresses
from reports.pages.contents import Contents
from reports.pages.frame import ReportPage, may_see, month_value, open_page, owner_names
from reports.pages.free_filters import FREE_READERS, Option, free_options
from reports.pages.measures_offered import measures_offered
from reports.periods import ONE_DAY, Period, month_of
from reports.readings.explored import NOT_OF_LEADS, ORDERED, TIMES, By, Explored, TooManyGroups, tiles_of
from reports.readings.explored_details import explore
from reports.readings.explored_measures import MEASURES
from reports.readings.goals import agreement_of, commitment_on
from reports.readings.numbers import Number, number
from reports.readings.tables import Rows

FILTERS = ("segment", "source", "owner", "team", "campaign", *FREE_READERS)
WITH_ROWS = ("handed_off", "accepted", "net", "value", "qualified")
"""Measures whose rows the page of the counted leads lists."""


@dataclass(frozen=True, slots=True)
class ExplorePage:
    """`state` is the whole address of what is shown, edges of the span included. `measures` and so on are choices:
    measures by the topics they belong to, `free` those of the filters by name.
    """

    frame: ReportPage
    wanted: Wanted
    seen: Exploration
    contents: Contents
    state: str
    measures: tuple[tuple[str, tuple[Option, ...]], ...]
    free: Mapping[str, tuple[Option, ...]]
    dimensions: tuple[Option, ...]

    @property
    def chart(self) -> Chart:
        return self.contents.charts[0]

    @property
    def is_of_one_person(self) -> bool:
        """Whether figures of single reps stand on it."""
        chips = {chip.parameter for chip in self.frame.chips}
        return "owner" in chips or By.REP in (self.wanted.by, self.wanted.split)

    @property
    def first(self) -> dt.date:
        return self.frame.scope.period.start

    @property
    def last(self) -> dt.date:
        return self.frame.scope.period.end - ONE_DAY

    @property
    def span(self) -> str:
        """Name the days, with the years."""
        return words.whole_days(self.frame.scope.period.start, self.frame.scope.period.end)

    @property
    def file_name(self) -> str:
        return f"explore-{self.wanted.measure}-{self.first.isoformat()}-{self.last.isoformat()}"

    def file(self) -> tuple[str, Rows]:
        """Return name and rows of the file: every group."""
        return self.file_name, file_rows(self.seen)


def open_exploration(
    query: QueryDict, *, user: Any, now: dt.datetime, filters: Collection[str] = FILTERS
) -> ExplorePage:
    """Return what an address asks for, as this user may see it; what cannot be shown is left out, with a complaint.

    Raises NoSuchAgreement.
    """
    wanted = ExploreForm(query).wanted()
    if MEASURES[wanted.measure].of_leads:
        wanted, filters = _of_leads(wanted, query, filters)
    frame = open_page(_asked(query), now=now, user=user, filters=filters, days_of=wanted.days)
    wanted = wanted.in_room(frame.scope.period)
    may_see_reps = bool(frame.owners)
    if not may_see_reps and By.REP in (wanted.by, wanted.split):
        wanted = wanted.complaining(
            _(
                "Figures per rep are shown to the rep and to those who manage them: this is what all reps did."
            ),
            by=By.WEEK if wanted.by is By.REP else wanted.by,
            split=None if wanted.split is By.REP else wanted.split,
        )
    frame = replace(frame, complaints=(*frame.complaints, *wanted.complaints))
    try:
        seen = _explored(frame, wanted, user)
    except TooManyGroups:
        sentence = _(
            "There are more than 5,000 groups: fewer dimensions are shown. A filter makes them fewer."
        )
        frame = replace(frame, complaints=(*frame.complaints, sentence))
        wanted = replace(wanted, split=None)
        try:
            seen = _explored(frame, wanted, user)
        except TooManyGroups:
            wanted = replace(wanted, by=By.MONTH)
            seen = _explored(frame, wanted, user)
    chart = explored_chart(seen, subtitle=_span_and_filters(frame), as_of=frame.as_of)
    return ExplorePage(
        frame=frame,
        wanted=wanted,
        seen=seen,
        contents=Contents(
            report="explore", document={}, finding=chart.title, charts=(chart,), is_empty=chart.is_empty
        ),
        state=state_of(frame, wanted),
        measures=_measures(),
        free=free_options(),
        dimensions=tuple(
            Option(by.value, str(name)) for by, name in BY_NAMES.items() if by is not By.REP or may_see_reps
        ),
    )


def _measures() -> tuple[tuple[str, tuple[Option, ...]], ...]:
    """Return the measures by topic, each with its name."""
    return tuple(
        (
            str(name),
            tuple(
                Option(key, str(MEASURE_WORDS[key].name))
                for key, one in MEASURES.items()
                if one.topic is topic
            ),
        )
        for topic, name in TOPIC_NAMES.items()
    )


def _of_leads(wanted: Wanted, query: QueryDict, filters: Collection[str]) -> tuple[Wanted, tuple[str, ...]]:
    """Leave out the filters by what only a hand-off has."""
    for by in NOT_OF_LEADS:
        if query.get(by.value) and by.value in filters:
            said = {"measure": MEASURE_WORDS[wanted.measure].name, "by": BY_NAMES[by]}
            sentence = _(
                "“%(measure)s” counts leads before they are handed off: no filter “%(by)s” fits them."
            )
            wanted = wanted.complaining(sentence % said)
    return wanted, tuple(name for name in filters if name not in NOT_OF_LEADS)


def _asked(query: QueryDict) -> Asked:
    """Read the filters; measure and dimensions have other words here than on the pages with one question."""
    own = query.copy()
    for name in ("measure", "by"):
        own.pop(name, None)
    return read_query(own)


def state_of(frame: ReportPage, wanted: Wanted) -> str:
    """Return the query that shows the same again, on whatever day."""
    period = frame.scope.period
    parts = {
        "measure": wanted.measure,
        "by": wanted.by.value,
        "split": wanted.split.value if wanted.split else "",
        "first": period.start.isoformat(),
        "last": (period.end - ONE_DAY).isoformat(),
        "agreement": frame.agreement.slug if frame.agreement else "",
        **{chip.parameter: chip.asked for chip in frame.chips},
    }
    return urlencode({name: value for name, value in parts.items() if value or name == "agreement"})


def kept_state(opened: ExplorePage, now: dt.datetime) -> str:
    """Return the query to keep under a name: the usual days move on with the calendar, others stay."""
    frame = opened.frame
    query = QueryDict(opened.state, mutable=True)
    if frame.scope.period == Wanted().days(now.astimezone(frame.scope.zone).date()):
        del query["first"], query["last"]
    return query.urlencode()


def _explored(frame: ReportPage, wanted: Wanted, user: Any) -> Exploration:
    scope, measure = frame.scope, MEASURES[wanted.measure]
    by, split = wanted.by, wanted.split
    if split is not None and split in ORDERED and by not in ORDERED:
        by, split = split, by  # what has an order stands along the bottom
    found = explore(scope, measure, by, split)
    notes: tuple[str, ...] = ()
    if By.REP in (by, split):
        people = people_seen_by(user)
        if people is not None:
            found = _of_people(found, by, split, people)
            notes = (_("Of the reps only those are named whose figures you may see; “All” is all of them."),)
    agreement = agreement_of(scope)
    segments = list(Segment.objects.all()) if By.SEGMENT in (by, split) else []
    return Exploration(
        key=wanted.measure,
        by=by,
        split=split,
        period=scope.period,
        found=found,
        names=_names(found, by, split, segments),
        currency=found.total.get("currency") or (agreement.currency if agreement else ""),
        agreed=_agreed(frame, wanted.measure) if by in TIMES and split is None else None,
        addresses=_addresses(frame, wanted.measure, by, found, segments)
        if split is None or by in ORDERED
        else {},
        notes=notes,
    )


def _of_people(found: Explored, by: By, split: By | None, people: set[int]) -> Explored:
    """Leave away the reps whose figures may not be seen; the sums stay those of all."""

    first, second, cells = found.first, found.second, found.cells
    if by is By.REP:
        first = {key: row for key, row in first.items() if may_see(key, people)}
        cells = {pair: row for pair, row in cells.items() if may_see(pair[0], people)}
    if split is By.REP:
        second = {key: row for key, row in second.items() if may_see(key, people)}
        cells = {pair: row for pair, row in cells.items() if may_see(pair[1], people)}
    return Explored(found.total, first, second, cells)


def _names(
    found: Explored, by: By, split: By | None, segments: list[Segment]
) -> Mapping[By, Mapping[str, str]]:
    names: dict[By, Mapping[str, str]] = {}
    for dimension, rows in ((by, found.first), (split, found.second)):
        match dimension:
            case By.REP:
                names[By.REP] = owner_names(list(rows))
            case By.TEAM:
                names[By.TEAM] = {str(one.pk): one.name for one in Team.objects.all()}
            case By.SEGMENT:
                names[By.SEGMENT] = {str(one.pk): one.name for one in segments}
            case By.CHANNEL:
                names[By.CHANNEL] = {key: str(name) for key, name in FollowUpAttempt.Channel.choices}
            case By.OUTCOME:
                names[By.OUTCOME] = {key: str(name) for key, name in HandOff.ClosedAs.choices}
    return names


def _agreed(frame: ReportPage, measure: str) -> Number | None:
    """Return what was promised of this measure, drawn as a line where time goes along the bottom."""
    kinds = {
        "speed": Commitment.Kind.SPEED,
        "in_time": Commitment.Kind.SPEED,
        "depth": Commitment.Kind.DEPTH,
        "worked": Commitment.Kind.SHARE_WORKED,
    }
    promise = commitment_on(frame.scope, kinds[measure]) if measure in kinds else None
    if promise is None:
        return None
    match measure:
        case "speed":
            return int(promise.average_goal.total_seconds()) if promise.average_goal else None
        case "in_time":
            return number(promise.in_time_share)
        case "depth":
            return promise.attempts
    return number(promise.share)


def _addresses(
    frame: ReportPage, measure: str, by: By, found: Explored, segments: list[Segment]
) -> Mapping[str, str]:
    """Return where the rows behind each group are listed: of a day or a month, or of one part of a whole month."""
    if found_behind := explored_addresses(frame, measure, by, found):
        return found_behind
    beyond = {"team", *FREE_READERS} & frame.scope.selection.filters().keys()
    if measure not in WITH_ROWS or measure not in measures_offered(frame.scope) or beyond:
        return {}
    shared = {chip.parameter: chip.asked for chip in frame.chips}
    shared |= {"measure": measure, "agreement": frame.agreement.slug if frame.agreement else ""}
    month = {"month": month_value(frame.month)} if frame.scope.period == month_of(frame.month) else None
    slugs = {str(one.pk): one.slug for one in segments}
    tiles = tiles_of(frame.scope.period, by)

    def parts(key: str) -> dict[str, str] | None:
        match by:
            case By.DAY:
                return {"month": key[:7], "day": key}
            case By.MONTH:
                return {"month": key[:7]} if _is_month(tiles[key]) else None
            case By.SEGMENT if month and key:
                return month | {"segment": slugs[key]}
            case By.SOURCE if month and key:
                return month | {"source": key}
            case By.CAMPAIGN if month and key:
                return month | {"campaign": key}
            case By.REP if month and key.isdecimal():
                return month | {"owner": key}
        return None

    page = reverse("reports:counted")
    return {key: f"{page}?{urlencode(shared | own)}" for key in found.first if (own := parts(key))}


def _is_month(tile: Period) -> bool:
    return tile == month_of(tile.start)


def _span_and_filters(frame: ReportPage) -> str:
    period = frame.scope.period
    return f"{words.whole_days(period.start, period.end)} · {frame.selected}"
