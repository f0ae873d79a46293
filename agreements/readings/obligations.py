"""What is owed under an agreement: due when, delivered when, and how much of it in time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Agreement, Obligation, Occurrence, Party, Version
from agreements.readings.obligation_words import day_off_sentence, how_late, moment, rhythm_sentence
from agreements.readings.standing import today_of
from agreements.rights import Rights

SHOWN_AHEAD, PAST_A_PAGE, MONTHS_SHOWN = 12, 20, 6
SOON = dt.timedelta(days=7)


class Outcome(StrEnum):
    """How an occurrence stands."""

    AHEAD = "ahead"
    OVERDUE = "overdue"
    MISSED = "missed"
    IN_TIME = "in_time"
    LATE = "late"


ICONS = {
    Outcome.AHEAD: "○",
    Outcome.OVERDUE: "✖",
    Outcome.MISSED: "✖",
    Outcome.IN_TIME: "✔",
    Outcome.LATE: "⚠",
}


def outcome_of(occurrence: Occurrence, now: dt.datetime) -> Outcome:
    """Judge an occurrence read `with_outcome`: it is missed once the same was due again without a delivery."""
    delivered_at: dt.datetime | None = occurrence.first_delivered_at  # type: ignore[attr-defined]
    next_due_at: dt.datetime | None = occurrence.next_due_at  # type: ignore[attr-defined]
    if delivered_at is not None:
        return Outcome.IN_TIME if delivered_at <= occurrence.due_at else Outcome.LATE
    if now <= occurrence.due_at:
        return Outcome.AHEAD
    return Outcome.MISSED if next_due_at is not None and next_due_at < now else Outcome.OVERDUE


@dataclass(frozen=True)
class OccurrenceLine:
    """One due date as a list shows it."""

    occurrence: Occurrence
    outcome: Outcome
    person: str
    may_deliver: bool
    now: dt.datetime

    @property
    def asks(self) -> bool:
        """Whether this person is asked to deliver it now: it is late, or due within a week."""
        waits = self.outcome in (Outcome.AHEAD, Outcome.OVERDUE, Outcome.MISSED)
        return self.may_deliver and waits and self.occurrence.due_at <= self.now + SOON

    @property
    def icon(self) -> str:
        return ICONS[self.outcome]

    @property
    def due(self) -> str:
        return moment(self.occurrence.due_at)

    @property
    def state(self) -> str:
        """Say how it stands, in words."""
        delivered_at: dt.datetime | None = self.occurrence.first_delivered_at  # type: ignore[attr-defined]
        if delivered_at is not None:
            said = {"at": moment(delivered_at), "late": how_late(delivered_at - self.occurrence.due_at)}
            if self.outcome == Outcome.IN_TIME:
                return _("delivered in time, on %(at)s") % said
            return _("delivered %(late)s late, on %(at)s") % said
        if self.outcome == Outcome.AHEAD:
            return _("not delivered yet")
        late = {"late": how_late(self.now - self.occurrence.due_at)}
        if self.outcome == Outcome.MISSED:
            return _("missed: not delivered before the next one was due")
        return _("overdue by %(late)s") % late


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were delivered in time, of how many that fell due."""

    in_time: int
    due: int

    @property
    def text(self) -> str:
        if not self.due:
            return words.NONE
        return _("%(in_time)s of %(due)s") % {"in_time": self.in_time, "due": self.due}

    @property
    def is_kept(self) -> bool:
        return self.in_time == self.due


