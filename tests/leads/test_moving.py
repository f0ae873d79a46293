"""Several leads are given away at once and back again; what somebody touched meanwhile stays where it is."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import Membership
from leads.acting import Acting
from leads.models import HandOff, HandOffEvent, Move, RoutingCap, RoutingShare
from leads.readings.capacity import by_the_rules
from leads.services.attempts import log_attempt
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import accept, assign, close
from leads.services.moving import move_hand_offs, undo_move
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.leads.people import START, make_office
from tests.leads.rules import rule
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def office():
    return make_office()


def move(office, hand_offs, to, *, now=START, by=None, key=None):
    by = by or office.manager
    return move_hand_offs(
        hand_offs=[one.pk for one in hand_offs],
        to=to,
        key=key or uuid.uuid4(),
        now=now,
        by=by,
        may=Acting(by).may_assign,
    )


def held_by(*hand_offs):
    owners = dict(HandOff.objects.values_list("pk", "owner__name"))
    return [owners[one.pk] for one in hand_offs]


def test_several_go_to_one_person_with_their_clocks_and_come_back(office):
    mine, free = office.hand_off(owner=office.kim), office.hand_off("Free")
    made = move(office, [mine, free], office.rob)
    assert held_by(mine, free) == ["Rob Roy", "Rob Roy"]
    assert HandOff.objects.get(pk=free.pk).assigned_at == START
    assert HandOff.objects.get(pk=mine.pk).due_at == mine.due_at
    assert made.moved.count() == 2
    undone = undo_move(move=made, now=START + 10 * MINUTE, by=office.manager)
    assert (len(undone.back), undone.left) == (2, [])
    assert held_by(mine, free) == ["Kim Ito", None]
    assert HandOff.objects.get(pk=free.pk).assigned_at is None
    event = mine.events.latest("pk")
    assert event.data == {"owner": office.kim.pk, "from": office.rob.pk, "undone": True}
    assert rebuild_facts(now=START) == 0


def test_what_was_touched_since_stays_and_is_named(office):
    tried, closed, given_on, accepted, untouched = (office.hand_off(f"Lead {n}") for n in range(5))
    made = move(office, [tried, closed, given_on, accepted, untouched], office.rob)
    now = START + MINUTE
    log_attempt(hand_off=tried, attempted_at=now, channel="call", outcome="no_answer", now=now, by=office.rob)
    close(hand_off=closed, closed_as="lost", at=now, now=now, by=office.rob)
    assign(hand_off=given_on, owner=office.kim, at=now, now=now, by=office.manager)
    accept(hand_off=accepted, at=now, now=now, by=office.rob)
    HandOff.objects.filter(pk=untouched.pk).update(due_at=START, at_risk_at=START)
    sweep_clocks(now=now)
    undone = undo_move(move=made, now=now, by=office.manager)
    assert [one.pk for one in undone.back] == [untouched.pk], "what the sweep notes is nobody's doing"
    assert {one.pk for one in undone.left} == {one.pk for one in (tried, closed, given_on, accepted)}


def test_a_move_is_undone_once_within_ten_minutes_and_not_to_who_left(office):
    hand_off = office.hand_off(owner=office.kim)
    made = move(office, [hand_off], office.rob)
    with pytest.raises(ValidationError, match="ten minutes"):
        undo_move(move=made, now=START + 11 * MINUTE, by=office.manager)
    office.kim.is_active = False
    office.kim.save()
    assert undo_move(move=made, now=START, by=office.manager).left == [hand_off]
    with pytest.raises(ValidationError, match="undone already"):
        undo_move(move=made, now=START, by=office.manager)


def test_only_what_is_ones_own_to_give_is_moved(office):
    foreign = office.hand_off()
    HandOff.objects.filter(pk=foreign.pk).update(team=office.other_team)
    closed = office.hand_off("Closed", owner=office.kim)
    close(hand_off=closed, closed_as="lost", at=START, now=START)
    assert not move(office, [foreign, closed], office.rob).moved.exists()
    assert held_by(foreign, closed) == [None, "Kim Ito"]


def test_the_same_form_sent_twice_moves_once(office):
    hand_off, key = office.hand_off(), uuid.uuid4()
    assert move(office, [hand_off], office.rob, key=key) == move(office, [hand_off], office.kim, key=key)
    assert held_by(hand_off) == ["Rob Roy"]


def test_by_the_rules_what_nobody_can_take_stays_where_it_is(office):
    rule(office.team)
    RoutingCap.objects.create(person=office.rob, most_open=1)
    hand_offs = [office.hand_off(f"Lead {n}", owner=office.kim) for n in range(3)]
    made = move(office, hand_offs, None)
    assert sorted(held_by(*hand_offs)) == ["Kim Ito", "Kim Ito", "Rob Roy"]
    assert made.moved.count() == 1
    undo_move(move=made, now=START, by=office.manager)
    assert held_by(*hand_offs) == ["Kim Ito"] * 3
    assert not any(RoutingShare.objects.values_list("owed", flat=True)), "the turn is given back"


def test_by_the_rules_a_free_lead_for_which_there_is_nobody_stays_in_its_team(office):
    free = office.hand_off()
    rule(office.team, weight_of_others=0, when_nobody="team", other_team=office.other_team)
    assert by_the_rules([free], now=START) == "Nobody could take them by the rules now."
    made = move(office, [free], None)
    free.refresh_from_db()
    assert (free.team, made.moved.count()) == (office.team, 0)
    assert not free.routing_decisions.exists()
    assert office.hand_off("New").team == office.other_team, "a new one goes where the rule says"


def test_undone_a_move_gives_back_the_turn_that_it_took_and_no_other(office):
    rule(office.team)
    mine = office.hand_off(company="Engines Ltd")
    owner = mine.owner
    other = {office.kim: office.rob, office.rob: office.kim}[owner]
    owed = dict(RoutingShare.objects.values_list("person", "owed"))
    assert any(owed.values())
    assign(hand_off=mine, owner=other, at=START, now=START, by=office.manager)
    known = office.hand_off("Known", owner=owner, company="Engines Ltd")
    for to in (owner, None):  # by hand, and to whom the company knows: neither takes a turn
        made = move(office, [mine], to, now=START + MINUTE)
        assert made.moved.get().to_owner == owner, to
        undo_move(move=made, now=START + MINUTE, by=office.manager)
        assert held_by(mine, known) == [other.name, owner.name]
        assert mine.routing_decisions.get(why="turn").given_back_at is None
        assert dict(RoutingShare.objects.values_list("person", "owed")) == owed


def test_what_is_said_before_is_what_is_done(office):
    """Known companies, caps, room made by what moved, and what is with somebody outside."""
    rule(office.team)
    RoutingCap.objects.create(person=office.rob, most_open=3)
    third = factories.user("Theo Third")
    Membership.objects.create(user=third, team=office.team, role="member")
    RoutingCap.objects.create(person=office.kim, most_open=4)
    mine = [
        office.hand_off(f"Lead {n}", owner=office.kim, company="Engines Ltd" if n % 2 else f"Company {n}")
        for n in range(4)
    ]
    known = office.hand_off("Known", owner=third, company="engines LTD")
    theirs = [office.hand_off(f"Theirs {n}", owner=office.rob, company=f"Other {n}") for n in range(3)]
    free = office.hand_off("Free", company="Company 0")
    HandOff.objects.filter(pk=free.pk).update(owner=None)
    outside = office.hand_off("Outside")
    HandOff.objects.filter(pk=outside.pk).update(owner=None, owner_name="Somebody")
    asked = HandOff.objects.filter(pk__in=[one.pk for one in (*mine, known, *theirs, free, outside)])
    said = by_the_rules(list(asked.select_related("lead").order_by("pk")), now=START)
    made = move(office, asked, None)
    given = Counter(str(one.to_owner) for one in made.moved.select_related("to_owner"))
    assert dict(given) == {name: int(n) for name, n in re.findall(r"(\w+ \w+) (\d+)", said.split(";")[0])}
    assert "1 stays as it is" in said and made.moved.count() == len(asked) - 1
    assert HandOff.objects.get(pk=outside.pk).owner_name == "Somebody"
    assert all(one.to_owner_id != one.from_owner_id for one in made.moved.all())


@pytest.mark.parametrize("to", ["rules", "rob"])
def test_moving_and_undoing_many_of_many_people_asks_as_often_as_few(office, to):
    rule(office.team)
    people = [factories.user(f"Rep Number{n}") for n in range(12)]
    for person in people:
        Membership.objects.create(user=person, team=office.team, role="member")
    counts = []
    for several in (people[:1], people[:2], people):  # the first asks for what only the first call asks
        hand_offs = [
            office.hand_off(f"Lead {n} of {person}", owner=person, company=f"Company of {person}")
            for person in several
            for n in range(2)
        ]
        with CaptureQueriesContext(connection) as moving:
            made = move(office, hand_offs, office.rob if to == "rob" else None)
        with CaptureQueriesContext(connection) as undoing:
            undone = undo_move(move=made, now=START, by=office.manager)
        assert len(undone.back) == made.moved.count() == len(hand_offs)
        counts.append((len(moving), len(undoing)))
    assert counts[1] == counts[2]
    assert max(counts[2]) <= 40, counts


@pytest.mark.django_db(transaction=True)
def test_undo_and_an_attempt_at_once_leave_either_but_not_both():
    office = make_office()
    for turn in range(rounds(3)):
        hand_off = office.hand_off(f"Lead {turn}", owner=office.kim)
        made = move(office, [hand_off], office.rob)
        race(
            partial(undo_move, move=made, now=START, by=office.manager),
            partial(accept, hand_off=hand_off, at=START, now=START, by=office.rob),
            partial(undo_move, move=made, now=START, by=office.manager),
        )
        current = HandOff.objects.get(pk=hand_off.pk)
        is_accepted = current.accepted_at is not None
        assert current.owner == (office.rob if is_accepted else office.kim)
        assert Move.objects.get(pk=made.pk).undone_at == START


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_move_the_same_leads_at_once_move_each_to_one():
    office = make_office()
    other = factories.user("Mo Manager")
    Membership.objects.create(user=other, team=office.team, role="manager")
    for _turn in range(rounds(2)):
        hand_offs = [office.hand_off(f"Lead {n}") for n in range(6)]
        results = race(
            partial(move, office, hand_offs, office.kim),
            partial(move, office, hand_offs[::-1], office.rob, by=other),
        )
        assert not [one for one in results if isinstance(one, Exception)], results
        assert len(set(held_by(*hand_offs))) == 1
        for one in hand_offs:
            last = HandOffEvent.objects.filter(hand_off=one, kind="assigned").latest("pk")
            assert last.data["owner"] == HandOff.objects.get(pk=one.pk).owner_id
