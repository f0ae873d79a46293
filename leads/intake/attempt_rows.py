"""Attempts: reading a row, and appending a batch of them to the episodes that they fall in.

Attempts are never changed. A row that differs from the newest attempt of its id voids that one and is logged anew; a
note, being personal text that stands apart, is rewritten in place. An empty cell says nothing. A row without an id is
known by its content (lead, moment, channel, outcome, by, automated), so the same row is the same attempt when it comes
again. What a person voided stays voided while the file says the same; what went with an import that was undone comes
anew.
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
from leads.intake.mapping import Cells
from leads.intake.merged import locked
from leads.intake.moments import Moment
from leads.intake.staging import stage
from leads.intake.values import at_most, word, yes_or_no
from leads.models import FollowUpAttempt, ImportChange
from leads.services.facts import refresh_facts

ID_LIMIT = 200
NOTE_LIMIT = 20_000

LEADS = "SELECT external_id, coalesce(merged_into_id, id) FROM leads_lead WHERE system = %s AND external_id = ANY(%s)"

NEWEST = """
SELECT DISTINCT ON (a.external_id) a.external_id, a.id, h.lead_id, a.attempted_at, a.attempted_on, a.is_date_only,
    a.channel, a.outcome, a.is_automated, a.by_id, a.by_name, a.voided_at IS NULL, coalesce(n.text, '')
FROM leads_followupattempt a JOIN leads_handoff h ON h.id = a.hand_off_id
    LEFT JOIN leads_attemptnote n ON n.attempt_id = a.id LEFT JOIN leads_import i ON i.id = a.recorded_by_id
WHERE a.system = %s AND a.external_id = ANY(%s) AND (a.voided_at IS NULL OR i.undone_at IS NULL)
ORDER BY a.external_id, a.id DESC
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
INSERT INTO leads_followupattempt (system, logged_at, recorded_by_id, void_reason, {", ".join(STAGED)})
SELECT %(system)s, %(now)s, %(import)s, '', {", ".join(STAGED)} FROM intake_attempt ORDER BY external_id
ON CONFLICT (system, external_id) WHERE voided_at IS NULL DO NOTHING
RETURNING id, external_id, hand_off_id
"""

WRITE_NOTES = """
INSERT INTO leads_attemptnote (attempt_id, text) SELECT * FROM unnest(%s::bigint[], %s::text[])
ON CONFLICT (attempt_id) DO UPDATE SET text = excluded.text
"""


class AttemptRow(NamedTuple):
    """One attempt as a row says it. None: the row says nothing of it."""

    key: str
    lead_external_id: str
    moment: Moment
    channel: str
    outcome: str
    is_automated: bool | None
    by: tuple[int | None, str] | None
    note: str


class Stored(NamedTuple):
    """The newest attempt of an id, voided or not."""

    external_id: str
    id: int
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
        for name in ("lead_external_id", "attempted_at", "channel", "outcome"):
            if name not in cells:
                raise Rejected(_("%(field)s: empty") % {"field": name})
        row = AttemptRow(
            key=at_most(cells.get("external_id", ""), ID_LIMIT, "external_id"),
            lead_external_id=cells["lead_external_id"],
            moment=self._context.moments.read(cells["attempted_at"], "attempted_at"),
            channel=word(cells["channel"], FollowUpAttempt.Channel.values, "channel"),
            outcome=word(cells["outcome"], FollowUpAttempt.Outcome.values, "outcome"),
            is_automated=yes_or_no(cells["automated"], "automated") if "automated" in cells else None,
            by=self._context.directory.person(cells["by"], "by") if "by" in cells else None,
            note=at_most(cells.get("note", ""), NOTE_LIMIT, "note"),
        )
        return row if row.key else row._replace(key=_content_key(row, cells.get("by", "")))

    def write(self, rows: list[Pending[AttemptRow]], cursor: Any) -> Written:
        """Append attempts, void those that they replace, and work out the facts of the hand-offs anew."""
        context = self._context
        cursor.execute(LEADS, [context.system, list({pending.row.lead_external_id for pending in rows})])
        lead_ids: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(NEWEST, [context.system, [pending.row.key for pending in rows]])
        newest = {stored.external_id: stored for stored in (Stored(*values) for values in cursor.fetchall())}
        rejected: list[tuple[int, str]] = []
        notes: dict[int, str] = {}
        wanted: list[tuple[Pending[AttemptRow], int, Stored | None]] = []
        for pending in rows:
            row = pending.row
            lead_id, stored = lead_ids.get(row.lead_external_id), newest.get(row.key)
            if lead_id is None:
                rejected.append((pending.number, _unknown_lead(row.lead_external_id)))
            elif stored is None or not stored.says(row, lead_id):
                wanted.append((pending, lead_id, stored))
            elif row.note and row.note != stored.note:
                notes[stored.id] = row.note
        noted = len(notes)
        created, replaced = 0, 0
        if wanted:
            created, replaced = self._append(wanted, notes, rejected, cursor)
        if notes:
            keep_notes(context, [stored.id for stored in newest.values() if stored.id in notes], cursor)
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
        replaced: dict[str, Stored] = {}
        for pending, lead_id, stored in wanted:
            row = pending.row
            if not begun[lead_id]:
                rejected.append((pending.number, _("lead_external_id: the lead was never handed off")))
                continue
            hand_off_id, agreement_id = _episode_of(row.moment, begun[lead_id])[:2]
            by, is_automated, note = row.by, row.is_automated, row.note
            if stored is not None:  # what the row says nothing of is taken over
                replaced[row.key] = stored
                by = by or (stored.by_id, stored.by_name)
                is_automated = stored.is_automated if is_automated is None else is_automated
                note = note or stored.note
            staged[row.key] = (
                note,
                (
                    hand_off_id,
                    row.key,
                    row.moment.at,
                    context.day(row.moment, agreement_id),
                    row.moment.is_date_only,
                    row.channel,
                    row.outcome,
                    bool(is_automated),
                    *(by or (None, "")),
                ),
            )
        touched = self._void([stored.id for stored in replaced.values() if stored.stands], cursor)
        stage(cursor, "intake_attempt", STAGED, (values for _, values in staged.values()))
        cursor.execute(INSERT, {"system": context.system, "now": context.now, "import": context.import_id})
        logged = cursor.fetchall()
        for pk, key, hand_off_id in logged:
            touched.add(hand_off_id)
            if staged[key][0]:
                notes[pk] = staged[key][0]
        refresh_facts(touched, now=context.now)
        updated = sum(key in replaced for _, key, _ in logged)
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


def _content_key(row: AttemptRow, by: str) -> str:
    moment = row.moment.day or row.moment.at
    content = (
        row.lead_external_id,
        moment.isoformat(),
        row.channel,
        row.outcome,
        row.is_automated,
        by.casefold(),
    )
    return f"~{hashlib.sha256(repr(content).encode()).hexdigest()[:32]}"


def _unknown_lead(external_id: str) -> str:
    return _("lead_external_id: no lead “%(id)s” is known; import the leads first") % {
        "id": external_id[:200]
    }
