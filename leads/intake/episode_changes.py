"""What a file changes about the hand-offs of leads that are known already. No database, no clock.

A lead that nobody handed over is handed over by a row that says when, and stays as it is by one that does not. A time
that none of a lead's episodes has corrects the latest while that is open, and after it was closed begins a new
episode if it is later; otherwise nothing changes. While the rejection of the latest is disputed nothing new begins:
that row waits for the decision. A file without `handed_off_at` moves an open hand-off only where that began when the
lead qualified. Closed hand-offs never change. A new owner or team is taken over while the hand-off is open, and keeps
the clock.
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
    """A lead that was there before the file, and what the file says of it."""

    id: int
    qualified_at: dt.datetime
    row: LeadRow


class Episode(NamedTuple):
    """A hand-off as it is stored."""

    id: int
    lead_id: int
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


def changes_of(leads: Iterable[KnownLead], episodes: Iterable[Episode]) -> Changes:
    """What the file changes about these leads, whose episodes come in order of their number."""
    of_lead: dict[int, list[Episode]] = defaultdict(list)
    for episode in episodes:
        of_lead[episode.lead_id].append(episode)
    changes = Changes()
    for lead in leads:
        _add_changes(lead, of_lead.get(lead.id, []), changes)
    return changes


def _add_changes(lead: KnownLead, episodes: list[Episode], changes: Changes) -> None:
    row = lead.row
    if not episodes:
        if row.handed_off is not None:
            changes.begun.append((lead, 1))
        return
    latest = episodes[-1]
    is_new_time = not any(episode.began(row.start) for episode in episodes)
    if latest.closed_at is not None:
        if is_new_time and row.start.at > latest.closed_at:
            if latest.is_disputed:
                changes.waiting.append(lead)
            else:
                changes.begun.append((lead, latest.number + 1))
        return
    if is_new_time and not _says_nothing_of(latest, lead) and not _is_before_the_last(row.start, episodes):
        changes.corrected.append((lead, latest))
    owner = (row.owner_id, row.owner_name)
    if (row.has_owner and owner != (latest.owner_id, latest.owner_name)) or row.team_id not in (
        None,
        latest.team_id,
    ):
        changes.assigned.append((lead, latest))


def _says_nothing_of(latest: Episode, lead: KnownLead) -> bool:
    return lead.row.handed_off is None and latest.handed_off_at != lead.qualified_at


def _is_before_the_last(start: Moment, episodes: list[Episode]) -> bool:
    ended_at = episodes[-2].closed_at if len(episodes) > 1 else None
    return ended_at is not None and start.at < ended_at
