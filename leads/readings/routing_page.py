"""The page of the routing rules: each in words, the people with their caps, and who would get a lead now, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Membership, Team
from leads.models import RoutingCap, RoutingRule, RoutingShare
from leads.phrases import day
from leads.readings.away import away_words
from leads.routing import Asked, PassedOver, Rep, Why
from leads.services.routing import Router, open_by_owner
from leads.services.team_hours import TeamHours

WhenNobody = RoutingRule.WhenNobody


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as people read it."""

    rule: RoutingRule
    for_which: str
    to_whom: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person whom routing can give leads: how many they have, and until when they are away."""

    person: Any
    teams: str
    open: int
    away: str


@dataclass(frozen=True, slots=True)
class TrialPerson:
    """One person of the rule that decides, as they stand now."""

    name: str
    weight: int
    share: str
    owed: str
    open: int
    cap: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Trial:
    """Who would get a lead now. `skipped` says of the rules before why they are not for it."""

    sentence: str
    skipped: list[str]
    people: list[TrialPerson]
    day: str


def rule_rows(rules: Any) -> list[RuleRow]:
    """Return these rules in words."""
    shares = (
        RoutingShare.objects.exclude(weight=None).select_related("person").order_by("-weight", "person__name")
    )
    found = rules.select_related("team", "segment", "stand_in", "other_team").prefetch_related(
        Prefetch("shares", shares, to_attr="weighed")
    )
    return [RuleRow(one, _for_which(one), _to_whom(one), _otherwise(one)) for one in found]


def person_rows(people: Sequence[Any], *, now: dt.datetime) -> list[PersonRow]:
    """Return these people with what they have open now."""
    ids = [person.pk for person in people]
    held = open_by_owner(ids)
    places = Membership.objects.filter(user__in=ids, team__function=Team.Function.SALES)
    teams: dict[int, list[str]] = {}
    for person, name in places.order_by("team__name").values_list("user_id", "team__name"):
        teams.setdefault(person, []).append(name)
    away = away_words(ids, now=now)
    return [
        PersonRow(one, ", ".join(teams.get(one.pk, ())), held.get(one.pk, 0), away.get(one.pk, ""))
        for one in people
    ]


def caps_of(people: Sequence[Any]) -> dict[int, int]:
    """Return the caps of those of these people who have one."""
    return dict(RoutingCap.objects.filter(person__in=people).values_list("person", "most_open"))


def try_rules(asked: Asked, *, now: dt.datetime, team: Team | None) -> Trial:
    """Say who would get such a lead now; nothing is changed."""
    router = Router(now, lock=False)
    hours = TeamHours({rule.team_id for rule in router.rules}, now=now)
    skipped = []
    rule: RoutingRule | None = None
    for one in router.rules:
        if one.condition.holds(asked, is_open=hours.is_open):
            rule = one
            break
        skipped.append(_not_for_it(one, asked, hours))
    made = router.decide(asked)
    if rule is None or made is None:
        where = team.name if team else _("sales")
        sentence = _("No rule is for it: it would be free, for the first of %(team)s to accept.")
        return Trial(sentence % {"team": where}, skipped, [], "")
    fresh = Router(now, lock=False)
    reps = fresh.reps(made.rule)
    people = get_user_model().objects.in_bulk({rep.id for rep in reps} | {made.owner_id or 0})
    said = {"rule": rule.name, "name": people.get(made.owner_id or 0, ""), "team": made.rule.team.name}
    if made.why == Why.TURN:
        sentence = _(
            "It would go to %(name)s: “%(rule)s” is the first rule that is for it, and it is their turn."
        )
    elif made.why == Why.STAND_IN:
        sentence = _("It would go to %(name)s, who stands in: everyone of “%(rule)s” is away or full.")
    else:
        sentence = _(
            "It would be free in its team: everyone of “%(rule)s” is away or full, or nobody takes part."
        )
    if made.data.get("instead_of") and made.owner_id is not None:
        sentence = _("It would go to %(name)s of %(team)s: everyone of “%(rule)s” is away or full.")
    on = day(hours.next_working_day(made.rule.team_id), today=timezone.localtime(now).date())
    return Trial(sentence % said, skipped, _trial_people(reps, people, made.owner_id), on)


def _trial_people(reps: list[Rep], people: dict[int, Any], chosen: int | None) -> list[TrialPerson]:
    total = sum(rep.weight for rep in reps if rep.passed_over() is None)
    rows = []
    for rep in reps:
        reason = rep.passed_over()
        if reason == PassedOver.NO_WEIGHT:
            continue
        part = Fraction(rep.weight, total) if reason is None else Fraction(0)
        owed = rep.owed + part
        says = _("gets it") if rep.id == chosen else _reason(reason)
        rows.append(
            TrialPerson(
                name=str(people[rep.id]),
                weight=rep.weight,
                share=_("%(n)s %%") % {"n": number_format(round(float(part * 100)), 0)},
                owed=number_format(round(float(owed), 2), 2),
                open=rep.open,
                cap=rep.cap,
                says=says,
            )
        )
    return sorted(rows, key=lambda row: (row.says != _("gets it"), row.name.casefold()))


def _reason(reason: PassedOver | None) -> str:
    if reason == PassedOver.AWAY:
        return _("away")
    return _("has as many as the cap allows") if reason == PassedOver.FULL else _("takes part")


def _for_which(rule: RoutingRule) -> str:
    parts = []
    if rule.segment is not None:
        parts.append(_("segment %(name)s") % {"name": rule.segment.name})
    if rule.source:
        parts.append(_("source %(name)s") % {"name": rule.source})
    if rule.country:
        parts.append(_("country %(name)s") % {"name": rule.country})
    if rule.in_hours_only:
        parts.append(_("only while the team works"))
    return ", ".join(parts) if parts else _("every lead")


def _to_whom(rule: RoutingRule) -> str:
    own = [f"{one.person} ({one.weight})" for one in rule.weighed if one.weight]  # type: ignore[attr-defined]
    said: dict[str, object] = {
        "team": rule.team.name,
        "names": ", ".join(own),
        "weight": rule.weight_of_others,
    }
    if rule.weight_of_others and own:
        return _("%(team)s in turn: %(names)s, every other member (%(weight)s)") % said
    if rule.weight_of_others:
        return _("%(team)s: all members in turn") % said
    return _("%(team)s in turn: %(names)s") % said if own else _("%(team)s: nobody takes part yet") % said


def _otherwise(rule: RoutingRule) -> str:
    if rule.when_nobody == WhenNobody.PERSON:
        return _("to %(name)s") % {"name": rule.stand_in}
    if rule.when_nobody == WhenNobody.TEAM:
        return _("to %(name)s") % {"name": rule.other_team}
    return _("left free in the team")


def _not_for_it(rule: RoutingRule, asked: Asked, hours: TeamHours) -> str:
    """Say why a rule is not for this lead, by the first thing that it asks for in vain."""
    said: dict[str, object] = {"rule": rule.name}
    condition = rule.condition
    if asked.team_id not in (None, condition.team_id):
        return _("“%(rule)s” is for another team.") % said
    if condition.segment_id not in (None, asked.segment_id):
        return _("“%(rule)s” is for another segment.") % said
    if condition.source and condition.source.strip().casefold() != asked.source.strip().casefold():
        return _("“%(rule)s” is for another source.") % said
    if condition.country and condition.country.strip().casefold() != asked.country.strip().casefold():
        return _("“%(rule)s” is for another country.") % said
    return _("“%(rule)s” is asked only while the team works.") % said


def sentence_of(rules: int, people: int) -> str:
    """Say what the page is about: how many rules there are, for how many people."""
    if not rules:
        return _("No routing rule yet: the first of a team to accept a lead gets it.")
    said = ngettext("%(n)s rule decides who gets a lead", "%(n)s rules decide who gets a lead", rules)
    among = ngettext("among %(n)s person.", "among %(n)s people.", people) % {"n": people}
    return _("%(rules)s, %(among)s") % {"rules": said % {"n": rules}, "among": among}
