"""The board nobody should be on: open leads not tried in time, or not often enough, by the rules of their team."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Team
from leads.acting import Acting
from leads.board import so_long_ago
from leads.models import BoardRule, HandOff
from leads.models.hand_offs import HandOffQuerySet, in_pause
from leads.phrases import moment
from leads.services.team_hours import TeamHours

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One lead on the board, and by which rule."""

    hand_off: HandOff
    says: str


@dataclass(slots=True)
class BoardPerson:
    """Everything of one person that is on the board."""

    name: str
    rows: list[BoardRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """What puts leads of one team on the board; `may_change` by this reader."""

    rule: BoardRule
    sentence: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Board:
    sentence: str
    people: list[BoardPerson]
    rules: list[RuleInForce]
    is_cut: bool


def read_board(me: Acting, *, now: dt.datetime) -> Board:
    """Return what of this person's own, and of those whom they manage, is on the board now."""
    teams = _teams(me)
    rules = {team.pk: _rule_of(team) for team in teams}
    hours = TeamHours(rules, now=now)
    on_it = Q(pk__in=[])
    for team_id, rule in [*rules.items(), (None, BoardRule())]:
        on_it |= Q(team=team_id) & (_untried(rule, team_id, hours, now) | _too_few(rule, now))
    found = list(
        _open(me)
        .filter(on_it)
        .exclude(in_pause(now))
        .select_related("lead", "owner", "team")
        .order_by("owner__name", "owner_name", "handed_off_at", "pk")[: MOST_SHOWN + 1]
    )
    people: dict[str, BoardPerson] = {}
    for one in found[:MOST_SHOWN]:
        name = str(one.owner) if one.owner else one.owner_name or _("With nobody")
        key = f"{one.owner_id}:{one.owner_name}"
        rule = rules.get(one.team_id or 0) or BoardRule()
        people.setdefault(key, BoardPerson(name)).rows.append(BoardRow(one, _says(one, rule, now)))
    shown = sorted(people.values(), key=lambda one: (-len(one.rows), one.name.casefold()))
    return Board(
        sentence=_sentence(
            min(len(found), MOST_SHOWN), len(shown), bool(me.people) or me.rights.is_administrator
        ),
        people=shown,
        rules=[
            RuleInForce(rules[team.pk], _rule_sentence(rules[team.pk]), _may_change(me, team))
            for team in teams
        ],
        is_cut=len(found) > MOST_SHOWN,
    )


def _open(me: Acting) -> HandOffQuerySet:
    """Open hand-offs that are judged at all: with a clock, not connected, this person's business."""
    hand_offs = HandOff.objects.filter(closed_at=None, connected_at=None, due_at__isnull=False)
    if me.rights.is_administrator:
        return hand_offs
    if not me.rights.managed:
        return hand_offs.filter(owner=me.rights.user_id)
    return hand_offs.concerning(me.rights).filter(
        Q(owner__in=me.people | {me.rights.user_id or 0}) | Q(owner=None)
    )


def _untried(rule: BoardRule, team_id: int | None, hours: TeamHours, now: dt.datetime) -> Q:
    revision = hours.revision(team_id)
    since = so_long_ago(
        revision.compiled(),
        zoneinfo.ZoneInfo(revision.time_zone),
        now,
        dt.timedelta(hours=rule.untried_hours),
    )
    return Q(attempts=0, handed_off_at__lte=since) if since is not None else Q(pk__in=[])


def _too_few(rule: BoardRule, now: dt.datetime) -> Q:
    since = now - dt.timedelta(days=rule.within_days)
    return Q(attempts__lt=rule.attempts, handed_off_at__lte=since)


def _says(hand_off: HandOff, rule: BoardRule, now: dt.datetime) -> str:
    said = {
        "at": moment(hand_off.handed_off_at, now=now),
        "n": hand_off.attempts,
        "days": (now - hand_off.handed_off_at) // dt.timedelta(days=1),
        "agreed": rule.attempts,
    }
    if not hand_off.attempts:
        return _("not tried since it came, %(at)s") % said
    text = ngettext(
        "%(n)s attempt in %(days)s days, %(agreed)s are agreed",
        "%(n)s attempts in %(days)s days, %(agreed)s are agreed",
        hand_off.attempts,
    )
    return text % said


def _teams(me: Acting) -> list[Team]:
    teams = Team.objects.filter(function=Team.Function.SALES).select_related("board_rule")
    return list(teams if me.rights.is_administrator else teams.filter(pk__in=me.rights.teams))


def _rule_of(team: Team) -> BoardRule:
    rule: BoardRule | None = getattr(team, "board_rule", None)
    return rule or BoardRule(team=team)


def _may_change(me: Acting, team: Team) -> bool:
    return me.rights.is_administrator or team.pk in me.rights.managed


def _rule_sentence(rule: BoardRule) -> str:
    said = {"hours": rule.untried_hours, "attempts": rule.attempts, "days": rule.within_days}
    return (
        _(
            "Not tried within %(hours)s hours (days off not counted), or after %(days)s days fewer than %(attempts)s "
            "attempts without a contact."
        )
        % said
    )


def _sentence(leads: int, people: int, manages: bool) -> str:
    if not leads:
        return _("Nobody is on the board.") if manages else _("You are not on the board.")
    if not manages:
        return ngettext(
            "%(n)s of your leads is on the board.", "%(n)s of your leads are on the board.", leads
        ) % {"n": leads}
    said = ngettext("%(n)s lead is on the board", "%(n)s leads are on the board", leads) % {"n": leads}
    of = ngettext("of %(n)s person.", "of %(n)s people.", people) % {"n": people}
    return _("%(leads)s, %(people)s") % {"leads": said, "people": of}
