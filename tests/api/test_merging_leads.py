"""Leads that programs merge: by the rights and in the words of the pages; an absorbed lead says where it went."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from agreements.models import Membership
from leads.models import Lead, Merge
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.leads.people import HOUR, START, browser, make_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]
JSON = "application/json"


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def director(office):
    made = factories.user("Dina Director", email="dina@example.com")
    Membership.objects.create(user=made, team=office.team, role=Membership.Role.DIRECTOR)
    return made


@pytest.fixture
def two(office):
    """Two leads of the team that are one, the second with a rep who does not work the first."""
    first = office.hand_off("Ana", owner=office.kim, external_id="L-1", system="crm").lead
    second = office.hand_off("Anna", owner=office.rob, at=START + HOUR, external_id="L-2", system="web").lead
    return first, second


def post(program, address, headers=None, **body):
    return program.post(f"/api/v1/{address}/", body, content_type=JSON, headers=headers)


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


def merge(program, two, **more):
    return post(program, f"leads/{two[0].pk}/merge", absorbed=two[1].pk, **more)


def read(program, lead):
    return program.get(f"/api/v1/leads/{lead.pk}/")


def named(program, lead):
    asked = {"system": lead.system, "external_id": lead.external_id}
    return done(program.get("/api/v1/leads/", asked))["results"]


def test_two_are_merged_for_a_person_and_come_apart_again(program, two, director):
    first, second = two
    answer = merge(program, two, reason="The same Ana", by="DINA@example.com")
    said = done(answer, 201)
    assert answer["Location"] == f"http://testserver/api/v1/merges/{said['id']}/"
    assert said == program.get(answer["Location"]).json()
    assert (said["survivor"], said["absorbed"], said["reason"]) == (first.pk, second.pk, "The same Ana")
    assert (said["by"], said["undone_at"]) == ("dina@example.com", None)
    hand_offs = done(program.get("/api/v1/hand-offs/", {"lead": first.pk}))["results"]
    assert [one["number"] for one in hand_offs] == [1, 2]
    undone = done(post(program, f"merges/{said['id']}/undo", by="dina@example.com"))
    assert undone["undone_at"] and undone["undone_by"] == "dina@example.com"
    assert [one.hand_offs.count() for one in two] == [1, 1]
    assert read(program, second).json()["merged_into"] is None
    again = is_problem(post(program, f"merges/{said['id']}/undo"), 409, "Conflict")
    assert again["detail"] == "This merge was undone already."
    listed = done(program.get("/api/v1/merges/", {"absorbed": second.pk, "is_undone": "true"}))["results"]
    assert [one["id"] for one in listed] == [said["id"]]
    assert done(program.get("/api/v1/merges/", {"is_undone": "false"}))["results"] == []


def test_without_a_person_the_program_merges_by_its_scope_alone(two):
    assert (
        "leads:merge" in is_problem(merge(programs.program("leads:write"), two), 403, "Forbidden")["detail"]
    )
    merger = programs.program("leads:merge")
    said = done(merge(merger, two), 201)
    assert said["by"].endswith("@integration.invalid")
    refused = is_problem(post(programs.program("leads:write"), f"merges/{said['id']}/undo"), 403, "Forbidden")
    assert "leads:merge" in refused["detail"]
    assert is_problem(merge(browser(Merge.objects.get().by), two), 403, "Forbidden")
    done(post(merger, f"merges/{said['id']}/undo"))


def test_what_a_person_may_not_do_no_program_does_for_them(program, office, two, director):
    office.other.email = "otto@example.com"
    office.other.save()
    elsewhere = factories.user("Ella", email="ella@example.com")
    Membership.objects.create(user=elsewhere, team=office.other_team, role=Membership.Role.DIRECTOR)
    for who in (office.other, elsewhere):
        said = is_problem(merge(program, two, by=who.email), 403, "Forbidden")
        assert said["detail"] == f"{who} may not see this lead."
    said = is_problem(merge(program, two, by=office.manager.email), 403, "Forbidden")
    assert said["detail"] == "Only directors of marketing and sales, and administrators, merge leads."
    assert not Merge.objects.exists()
    made = done(merge(program, two, by=director.email), 201)
    address = f"merges/{made['id']}/undo"
    assert post(program, address, by=elsewhere.email).status_code == 403
    assert post(program, address, by=office.manager.email).status_code == 403
    assert Merge.objects.standing().exists()


def test_the_same_request_again_is_answered_alike_and_without_a_key_it_is_too_late(program, two):
    key = {"Idempotency-Key": "merge-1"}
    first = merge(program, two, headers=key)
    again = merge(program, two, headers=key)
    assert done(first, 201) == done(again, 201) and again["Idempotency-Replayed"] == "true"
    late = is_problem(merge(program, two), 409, "Conflict")
    assert late["detail"] == "Anna was merged into another lead meanwhile."
    itself = is_problem(merge(program, (two[0], two[0])), 409, "Conflict")
    assert itself["detail"] == "A lead cannot be merged with itself."
    assert Merge.objects.count() == 1


@pytest.mark.parametrize("absorbed", [None, "", "x", 0, -1, 2**63, 987654321, [1], {"id": 1}])
def test_what_is_no_lead_cannot_be_absorbed(program, two, absorbed):
    answer = post(program, f"leads/{two[0].pk}/merge", absorbed=absorbed)
    assert is_problem(answer, 400, "Bad Request")["errors"][0]["at"].startswith("absorbed")


def test_after_thirty_days_it_stays_merged(program, two):
    with time_machine.travel(START + dt.timedelta(days=1), tick=False):
        said = done(merge(program, two), 201)
    late = is_problem(post(program, f"merges/{said['id']}/undo"), 409, "Conflict")
    assert late["detail"] == "A merge can be undone for 30 days."


def test_an_absorbed_lead_says_where_it_went_to_who_may_know_the_other(program, office, two):
    first, second = two
    done(merge(program, two), 201)
    said = done(read(program, second))
    assert (said["id"], said["external_id"], said["merged_into"]) == (second.pk, "L-2", first.pk)
    assert named(program, second) == [said]
    assert done(read(program, first))["merged_into"] is None
    # Lists are of leads that go on.
    assert [one["id"] for one in done(program.get("/api/v1/leads/"))["results"]] == [first.pk]
    assert not done(program.get("/api/v1/leads/", {"system": "web"}))["results"]
    for who in (office.kim, office.rob, office.manager, office.admin):  # each of them may know the first
        assert done(read(browser(who), second))["merged_into"] == first.pk
        assert named(browser(who), second) == [said]
    others = browser(office.other)
    absent = others.get("/api/v1/leads/987654321/")
    for lead in two:
        hidden = read(others, lead)
        assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
        assert named(others, lead) == []
    assert not done(others.get("/api/v1/merges/"))["results"]
    too_late = is_problem(
        post(program, f"leads/{second.pk}/hand-over", team=office.team.slug), 409, "Conflict"
    )
    assert too_late["detail"] == "This lead was merged into another one: hand that over."


def test_of_a_chain_the_last_is_told(program, office, two):
    third = office.hand_off("Annette").lead
    done(merge(program, two), 201)
    last = done(post(program, f"leads/{third.pk}/merge", absorbed=two[0].pk), 201)
    assert [done(read(program, one))["merged_into"] for one in (*two, third)] == [third.pk, third.pk, None]
    done(post(program, f"merges/{last['id']}/undo"))
    assert [done(read(program, one))["merged_into"] for one in two] == [None, two[0].pk]
    assert set(Lead.objects.filter(merged_into=None)) == {two[0], third}
