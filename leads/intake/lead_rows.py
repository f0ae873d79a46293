"""Leads: reading a row, and writing a batch of them with their hand-offs.

An empty cell says nothing: what is stored stays. With `[cells] empty = "clear"` in the mapping, the empty cell of a
column that the file has empties the lead's text. A file that says only the day does not overwrite the time of that day.

A row without an id is known by what else it says of the lead: see `identity`.

What a file says of a lead that was merged into another stays with the id that it names, but for its hand-offs.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leads.intake.context import Context, Pending, Written
from leads.intake.episode_changes import KnownLead
from leads.intake.episodes import Episodes
from leads.intake.faults import Rejected
from leads.intake.former import keep, newest
from leads.intake.identity import ID_LIMIT, derived, nothing_to_know_by
from leads.intake.mapping import Cells
from leads.intake.moments import Moment
from leads.intake.staging import stage
from leads.intake.values import at_most, word
from leads.models import ImportChange, Lead

TEXTS = {  # how much the columns hold
    "source": 100,
    "campaign": 150,
    "name": 200,
    "company": 200,
    "job_title": 200,
    "email": 320,
    "phone": 64,
    "country": 64,
}

STAGED = {
    "external_id": "text",
    "origin": "text",
    "segment_id": "bigint",
    "qualified_at": "timestamptz",
    "qualified_on": "date",
    "is_qualified_date_only": "boolean",
    **dict.fromkeys(TEXTS, "text"),
}

INSERT = f"""
INSERT INTO leads_lead (system, external_id, origin, segment_id, qualified_at, qualified_on,
    is_qualified_date_only, created_at, {", ".join(TEXTS)})
SELECT %(system)s, external_id, coalesce(origin, 'marketing'), segment_id, qualified_at, qualified_on,
    is_qualified_date_only, %(now)s, {", ".join(f"coalesce({name}, '')" for name in TEXTS)}
