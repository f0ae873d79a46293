"""Puts a generated world into the database through the product's own services, in an order that must not matter.

What has no service yet at hand (a hand-off of which only the day is known, one without a clock, attempts in bulk) is
written as an import writes it: rows, then their terms and facts by the services.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from agreements.terms import TermsBook
from leads.clock import under_pauses
from leads.models import Deal, Dispute, FollowUpAttempt, HandOff, Lead, Pause
from leads.services.attempts import SYSTEM, log_attempt, void_attempt
from leads.services.facts import rebind_attempts, refresh_facts
from leads.services.hand_offs import (
    accept,
    assign,
    close,
    episode_for,
    hand_over,
    put_under_terms,
    start_clock,
)
from tests.oracles import report_world as plain
from tests.worlds.agreed import Agreed

Step = Callable[[], None]


class Loader:
    """One world on its way into the database: what was agreed is there, what happened is still to be loaded."""

    def __init__(self, world: plain.World) -> None:
        self.world, self.random = world, Random(f"loader {world.seed}")
        self.now = world.now
        self.company_zone = ZoneInfo(world.calendars[world.company]["tz"])
        agreed = Agreed(world, self.random)
        self.teams, self.people, self.segments = agreed.teams, agreed.people, agreed.segments
        self.agreements = agreed.agreements
        self._leads()
        self.book = TermsBook()

    def load(self) -> None:
        """Load the world one way or the other."""
        for step in self.ways():
            step()

    def ways(self) -> list[Step]:
        """What to do to load the world: step by step as people work, or at once as an import writes."""
        return self.steps() if self._chance(0.25) else [self.load_at_once]

    def _chance(self, p: float) -> bool:
        return self.random.random() < p

    def _leads(self) -> None:
        made = Lead.objects.bulk_create(
            Lead(
                system="crm",
                external_id=one.key,
                origin=one.origin,
                source=one.first_source,
                campaign=one.campaign,
                country=one.country,
                segment=self.segments[one.segment] if one.segment else None,
                qualified_at=one.qualified.instant,
                qualified_on=one.qualified.day(self.company_zone.key),
                is_qualified_date_only=one.qualified.is_date_only,
                created_at=self.now,
            )
            for one in self.world.leads
        )
        self.leads = {one.external_id: one for one in made}

    def steps(self) -> list[Step]:
        """All that happened, each lead's own order kept where the product keeps it, leads mixed."""
        lines = [line for lead in self.world.leads for line in self._lines(lead)]
        if self._chance(0.5):
            lines.append([self._deals])
        mixed: list[Step] = []
        while lines := [line for line in lines if line]:
            mixed.append(self.random.choice(lines).pop(0))
        if not any(step == self._deals for step in mixed):
            mixed.append(self._deals)
        return mixed

    def _lines(self, lead: plain.Lead) -> list[list[Step]]:
        life: list[Step] = []
        for number, hand_off in enumerate(lead.hand_offs, 1):
            life += self._life(lead, number, hand_off)
        attempts = list(lead.attempts)
        self.random.shuffle(attempts)
        in_bulk: list[plain.Attempt] = []
        for attempt in attempts:
            if not attempt.by_service and self._chance(0.5):
                in_bulk.append(attempt)
                continue
            at = self.random.randint(1, len(life))
            life.insert(at, partial(self._attempts, lead, [attempt]))
            if attempt.is_voided:
                void_at = self.random.randint(at + 1, len(life))
                life.insert(void_at, partial(self._void, attempt))
        if in_bulk:
            at = self.random.randint(1, len(life))
            life.insert(at, lambda: self._attempts(lead, in_bulk))
            for attempt in in_bulk:
                if attempt.is_voided:
                    void_at = self.random.randint(at + 1, len(life))
                    life.insert(void_at, partial(self._void, attempt))
        lines = [life]
        if lead.source != lead.first_source:
            lines.append([lambda: self._correct_source(lead)])
        return lines

    def _life(self, lead: plain.Lead, number: int, one: plain.HandOff) -> list[Step]:
        starts_owned = one.owner is not None and (
            one.assigned_at is None or one.assigned_at <= one.when.instant
        )
        steps: list[Step] = [lambda: self._hand_over(lead, number, one, starts_owned)]
        others: list[Step] = []
        if one.owner is not None and one.assigned_at is not None and not starts_owned:
            others.append(lambda: self._assign(lead, number, one.owner or "", one.assigned_at))
        if one.accepted_at is not None:
            others.append(lambda: self._accept(lead, number, one.accepted_at))
        self.random.shuffle(others)
        steps += others
        if one.reassigned is not None:
            again = one.reassigned
            steps.append(lambda: self._assign(lead, number, again[1], again[0]))
        if one.closed_at is not None:
            steps.append(lambda: self._close(lead, number, one))
        return steps

    def _stored(self, lead: plain.Lead, number: int) -> HandOff:
        return HandOff.objects.get(lead=self.leads[lead.key], number=number)

    def _hand_over(self, lead: plain.Lead, number: int, one: plain.HandOff, starts_owned: bool) -> None:
        owner = self.people.get(one.owner or "") if starts_owned else None
        team = self.teams[one.team] if one.team else None
        agreement = self.agreements[one.agreement] if one.agreement else None
        is_plain = one.has_clock and not one.when.is_date_only and not outside(one.owner)
        if is_plain and (owner is None or one.assigned_at is not None):
            hand_over(
                lead=self.leads[lead.key],
                now=self.now,
                at=one.when.at,
                team=team,
                owner=owner,
                agreement=agreement,
                book=self.book,
            )
            made = self._stored(lead, number)
            write_pauses([(made, one)])
            refresh_facts([made.pk], now=self.now)
            return
        row = self._row(lead, number, one, starts_owned)
        row.save()
        write_pauses([(row, one)])
        refresh_facts({row.pk, *rebind_attempts([row.lead_id])}, now=self.now)

    def _row(self, lead: plain.Lead, number: int, one: plain.HandOff, starts_owned: bool) -> HandOff:
        """The hand-off as it began, under its terms; not saved."""
        owner = self.people.get(one.owner or "") if starts_owned else None
        team = self.teams[one.team] if one.team else None
        agreement = self.agreements[one.agreement] if one.agreement else None
        team_id = team.pk if team else (self.book.team_of(owner.pk) if owner else None)
        stored = self.leads[lead.key]
        terms = self.book.terms(
            at=one.when.instant,
            on=one.when.on,
            agreement_id=agreement.pk if agreement else None,
            agreement_zone=agreement.zone if agreement else None,
            team_id=team_id,
            owner_id=owner.pk if owner else None,
            segment_id=stored.segment_id,
        )
        hand_off = HandOff(
            lead=stored,
            number=number,
            handed_off_at=one.when.instant,
            is_date_only=one.when.is_date_only,
            team_id=team_id,
            segment_id=stored.segment_id,
            owner=owner,
            owner_name=outside(one.owner),
            assigned_at=one.assigned_at if starts_owned else None,
        )
        put_under_terms(hand_off, terms)
        if one.has_clock:
            start_clock(hand_off, terms, start_at=one.when.instant)
        return hand_off

    def load_at_once(self) -> None:
        """All rows as they ended, attempts still on the first episode; then each to its episode, then the facts."""
        rows: list[HandOff] = []
        for lead in self.world.leads:
            for number, one in enumerate(lead.hand_offs, 1):
                row = self._row(lead, number, one, _starts_owned(one))
                row.owner_name = outside(one.owner)
                owner = one.reassigned[1] if one.reassigned else one.owner
                row.owner = self.people.get(owner or "")
                row.assigned_at, row.accepted_at = one.assigned_at, one.accepted_at
                row.closed_as, row.closed_at = one.closed_as, one.closed_at
                rows.append(row)
        as_made = list(zip(rows, [one for lead in self.world.leads for one in lead.hand_offs], strict=True))
        self.random.shuffle(rows)
        HandOff.objects.bulk_create(rows)
        write_pauses(as_made)
        write_disputes(as_made, self.now)
        first = {row.lead_id: row for row in rows if row.number == 1}
        attempts = []
        for lead in self.world.leads:
            for attempt in lead.attempts:
                made = self._attempt_row(first[self.leads[lead.key].pk], attempt)
                made.voided_at = self.now if attempt.is_voided else None
                attempts.append(made)
        self.random.shuffle(attempts)
        FollowUpAttempt.objects.bulk_create(attempts)
        rebind_attempts(first)
        refresh_facts([row.pk for row in rows], now=self.now)
        for lead in self.world.leads:
            if lead.source != lead.first_source:
                self._correct_source(lead)
        self._deals()

    def _assign(self, lead: plain.Lead, number: int, owner: str, at: datetime | None) -> None:
        assert at is not None
        assign(hand_off=self._stored(lead, number), owner=self.people[owner], at=at, now=self.now)

    def _accept(self, lead: plain.Lead, number: int, at: datetime | None) -> None:
        assert at is not None
        accept(hand_off=self._stored(lead, number), at=at, now=self.now)

    def _close(self, lead: plain.Lead, number: int, one: plain.HandOff) -> None:
        assert one.closed_at is not None
        hand_off = self._stored(lead, number)
        close(hand_off=hand_off, closed_as=one.closed_as, at=one.closed_at, now=self.now, reason="not_a_fit")
        write_disputes([(self._stored(lead, number), one)], self.now)

    def _attempts(self, lead: plain.Lead, attempts: list[plain.Attempt]) -> None:
        """Each to the episode that it falls in, as far as episodes are known by now."""
        rows = []
        for one in attempts:
            at = one.when.instant
            hand_off = self._episode(lead, one.when)
            channel = plain.channel_at(at)
            can_be_logged = at >= hand_off.handed_off_at and FollowUpAttempt.can_be(channel, one.outcome)
            if one.by_service and not one.when.is_date_only and can_be_logged:
                log_attempt(
                    hand_off=hand_off,
                    attempted_at=at,
                    channel=channel,
                    outcome=one.outcome,
                    now=self.now,
                    is_automated=one.is_automated,
                    key=one.key,
                )
                continue
            rows.append(self._attempt_row(hand_off, one))
        if rows:
            FollowUpAttempt.objects.bulk_create(rows)
            refresh_facts([row.hand_off_id for row in rows], now=self.now)

    def _attempt_row(self, hand_off: HandOff, one: plain.Attempt) -> FollowUpAttempt:
        zone = hand_off.agreement.time_zone if hand_off.agreement else self.company_zone.key
        return FollowUpAttempt(
            hand_off=hand_off,
            system=SYSTEM,
            external_id=one.key,
            attempted_at=one.when.instant,
            attempted_on=one.when.day(zone),
            is_date_only=one.when.is_date_only,
            channel=plain.channel_at(one.when.instant),
            outcome=one.outcome,
            is_automated=one.is_automated,
            logged_at=self.now,
        )

    def _episode(self, lead: plain.Lead, when: plain.Moment) -> HandOff:
        stored = self.leads[lead.key]
        if when.on is None:
            return episode_for(stored, attempted_at=when.instant)
        begun = stored.hand_offs.filter(handed_off_on__lte=when.on).order_by("-number").first()
        return begun or stored.hand_offs.get(number=1)

    def _void(self, one: plain.Attempt) -> None:
        attempt = FollowUpAttempt.objects.get(system=SYSTEM, external_id=one.key)
        void_attempt(attempt=attempt, now=self.now, reason="entered twice")

    def _correct_source(self, lead: plain.Lead) -> None:
        Lead.objects.filter(pk=self.leads[lead.key].pk).update(source=lead.source)

    def _deals(self) -> None:
        zone = self.company_zone.key
        Deal.objects.bulk_create(
            Deal(
                system="crm",
                external_id=one.key,
                lead=self.leads[one.lead] if one.lead else None,
                closed_at=one.closed.instant if one.closed else None,
                closed_on=one.closed.day(zone) if one.closed else None,
                is_date_only=bool(one.closed and one.closed.is_date_only),
                amount=one.amount,
                currency="EUR" if one.amount is not None else "",
                is_won=one.is_won,
                origin=one.origin,
            )
            for one in self.world.deals
        )


