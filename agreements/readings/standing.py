"""Where a version stands, in a sentence: in force since when, or whose signature it waits for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Agreement, Commitment, Party, Team, Version
from agreements.readings.labels import length
from agreements.rights import Rights
from agreements.words import whole_day


@dataclass(frozen=True)
class Standing:
    """One version among its agreement's parties on a day; everything was read before."""

    version: Version
    parties: tuple[Party, ...]
    today: dt.date

    @property
    def signed_by(self) -> dict[int, Any]:
        """The signatures by party."""
        return {signature.party_id: signature for signature in self.version.signatures.all()}

    @property
    def has_signature(self) -> bool:
        return bool(self.signed_by)

    @property
    def is_in_force(self) -> bool:
        ends = self.version.governs_until
        return (
            self.version.is_signed
            and self.version.starts_on <= self.today
            and (ends is None or self.today < ends)
        )

    @property
    def awaited(self) -> list[Party]:
        """The parties whose signatory has not signed yet."""
        if not self.version.is_open:
            return []
        return [one for one in self.parties if one.signatory_id and one.pk not in self.signed_by]

    def awaits(self, user_id: int | None) -> bool:
        """Whether this person is to sign now."""
        return any(party.signatory_id == user_id for party in self.awaited)

    @property
    def badge(self) -> str:
        """Say it in a word or two."""
        if self.version.is_signed and not self.is_in_force:
            return _("signed") if self.version.starts_on > self.today else self._how_it_ended
        if self.is_in_force:
            return _("in force")
        return str(self.version.get_state_display()).lower()

    @property
    def is_cancelled(self) -> bool:
        """Whether a party ended it; known of versions read `with_endings`."""
        return bool(getattr(self.version, "is_cancelled", False))

    @property
    def _how_it_ended(self) -> str:
        if self.is_cancelled:
            return _("cancelled")
        return _("expired") if self.version.governs_until == self.version.ends_on else _("superseded")

    @property
    def sentence(self) -> str:
        """Say where the version stands."""
        version = self.version
        said = {
            "number": version.number,
            "day": whole_day(version.starts_on),
            "names": name_list([str(party.signatory) for party in self.awaited]),
            "teams": name_list([one.team.name for one in self.parties if one.pk in self.signed_by]),
        }
        if version.state == Version.State.WITHDRAWN:
            return _("Version %(number)s was withdrawn before it was signed by all.") % said
        if version.is_open:
            if version.state == Version.State.CHANGES_ASKED:
                return _("Draft of version %(number)s, from %(day)s: changes were asked for.") % said
            if not self.awaited:
                return _("Draft of version %(number)s, from %(day)s: nobody is named to sign it.") % said
            if said["teams"]:
                return (
                    _("Draft of version %(number)s, from %(day)s: %(teams)s signed, it waits for %(names)s.")
                    % said
                )
            if version.state == Version.State.IN_REVIEW:
                return (
                    _(
                        "Draft of version %(number)s, from %(day)s, is in review: it waits for %(names)s to sign."
                    )
                    % said
                )
            return _("Draft of version %(number)s, from %(day)s: it waits for %(names)s to sign.") % said
        ends = version.governs_until
        if ends is not None:
            said["end"] = whole_day(ends)
            if self.is_cancelled:
                if ends <= version.starts_on:
                    return _("Version %(number)s was signed, and cancelled before its first day.") % said
                if ends <= self.today:
                    return _("Cancelled: version %(number)s was in force from %(day)s until %(end)s.") % said
                if version.starts_on <= self.today:
                    return _("Cancelled, and in force until %(end)s: version %(number)s.") % said
            if ends <= version.starts_on:
                return _("Version %(number)s was signed, and superseded before its first day.") % said
            if ends <= self.today:
                return _("Version %(number)s was in force from %(day)s until %(end)s.") % said
            if version.starts_on <= self.today:
                return _("In force since %(day)s, until %(end)s: version %(number)s.") % said
        if version.starts_on > self.today:
            return _("Version %(number)s is signed; it comes into force on %(day)s.") % said
        return _("In force since %(day)s: version %(number)s.") % said


def name_list(names: list[str]) -> str:
    """Write names one after the other: Kim, Lee and Park."""
    return get_text_list(names, str(_("and")))


def headline(standing: Standing, promises: list[Commitment]) -> str:
    """Say where the version stands and, where it is in force, what both sides promise now."""
    goal = _goal_now(promises, standing.today) if standing.is_in_force else None
    speed = next(
        (one for one in promises if one.kind == Commitment.Kind.SPEED and one.segment_id is None), None
    )
    if not standing.is_in_force or (goal is None and speed is None):
        return standing.sentence
    said = {
        "day": words.day(standing.version.starts_on)
        if standing.version.starts_on.year == standing.today.year
        else whole_day(standing.version.starts_on),
        "number": standing.version.number,
    }
    if goal is not None:
        said |= {"marketing": goal[0], "goal": words.amount(goal[2], 2), "month": words.month(goal[1])}
    if speed is not None and speed.allowance is not None:
        said |= {"sales": speed.party.team.name, "allowance": words.duration(length(speed.allowance))}
    if goal is None:
        return (
            _(
                "In force since %(day)s, version %(number)s: %(sales)s tries each lead within "
                "%(allowance)s (business)."
            )
            % said
        )
    if speed is None:
        return (
            _(
                "In force since %(day)s, version %(number)s: %(marketing)s promises %(goal)s MQLs in %(month)s."
            )
            % said
        )
    return (
        _(
            "In force since %(day)s, version %(number)s: %(marketing)s promises %(goal)s MQLs in %(month)s; "
            "%(sales)s tries each within %(allowance)s (business)."
        )
        % said
    )


def _goal_now(promises: list[Commitment], today: dt.date) -> tuple[str, dt.date, Any] | None:
    """Return who promises how much for this month, or the next one that has a goal."""
    for promise in promises:
        if promise.kind == Commitment.Kind.MQL_GOAL and promise.segment_id is None:
            coming = [goal for goal in promise.month_goals.all() if goal.month_on >= today.replace(day=1)]
            for goal in sorted(coming, key=lambda one: one.month_on):
                return promise.party.team.name, goal.month_on, goal.goal
    return None


def may_write(parties: tuple[Party, ...], rights: Rights) -> bool:
    """Whether this person writes drafts of an agreement with these parties: as `Party.writable_by`, without asking."""
    return rights.is_administrator or any(
        party.team_id in rights.managed
        or (party.team_id in rights.teams and party.signatory_id == rights.user_id)
        for party in parties
    )


def today_of(agreement: Agreement, now: dt.datetime) -> dt.date:
    """Return the day it is where the agreement's days are counted."""
    return now.astimezone(agreement.zone).date()


def in_columns(parties: tuple[Party, ...]) -> list[tuple[str, list[Party]]]:
    """Return the parties by what their teams do, marketing first: those of one kind share a column."""
    columns = [
        (str(function.label), [one for one in parties if one.team.function == function])
        for function in Team.Function
    ]
    return [(title, found) for title, found in columns if found]


def usual_first_day(today: dt.date, *, is_first: bool) -> dt.date:
    """Return the day on which a version most often begins: next month's first.

    What is agreed first of all begins with this month, which otherwise had no goal to be measured against.
    """
    this_month = today.replace(day=1)
    return this_month if is_first else (this_month + dt.timedelta(days=32)).replace(day=1)
