"""The hand-offs of imported leads, written: begun, corrected, assigned; and which of them get a clock.

Hand-offs older than one business day (the longest of the calendar's week) are history and get no clock unless asked
for; nor do those of which only the day is known. A correction of a hand-off that has a clock keeps it one. Only
hand-offs with a clock leave an event of their beginning: history would fill the log with what nobody was told of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from agreements.business_time import Calendar
from agreements.models import CalendarRevision
from agreements.spans import Pauses
from agreements.terms import Terms
from leads import clock
from leads.intake import staging
from leads.intake.context import Clock, Context
from leads.intake.episode_changes import Changes, Episode, KnownLead, changes_of
from leads.intake.former import keep
from leads.intake.merged import locked
from leads.intake.moments import Moment
from leads.models import HandOffEvent, ImportChange, Pause
from leads.services.facts import rebind_attempts, refresh_facts
from leads.services.routing import route

if TYPE_CHECKING:
    from leads.intake.lead_rows import LeadRow

BEGUN_WITH_A_CLOCK = """
INSERT INTO leads_handoffevent (hand_off_id, kind, happened_at, recorded_at, actor_id, data)
SELECT h.id, %(kind)s, h.handed_off_at, %(now)s, %(actor)s, jsonb_build_object('import', %(import)s::bigint)
FROM leads_handoff h JOIN unnest(%(leads)s::bigint[], %(numbers)s::int[]) AS n(lead_id, number) USING (lead_id, number)
WHERE h.due_at IS NOT NULL OR h.acceptance_due_at IS NOT NULL OR h.outcome_due_at IS NOT NULL
ORDER BY h.id
RETURNING hand_off_id
"""

CAME_AS = """
UPDATE leads_handoff h SET merged_from_id = n.own_id
FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS n(lead_id, number, own_id)
WHERE h.lead_id = n.lead_id AND h.number = n.number
"""
EPISODES = f"""
SELECT {", ".join(Episode._fields)} FROM leads_handoff WHERE lead_id = ANY(%s) ORDER BY lead_id, number
"""

BEGUN = (
    "lead_id",
    "number",
    "handed_off_at",
    "handed_off_on",
    "is_date_only",
    "recorded_by_id",
    "agreement_id",
    "version_id",
    "team_id",
    "segment_id",
    "calendar_revision_id",
    "owner_id",
    "owner_name",
    "assigned_at",
    "allowance",
    "at_risk_at",
    "due_at",
    "acceptance_allowance",
    "acceptance_due_at",
    "outcome_allowance",
    "outcome_due_at",
    "agreed_attempts",
    "window_ends_at",
    "counts_automated",
    "lead_value",
    "counts_recycled",
    "counts_sales_origin",
    "state",
    "acceptance",
    "outcome",
    "closed_as",
    "rejection_reason",
    "attempts",
    "early_attempts",
)

CORRECTED = {
    "handed_off_at": "timestamptz",
    "handed_off_on": "date",
    "is_date_only": "boolean",
    "agreement_id": "bigint",
    "version_id": "bigint",
    "calendar_revision_id": "bigint",
    "assigned_at": "timestamptz",
    "allowance": "interval",
    "at_risk_at": "timestamptz",
    "due_at": "timestamptz",
    "acceptance_allowance": "interval",
    "acceptance_due_at": "timestamptz",
    "outcome_allowance": "interval",
    "outcome_due_at": "timestamptz",
    "agreed_attempts": "smallint",
    "window_ends_at": "timestamptz",
    "counts_automated": "boolean",
    "counts_recycled": "boolean",
    "counts_sales_origin": "boolean",
    "state": "text",
    "acceptance": "text",
    "outcome": "text",
    "first_attempt_at": "timestamptz",
    "first_attempt_business_seconds": "int",
    "routing_business_seconds": "int",
    "least_allowance_seconds": "int",
}

ASSIGNED = {"owner_id": "bigint", "owner_name": "text", "team_id": "bigint"}


class Times(NamedTuple):
    """The clocks of a hand-off; all None without any."""

    allowance: dt.timedelta | None = None
    at_risk_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    acceptance_allowance: dt.timedelta | None = None
    acceptance_due_at: dt.datetime | None = None
    outcome_allowance: dt.timedelta | None = None
    outcome_due_at: dt.datetime | None = None

    @property
    def is_any(self) -> bool:
        return any(at is not None for at in (self.due_at, self.acceptance_due_at, self.outcome_due_at))

    @property
    def waiting(self) -> tuple[str, str]:
        """How acceptance and outcome stand, before any facts."""
        return tuple(
            (clock.Deadline.NONE if at is None else clock.Deadline.WAITING).value
            for at in (self.acceptance_due_at, self.outcome_due_at)
        )  # type: ignore[return-value]


class Episodes:
    """Writes the hand-offs of one import."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._to_route: list[int] = []
        self._calendars: dict[int, tuple[Calendar, dt.timedelta]] = {}

    def terms_of(self, rows: Iterable[LeadRow]) -> dict[str, Terms]:
        """The terms each row's hand-off would have, by the row's key."""
        return {row.key: self._terms_of(row, row.segment_id) for row in rows}

    def _terms_of(self, row: LeadRow, segment_id: int | None) -> Terms:
        return self._context.terms(
            row.start, team_id=self._team_of(row), owner_id=row.owner_id, segment_id=segment_id
        )

    def _team_of(self, row: LeadRow) -> int | None:
        if row.team_id is None and row.owner_id is not None:
            return self._context.book.team_of(row.owner_id)
        return row.team_id

    def begin(self, leads: list[tuple[int, LeadRow, Terms]], cursor: Any) -> None:
        """Write the first hand-offs of new leads."""
        self._begin([(pk, 1, row, row.segment_id, terms) for pk, row, terms in leads], cursor)

    def changes(self, leads: list[KnownLead], cursor: Any) -> Changes:
        """What the file changes about the hand-offs of known leads; these are locked, and stay as they were read."""
        found = self._changes(leads, cursor)
        ids = found.lead_ids | {lead.id for lead in found.waiting}
        if not ids:
            return found
        # Locked, then looked at again: what another process did meanwhile counts.
        concerned = [lead for lead in leads if lead.id in ids]
        survivors = locked(ids | {lead.own_id for lead in concerned}, cursor)
        cursor.execute(
            "SELECT id FROM leads_handoff WHERE lead_id = ANY(%s) ORDER BY id FOR UPDATE",
            [sorted(set(survivors.values()))],
        )
        return self._changes([lead._replace(id=survivors[lead.own_id]) for lead in concerned], cursor)

    def continue_(self, changes: Changes, cursor: Any) -> set[int]:
        """Bring the hand-offs of known leads in line with the file; return the changed leads, as it names them."""
        if not changes.lead_ids:
            return set()
        changed = {old.id for _, old in (*changes.corrected, *changes.assigned)}
        keep(self._context, ImportChange.Kind.HAND_OFF, changed, cursor)
        touched = self._correct(changes.corrected, cursor)
        touched |= self._assign(changes.assigned, cursor)
        self._begin_again(changes.begun, cursor)
        self._say_as_whom(changes.begun, cursor)
        moved = [lead.id for lead, _ in (*changes.begun, *changes.corrected)]
        if moved:
            touched |= rebind_attempts(moved)
        refresh_facts(touched, now=self._context.now, actor=self._actor)
        return changes.own_ids

    def route(self) -> None:
        """Give what began with a clock and without an owner to people, as the routing rules say; history is not routed.

        Call it last: whoever routes holds up all others who do, until the transaction ends.
        """
        ids, self._to_route = self._to_route, []
        if ids:
            route(hand_offs=ids, now=self._context.now, by=self._actor)

    @property
    def _actor(self) -> Any:
        if self._context.started_by_id is None:
            return None
        from django.contrib.auth import get_user_model

        return get_user_model()(pk=self._context.started_by_id)

    @staticmethod
    def _changes(leads: list[KnownLead], cursor: Any) -> Changes:
        cursor.execute(EPISODES, [[lead.id for lead in leads]])
        return changes_of(leads, (Episode(*values) for values in cursor.fetchall()))

    def _begin_again(self, begun: list[tuple[KnownLead, int]], cursor: Any) -> None:
        if not begun:
            return
        cursor.execute(
            "SELECT id, segment_id FROM leads_lead WHERE id = ANY(%s)", [[lead.id for lead, _ in begun]]
        )
        segments: dict[int, int | None] = dict(cursor.fetchall())
        self._begin(
            [
                (lead.id, number, lead.row, segments[lead.id], self._terms_of(lead.row, segments[lead.id]))
                for lead, number in begun
            ],
            cursor,
        )

    @staticmethod
    def _say_as_whom(begun: list[tuple[KnownLead, int]], cursor: Any) -> None:
        """Note on hand-offs of a lead that was merged under whose id they came."""
        merged = [(lead.id, number, lead.own_id) for lead, number in begun if lead.own_id != lead.id]
        if merged:
            cursor.execute(CAME_AS, [list(column) for column in zip(*merged, strict=True)])

    def _begin(self, episodes: list[tuple[int, int, LeadRow, int | None, Terms]], cursor: Any) -> None:
        if not episodes:
            return
        context = self._context
        clocked = []
        rows = []
        for lead_id, number, row, segment_id, terms in episodes:
            start = row.start
            times = self._times(terms, terms.calendar_revision, start)
            if times.is_any:
                clocked.append((lead_id, number))
            rows.append(
                (
                    lead_id,
                    number,
                    start.at,
                    self._on(terms, start),
                    start.is_date_only,
                    context.import_id,
                    terms.agreement_id,
                    terms.version_id,
                    self._team_of(row),
                    segment_id,
                    terms.calendar_revision.pk,
                    row.owner_id,
                    row.owner_name,
                    start.at if row.has_owner else None,
                    *times,
                    terms.attempts,
                    start.at + terms.window if terms.version_id else None,
                    terms.counts_automated,
                    terms.lead_value,
                    terms.promised.counts_recycled,
                    terms.promised.counts_sales_origin,
                    clock.State.NO_CLOCK if times.due_at is None else clock.State.RUNNING,
                    *times.waiting,
                    "",
                    "",
                    0,
                    0,
                )
            )
        staging.copy(cursor, "leads_handoff", BEGUN, rows)
        if clocked:
            cursor.execute(
                BEGUN_WITH_A_CLOCK,
                {
                    "kind": HandOffEvent.Kind.HANDED_OFF,
                    "now": context.now,
                    "actor": context.started_by_id,
                    "import": context.import_id,
                    "leads": [lead_id for lead_id, _ in clocked],
                    "numbers": [number for _, number in clocked],
                },
            )
            # Whoever is at risk or overdue by now becomes so, with the event that says when.
            ids = [pk for (pk,) in cursor.fetchall()]
            refresh_facts(ids, now=context.now, actor=self._actor)
            self._to_route += ids

    def _correct(self, corrected: list[tuple[KnownLead, Episode]], cursor: Any) -> set[int]:
        revisions = CalendarRevision.objects.in_bulk({old.calendar_revision_id for _, old in corrected})
        pauses = Pause.objects.spans(old.id for _, old in corrected)
        rows, events = [], []
        for lead, old in corrected:
            start = lead.row.start
            terms = self._context.terms(
                start,
                team_id=old.team_id,
                owner_id=old.owner_id,
                segment_id=old.segment_id,
                agreement_id=old.agreement_id,
            )
            re_dated_under = old.re_dated_under_id
            if re_dated_under is not None and terms.on < self._context.book.first_day(re_dated_under):
                terms = self._re_dated(terms, re_dated_under, old.segment_id)
            # A new revision of the same calendar serves new hand-offs only.
            revision = revisions[old.calendar_revision_id]
            if revision.calendar_id != terms.calendar_revision.calendar_id:
                revision = terms.calendar_revision
            times = self._times(terms, revision, start, keeps=old.is_timed, pauses=pauses.get(old.id, ()))
            state = clock.State.NO_CLOCK if times.due_at is None else clock.State.RUNNING
            if times.due_at is not None and old.due_at is not None:
                state = clock.State(old.state)
            rows.append(
                (
                    old.id,
                    start.at,
                    self._on(terms, start),
                    start.is_date_only,
                    terms.agreement_id,
                    terms.version_id,
                    revision.pk,
                    start.at if old.assigned_at == old.handed_off_at else old.assigned_at,
                    *times,
                    terms.attempts,
                    start.at + terms.window if terms.version_id else None,
                    terms.counts_automated,
                    terms.promised.counts_recycled,
                    terms.promised.counts_sales_origin,
                    state,
                    *(
                        was if was and is_now else is_now
                        for was, is_now in zip(old.deadlines, times.waiting, strict=True)
                    ),
                    None,  # the facts follow from the attempts right afterwards
                    None,
                    None,
                    None,
                )
            )
            data = {"from": old.handed_off_at.isoformat(), "to": start.at.isoformat()}
            events.append(self._event(old.id, HandOffEvent.Kind.CORRECTED, data))
        staging.update(cursor, "leads_handoff", CORRECTED, rows)
        HandOffEvent.objects.bulk_create(events)
        return {old.id for _, old in corrected}

    def _re_dated(self, terms: Terms, version_id: int, segment_id: int | None) -> Terms:
        """Return the terms with what a later version promises; what counts towards the goal stays."""
        book = self._context.book
        promised = book.promised_by(version_id, segment_id, book.first_day(version_id))
        return replace(
            terms,
            promised=replace(
                promised,
                counts_recycled=terms.promised.counts_recycled,
                counts_sales_origin=terms.promised.counts_sales_origin,
            ),
        )

    def _assign(self, assigned: list[tuple[KnownLead, Episode]], cursor: Any) -> set[int]:
        now = self._context.now.replace(microsecond=0)
        rows, events, first = [], [], []
        for lead, old in assigned:
            row = lead.row
            owner = (row.owner_id, row.owner_name) if row.has_owner else (old.owner_id, old.owner_name)
            rows.append((old.id, *owner, row.team_id or old.team_id))
            events.append(self._event(old.id, HandOffEvent.Kind.ASSIGNED, {"owner": owner[0]}))
            if row.has_owner and old.assigned_at is None:
                first.append((old.id, max(now, old.handed_off_at)))
        staging.update(cursor, "leads_handoff", ASSIGNED, rows)
        staging.update(cursor, "leads_handoff", {"assigned_at": "timestamptz"}, first)
        HandOffEvent.objects.bulk_create(events)
        return {pk for pk, _ in first}

    def _times(
        self,
        terms: Terms,
        revision: CalendarRevision,
        start: Moment,
        *,
        keeps: bool = False,
        pauses: Pauses = (),
    ) -> Times:
        rule, now = self._context.clock, self._context.now
        promised = (terms.allowance, terms.acceptance, terms.outcome)
        if not any(promised) or start.is_date_only or rule == Clock.NONE:
            return Times()
        calendar, business_day = self._calendar(revision)
        if rule == Clock.RECENT and not keeps and calendar.elapsed(start.at, now) > business_day:
            return Times()
        begins = max(start.at, now.replace(microsecond=0)) if rule == Clock.NOW else start.at
        warned_at = None
        timed: list[tuple[dt.timedelta | None, dt.datetime | None]] = []
        # A pause holds the clock of the first attempt; deadlines run on.
        for allowance, held in ((terms.allowance, pauses), (terms.acceptance, ()), (terms.outcome, ())):
            due_at = calendar.due(begins, allowance, held) if allowance is not None else None
            timed.append((allowance, due_at) if due_at is not None else (None, None))
        (allowance, due_at), acceptance, outcome = timed
        if allowance is not None:
            warned_at = clock.at_risk_at(calendar, begins, allowance, terms.at_risk_share, pauses)
        return Times(allowance, warned_at, due_at, *acceptance, *outcome)

    def _calendar(self, revision: CalendarRevision) -> tuple[Calendar, dt.timedelta]:
        found = self._calendars.get(revision.pk)
        if found is None:
            calendar = revision.compiled()
            longest = max(sum(end - begin for begin, end in day) for day in calendar.hours.weekly)
            found = self._calendars[revision.pk] = (calendar, dt.timedelta(seconds=longest))
        return found

    def _on(self, terms: Terms, start: Moment) -> dt.date:
        return terms.on if terms.agreement_id is not None else self._context.day(start, None)

    def _event(self, hand_off_id: int, kind: HandOffEvent.Kind, data: dict[str, Any]) -> HandOffEvent:
        return HandOffEvent(
            hand_off_id=hand_off_id,
            kind=kind,
            happened_at=self._context.now,
            recorded_at=self._context.now,
            actor_id=self._context.started_by_id,
            data={**data, "import": self._context.import_id},
        )
