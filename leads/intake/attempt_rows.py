"""Attempts: reading a row, and appending a batch of them to the episodes that they fall in.

Attempts are never changed. A row that differs from the newest attempt of its id voids that one and is logged anew; a
note, being personal text that stands apart, is rewritten in place. An empty cell says nothing. A row without an id is
known by its content (lead, moment, channel, outcome, by, automated), so the same row is the same attempt when it comes
again. What a person voided stays voided while the file says the same; what went with an import that was undone comes
anew.

Attempts and their leads have ids of the system that was named for the file; a row can name others, as rows of a file
that was given out here do: attempts that were logged here, of leads that came from a CRM.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leads.intake.context import Context, Pending, Written
from leads.intake.faults import Rejected
from leads.intake.former import keep, keep_notes
from leads.intake.identity import naming_its_lead
from leads.intake.mapping import Cells
from leads.intake.merged import locked
from leads.intake.moments import Moment
from leads.intake.staging import stage
from leads.intake.values import SYSTEM_LIMIT, at_most, word, yes_or_no
from leads.models import FollowUpAttempt, ImportChange
from leads.services.facts import refresh_facts

ID_LIMIT = 200
NOTE_LIMIT = 20_000

LEADS = """
SELECT system, external_id, coalesce(merged_into_id, id) FROM leads_lead
    JOIN unnest(%s::text[], %s::text[]) AS named(system, external_id) USING (system, external_id)
"""

NEWEST = """
SELECT DISTINCT ON (a.system, a.external_id) a.system, a.external_id, a.id, h.lead_id,
    a.attempted_at, a.attempted_on, a.is_date_only, a.channel, a.outcome, a.is_automated, a.by_id, a.by_name,
    a.voided_at IS NULL, coalesce(n.text, '')
FROM unnest(%s::text[], %s::text[]) AS named(system, external_id)
    JOIN leads_followupattempt a ON a.system = named.system AND a.external_id = named.external_id
    JOIN leads_handoff h ON h.id = a.hand_off_id
    LEFT JOIN leads_attemptnote n ON n.attempt_id = a.id LEFT JOIN leads_import i ON i.id = a.recorded_by_id
WHERE a.voided_at IS NULL OR i.undone_at IS NULL
ORDER BY a.system, a.external_id, a.id DESC
"""

EPISODES = """
SELECT h.lead_id, h.id, h.agreement_id, h.handed_off_at, h.handed_off_on, h.closed_at
FROM leads_handoff h WHERE h.lead_id = ANY(%s) ORDER BY h.lead_id, h.number DESC
"""

VOID = """
UPDATE leads_followupattempt SET voided_at = %(now)s, voided_by_id = %(by)s, void_reason = %(reason)s
WHERE id = ANY(%(ids)s) AND voided_at IS NULL
RETURNING hand_off_id
"""

STAGED = {
    "hand_off_id": "bigint",
    "system": "text",
    "external_id": "text",
    "attempted_at": "timestamptz",
    "attempted_on": "date",
    "is_date_only": "boolean",
    "channel": "text",
    "outcome": "text",
    "is_automated": "boolean",
    "by_id": "bigint",
    "by_name": "text",
}

INSERT = f"""
INSERT INTO leads_followupattempt (logged_at, recorded_by_id, void_reason, {", ".join(STAGED)})
SELECT %(now)s, %(import)s, '', {", ".join(STAGED)} FROM intake_attempt ORDER BY system, external_id
ON CONFLICT (system, external_id) WHERE voided_at IS NULL DO NOTHING
RETURNING id, system, external_id, hand_off_id
"""

WRITE_NOTES = """
INSERT INTO leads_attemptnote (attempt_id, text) SELECT * FROM unnest(%s::bigint[], %s::text[])
ON CONFLICT (attempt_id) DO UPDATE SET text = excluded.text
"""


class AttemptRow(NamedTuple):
    """One attempt as a row says it. None: the row says nothing of it."""

    system: str
    external_id: str
    lead_system: str
    lead_external_id: str
    moment: Moment
    channel: str
    outcome: str
    is_automated: bool | None
    by: tuple[int | None, str] | None
    note: str

    @property
    def id(self) -> tuple[str, str]:
        """Which attempt it is: the id, and whose."""
        return self.system, self.external_id

    @property
    def lead(self) -> tuple[str, str]:
        """Which lead it is about."""
        return self.lead_system, self.lead_external_id

    @property
    def key(self) -> str:
        """The same as one text; no system's name has the sign between them."""
        return "\0".join(self.id)


