"""Open hand-offs get other terms: those of a version that is also for open ones, exactly once, in one transaction.

What changes is planned by the same code for the preview and for the change itself, which holds the lock of every
hand-off that it looks at: an attempt or a closing that came first is seen, one that comes after finds the new terms.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import prefetch_related_objects

from agreements.models import Agreement, AgreementEvent, CalendarRevision, Version
from agreements.spans import Pauses
from agreements.terms import TermsBook
from leads import clock
from leads.models import HandOff, HandOffEvent
from leads.models.hand_offs import HandOffQuerySet
from leads.re_dating import Dates, OpenHandOff, differences, under_version
from leads.services.facts import refresh_facts, state_of

if TYPE_CHECKING:
    from slaproject.accounts.models import User

BATCH = 5_000
# Whoever gives hand-offs their terms holds it shared from before reading these; who changes terms of open ones, alone.
TERMS_LOCK = 7_305_004

WRITE = """
UPDATE leads_handoff h SET
    allowance = n.allowance, at_risk_at = n.at_risk_at, due_at = n.due_at, agreed_attempts = n.agreed_attempts,
    window_ends_at = n.window_ends_at, counts_automated = n.counts_automated,
    acceptance_allowance = n.acceptance_allowance, acceptance_due_at = n.acceptance_due_at,
    outcome_allowance = n.outcome_allowance, outcome_due_at = n.outcome_due_at, state = n.state,
    acceptance = CASE WHEN n.acceptance_due_at IS NULL THEN '' WHEN h.acceptance = '' THEN 'waiting'
        ELSE h.acceptance END,
    outcome = CASE WHEN n.outcome_due_at IS NULL THEN '' WHEN h.outcome = '' THEN 'waiting' ELSE h.outcome END,
    re_dated_under_id = n.re_dated_under_id, calendar_revision_id = n.calendar_revision_id
FROM unnest(
    %s::bigint[], %s::interval[], %s::timestamptz[], %s::timestamptz[], %s::smallint[], %s::timestamptz[],
    %s::boolean[], %s::interval[], %s::timestamptz[], %s::interval[], %s::timestamptz[], %s::text[], %s::bigint[],
    %s::bigint[]
) AS n(id, allowance, at_risk_at, due_at, agreed_attempts, window_ends_at, counts_automated, acceptance_allowance,
    acceptance_due_at, outcome_allowance, outcome_due_at, state, re_dated_under_id, calendar_revision_id)
WHERE h.id = n.id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One open hand-off whose terms are not all decided: as they are, and as they would be."""

    hand_off: HandOff
    before: Dates
    after: Dates
    state_before: str
    state_after: str

    @property
    def is_any(self) -> bool:
        """Whether anything changes: the new terms may say the same of it."""
        return self.before != self.after

    @property
    def is_overdue_at_once(self) -> bool:
        return self.state_before != clock.State.OVERDUE == self.state_after

    @property
    def is_relieved(self) -> bool:
        """Whether it is at risk, and would not be any more."""
        return self.state_before == clock.State.AT_RISK and self.state_after == clock.State.RUNNING


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of the open hand-offs of an agreement: `changes`, and how many are decided in all promised.

    `overdue` of them all are overdue already, and stay so.
    """

    changes: list[Change]
    decided: int
    overdue: int

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if change.is_any]

    def counts(self) -> dict[str, int]:
        """Return the figures of it, as the agreement's event keeps them."""
        changed = self.changed
        moved = [
            (one.before.due_at, one.after.due_at) for one in changed if one.before.due_at != one.after.due_at
        ]
        return {
            "open": len(self.changes) + self.decided,
            "changed": len(changed),
            "later": sum(was is not None and now is not None and now > was for was, now in moved),
            "earlier": sum(was is not None and now is not None and now < was for was, now in moved),
            "begun": sum(was is None for was, _ in moved),
            "ended": sum(now is None for _, now in moved),
            "acceptance": sum(one.before.acceptance_due_at != one.after.acceptance_due_at for one in changed),
            "outcome": sum(one.before.outcome_due_at != one.after.outcome_due_at for one in changed),
            "overdue_at_once": sum(one.is_overdue_at_once for one in changed),
            "relieved": sum(one.is_relieved for one in changed),
            "decided": self.decided,
            "overdue": self.overdue,
        }


def hold_terms(*, alone: bool = False) -> None:
    """Until the transaction ends, let nobody change the terms of open hand-offs; `alone`: nor give any to new ones."""
    with connection.cursor() as cursor:
        shared = "" if alone else "_shared"
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s)", [TERMS_LOCK])


def open_under_terms(agreement: Agreement) -> HandOffQuerySet:
    """Open hand-offs that came under some version of the agreement; history of before it has no terms to change."""
    return HandOff.objects.filter(agreement=agreement, version__isnull=False, closed_at=None)


def plan_re_dating(
    *, version: Version, now: dt.datetime, lock: bool = False, book: TermsBook | None = None
) -> Planned:
    """Work out what would become of the agreement's open hand-offs, were this version to begin at `now` for them too.

    What it inherits is as on its first day. `lock` them where the plan is carried out. `book` saves reading the terms.
    """
    book = book or TermsBook()
    rows = stored(open_under_terms(version.agreement).exclude(version=version), lock=lock)
    changes: list[Change] = []
    decided = overdue = 0
    for hand_off in rows:
        one = as_open(hand_off)
        calendar = hand_off.calendar_revision.compiled()
        after = under_version(one, book.promised_by_draft(version, hand_off.segment_id), calendar, now)
        overdue += one.is_overdue(now)
        if after is None:
            decided += 1
        else:
            changes.append(change_of(hand_off, one.dates, after, now))
    return Planned(changes, decided, overdue)


