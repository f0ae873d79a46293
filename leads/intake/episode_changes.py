"""What a file changes about the hand-offs of leads that are known already. No database, no clock.

A lead that nobody handed over is handed over by a row that says when, and stays as it is by one that does not. A time
that none of a lead's episodes has corrects the latest while that is open, and after it was closed begins a new
episode if it is later; otherwise nothing changes. While the rejection of the latest is disputed nothing new begins:
that row waits for the decision. A file without `handed_off_at` moves an open hand-off only where that began when the
lead qualified. Closed hand-offs never change. A new owner or team is taken over while the hand-off is open, and keeps
the clock.

Of leads that were merged each id goes on to speak of the hand-offs that came with it, and of those alone. It begins a
new one only while none of the whole lead is open, and moves none past another.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from leads.intake.moments import Moment

if TYPE_CHECKING:
    from leads.intake.lead_rows import LeadRow

DISPUTED = "disputed"  # the word of HandOff.RejectionAnswer


class KnownLead(NamedTuple):
    """A lead that was there before the file, and what the file says of it.

    `id` is the lead that has the hand-offs, `own_id` the one that the file names: another one once it was merged.
    """

    id: int
    own_id: int
    qualified_at: dt.datetime
    row: LeadRow


class Episode(NamedTuple):
    """A hand-off as it is stored."""

    id: int
    lead_id: int
    merged_from_id: int | None
    number: int
    handed_off_at: dt.datetime
    handed_off_on: dt.date
    is_date_only: bool
    agreement_id: int | None
    re_dated_under_id: int | None
    team_id: int | None
    segment_id: int | None
    calendar_revision_id: int
    owner_id: int | None
    owner_name: str
    assigned_at: dt.datetime | None
    due_at: dt.datetime | None
    acceptance_due_at: dt.datetime | None
    outcome_due_at: dt.datetime | None
    state: str
    acceptance: str
    outcome: str
    closed_at: dt.datetime | None
    rejection_answer: str
    first_attempt_at: dt.datetime | None

    @property
    def came_as(self) -> int:
        """The lead that was handed over, before any merge."""
        return self.merged_from_id or self.lead_id

    @property
    def is_disputed(self) -> bool:
        """Whether it was rejected, and marketing's dispute about that waits for a decision."""
        return self.rejection_answer == DISPUTED

    @property
    def is_timed(self) -> bool:
        """Whether some clock of it runs, or ran."""
        return any(at is not None for at in (self.due_at, self.acceptance_due_at, self.outcome_due_at))

    @property
    def deadlines(self) -> tuple[str, str]:
        """How acceptance and outcome stand."""
        return self.acceptance, self.outcome

    def began(self, moment: Moment) -> bool:
        """Whether it is the episode of that moment: of that day, where only the day is known."""
        return self.handed_off_on == moment.day if moment.is_date_only else self.handed_off_at == moment.at


@dataclass
class Changes:
    """What a batch changes about known leads; `waiting` are those that begin nothing until a dispute is decided."""

    begun: list[tuple[KnownLead, int]] = field(default_factory=list)
    corrected: list[tuple[KnownLead, Episode]] = field(default_factory=list)
    assigned: list[tuple[KnownLead, Episode]] = field(default_factory=list)
    waiting: list[KnownLead] = field(default_factory=list)

    @property
    def lead_ids(self) -> set[int]:
        """The leads of which a hand-off changes."""
        return {lead.id for lead, _ in (*self.begun, *self.corrected, *self.assigned)}

    @property
    def own_ids(self) -> set[int]:
        """The same leads as the file names them."""
        return {lead.own_id for lead, _ in (*self.begun, *self.corrected, *self.assigned)}


def changes_of(leads: Iterable[KnownLead], episodes: Iterable[Episode]) -> Changes:
    """What the file changes about these leads, whose episodes come in order of their number."""
    of_lead: dict[int, list[Episode]] = defaultdict(list)
    for episode in episodes:
        of_lead[episode.lead_id].append(episode)
    changes = Changes()
    # Of several rows of one lead that begin an episode the earliest does.
    for lead in sorted(leads, key=lambda lead: lead.row.start.at):
        _add_changes(lead, of_lead.get(lead.id, []), changes)
    return changes


def _add_changes(lead: KnownLead, of_lead: list[Episode], changes: Changes) -> None:
    row = lead.row
    episodes = [one for one in of_lead if one.came_as == lead.own_id]
    others = [one for one in of_lead if one.came_as != lead.own_id]
    if not episodes:
        if row.handed_off is not None:
            _begin(lead, of_lead, others, changes)
        return
    latest = episodes[-1]
    is_new_time = not any(episode.began(row.start) for episode in episodes)
    if latest.closed_at is not None:
        if is_new_time and row.start.at > latest.closed_at:
            _begin(lead, of_lead, [*others, latest], changes)
        return
    if (
        is_new_time
        and not _says_nothing_of(latest, lead)
        and not _is_before_the_last(row.start, episodes)
        and not _is_past_another(row.start, latest, others)
    ):
        changes.corrected.append((lead, latest))
    owner = (row.owner_id, row.owner_name)
    if (row.has_owner and owner != (latest.owner_id, latest.owner_name)) or row.team_id not in (
        None,
        latest.team_id,
    ):
        changes.assigned.append((lead, latest))


def _begin(lead: KnownLead, of_lead: list[Episode], before: list[Episode], changes: Changes) -> None:
    """Begin an episode after all of those before, unless one is open still, or begins with another row of the lead."""
    is_with_sales = any(one.closed_at is None or lead.row.start.at <= one.closed_at for one in before)
    if is_with_sales or any(other.id == lead.id for other, _ in changes.begun):
        return
    if any(one.is_disputed for one in before):
        changes.waiting.append(lead)
    else:
        changes.begun.append((lead, of_lead[-1].number + 1 if of_lead else 1))


def _says_nothing_of(latest: Episode, lead: KnownLead) -> bool:
    return lead.row.handed_off is None and latest.handed_off_at != lead.qualified_at


def _is_before_the_last(start: Moment, episodes: list[Episode]) -> bool:
    ended_at = episodes[-2].closed_at if len(episodes) > 1 else None
    return ended_at is not None and start.at < ended_at


def _is_past_another(start: Moment, latest: Episode, others: list[Episode]) -> bool:
    first, last = sorted((start.at, latest.handed_off_at))
    return any(first <= one.handed_off_at <= last for one in others)