class Stored(NamedTuple):
    """The newest attempt of an id, voided or not."""

    system: str
    external_id: str
    pk: int
    lead_id: int
    attempted_at: dt.datetime
    attempted_on: dt.date
    is_date_only: bool
    channel: str
    outcome: str
    is_automated: bool
    by_id: int | None
    by_name: str
    stands: bool
    note: str

    def says(self, row: AttemptRow, lead_id: int) -> bool:
        """Whether the row says nothing else, but for its note."""
        if row.moment.is_date_only:
            same_time = self.is_date_only and self.attempted_on == row.moment.day
        else:
            same_time = not self.is_date_only and self.attempted_at == row.moment.at
        return (
            same_time
            and self.lead_id == lead_id
            and self.channel == row.channel
            and self.outcome == row.outcome
            and row.is_automated in (None, self.is_automated)
            and row.by in (None, (self.by_id, self.by_name))
        )


class Episode(NamedTuple):
    """A hand-off that attempts may fall in."""

    id: int
    agreement_id: int | None
    handed_off_at: dt.datetime
    handed_off_on: dt.date
    closed_at: dt.datetime | None

    def has_begun(self, moment: Moment) -> bool:
        """Whether it began by that moment: by that day, where only the day is known."""
        return self.handed_off_on <= moment.day if moment.day is not None else self.handed_off_at <= moment.at


