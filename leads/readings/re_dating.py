"""What new terms would make of open hand-offs, as people read it: figures, by team, and one by one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import AgreementEvent, Team, Version
from agreements.terms import TermsBook
from leads import phrases
from leads.models import Lead
from leads.readings.clocks import zone_of
from leads.services.amending import refusal_of_the_past, refusal_of_the_reach
from leads.services.re_dating import Change, plan_re_dating

PAGE = 25


@dataclass(frozen=True, slots=True)
class Pair:
    """One term of a hand-off, before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off that would change. Without a lead the reader may not know whom it is about."""

    lead: Lead | None
    team: str
    pairs: list[Pair]
    note: str


@dataclass(frozen=True, slots=True)
class TeamLine:
    """How many of a team's hand-offs would change, and how."""

    team: str
    changed: int
    later: int
    earlier: int
    overdue_at_once: int
    relieved: int


@dataclass(frozen=True, slots=True)
class ReDatingPage:
    """`headline` and `sentences` hold the figures; `rows` are those of one page of the list `shown`."""

    headline: str
    sentences: list[str]
    refusal: str
    teams: list[TeamLine]
    shown: Page[Any] | None
    rows: list[Row]


def read_re_dating(version: Version, *, user: Any, now: dt.datetime, number: Any) -> ReDatingPage:
    """Say which open hand-offs would change if the version began now, or how many did when it began."""
    done = version.events.filter(kind=AgreementEvent.Kind.RE_DATED).first()
    if done is not None:
        headline = _("When version %(number)s began, %(changed)s of %(open)s open hand-offs got its terms.")
        said = {"number": version.number, **_written(done.data, "changed", "open")}
        return ReDatingPage(headline % said, sentences_of(done.data, is_over=True), "", [], None, [])
    teams = Teams()
    planned = plan_re_dating(version=version, now=now, book=teams.book)
    counts = planned.counts()
    said = {"number": version.number, **_written(counts, "changed", "open")}
    if version.governs_until is not None and version.governs_until <= version.starts_on:
        headline = _("Version %(number)s never began: no open hand-off gets its terms.")
        return ReDatingPage(headline % said, [], "", [], None, [])
    if not version.is_for_open_ones:
        headline = ngettext(
            "Version %(number)s is for new hand-offs only: the %(open)s open one keeps its terms.",
            "Version %(number)s is for new hand-offs only: the %(open)s open ones keep their terms.",
            counts["open"],
        )
    else:
        headline = _("%(changed)s of %(open)s open hand-offs change if version %(number)s begins now.")
    shown, rows = page_of(planned.changed, teams, user=user, now=now, number=number)
    return ReDatingPage(
        headline % said,
        sentences_of(counts),
        (refusal_of_the_past(version, now=now) or refusal_of_the_reach(version)) if version.is_open else "",
        team_lines(planned.changed, teams),
        shown,
        rows,
    )


def sentences_of(counts: dict[str, int], *, is_over: bool = False) -> list[str]:
    """Say the figures of a re-dating that have something to say, each in a sentence; `is_over`: as they were."""
    sentences = OVER if is_over else AHEAD
    return [
        sentences[name](counts[name]) % {"n": number_format(counts[name], force_grouping=True)}
        for name in sentences
        if counts.get(name)
    ]


AHEAD: dict[str, Any] = {
    "later": lambda n: ngettext("%(n)s is due later.", "%(n)s are due later.", n),
    "earlier": lambda n: ngettext("%(n)s is due earlier.", "%(n)s are due earlier.", n),
    "overdue_at_once": lambda n: ngettext(
        "%(n)s would be overdue at once.", "%(n)s would be overdue at once.", n
    ),
    "relieved": lambda n: ngettext(
        "%(n)s that is at risk would be on track again.", "%(n)s that are at risk would be on track again.", n
    ),
    "begun": lambda n: ngettext("%(n)s gets a clock.", "%(n)s get a clock.", n),
    "ended": lambda n: ngettext("%(n)s has no clock any more.", "%(n)s have no clock any more.", n),
    "acceptance": lambda n: ngettext(
        "For %(n)s the time to accept it changes.", "For %(n)s the time to accept them changes.", n
    ),
    "outcome": lambda n: ngettext(
        "For %(n)s the time to an outcome changes.", "For %(n)s the time to an outcome changes.", n
    ),
    "overdue": lambda n: ngettext(
        "%(n)s is overdue already: that miss stays.", "%(n)s are overdue already: these misses stay.", n
    ),
}
OVER: dict[str, Any] = {
    "later": lambda n: ngettext("%(n)s was due later then.", "%(n)s were due later then.", n),
    "earlier": lambda n: ngettext("%(n)s was due earlier then.", "%(n)s were due earlier then.", n),
    "overdue_at_once": lambda n: ngettext("%(n)s was overdue at once.", "%(n)s were overdue at once.", n),
    "relieved": lambda n: ngettext(
        "%(n)s that was at risk was on track again.", "%(n)s that were at risk were on track again.", n
    ),
    "begun": lambda n: ngettext("%(n)s got a clock.", "%(n)s got a clock.", n),
    "ended": lambda n: ngettext("%(n)s had no clock any more.", "%(n)s had no clock any more.", n),
    "acceptance": lambda n: ngettext(
        "For %(n)s the time to accept it changed.", "For %(n)s the time to accept them changed.", n
    ),
    "outcome": lambda n: ngettext(
        "For %(n)s the time to an outcome changed.", "For %(n)s the time to an outcome changed.", n
    ),
    "overdue": lambda n: ngettext(
        "%(n)s was overdue already: that miss stayed.", "%(n)s were overdue already: these misses stayed.", n
    ),
}