@dataclass(frozen=True, slots=True)
class ObligationResult:
    """What came of one obligation, under the version that it stands in, in one month."""

    obligation: Obligation
    in_time: int
    due: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One obligation of the version in force: its rule, who answers for it, its last months."""

    obligation: Obligation
    rhythm: str
    day_off: str
    person: str
    months: list[tuple[str, Tally]]
    may_hand_on: bool


@dataclass(frozen=True, slots=True)
class ObligationsPage:
    """Everything that the page of obligations shows."""

    headline: str
    overdue: list[OccurrenceLine]
    ahead: list[OccurrenceLine]
    past: list[OccurrenceLine]
    shown: Page[Occurrence]
    owed: list[Owed]
    months: list[str]


def obligation_results(
    agreement: Agreement, month: dt.date, *, now: dt.datetime, without_days: Iterable[dt.date] = ()
) -> list[ObligationResult]:
    """Return for each obligation that fell due in the month how often, and how often it was delivered in time.

    `month` is its first day, in the agreement's zone. What is not due yet at `now` is not counted, nor what was due on
    one of `without_days`. A month amended half-way has one of each version.
    """
    after = (month + dt.timedelta(days=32)).replace(day=1)
    due = (
        Occurrence.objects.filter(
            obligation__version__agreement=agreement, due_on__gte=month, due_on__lt=after, due_at__lte=now
        )
        .with_outcome()
        .select_related("obligation__from_party__team")
    )
    found: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in due.exclude(due_on__in=list(without_days)).order_by("obligation_id", "due_at"):
        found[occurrence.obligation_id].append(occurrence)
    return [
        ObligationResult(several[0].obligation, _in_time(several, now), len(several))
        for several in found.values()
    ]


def obligations_page(
    agreement: Agreement, *, user: Any, rights: Rights, now: dt.datetime, page: Any = None
) -> ObligationsPage:
    """Read what is owed under an agreement, for this person."""
    occurrences = (
        Occurrence.objects.visible_to(user)
        .filter(obligation__version__agreement=agreement)
        .with_outcome()
        .select_related(
            "obligation__duty__person", "obligation__from_party__team", "obligation__to_party__team"
        )
    )
    ahead = list(occurrences.ahead(now).order_by("due_at", "pk")[:SHOWN_AHEAD])
    overdue = list(occurrences.overdue(now).order_by("due_at", "pk"))
    settled = occurrences.settled(now).order_by("-due_at", "-pk")
    shown = Paginator(settled, PAST_A_PAGE).get_page(page)
    owed, months = _owed(agreement, user, rights, now)
    return ObligationsPage(
        headline=_headline(overdue, ahead, owed),
        overdue=[line_of(one, rights, now) for one in overdue],
        ahead=[line_of(one, rights, now) for one in ahead],
        past=[line_of(one, rights, now) for one in shown],
        shown=shown,
        owed=owed,
        months=months,
    )


def line_of(occurrence: Occurrence, rights: Rights, now: dt.datetime) -> OccurrenceLine:
    """Return a due date as a list shows it to somebody with these rights."""
    obligation = occurrence.obligation
    return OccurrenceLine(
        occurrence, outcome_of(occurrence, now), person_of(obligation), may_deliver(obligation, rights), now
    )


def person_of(obligation: Obligation) -> str:
    """Return who answers for an obligation; empty for nobody."""
    duty = getattr(obligation, "duty", None)
    return str(duty.person) if duty is not None and duty.person is not None else ""


def may_deliver(obligation: Obligation, rights: Rights) -> bool:
    """Whether this person delivers it: who answers for it, those who speak for the owing team, administrators."""
    duty, party = getattr(obligation, "duty", None), obligation.from_party
    answers = duty is not None and duty.person_id is not None and duty.person_id == rights.user_id
    return speaks_for(party, rights) or (answers and party.team_id in rights.teams)


def speaks_for(party: Party, rights: Rights) -> bool:
    """Whether this person writes for the party: as `Party.writable_by`, without asking. An administrator does."""
    return (
        rights.is_administrator
        or party.team_id in rights.managed
        or (party.team_id in rights.teams and party.signatory_id == rights.user_id)
    )


def may_read_contents(parties: Iterable[Party], rights: Rights) -> bool:
    """Whether this person reads the words and files that were delivered: they are the parties' own."""
    return rights.is_administrator or any(party.team_id in rights.teams for party in parties)


def _in_time(occurrences: Iterable[Occurrence], now: dt.datetime) -> int:
    return sum(outcome_of(one, now) == Outcome.IN_TIME for one in occurrences)


def _owed(agreement: Agreement, user: Any, rights: Rights, now: dt.datetime) -> tuple[list[Owed], list[str]]:
    """Return the obligations in force, or else to come, with their last months under whichever version."""
    today = today_of(agreement, now)
    months = [_months_back(today, n) for n in reversed(range(MONTHS_SHOWN))]
    current = (
        Obligation.objects.visible_to(user)
        .filter(
            version__agreement=agreement,
            version__state=Version.State.SIGNED,
            version__in_force__overlap=(today, None),
        )
        .select_related("from_party__team", "to_party__team", "duty__person", "version")
        .order_by("version__starts_on", "pk")
    )
    tallies: dict[str, dict[dt.date, list[Occurrence]]] = defaultdict(lambda: defaultdict(list))
    past = Occurrence.objects.filter(
        obligation__version__agreement=agreement, due_on__gte=months[0], due_at__lte=now
    )
    for one in past.with_outcome().select_related("obligation"):
        tallies[one.obligation.name][one.due_on.replace(day=1)].append(one)
    newest: dict[str, Obligation] = {}
    for obligation in current:
        newest.setdefault(obligation.name, obligation)
    owed = [
        Owed(
            obligation,
            rhythm_sentence(obligation),
            day_off_sentence(obligation),
            person_of(obligation),
            [
                (words.month(month), Tally(_in_time(several, now), len(several)))
                for month in months
                for several in [tallies[name][month]]
            ],
            speaks_for(obligation.from_party, rights),
        )
        for name, obligation in newest.items()
    ]
    return owed, [words.month(month) for month in months]


def _months_back(today: dt.date, n: int) -> dt.date:
    place = today.year * 12 + today.month - 1 - n
    return dt.date(place // 12, place % 12 + 1, 1)


def _headline(overdue: list[Occurrence], ahead: list[Occurrence], owed: list[Owed]) -> str:
    if overdue:
        oldest = overdue[0]
        said = {
            "n": words.amount(len(overdue)),
            "name": oldest.obligation.name,
            "team": oldest.obligation.from_party.team.name,
            "at": moment(oldest.due_at),
        }
        text = ngettext(
            "%(n)s delivery is overdue: “%(name)s” of %(team)s, due %(at)s.",
            "%(n)s deliveries are overdue, since %(at)s “%(name)s” of %(team)s.",
            len(overdue),
        )
        return text % said
    if ahead:
        said = {
            "name": ahead[0].obligation.name,
            "team": ahead[0].obligation.from_party.team.name,
            "at": moment(ahead[0].due_at),
        }
        return _("Nothing is overdue; next is “%(name)s” of %(team)s, due %(at)s.") % said
    if owed:
        return _("Nothing is overdue, and nothing is due in the next 60 days.")
    return _("Nothing is owed regularly under this agreement.")