class Attempts:
    """Rows of attempts."""

    def __init__(self, context: Context, cells: Cells) -> None:
        self._context = context

    def read(self, cells: dict[str, str]) -> AttemptRow:
        """The attempt that these cells say."""
        cells = naming_its_lead(cells, self._context.mapping.defaults)
        for name in ("lead_external_id", "attempted_at", "channel", "outcome"):
            if name not in cells:
                raise Rejected(_("%(field)s: empty") % {"field": name})
        own = self._context.system
        row = AttemptRow(
            system=at_most(cells.get("system", own), SYSTEM_LIMIT, "system"),
            external_id=at_most(cells.get("external_id", ""), ID_LIMIT, "external_id"),
            lead_system=cells.get("lead_system", own),
            lead_external_id=cells["lead_external_id"],
            moment=self._context.moments.read(cells["attempted_at"], "attempted_at"),
            channel=word(cells["channel"], FollowUpAttempt.Channel.values, "channel"),
            outcome=word(cells["outcome"], FollowUpAttempt.Outcome.values, "outcome"),
            is_automated=yes_or_no(cells["automated"], "automated") if "automated" in cells else None,
            by=self._context.directory.person(cells["by"], "by") if "by" in cells else None,
            note=at_most(cells.get("note", ""), NOTE_LIMIT, "note"),
        )
        self._context.impossible += not FollowUpAttempt.can_be(row.channel, row.outcome)
        if row.external_id:
            return row
        return row._replace(external_id=_content_key(row, cells.get("by", ""), own))

    def write(self, rows: list[Pending[AttemptRow]], cursor: Any) -> Written:
        """Append attempts, void those that they replace, and work out the facts of the hand-offs anew."""
        context = self._context
        cursor.execute(LEADS, _columns({pending.row.lead for pending in rows}))
        lead_ids = {(system, external_id): pk for system, external_id, pk in cursor.fetchall()}
        cursor.execute(NEWEST, _columns({pending.row.id for pending in rows}))
        newest = {(one.system, one.external_id): one for one in (Stored(*row) for row in cursor.fetchall())}
        rejected: list[tuple[int, str]] = []
        notes: dict[int, str] = {}
        wanted: list[tuple[Pending[AttemptRow], int, Stored | None]] = []
        for pending in rows:
            row = pending.row
            lead_id, stored = lead_ids.get(row.lead), newest.get(row.id)
            if lead_id is None:
                rejected.append((pending.number, _unknown_lead(row, context.system)))
            elif stored is None or not stored.says(row, lead_id):
                wanted.append((pending, lead_id, stored))
            elif row.note and row.note != stored.note:
                notes[stored.pk] = row.note
        noted = len(notes)
        created, replaced = 0, 0
        if wanted:
            created, replaced = self._append(wanted, notes, rejected, cursor)
        if notes:
            keep_notes(context, [stored.pk for stored in newest.values() if stored.pk in notes], cursor)
            cursor.execute(WRITE_NOTES, [list(notes), list(notes.values())])
        updated = replaced + noted
        return Written(created, updated, len(rows) - len(rejected) - created - updated, rejected)

    def _append(
        self,
        wanted: list[tuple[Pending[AttemptRow], int, Stored | None]],
        notes: dict[int, str],
        rejected: list[tuple[int, str]],
        cursor: Any,
    ) -> tuple[int, int]:
        context = self._context
        begun = self._episodes({lead_id for _, lead_id, _ in wanted}, cursor)
        staged = {}
        replaced: dict[tuple[str, str], Stored] = {}
        for pending, lead_id, stored in wanted:
            row = pending.row
            if not begun[lead_id]:
                rejected.append((pending.number, _("lead_external_id: the lead was never handed off")))
                continue
            hand_off_id, agreement_id = _episode_of(row.moment, begun[lead_id])[:2]
            by, is_automated, note = row.by, row.is_automated, row.note
            if stored is not None:  # what the row says nothing of is taken over
                replaced[row.id] = stored
                by = by or (stored.by_id, stored.by_name)
                is_automated = stored.is_automated if is_automated is None else is_automated
                note = note or stored.note
            staged[row.id] = (
                note,
                (
                    hand_off_id,
                    *row.id,
                    row.moment.at,
                    context.day(row.moment, agreement_id),
                    row.moment.is_date_only,
                    row.channel,
                    row.outcome,
                    bool(is_automated),
                    *(by or (None, "")),
                ),
            )
        touched = self._void([stored.pk for stored in replaced.values() if stored.stands], cursor)
        stage(cursor, "intake_attempt", STAGED, (values for _, values in staged.values()))
        cursor.execute(INSERT, {"now": context.now, "import": context.import_id})
        logged = cursor.fetchall()
        for pk, system, external_id, hand_off_id in logged:
            touched.add(hand_off_id)
            if note := staged[system, external_id][0]:
                notes[pk] = note
        refresh_facts(touched, now=context.now)
        updated = sum((system, external_id) in replaced for _, system, external_id, _ in logged)
        return len(logged) - updated, updated

    def _episodes(self, lead_ids: Iterable[int], cursor: Any) -> dict[int, list[Episode]]:
        # The leads are locked against the beginning of another episode, as in an import of leads.
        survivors = locked(lead_ids, cursor, "SHARE")
        cursor.execute(EPISODES, [sorted(set(survivors.values()))])
        begun = defaultdict(list)
        for lead_id, *episode in cursor.fetchall():
            begun[lead_id].append(Episode(*episode))
        return {lead_id: begun[survivor] for lead_id, survivor in survivors.items()}

    def _void(self, attempt_ids: list[int], cursor: Any) -> set[int]:
        if not attempt_ids:
            return set()
        keep(self._context, ImportChange.Kind.ATTEMPT, attempt_ids, cursor)
        cursor.execute(
            VOID,
            {
                "ids": attempt_ids,
                "now": self._context.now,
                "by": self._context.started_by_id,
                "reason": _("replaced by an import"),
            },
        )
        return {pk for (pk,) in cursor.fetchall()}


def _episode_of(moment: Moment, episodes: list[Episode]) -> Episode:
    """The latest episode begun by then, else the first; they come latest first.

    Episodes of leads that were merged overlap: what was not closed by then comes first.
    """
    begun = [one for one in episodes if one.has_begun(moment)]
    still_open = (one for one in begun if one.closed_at is None or one.closed_at >= moment.at)
    return next(still_open, begun[0] if begun else episodes[-1])


def _columns(ids: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Systems and ids, each for themselves."""
    listed = list(ids)
    return [[system for system, _ in listed], [external_id for _, external_id in listed]]


def _content_key(row: AttemptRow, by: str, own: str) -> str:
    moment = row.moment.day or row.moment.at
    content = (
        row.lead_external_id,
        moment.isoformat(),
        row.channel,
        row.outcome,
        row.is_automated,
        by.casefold(),
        *((row.lead_system,) if row.lead_system != own else ()),
    )
    return f"~{hashlib.sha256(repr(content).encode()).hexdigest()[:32]}"


def _unknown_lead(row: AttemptRow, own: str) -> str:
    said = {"id": row.lead_external_id[:200], "system": row.lead_system[:200]}
    if row.lead_system != own:
        return _("lead_external_id: no lead “%(id)s” of “%(system)s” is known; import the leads first") % said
    return _("lead_external_id: no lead “%(id)s” is known; import the leads first") % said
