"""Routing as it is done: a hand-off that nobody was named for goes to a rep by the rules, and why is written down.

Of many who assign at once each sees what the ones before gave to whom, since one lock is for all routing
(`leads.services.turns`): so turns, caps and owners are exact. What is given by hand takes no turn, and may go over a
cap: a person decided it. What a page shows before it is done is decided by the same functions.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Q

from agreements.models import Membership, Team
from leads.models import (
    Absence,
    HandOff,
    HandOffEvent,
    Lead,
    RoutingCap,
    RoutingDecision,
    RoutingRule,
    RoutingShare,
)
from leads.routing import Asked, Rep, Why, after_turn, choose
from leads.services.facts import refresh_facts
from leads.services.known_owners import SHORTEST_COMPANY, known_owners
from leads.services.team_hours import TeamHours
from leads.services.turns import hold_routing, write_owed

if TYPE_CHECKING:
    from slaproject.accounts.models import User

WhenNobody = RoutingRule.WhenNobody


@dataclass(frozen=True, slots=True)
class Decision:
    """Where one hand-off goes, and why. `owner_id` None: free in the team."""

    why: Why
    rule: RoutingRule
    team_id: int
    owner_id: int | None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routed:
    """What became of several hand-offs: how many each person got, and how many are free."""

    by_person: dict[int, int]
    free: int

    @property
    def given(self) -> int:
        return sum(self.by_person.values())


class Router:
    """All that is decided by, read once; what it decides changes what it decides next.

    `lock`: nobody else routes until the transaction ends. A trial needs none, and saves nothing.
    """

    def __init__(self, now: dt.datetime, *, lock: bool = True) -> None:
        if lock:
            hold_routing()
        self.now = now
        self.rules = list(RoutingRule.objects.filter(is_on=True).select_related("team", "other_team"))
        teams = {rule.team_id for rule in self.rules}
        self._roles = _roles_by_team(teams)
        people = {one for roles in self._roles.values() for one in roles}
        people |= {rule.stand_in_id for rule in self.rules if rule.stand_in_id is not None}
        self._workers = _who_works(people)
        self._hours = TeamHours(teams, now=now)
        self._caps = dict(RoutingCap.objects.filter(person__in=people).values_list("person", "most_open"))
        self._open = open_by_owner(people)
        self._away = _absences(people, now)
        self._weights: dict[int, dict[int, int | None]] = defaultdict(dict)
        self._owed: dict[int, dict[int, Fraction]] = defaultdict(dict)
        for share in RoutingShare.objects.filter(rule__in=self.rules):
            self._weights[share.rule_id][share.person_id] = share.weight
            self._owed[share.rule_id][share.person_id] = Fraction(share.owed)
        self._turned: set[int] = set()
        self._companies: dict[str, int] = {}

    def decide(
        self, asked: Asked, *, known_id: int | None = None, company: str = "", leaving: int | None = None
    ) -> Decision | None:
        """Return where a hand-off goes, and count it there; None where no rule is for it.

        `leaving` is who has it now and does not keep it.
        """
        rule = self._first_for(asked)
        if rule is None:
            return None
        company = company.strip().lower()
        remembered = self._companies.get(company) if company else None
        if remembered is not None and remembered != leaving:
            known_id = remembered
        made = self._by(rule, asked, known_id, leaving)
        if made.owner_id is not None:
            self._count(made.owner_id, 1)
            if leaving is not None:
                self._count(leaving, -1)
            if len(company) >= SHORTEST_COMPANY:
                self._companies[company] = made.owner_id
        return made

    def reps(self, rule: RoutingRule, leaving: int | None = None) -> list[Rep]:
        """Return the people of a rule as they stand before the next turn."""
        return [
            self._rep(person, rule.team_id, self._weight(rule, person, role), self._owed[rule.pk].get(person))
            for person, role in sorted(self._roles.get(rule.team_id, {}).items())
            if person in self._workers and person != leaving
        ]

    def save(self) -> None:
        """Write down what is owed to whom after the turns that were decided."""
        write_owed({rule_id: self._owed[rule_id] for rule_id in self._turned})
        self._turned.clear()

    def _count(self, person: int, n: int) -> None:
        self._open[person] = self._open.get(person, 0) + n

    def _first_for(self, asked: Asked) -> RoutingRule | None:
        holds = (one for one in self.rules if one.condition.holds(asked, is_open=self._hours.is_open))
        return next(holds, None)

    def _by(
        self,
        rule: RoutingRule,
        asked: Asked,
        known_id: int | None,
        leaving: int | None,
        *,
        is_second: bool = False,
    ) -> Decision:
        reps = self.reps(rule, leaving)
        made = choose(reps, known_id=known_id if rule.keeps_owner else None)
        data: dict[str, Any] = {
            "rule": rule.name,
            "passed": {str(one): reason.value for one, reason in made.passed.items()},
        }
        if made.rep_id is None and not is_second:
            instead = self._when_nobody(rule, asked, data, leaving)
            if instead is not None:
                return instead
        if made.rep_id is not None:
            rep = next(one for one in reps if one.id == made.rep_id)
            data |= {"open": rep.open, "cap": rep.cap}
        if made.why == Why.TURN and made.rep_id is not None:
            data["turn"] = {str(one): weight for one, weight in made.turn.items()}
            self._owed[rule.pk] = after_turn(self._owed[rule.pk], made.turn, made.rep_id)
            self._turned.add(rule.pk)
        return Decision(made.why, rule, rule.team_id, made.rep_id, data)

    def _when_nobody(
        self, rule: RoutingRule, asked: Asked, data: dict[str, Any], leaving: int | None
    ) -> Decision | None:
        """Return what the rule says for when everyone is away or full; None where that does not help either."""
        if rule.when_nobody == WhenNobody.PERSON and rule.stand_in_id in self._workers:
            assert rule.stand_in_id is not None
            rep = self._rep(rule.stand_in_id, rule.team_id, 1, None)
            if rep.can_take and rep.id != leaving:
                more = {"open": rep.open, "cap": rep.cap}
                return Decision(Why.STAND_IN, rule, rule.team_id, rep.id, data | more)
        if rule.when_nobody == WhenNobody.TEAM and rule.other_team_id is not None:
            there = Asked(rule.other_team_id, asked.segment_id, asked.source, asked.country)
            second = self._first_for(there)
            if second is None:
                return Decision(Why.FREE, rule, rule.other_team_id, None, data)
            made = self._by(second, there, None, leaving, is_second=True)
            return Decision(
                made.why, made.rule, made.team_id, made.owner_id, made.data | {"instead_of": rule.name}
            )
        return None

    def _weight(self, rule: RoutingRule, person: int, role: str) -> int:
        own = self._weights[rule.pk].get(person)
        if own is not None:
            return own
        return rule.weight_of_others if role == Membership.Role.MEMBER else 0

    def _rep(self, person: int, team_id: int, weight: int, owed: Fraction | None) -> Rep:
        day = self._hours.next_working_day(team_id)
        is_away = any(first <= day <= last for first, last in self._away.get(person, ()))
        return Rep(
            person, weight, owed or Fraction(0), self._open.get(person, 0), self._caps.get(person), is_away
        )


def route_new(*, lead: Lead, team_id: int | None, now: dt.datetime) -> Decision | None:
    """Decide where a hand-off of this lead goes that is being made now; None where no rule is for it.

    Takes the routing lock, and so comes after the lead's own; note it with `note_decisions`.
    """
    if not RoutingRule.objects.filter(is_on=True).exists():
        return None
    router = Router(now)
    known = known_owners([(lead, None)])
    made = router.decide(
        _asked(lead, team_id, lead.segment_id), known_id=known.get(lead.pk), company=lead.company
    )
    router.save()
    return made


@transaction.atomic
def route(
    *,
    hand_offs: Iterable[int],
    now: dt.datetime,
    by: User | None = None,
    leaving: User | None = None,
    home: Team | None = None,
) -> Routed:
    """Give open hand-offs that nobody owns to people as the rules say; who is closed or taken meanwhile is left out.

    `leaving`: those of this person instead; what no rule gives to another becomes free in its team, or else in the
    person's `home`: by default their only sales team. Clocks run on.
    """
    whose = Q(owner=None, owner_name="") if leaving is None else Q(owner=leaving)
    if leaving is None and not RoutingRule.objects.filter(is_on=True).exists():
        return Routed({}, 0)
    found = list(
        HandOff.objects.select_for_update(of=("self",))
        .select_related("lead")
        .filter(whose, pk__in=list(hand_offs), closed_at=None)
        .order_by("pk")
    )
    if not found:
        return Routed({}, 0)
    router, home_id = Router(now), home.pk if home else (_team_of(leaving.pk) if leaving else None)
    return _write(decide_all(found, router, home=home_id), router, now=now, by=by, home=home_id)


def route_on(*, hand_offs: Sequence[HandOff], now: dt.datetime, by: User | None = None) -> Routed:
    """Give these to others than who has them, as the rules say; what no rule gives to another stays where it is.

    Call it with the hand-offs locked, open, and read with their leads. Clocks run on.
    """
    router = Router(now)
    return _write(decide_others(hand_offs, router), router, now=now, by=by)


def decide_others(hand_offs: Sequence[HandOff], router: Router) -> list[tuple[HandOff, Decision]]:
    """Decide to which others these go, nobody's first; what stays where it is is left out. Nothing is written."""
    theirs = [one for one in hand_offs if one.owner_id is not None or not one.owner_name]
    theirs.sort(key=lambda one: (one.owner_id is not None, one.pk))
    return [
        (one, decision)
        for one, decision in decide_all(theirs, router)
        if decision is not None and decision.owner_id is not None
    ]