FROM intake_lead ORDER BY external_id
ON CONFLICT (system, external_id) DO NOTHING
RETURNING id, external_id
"""

KNOWN = """
SELECT coalesce(l.merged_into_id, l.id), l.id, l.external_id, l.qualified_at
FROM leads_lead l JOIN intake_lead s ON l.system = %(system)s AND l.external_id = s.external_id
"""

# Where the file only knows the day, the time that is known of that same day stays. So does the first qualification of a
# lead that was qualified again once its first hand-off was over: that is the beginning of another one.
IS_KEPT = """(
    NOT s.says_qualified OR s.is_qualified_date_only AND s.qualified_on = l.qualified_on
    OR s.qualified_at > l.qualified_at AND s.qualified_at > (
        SELECT h.closed_at FROM leads_handoff h WHERE h.lead_id = coalesce(l.merged_into_id, l.id)
            AND coalesce(h.merged_from_id, h.lead_id) = l.id ORDER BY h.number LIMIT 1
    )
)"""
SAID = {
    "origin": "coalesce(s.origin, l.origin)",
    "segment_id": "coalesce(s.segment_id, l.segment_id)",
    "qualified_at": f"CASE WHEN {IS_KEPT} THEN l.qualified_at ELSE s.qualified_at END",
    "qualified_on": f"CASE WHEN {IS_KEPT} THEN l.qualified_on ELSE s.qualified_on END",
    "is_qualified_date_only": f"CASE WHEN {IS_KEPT} THEN l.is_qualified_date_only ELSE s.is_qualified_date_only END",
    **{name: f"coalesce(s.{name}, l.{name})" for name in TEXTS},
}

DIFFERING = f"""
SELECT l.id FROM leads_lead l JOIN intake_lead s ON l.system = %(system)s AND l.external_id = s.external_id
WHERE ({", ".join(f"l.{name}" for name in SAID)}) IS DISTINCT FROM ({", ".join(SAID.values())})
ORDER BY l.id FOR NO KEY UPDATE OF l
"""

UPDATE = f"""
UPDATE leads_lead l SET {", ".join(f"{name} = {said}" for name, said in SAID.items())}
FROM intake_lead s
WHERE l.id = ANY(%(ids)s) AND l.system = %(system)s AND l.external_id = s.external_id
"""

LINK_DEALS = """
UPDATE leads_deal d SET lead_id = l.id FROM leads_lead l
WHERE l.id = ANY(%(ids)s) AND d.lead_id IS NULL AND d.system = l.system AND d.lead_external_id = l.external_id
RETURNING d.id
"""


class LeadRow(NamedTuple):
    """One lead as a row says it. None in a text: the row says nothing of it."""

    key: str
    texts: tuple[str | None, ...]
    origin: str | None
    segment_id: int | None
    qualified: Moment | None
    handed_off: Moment | None
    owner_id: int | None
    owner_name: str
    team_id: int | None

    @property
    def start(self) -> Moment:
        """When sales got it: as the row says, else when it qualified."""
        start = self.handed_off or self.qualified
        assert start is not None
        return start

    @property
    def has_owner(self) -> bool:
        return self.owner_id is not None or bool(self.owner_name)


class Leads:
    """Rows of leads."""

    def __init__(self, context: Context, cells: Cells) -> None:
        self._context = context
        self._episodes = Episodes(context)
        clears = context.mapping.clears
        self._texts = [
            (name, limit, "" if clears and name in cells.stands_at else None) for name, limit in TEXTS.items()
        ]

    def read(self, cells: dict[str, str]) -> LeadRow:
        """The lead that these cells say."""
        get = cells.get
        directory, moments = self._context.directory, self._context.moments
        way, key = "", get("external_id", "")
        if not key:
            way, key = derived(cells, self._context.mapping.defaults)
        if not key:
            raise Rejected(nothing_to_know_by())
        qualified = moments.read(cells["qualified_at"], "qualified_at") if "qualified_at" in cells else None
        handed_off = (
            moments.read(cells["handed_off_at"], "handed_off_at") if "handed_off_at" in cells else None
        )
        if qualified is None and handed_off is None:
            raise Rejected(_("qualified_at: empty"))
        owner_id, owner_name = directory.person(cells["owner"], "owner") if "owner" in cells else (None, "")
        row = LeadRow(
            key=at_most(key, ID_LIMIT, "external_id"),
            texts=self._said(cells),
            origin=word(cells["origin"], Lead.Origin.values, "origin") if "origin" in cells else None,
            segment_id=directory.segment(cells["segment"]) if "segment" in cells else None,
            qualified=qualified,
            handed_off=handed_off,
            owner_id=owner_id,
            owner_name=owner_name,
            team_id=directory.team(cells["team"]) if "team" in cells else None,
        )
        if self._context.new_sources is not None and "source" in cells:
            self._context.new_sources.look_at(cells["source"])
        if way:
            self._context.known_by[way] += 1
        return row

    def _said(self, cells: dict[str, str]) -> tuple[str | None, ...]:
        said = tuple([cells.get(name, empty) for name, _limit, empty in self._texts])
        for text, (name, limit, _empty) in zip(said, self._texts, strict=True):
            if text and len(text) > limit:
                at_most(text, limit, name)
        return said

    def write(self, rows: list[Pending[LeadRow]], cursor: Any) -> Written:
        """Write leads and their hand-offs; link deals that were waiting for a new lead."""
        context = self._context
        context.hold_terms()
        by_key = {pending.row.key: pending.row for pending in rows}
        terms = self._episodes.terms_of(by_key.values())
        stage(
            cursor,
            "intake_lead",
            {**STAGED, "says_qualified": "boolean"},
            (self._staged(row, terms[key].agreement_id) for key, row in by_key.items()),
        )
        parameters = {"system": context.system, "now": context.now}
        cursor.execute(INSERT, parameters)
        inserted = {external_id: pk for pk, external_id in cursor.fetchall()}
        self._episodes.begin([(pk, by_key[key], terms[key]) for key, pk in inserted.items()], cursor)
        updated: set[int] = set()
        known: list[KnownLead] = []
        waiting: list[KnownLead] = []
        if len(inserted) < len(by_key):
            cursor.execute(KNOWN, parameters)
            known = [
                KnownLead(pk, own_pk, qualified_at, by_key[key])
                for pk, own_pk, key, qualified_at in cursor.fetchall()
                if key not in inserted
            ]
            changes = self._episodes.changes(known, cursor)
            waiting = changes.waiting
            cursor.execute(DIFFERING, parameters)
            updated = {pk for (pk,) in cursor.fetchall()} - {lead.own_id for lead in waiting}
            since = newest(cursor)
            concerned = updated | changes.lead_ids | changes.own_ids
            keep(context, ImportChange.Kind.LEAD, concerned, cursor, since=since)
            if updated:
                cursor.execute(UPDATE, {**parameters, "ids": list(updated)})
            updated |= self._episodes.continue_(changes, cursor)
        if inserted:
            cursor.execute(LINK_DEALS, {"ids": list(inserted.values())})
            keep(context, ImportChange.Kind.LINK, [pk for (pk,) in cursor.fetchall()], cursor)
        self._episodes.route()
        rejected = _rejected(waiting, rows)
        unchanged = len(rows) - len(inserted) - len(updated) - len(rejected)
        changed = {lead.row.key for lead in known if lead.own_id in updated}
        return Written(len(inserted), len(updated), unchanged, rejected, inserted.keys(), changed)

    def _staged(self, row: LeadRow, agreement_id: int | None) -> tuple[Any, ...]:
        qualified = row.qualified or row.start
        on: dt.date = self._context.day(qualified, agreement_id)
        return (
            row.key,
            row.origin,
            row.segment_id,
            qualified.at,
            on,
            qualified.is_date_only,
            *row.texts,
            row.qualified is not None,
        )


def _rejected(waiting: list[KnownLead], rows: list[Pending[LeadRow]]) -> list[tuple[int, str]]:
    """The rows that would hand over a lead in dispute: nothing of them is taken until that is decided."""
    keys = {lead.row.key for lead in waiting}
    reason = _(
        "handed_off_at: the lead's rejection is disputed; import this row again once sales has decided about it"
    )
    return [(pending.number, reason) for pending in rows if pending.row.key in keys]