@transaction.atomic
def re_date(*, version: Version, now: dt.datetime, by: User | None = None) -> Planned | None:
    """Give the agreement's open hand-offs the terms of this version, where it is for them, has begun, and did not yet.

    None where there is nothing to do. It happens once for each version: its event is the mark of it, and unique.
    """
    hold_terms(alone=True)
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    today = now.astimezone(agreement.zone).date()
    waiting = waiting_versions().filter(in_force__contains=today, pk=version.pk)
    found = waiting.select_related("agreement").prefetch_related("commitments").first()
    if found is None:
        return None
    planned = plan_re_dating(version=found, now=now, lock=True)
    write_changes(planned.changes, under=found, now=now, by=by, said={"version": found.number})
    AgreementEvent.objects.create(
        agreement=agreement,
        version=found,
        kind=AgreementEvent.Kind.RE_DATED,
        happened_at=now,
        actor=by,
        data=planned.counts(),
    )
    return planned


def re_date_what_begins(*, now: dt.datetime) -> int:
    """Re-date open hand-offs for every version whose first day has come; return how many versions. Safe to repeat."""
    tomorrow = now.date() + dt.timedelta(days=1)
    begun = waiting_versions().filter(starts_on__lte=tomorrow).order_by("pk")
    return sum(re_date(version=version, now=now) is not None for version in begun)


def waiting_versions() -> Any:
    """Signed versions that are for open hand-offs too, and have not been so yet."""
    done = AgreementEvent.objects.filter(kind=AgreementEvent.Kind.RE_DATED, version__isnull=False)
    waiting = Version.objects.signed().filter(reach=Version.Reach.ALSO_OPEN)
    return waiting.exclude(in_force__isempty=True).exclude(pk__in=done.values("version"))


def stored(rows: HandOffQuerySet, *, lock: bool) -> list[HandOff]:
    """Read these hand-offs in order of id, with their calendars, each of which is laid out once."""
    chosen = rows.order_by("pk").select_related("recorded_by")
    if lock:
        chosen = chosen.select_for_update(of=("self",))
    found = list(chosen)
    revisions = CalendarRevision.objects.in_bulk({one.calendar_revision_id for one in found})
    for one in found:
        one.calendar_revision = revisions[one.calendar_revision_id]
    prefetch_related_objects([one for one in found if one.paused_at is not None], "pauses")
    return found


def as_open(hand_off: HandOff) -> OpenHandOff:
    """Return what the rules of re-dating ask of it."""
    recorded_by = hand_off.recorded_by
    return OpenHandOff(
        handed_off_at=hand_off.handed_off_at,
        is_date_only=hand_off.is_date_only,
        imported_at=recorded_by.started_at.replace(microsecond=0) if recorded_by is not None else None,
        first_attempt_at=hand_off.first_attempt_at,
        connected_at=hand_off.connected_at,
        accepted_at=hand_off.accepted_at,
        dates=Dates(*(getattr(hand_off, field.name) for field in fields(Dates))),
        pauses=_pauses(hand_off),
    )


def _pauses(hand_off: HandOff) -> Pauses:
    if hand_off.paused_at is None:
        return ()
    return [(pause.starts_at, pause.ends_at) for pause in hand_off.pauses.all()]


def change_of(hand_off: HandOff, before: Dates, after: Dates, now: dt.datetime) -> Change:
    """Set beside each other what its clock says at `now` before and after."""
    states = [
        state_of(
            due_at=dates.due_at,
            at_risk_at=dates.at_risk_at,
            paused_at=hand_off.paused_at,
            paused_until=hand_off.paused_until,
            first_attempt_at=hand_off.first_attempt_at,
            closed_as="",
            closed_at=None,
            now=now,
        )
        for dates in (before, after)
    ]
    return Change(hand_off, before, after, *states)


def write_changes(
    changes: Sequence[Change],
    *,
    now: dt.datetime,
    by: User | None,
    said: dict[str, Any],
    under: Version | None = None,
    revision: CalendarRevision | None = None,
) -> None:
    """Write the new terms, an event for each hand-off that they change, and what follows for facts and clocks.

    `under` is the version whose terms they are, `revision` the hours that they now count by; None: as before. `said`
    stands in each event.
    """
    for start in range(0, len(changes), BATCH):
        batch = changes[start : start + BATCH]
        rows = [
            (
                one.hand_off.pk,
                *(getattr(one.after, field.name) for field in WRITTEN),
                _state(one),
                under.pk if under is not None else one.hand_off.re_dated_under_id,
                revision.pk if revision is not None else one.hand_off.calendar_revision_id,
            )
            for one in batch
        ]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(column) for column in zip(*rows, strict=True)])
        HandOffEvent.objects.bulk_create(_events(batch, now, by, said))
    refresh_facts([one.hand_off.pk for one in changes], now=now, actor=by)


WRITTEN = fields(Dates)


def _state(one: Change) -> str:
    """The state to store with a due time that begins or ends; whatever else follows from the facts."""
    if one.after.due_at is None:
        return clock.State.NO_CLOCK
    return clock.State.RUNNING if one.before.due_at is None else one.hand_off.state


def _events(
    changes: Iterable[Change], now: dt.datetime, by: User | None, said: dict[str, Any]
) -> list[HandOffEvent]:
    return [
        HandOffEvent(
            hand_off=one.hand_off,
            kind=HandOffEvent.Kind.RE_DATED,
            happened_at=now,
            recorded_at=now,
            actor=by,
            data={**said, "changes": differences(one.before, one.after)},
        )
        for one in changes
        if one.is_any
    ]