def decide_all(
    hand_offs: Sequence[HandOff], router: Router, *, home: int | None = None
) -> list[tuple[HandOff, Decision | None]]:
    """Decide where each goes, from who has it now; `home` is the team of what has none. Nothing is written."""
    known = known_owners([(one.lead, one.owner_id) for one in hand_offs])
    return [
        (
            one,
            router.decide(
                _asked(one.lead, one.team_id or home, one.segment_id),
                known_id=known.get(one.lead_id),
                company=one.lead.company,
                leaving=one.owner_id,
            ),
        )
        for one in hand_offs
    ]


def still_works(hand_off: HandOff) -> bool:
    """Whether its owner still works leads: takes part in a sales team, or in whatever team has it."""
    assert hand_off.owner_id is not None
    places = Membership.objects.taking_part().filter(user=hand_off.owner_id)
    works = Q(team__function=Team.Function.SALES)
    if hand_off.team_id is not None:
        works |= Q(team=hand_off.team_id)
    return places.filter(works).exists()


def note_decisions(
    made: Sequence[tuple[HandOff, Decision | None]],
    *,
    now: dt.datetime,
    by: User | None = None,
    former: Mapping[int, int | None] | None = None,
) -> None:
    """Write down why each hand-off went to whom, and the event of who got it; `former` is who had it before."""
    before = {pk: {"from": owner} for pk, owner in (former or {}).items() if owner is not None}
    RoutingDecision.objects.bulk_create(
        RoutingDecision(
            hand_off=one,
            decided_at=now,
            why=decision.why.value,
            rule=decision.rule,
            person_id=decision.owner_id,
            data=decision.data | before.get(one.pk, {}),
        )
        for one, decision in made
        if decision is not None
    )
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off=one,
            kind=HandOffEvent.Kind.ASSIGNED,
            happened_at=max(now, one.handed_off_at),
            recorded_at=now,
            actor=by,
            data={
                "owner": one.owner_id,
                **before.get(one.pk, {}),
                "routed": decision.why.value if decision else "free",
            },
        )
        for one, decision in made
        if one.owner_id is not None or one.pk in before
    )