class Teams:
    """The names of the teams that hand-offs are counted under: the owner's only one in sales, or else the receiving."""

    def __init__(self) -> None:
        self.names = dict(Team.objects.values_list("pk", "name"))
        self.book = TermsBook()

    def of(self, one: Change) -> str:
        owner_id = one.hand_off.owner_id
        own = self.book.team_of(owner_id) if owner_id is not None else None
        return self.names.get(own or one.hand_off.team_id or 0, _("no team"))


def page_of(
    changes: Sequence[Change], teams: Teams, *, user: Any, now: dt.datetime, number: Any
) -> tuple[Page[Any], list[Row]]:
    """Return one page of what would change: what is due first comes first, identity only where it may be known."""
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    ordered = sorted(changes, key=lambda one: (one.after.due_at or far, one.hand_off.pk))
    shown: Page[Any] = Paginator(ordered, PAGE).get_page(number)
    ids = [one.hand_off.lead_id for one in shown]
    known = Lead.objects.visible_to(user).in_bulk(ids)
    rows = [
        Row(known.get(one.hand_off.lead_id), teams.of(one), _pairs(one, now), _note(one)) for one in shown
    ]
    return shown, rows


def team_lines(changes: Iterable[Change], teams: Teams) -> list[TeamLine]:
    """Count what would change by the team of each owner; without one by the receiving team."""
    by_team: dict[str, list[Change]] = defaultdict(list)
    for one in changes:
        by_team[teams.of(one)].append(one)
    return [
        TeamLine(
            team,
            len(found),
            sum(_moves(one) > 0 for one in found),
            sum(_moves(one) < 0 for one in found),
            sum(one.is_overdue_at_once for one in found),
            sum(one.is_relieved for one in found),
        )
        for team, found in sorted(by_team.items())
    ]


def _moves(one: Change) -> int:
    """1 where it is due later, -1 where earlier, 0 where its due time neither moves nor stays one."""
    was, will = one.before.due_at, one.after.due_at
    return 0 if was is None or will is None else (will > was) - (will < was)


def _pairs(one: Change, now: dt.datetime) -> list[Pair]:
    before, after, zone = one.before, one.after, zone_of(one.hand_off)

    def at(instant: dt.datetime | None) -> str:
        return phrases.moment(instant, now=now, zone=zone) if instant is not None else _("no clock")

    found = []
    if before.due_at != after.due_at:
        found.append(Pair(_("Due"), at(before.due_at), at(after.due_at)))
    elif before.at_risk_at != after.at_risk_at:
        found.append(Pair(_("At risk"), at(before.at_risk_at), at(after.at_risk_at)))
    if before.acceptance_due_at != after.acceptance_due_at:
        name = _("To be accepted by")
        found.append(Pair(name, at(before.acceptance_due_at), at(after.acceptance_due_at)))
    if before.outcome_due_at != after.outcome_due_at:
        found.append(Pair(_("Outcome due"), at(before.outcome_due_at), at(after.outcome_due_at)))
    if before.agreed_attempts != after.agreed_attempts:
        found.append(
            Pair(_("Attempts"), str(before.agreed_attempts or "–"), str(after.agreed_attempts or "–"))
        )
    if before.window_ends_at != after.window_ends_at:
        found.append(Pair(_("Follow-up until"), at(before.window_ends_at), at(after.window_ends_at)))
    if before.counts_automated != after.counts_automated:
        words = {True: _("count"), False: _("do not count")}
        found.append(
            Pair(_("Automated messages"), words[before.counts_automated], words[after.counts_automated])
        )
    return found


def _note(one: Change) -> str:
    if one.is_overdue_at_once:
        return _("overdue at once")
    return _("on track again") if one.is_relieved else ""


def _written(counts: dict[str, int], *names: str) -> dict[str, str]:
    return {name: number_format(counts.get(name, 0), force_grouping=True) for name in names}
