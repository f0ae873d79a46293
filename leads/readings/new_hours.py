"""New business hours for open hand-offs, as people read them: what would change, who has agreed, who may."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from agreements.models import (
    AgreementEvent,
    BusinessCalendar,
    CalendarRevision,
    HoursConsent,
    HoursProposal,
    Party,
)
from agreements.rights import rights_of
from leads.readings.re_dating import Row, TeamLine, Teams, page_of, sentences_of, team_lines
from leads.services.new_hours import plan_new_hours, staleness
from leads.services.re_dating import Planned


@dataclass(frozen=True, slots=True)
class NewHoursPage:
    """What new hours would change: the parts that `leads/_re_dating.html` shows."""

    headline: str
    sentences: list[str]
    teams: list[TeamLine]
    shown: Page[Any] | None
    rows: list[Row]
    changed: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One party's consent, and whether the reader may give it."""

    consent: HoursConsent
    is_mine: bool


def read_new_hours(revision: CalendarRevision, *, user: Any, now: dt.datetime, number: Any) -> NewHoursPage:
    """Say which open hand-offs the newest hours of a calendar would change."""
    return _page(plan_new_hours(revision=revision, now=now), revision, user, now, number)


def read_proposal(proposal: HoursProposal, *, user: Any, now: dt.datetime, number: Any) -> NewHoursPage:
    """Say what a proposal would change, or what it changed when it was applied."""
    revision = proposal.revision
    if proposal.state == HoursProposal.State.APPLIED:
        events = AgreementEvent.objects.filter(
            kind=AgreementEvent.Kind.RE_DATED, version=None, data__proposal=proposal.pk
        )
        counts: dict[str, int] = {}
        for data in events.values_list("data", flat=True):
            for name, value in data.items():
                if isinstance(value, int):
                    counts[name] = counts.get(name, 0) + value
        headline = _(
            "The new hours of %(calendar)s (revision %(revision)s) re-dated %(changed)s of %(open)s open hand-offs."
        )
        said = _said(revision, counts.get("changed", 0), counts.get("open", 0))
        return NewHoursPage(headline % said, sentences_of(counts, is_over=True), [], None, [], 0)
    concerned = set(proposal.consents.values_list("party__agreement", flat=True))
    return _page(
        plan_new_hours(revision=revision, now=now, agreements=concerned), revision, user, now, number
    )


def asked_of(proposal: HoursProposal, *, user: Any, now: dt.datetime) -> tuple[list[Asked], str]:
    """Return the consents with whether this person may give each, and why none can be given any more."""
    consents = proposal.consents.select_related("party__team", "party__agreement", "version", "given_by")
    refusal = staleness(proposal, now=now)
    directed = rights_of(user).directed
    return [
        Asked(one, one.given_at is None and not refusal and one.party.team_id in directed) for one in consents
    ], refusal


def newest(calendar: BusinessCalendar) -> CalendarRevision | None:
    """Return the hours of a calendar that serve new hand-offs."""
    return calendar.revisions.order_by("-number").first()


def parties_directed(proposal: HoursProposal, user: Any) -> list[Party]:
    """Return the parties asked whose team this person directs."""
    directed = rights_of(user).directed
    consents = proposal.consents.select_related("party__team").filter(party__team__in=directed)
    return [one.party for one in consents]


def _page(
    planned: dict[int, Planned], revision: CalendarRevision, user: Any, now: dt.datetime, number: Any
) -> NewHoursPage:
    whole = Planned(
        [change for plan in planned.values() for change in plan.changes],
        sum(plan.decided for plan in planned.values()),
        sum(plan.overdue for plan in planned.values()),
    )
    counts = whole.counts()
    headline = _(
        "The new hours of %(calendar)s (revision %(revision)s) would change %(changed)s of %(open)s open hand-offs."
    )
    teams = Teams()
    shown, rows = page_of(whole.changed, teams, user=user, now=now, number=number)
    return NewHoursPage(
        headline % _said(revision, counts["changed"], counts["open"]),
        sentences_of(counts),
        team_lines(whole.changed, teams),
        shown,
        rows,
        counts["changed"],
    )


def _said(revision: CalendarRevision, changed: int, open_ones: int) -> dict[str, Any]:
    return {
        "calendar": revision.calendar.name,
        "revision": revision.number,
        "changed": number_format(changed, force_grouping=True),
        "open": number_format(open_ones, force_grouping=True),
    }