def open_by_owner(people: Iterable[int]) -> dict[int, int]:
    """Return how many open hand-offs each of these people has; who has none is left out."""
    mine = HandOff.objects.filter(owner__in=people, closed_at=None).order_by()
    return dict(mine.values_list("owner").annotate(n=Count("pk")))


def _write(
    made: Sequence[tuple[HandOff, Decision | None]],
    router: Router,
    *,
    now: dt.datetime,
    by: User | None,
    home: int | None = None,
) -> Routed:
    """Write where hand-offs go; one that no rule is for loses its owner, where it has one."""
    router.save()
    former = {one.pk: one.owner_id for one, _ in made}
    changed = [one for one, decision in made if decision is not None or one.owner_id is not None]
    for one, decision in made:
        if decision is not None:
            one.team_id, one.owner_id = decision.team_id, decision.owner_id
        elif one.owner_id is not None:
            one.team_id, one.owner_id = one.team_id or home, None
        if one.owner_id is not None and one.assigned_at is None:
            one.assigned_at = max(now.replace(microsecond=0), one.handed_off_at)
    HandOff.objects.bulk_update(changed, ["team", "owner", "assigned_at"], batch_size=1000)
    refresh_facts([one.pk for one in changed], now=now, actor=by)
    note_decisions(made, now=now, by=by, former=former)
    by_person: dict[int, int] = defaultdict(int)
    for one in changed:
        if one.owner_id is not None:
            by_person[one.owner_id] += 1
    return Routed(dict(by_person), sum(one.owner_id is None for one, _ in made))


def _asked(lead: Lead, team_id: int | None, segment_id: int | None) -> Asked:
    return Asked(team_id, segment_id, lead.source, lead.country)


def _roles_by_team(teams: Iterable[int]) -> dict[int, dict[int, str]]:
    roles: dict[int, dict[int, str]] = defaultdict(dict)
    places = Membership.objects.filter(team__in=teams)
    for team, person, role in places.values_list("team_id", "user_id", "role"):
        roles[team][person] = role
    return roles


def _who_works(people: Iterable[int]) -> frozenset[int]:
    """Keep those who have a part in a team."""
    places = Membership.objects.taking_part().filter(user__in=people)
    return frozenset(places.values_list("user_id", flat=True))


def _absences(people: Iterable[int], now: dt.datetime) -> dict[int, list[tuple[dt.date, dt.date]]]:
    found: dict[int, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    still = Absence.objects.filter(person__in=people, last_on__gte=now.date() - dt.timedelta(days=2))
    for person, first, last in still.values_list("person_id", "first_on", "last_on"):
        found[person].append((first, last))
    return found


def _team_of(person: int) -> int | None:
    teams = list(
        Membership.objects.filter(user=person, team__function=Team.Function.SALES).values_list(
            "team_id", flat=True
        )[:2]
    )
    return teams[0] if len(teams) == 1 else None