def write_disputes(rows: list[tuple[HandOff, plain.HandOff]], now: datetime) -> None:
    """Write the disputes about these hand-offs that were begun by now, decided or not."""
    for row, one in rows:
        if one.disputed is None or one.disputed[0] > now or row.closed_at is None:
            continue
        opened_at, upheld_at = one.disputed
        is_upheld = upheld_at is not None and upheld_at <= now
        Dispute.objects.create(
            hand_off=row,
            rejected_at=row.closed_at,
            rejection_reason="not for us",
            opened_at=opened_at,
            words="It is for us",
            outcome="upheld" if is_upheld else "",
            decided_at=upheld_at if is_upheld else None,
        )
        row.rejection_answer = "upheld" if is_upheld else "disputed"
        row.save(update_fields=["rejection_answer"])


def write_pauses(rows: list[tuple[HandOff, plain.HandOff]]) -> None:
    """Write the pauses of these hand-offs, and what follows for their clocks."""
    for row, one in rows:
        if not one.pauses:
            continue
        Pause.objects.bulk_create(
            Pause(hand_off=row, starts_at=at, ends_at=until, planned_until_at=until, reason="away")
            for at, until in one.pauses
        )
        calendar = row.calendar_revision.compiled()
        for name in ("due_at", "at_risk_at"):
            if (reached := getattr(row, name)) is not None:
                moved = under_pauses(calendar, row.handed_off_at, reached, was=(), pauses=one.pauses)
                setattr(row, name, moved)
        row.paused_at, row.paused_until = one.pauses[-1]
        row.save(update_fields=["due_at", "at_risk_at", "paused_at", "paused_until"])


def _starts_owned(one: plain.HandOff) -> bool:
    return one.owner is not None and (one.assigned_at is None or one.assigned_at <= one.when.instant)


def outside(owner: str | None) -> str:
    """The name of an owner outside the product; empty for anybody else."""
    return owner if owner is not None and owner.startswith("ext-") else ""
