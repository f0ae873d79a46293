"""What came in is taken: the latest word of each field counts in whatever order it arrives, and nothing holds it up."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Deal, HandOff, Lead
from slaproject.webhooks import inlets, taking
from slaproject.webhooks.models import Incoming, RefusedRow
from slaproject.webhooks.retention import forget_old_webhooks
from tests import factories
from tests.races import race
from tests.webhooks.sender import ANA, failures, headers, post, said, send, take_all

MINUTE = dt.timedelta(minutes=1)


def at(minute):
    return f"2026-03-04T09:{minute:02}:00+00:00"


def story(n):
    """One lead and its deal as a CRM tells of them in the course of a quarter of an hour: parts of rows, one wrong."""
    lead, deal = {"external_id": f"L-{n}"}, {"external_id": f"D-{n}"}
    ana = {**ANA, **lead}
    return [
        said({**ana, "phone": "1"}, at(1)),
        said({**ana, "phone": "2", "company": "Old Bakery"}, at(2)),
        said({**lead, "email": "ana@example.com"}, at(3)),
        said({**ana, "name": "Ana Sampel", "owner": "rep2@example.com"}, at(4)),
        said({**lead, "name": "Ana Sample-Jones", "source": "web"}, at(5)),
        said({**ana, "qualified_at": "yesterday"}, at(6)),
        said({**lead, "source": "fair", "phone": ""}, at(7)),
        said({**deal, "lead_external_id": f"L-{n}", "amount": "100", "won": False}, at(8), "deal.opened"),
        said({**deal, "won": True, "closed_at": "2026-03-04"}, at(9), "deal.won"),
        said({**deal, "amount": "120.50", "currency": "EUR"}, at(10), "deal.changed"),
    ]


EVENTS = len(story(0))
LEAD_FIELDS = ("name", "company", "email", "phone", "source", "origin", "qualified_at")
HAND_OFF_FIELDS = ("number", "owner__name", "team_id", "handed_off_at", "due_at", "state", "version_id")


def end_of(n):
    """What a story came to."""
    failed = Incoming.objects.filter(state="failed", message_id__startswith=f"{n}-")
    return (
        list(Lead.objects.filter(external_id=f"L-{n}").values_list(*LEAD_FIELDS)),
        list(HandOff.objects.filter(lead__external_id=f"L-{n}").values_list(*HAND_OFF_FIELDS)),
        list(Deal.objects.filter(lead__external_id=f"L-{n}").values_list("amount", "is_won", "closed_on")),
        [one.message_id.split("-")[1] for one in failed],
    )


def tell(to, n, order, batches):
    """Tell a story in this order, and have it taken after so many webhooks each."""
    events, bodies, left = iter(order), story(n), itertools.cycle(batches)
    while few := list(itertools.islice(events, next(left))):
        for k in few:
            given = headers(to, bodies[k], f"{n}-{k}")
            assert post(to, bodies[k], given).status_code in (200, 202)
        take_all()


def other_ends(to, orders, seed):
    """Tell the story in so many orders, with repetitions; return how many came to another end than in order."""
    random = Random(f"orders {seed}")
    tell(to, 0, range(EVENTS), [1])
    right, others = end_of(0), 0
    for n in range(1, orders + 1):
        order = [*random.sample(range(EVENTS), EVENTS), *random.sample(range(EVENTS), 3)]
        tell(to, n, order, [random.randint(1, 5) for _n in range(3)])
        others += end_of(n) != right
    return others


@pytest.fixture
def told(inlet, no_pace):
    factories.user("rep two", email="rep2@example.com")
    return inlet


def test_the_story_in_order_comes_to_what_was_said_last(told):
    tell(told, 0, range(EVENTS), [1])
    (lead,), (hand_off,), (deal,), failed = end_of(0)
    assert lead[:5] == ("Ana Sample-Jones", "Sample Bakery", "ana@example.com", "2", "fair")
    assert hand_off[1] == "rep two" and deal[:2] == (Decimal("120.50"), True) and failed == ["5"]


def test_every_order_comes_to_the_same_end(told):
    assert other_ends(told, 8, 1) == 0


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)  # one transaction of so much is slow to look through
def test_five_hundred_orders_come_to_the_same_end(told):
    orders, seed = int(os.environ.get("PROOF_ROUNDS", "500")), int(os.environ.get("PROOF_SEED", "1"))
    others = other_ends(told, orders, seed)
    print(f"\n{orders} orders of {EVENTS} webhooks and 3 repeated, seed {seed}: {others} another end")
    assert others == 0


def test_the_same_event_many_times_is_one_lead(inlet):
    send(inlet, said(ANA))
    for _n in range(99):
        send(inlet, said(ANA), status=200)
        take_all()
    assert Lead.objects.count() == HandOff.objects.count() == Incoming.objects.count() == 1


@pytest.mark.parametrize("n", [8, pytest.param(50, marks=pytest.mark.proof)])
@pytest.mark.django_db(transaction=True)
def test_the_same_event_many_times_at_once_is_one_lead(inlet, n):
    given = headers(inlet, said(ANA))

    def send_and_take():
        status = post(inlet, said(ANA), given).status_code
        take_all()
        return status

    found = race(*[send_and_take] * n)
    assert sorted(found) == [200] * (n - 1) + [202]
    take_all()
    assert Lead.objects.count() == HandOff.objects.count() == Incoming.objects.count() == 1
    assert Incoming.objects.get().state == "done"
    print(f"\nthe same event {n} times at once: {found.count(202)} stored, {found.count(200)} known, 1 lead")


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_lose_and_double_nothing(inlet, monkeypatch):
    for n in range(30):
        send(inlet, said({**ANA, "external_id": f"L-{n % 10}", "phone": str(n)}, at(n)), f"evt_{n}")
    monkeypatch.setattr(taking, "BATCH", 4)
    race(*[take_all] * 4)
    take_all()
    assert set(Incoming.objects.values_list("state", flat=True)) == {"done"}
    phones = dict(Lead.objects.values_list("external_id", "phone"))
    assert phones == {f"L-{n}": str(20 + n) for n in range(10)}
    assert HandOff.objects.count() == 10


def test_a_batch_of_a_hundred_with_thirty_doubles_is_seventy_leads(inlet):
    rows = [{**ANA, "external_id": f"L-{n % 70}"} for n in range(100)]
    send(inlet, said(rows))
    take_all()
    assert Lead.objects.count() == 70 and not failures()


def test_what_came_too_early_is_taken_once_its_object_is_known(inlet):
    send(inlet, said({"external_id": "L-1", "phone": "7"}, at(5)), "evt_2")
    take_all()
    assert "qualified_at" in failures()["evt_2"][0]
    send(inlet, said(ANA, at(1)), "evt_1")
    take_all()
    assert not failures() and Lead.objects.get().phone == "7"


def test_two_that_fail_over_each_others_objects_do_not_go_on_for_ever(inlet):
    bad = {"qualified_at": "yesterday"}
    send(inlet, said([ANA, {"external_id": "L-2", **bad}]), "evt_1")
    send(inlet, said([{**ANA, **bad}, {**ANA, "external_id": "L-2"}], at(9)), "evt_2")
    take_all()
    assert Lead.objects.count() == 2
    assert set(failures()) <= {"evt_1", "evt_2"}


def test_what_people_changed_here_stays_unless_the_program_says_something_new_of_it(inlet):
    send(inlet, said(ANA, at(1)), "evt_1")
    take_all()
    HandOff.objects.update(owner=factories.user("moved to"))
    send(inlet, said({**ANA, "phone": "7"}, at(2)), "evt_2")
    take_all()
    assert HandOff.objects.get().owner.name == "moved to" and Lead.objects.get().phone == "7"


def test_a_failed_one_is_taken_when_it_is_tried_again_and_can_be(inlet):
    send(inlet, said({**ANA, "team": "south"}))
    take_all()
    (failed,) = Incoming.objects.filter(state="failed")
    assert "south" in failures()["evt_1"][0]
    factories.team("South", function="sales")
    assert inlets.try_again(incoming=failed, now=factories.NOON)
    assert not inlets.try_again(incoming=failed, now=factories.NOON)
    take_all()
    assert not failures() and Lead.objects.exists() and not RefusedRow.objects.exists()


def test_a_fault_of_ours_is_tried_again_later_and_keeps_nothing_else_back(inlet, monkeypatch):
    take_rows = taking.take_rows

    def fails(**given):
        if any(row["external_id"] == "L-bad" for row in given["rows"]):
            raise ZeroDivisionError
        return take_rows(**given)

    monkeypatch.setattr(taking, "take_rows", fails)
    send(inlet, said({**ANA, "external_id": "L-bad"}), "evt_bad")
    send(inlet, said(ANA), "evt_good")
    take_all()
    assert Lead.objects.get().external_id == "L-1" and not failures()
    for hours in range(1, 4):
        while taking.take_next(now=factories.NOON + hours * 60 * MINUTE):
            pass
    assert "ZeroDivisionError" in failures()["evt_bad"][0]


def test_what_ends_its_worker_each_time_fails(inlet):
    send(inlet, said(ANA))
    for n in range(taking.MOST_TRIES):
        assert taking._claim(factories.NOON + n * taking.LEASE)  # and there it ended
        assert taking._claim(factories.NOON + n * taking.LEASE + MINUTE) is None
    assert taking.take_next(now=factories.NOON + taking.MOST_TRIES * taking.LEASE)
    assert "worker ended" in failures()["evt_1"][0]


def test_old_ones_go_and_what_waits_stays(inlet):
    for n, body in enumerate((said(ANA), said(7))):
        send(inlet, body, f"evt_{n}")
    take_all()
    send(inlet, said(ANA), "evt_2")
    assert forget_old_webhooks(now=factories.NOON + dt.timedelta(days=29)) == 0
    forget_old_webhooks(now=factories.NOON + dt.timedelta(days=31))
    assert set(Incoming.objects.values_list("message_id", flat=True)) == {"evt_1", "evt_2"}
    forget_old_webhooks(now=factories.NOON + dt.timedelta(days=91))
    assert set(Incoming.objects.values_list("message_id", flat=True)) == {"evt_2"}


def test_how_many_questions_a_batch_asks_does_not_grow_with_it(inlet):
    counts = []
    for n in (1, 2, 20):
        for k in range(n):
            send(inlet, said({**ANA, "external_id": f"L-{n}-{k}"}), f"evt_{n}_{k}")
        with CaptureQueriesContext(connection) as asked:
            taking.take_next(now=factories.NOON)
        counts.append(len(asked))
    assert counts[1] == counts[2]  # the first found less looked up already


def test_a_lead_without_an_id_is_known_by_its_address_in_any_order(inlet):
    ana = {name: value for name, value in ANA.items() if name != "external_id"}
    post_all = [
        said({"email": " ANA@example.com", "phone": "2"}, at(3)),
        said({**ana, "email": "ana@example.com", "phone": "1", "external_id": ""}, at(1)),
    ]
    for number, body in enumerate(post_all):
        send(inlet, body, f"evt_{number}")
        take_all()
    lead = Lead.objects.get()
    assert (lead.external_id, lead.name, lead.phone) == ("email:ana@example.com", "Ana Sample", "2")
    assert not RefusedRow.objects.exists()
