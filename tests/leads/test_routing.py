"""Hand-offs go to people by the rules: in turn, by weight, to who is there and below the cap; and it is told why."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agreements.models import Membership
from leads.intake.runs import ImportOptions, run_import
from leads.models import (
    Absence,
    HandOff,
    HandOffEvent,
    RoutingCap,
    RoutingDecision,
    RoutingRule,
    RoutingShare,
)
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import accept, assign, close, hand_over
from leads.services.leaving import move_open_work, move_work_of_the_absent, note_absence
from leads.services.routing import route
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.leads.people import START, make_office
from tests.leads.rules import rule, share
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
TODAY = START.date()


@pytest.fixture
def office():
    return make_office()


def away(person, first=TODAY, last=TODAY, **more):
    return Absence.objects.create(person=person, first_on=first, last_on=last, noted_at=START, **more)


def owners(n, office, **lead):
    return [office.hand_off(f"Lead {n}", **lead).owner for n in range(n)]


def test_without_a_rule_a_hand_off_is_free_as_before(office):
    assert office.hand_off().owner is None
    assert not RoutingDecision.objects.exists()


def test_members_take_turns_and_why_is_written_down(office):
    rule(office.team)
    assert Counter(owners(4, office)) == {office.kim: 2, office.rob: 2}
    hand_off = HandOff.objects.latest("pk")
    decision = hand_off.routing_decisions.get()
    assert (decision.why, decision.person, decision.rule.name) == ("turn", hand_off.owner, "Everybody")
    assert decision.data["turn"] == {str(office.kim.pk): 1, str(office.rob.pk): 1}
    assert decision.data["passed"] == {
        str(person.pk): "no_weight" for person in (office.manager, sales_director(office))
    }
    assert (decision.data["open"], decision.data["cap"]) == (1, None)
    assigned = hand_off.events.get(kind="assigned")
    assert assigned.data == {"owner": hand_off.owner_id, "routed": "turn"}
    assert hand_off.assigned_at == START and hand_off.accepted_at is None


def sales_director(office):
    return Membership.objects.get(team=office.team, role="director").user


def test_weights_decide_how_often(office):
    made = rule(office.team)
    share(made, office.kim, 3)
    assert Counter(owners(8, office)) == {office.kim: 6, office.rob: 2}


def test_managers_take_part_with_a_weight_of_their_own(office):
    made = rule(office.team, weight_of_others=0)
    share(made, office.manager, 1)
    assert owners(2, office) == [office.manager] * 2


def test_who_is_full_is_passed_over_and_a_cap_of_nought_takes_nobody(office):
    rule(office.team)
    RoutingCap.objects.create(person=office.kim, most_open=1)
    RoutingCap.objects.create(person=office.rob, most_open=0)
    assert owners(3, office) == [office.kim, None, None]
    free = RoutingDecision.objects.latest("pk")
    assert free.why == "free" and free.data["passed"][str(office.kim.pk)] == "full"
    first = HandOff.objects.earliest("pk")
    close(hand_off=first, closed_as="qualified", at=START, now=START)
    assert office.hand_off("Again").owner == office.kim


def test_who_is_away_on_the_day_the_team_works_next_is_passed_over(office):
    rule(office.team)
    friday_night = dt.datetime(2026, 3, 6, 20, tzinfo=dt.UTC)
    away(office.kim, dt.date(2026, 3, 9), dt.date(2026, 3, 9))
    away(office.kim, dt.date(2026, 3, 9), dt.date(2026, 3, 20))  # overlapping ones do no harm
    away(office.rob, dt.date(2026, 3, 6), dt.date(2026, 3, 8))
    assert office.hand_off(at=friday_night).owner == office.rob


def test_when_everyone_is_away_the_rule_says_what_happens(office):
    made = rule(office.team)
    for person in (office.kim, office.rob):
        away(person)
    assert office.hand_off().owner is None
    RoutingRule.objects.filter(pk=made.pk).update(when_nobody="person", stand_in=office.manager)
    hand_off = office.hand_off()
    assert hand_off.owner == office.manager and hand_off.routing_decisions.get().why == "stand_in"
    away(office.manager)
    assert office.hand_off().owner is None

    RoutingRule.objects.filter(pk=made.pk).update(
        when_nobody="team", stand_in=None, other_team=office.other_team
    )
    hand_off = office.hand_off()
    assert (hand_off.owner, hand_off.team) == (None, office.other_team)
    rule(office.other_team, name="Elsewhere")
    hand_off = office.hand_off()
    assert (hand_off.owner, hand_off.team) == (office.other, office.other_team)
    assert hand_off.routing_decisions.get().data["instead_of"] == "Everybody"


def test_two_teams_that_stand_in_for_each_other_do_not_go_round_in_circles(office):
    first = rule(office.team, when_nobody="team", other_team=office.other_team)
    rule(office.other_team, when_nobody="team", other_team=office.team)
    for person in (office.kim, office.rob, office.other):
        away(person)
    hand_off = office.hand_off()
    assert (hand_off.owner, hand_off.team) == (None, office.other_team)
    assert first.decisions.count() + RoutingDecision.objects.count() >= 1


def test_a_rule_for_a_team_without_people_leaves_the_lead_free_there(office):
    empty = factories.team("Empty")
    rule(empty)
    hand_off = hand_over(lead=office.new_lead(), now=START, team=empty)
    assert (hand_off.owner, hand_off.team) == (None, empty)


def test_rules_are_asked_in_order_and_one_that_is_off_is_not(office):
    executive = factories.segment("Executive")
    rule(office.team, name="Executive", segment=executive, weight_of_others=0)
    RoutingRule.objects.create(team=office.team, name="Off", position=50, is_on=False)
    special = RoutingRule.objects.get(name="Executive")
    share(special, office.rob, 1)
    rule(office.team, name="Poland", country="PL", weight_of_others=0)
    share(RoutingRule.objects.get(name="Poland"), office.kim, 1)
    rule(office.team)
    assert office.hand_off(segment=executive, country="PL").owner == office.rob
    assert office.hand_off(country="pl").owner == office.kim
    assert office.hand_off().routing_decisions.get().rule.name == "Everybody"


def test_a_hand_off_to_no_team_gets_the_team_of_the_rule_before_its_terms(office):
    rule(office.team)
    hand_off = hand_over(lead=office.new_lead(), now=START)
    assert hand_off.team == office.team and hand_off.due_at == START + dt.timedelta(hours=4)


def test_outside_hours_a_rule_for_hours_lets_the_next_one_decide(office):
    rule(office.team, name="By day", in_hours_only=True)
    rule(office.team, name="By night", weight_of_others=0, when_nobody="person", stand_in=office.manager)
    night = START + dt.timedelta(hours=10)
    assert office.hand_off().owner in (office.kim, office.rob)
    assert office.hand_off(at=night).owner == office.manager


def test_a_known_company_stays_with_whom_it_knows_while_they_can_take_it(office):
    made = rule(office.team)
    first = office.hand_off(company="Acme GmbH")
    other = office.rob if first.owner == office.kim else office.kim
    assert office.hand_off(company="ACME gmbh").owner == first.owner
    assert HandOff.objects.latest("pk").routing_decisions.get().why == "known"
    assert office.hand_off(company="Another").owner == other, "a known company takes no turn"
    away(first.owner)
    assert office.hand_off(company="Acme GmbH").owner == other
    Absence.objects.all().delete()
    assert office.hand_off(company="--").routing_decisions.get().why == "turn"
    assert office.hand_off(company="--").routing_decisions.get().why == "turn"
    RoutingRule.objects.filter(pk=made.pk).update(keeps_owner=False)
    assert office.hand_off(company="Acme GmbH").routing_decisions.get().why == "turn"


def test_a_lead_that_comes_again_goes_to_who_had_it(office):
    rule(office.team)
    first = office.hand_off()
    close(hand_off=first, closed_as="recycled", at=START, now=START)
    office.hand_off("Another")
    again = hand_over(lead=first.lead, now=START + DAY, team=office.team)
    assert again.owner == first.owner and again.routing_decisions.get().why == "known"


def test_a_rejected_lead_gives_its_turn_back_once(office):
    rule(office.team)
    first = office.hand_off()
    before = dict(RoutingShare.objects.values_list("person", "owed"))
    assert sum(before.values()) == 0 and any(before.values())
    close(hand_off=first, closed_as="rejected", reason="not_a_fit", at=START, now=START)
    assert not any(RoutingShare.objects.values_list("owed", flat=True))
    assert first.routing_decisions.get().given_back_at == START
    assert office.hand_off("Next").owner == first.owner


def test_what_was_given_by_hand_takes_no_turn_and_gives_none_back(office):
    rule(office.team)
    taken = office.hand_off(owner=office.kim)
    close(hand_off=taken, closed_as="rejected", reason="not_a_fit", at=START, now=START)
    routed = office.hand_off()
    other = office.rob if routed.owner == office.kim else office.kim
    assign(hand_off=routed, owner=other, at=START, now=START)
    before = list(RoutingShare.objects.order_by("pk").values_list("owed", flat=True))
    close(hand_off=routed, closed_as="rejected", reason="not_a_fit", at=START, now=START)
    assert list(RoutingShare.objects.order_by("pk").values_list("owed", flat=True)) == before


def test_open_work_of_who_leaves_moves_with_its_clock_and_is_never_orphaned(office):
    held = [office.hand_off(f"Lead {n}", owner=office.kim) for n in range(3)]
    accept(hand_off=held[0], at=START, now=START, by=office.kim)
    closed = office.hand_off("Closed", owner=office.kim)
    close(hand_off=closed, closed_as="won", at=START, now=START)
    due = {one.pk: one.due_at for one in held}
    made = rule(office.team)
    share(made, office.manager, 1)
    RoutingCap.objects.create(person=office.rob, most_open=1)
    RoutingCap.objects.create(person=office.manager, most_open=1)
    routed = move_open_work(person=office.kim, now=START + DAY, by=office.admin)
    assert (routed.by_person, routed.free) == ({office.rob.pk: 1, office.manager.pk: 1}, 1)
    for one in HandOff.objects.filter(pk__in=due):
        assert one.due_at == due[one.pk] and one.owner != office.kim and one.team == office.team
        event = one.events.filter(kind="assigned").latest("pk")
        assert event.data["owner"] == one.owner_id and event.data["from"] == office.kim.pk
    assert HandOff.objects.get(pk=held[0].pk).accepted_at == START
    closed.refresh_from_db()
    assert closed.owner == office.kim
    sweep_clocks(now=START + DAY)
    assert rebuild_facts(now=START + DAY) == 0


def test_work_freed_after_it_was_accepted_can_be_taken_by_the_team(office):
    hand_off = office.hand_off(owner=office.kim)
    accept(hand_off=hand_off, at=START, now=START, by=office.kim)
    move_open_work(person=office.kim, now=START + DAY)
    hand_off.refresh_from_db()
    assert hand_off.owner is None
    taken = accept(hand_off=hand_off, at=START + DAY, now=START + DAY, by=office.rob)
    assert taken.owner == office.rob and taken.accepted_at == START, "marketing's count stays"


def test_work_of_nobodys_team_becomes_free_in_the_only_team_of_who_left(office):
    hand_off = office.hand_off(owner=office.kim)
    HandOff.objects.filter(pk=hand_off.pk).update(team=None)
    move_open_work(person=office.kim, now=START)
    hand_off.refresh_from_db()
    assert (hand_off.owner, hand_off.team) == (None, office.team)


def test_work_of_the_absent_moves_once_when_the_absence_begins(office):
    rule(office.team)
    hand_off = office.hand_off(owner=office.kim)
    note_absence(
        person=office.kim,
        first_on=START.date() + DAY,
        last_on=START.date() + 5 * DAY,
        moves_work=True,
        now=START,
    )
    assert move_work_of_the_absent(now=START) == 0
    assert move_work_of_the_absent(now=START + DAY) == 1
    hand_off.refresh_from_db()
    assert hand_off.owner == office.rob
    assign(hand_off=hand_off, owner=office.kim, at=START + DAY, now=START + DAY)
    assert move_work_of_the_absent(now=START + DAY) == 0


def test_the_database_refuses_what_makes_no_sense(office):
    made = rule(office.team)
    for wrong in (
        {"weight_of_others": 101},
        {"when_nobody": "person"},
        {"when_nobody": "team", "other_team": office.team},
        {"stand_in": office.kim},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoutingRule.objects.filter(pk=made.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        away(office.kim, START.date(), START.date() - DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        share(made, office.kim, 1)
        share(made, office.kim, 2)


def import_leads(rows, **options):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    stream.seek(0)
    given = {"agreement": "company", "time_zone": "UTC"} | options
    return run_import(
        kind="leads", stream_or_path=stream, options=ImportOptions(**given), now=START + dt.timedelta(hours=1)
    )


def a_row(n, at=START, **more):
    return {"external_id": n, "qualified_at": at.isoformat(), "team": "", "owner": "", "company": ""} | more


def test_an_import_routes_what_has_a_clock_and_no_owner(office):
    rule(office.team)
    old = START - 30 * DAY
    import_leads(
        [
            *(a_row(n, team=office.team.name) for n in range(6)),
            *(a_row(n, company="Same Company") for n in range(6, 9)),
            a_row(20, at=old, team=office.team.name),
            a_row(21, owner="Somebody Outside"),
            a_row(22, owner=office.kim.email),
        ]
    )
    by_id = {one.lead.external_id: one for one in HandOff.objects.select_related("lead", "owner", "team")}
    assert Counter(by_id[str(n)].owner for n in range(6)) == {office.kim: 3, office.rob: 3}
    assert len({by_id[str(n)].owner for n in range(6, 9)}) == 1, "one company, one person"
    assert by_id["6"].team == office.team
    assert by_id["20"].owner is None and by_id["20"].due_at is None
    assert by_id["21"].owner is None and by_id["22"].owner == office.kim
    assert RoutingDecision.objects.count() == 9
    assert by_id["0"].assigned_at == START + dt.timedelta(hours=1)
    again = import_leads([a_row(n, team=office.team.name) for n in range(6)])
    assert again.unchanged == 6 and RoutingDecision.objects.count() == 9
    assert rebuild_facts(now=START + dt.timedelta(hours=1)) == 0


def test_routing_many_asks_as_often_as_routing_few(office):
    rule(office.team)
    counts = []
    for n in (2, 60):
        hand_offs = [hand_over(lead=factories.lead(START), now=START).pk for _ in range(n)]
        HandOff.objects.filter(pk__in=hand_offs).update(owner=None)
        with CaptureQueriesContext(connection) as asked:
            assert route(hand_offs=hand_offs, now=START).given == n
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30


@pytest.mark.django_db(transaction=True)
def test_of_many_assigners_none_gives_twice_or_leaves_out_or_goes_over_a_cap():
    check_assigners(leads=rounds(40), assigners=8)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_five_hundred_leads_by_eight_assigners():
    check_assigners(leads=500, assigners=8)


def check_assigners(*, leads, assigners):
    """All leads are handed over at once, and the same free ones routed by several: exact turns, no cap passed."""
    office = make_office()
    made = rule(office.team)
    weights = {office.kim: 5, office.rob: 3, office.manager: 2}
    for person, weight in weights.items():
        share(made, person, weight)
    full = factories.user("Cap Ped")
    Membership.objects.create(user=full, team=office.team, role="member")
    cap = max(leads // 20, 1)
    RoutingCap.objects.create(person=full, most_open=cap)
    new = [factories.lead(START, name=f"Lead {n}") for n in range(leads)]
    free = [office.hand_off(f"Free {n}", owner=office.kim) for n in range(leads // 10)]
    HandOff.objects.filter(pk__in=[one.pk for one in free]).update(owner=None, assigned_at=None)

    def assigner(n):
        for lead in new[n::assigners]:
            hand_over(lead=lead, now=START, team=office.team)
        route(hand_offs=[one.pk for one in free], now=START)

    results = race(*[partial(assigner, n) for n in range(assigners)])
    assert results == [None] * assigners, results
    assert not HandOff.objects.filter(owner=None).exists(), "unassigned"
    assert RoutingDecision.objects.count() == leads + len(free), "double"
    assert (
        HandOffEvent.objects.filter(kind="assigned").values("hand_off").distinct().count()
        == leads + len(free)
        == HandOffEvent.objects.filter(kind="assigned").count()
    )
    counts = Counter(HandOff.objects.values_list("owner", flat=True))
    assert counts.pop(full.pk) == cap, "over the cap, or below it"
    # Who has a cap takes turns until it is reached; the others share by weight all along.
    owed = {one.person_id: one.owed for one in RoutingShare.objects.filter(rule=made)}
    for person in weights:
        assert abs(owed[person.pk]) <= 1, (person, owed)
    turns = sum(counts.values()) + cap
    with_cap = sum(
        one["turn"].get(str(full.pk)) is not None
        for one in RoutingDecision.objects.values_list("data", flat=True)
    )
    for person, weight in weights.items():
        part = with_cap * weight / 11 + (turns - with_cap) * weight / 10
        assert abs(counts[person.pk] - part) <= 1, (person, counts, part)
    print(
        f"{leads} leads and {len(free)} free ones by {assigners} assigners: none double, none unassigned, "
        f"{dict(counts)} by weights 5:3:2 within 1, cap of {cap} kept"
    )
