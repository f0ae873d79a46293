"""Teams and segments are added and changed; what was promised by a party stays what it was."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from agreements.models import Membership, Segment, Team
from tests import factories
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

HOSTILE = '<script>alert("x")</script> \u202eteam'


def test_teams_are_added_and_changed(site):
    assert "There is no team yet" in site.get("/set-up/teams/").text
    answer = site.post("/set-up/teams/", {"name": HOSTILE, "function": "sales"}, follow=True)
    assert "Teams: 1, with 0 people in them." in answer.text
    assert "Nobody belongs to it yet." in answer.text
    assert HOSTILE not in answer.text and "&lt;script&gt;" in answer.text
    team = Team.objects.get()
    calendar = factories.calendar("Night")
    said = {"name": "영업", "function": "service", "calendar": calendar.pk}
    assert site.post(f"/set-up/teams/{team.slug}/", said).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.function, team.calendar) == ("영업", "service", calendar)
    site.post("/set-up/teams/", {"name": "마케팅", "function": "marketing"})
    assert len(set(Team.objects.values_list("slug", flat=True))) == 2


def test_members_are_listed_with_a_way_to_each(site):
    team = factories.team("Sales")
    people = [factories.user(f"Person {number:02}") for number in range(15)]
    for person in [*people, factories.user("Gone", is_active=False)]:
        Membership.objects.create(user=person, team=team)
    page = site.get("/set-up/teams/").text
    assert "Person 11" in page and "Person 12" not in page
    assert "… 15 in all" in page and "Gone" not in page
    assert f'href="/people/{people[0].pk}/"' in page
    assert "15 people belong to Sales." in site.get(f"/set-up/teams/{team.slug}/").text


@pytest.mark.parametrize(
    ("address", "said", "field", "complaint"),
    [
        ("teams", {"name": "SALES", "function": "sales"}, "name", "There is a team of this name already."),
        ("teams", {"name": "", "function": "sales"}, "name", "required"),
        ("teams", {"name": "nul\0", "function": "sales"}, "name", "Null characters"),
        ("teams", {"name": "x" * 10_000, "function": "sales"}, "name", "100"),
        ("teams", {"name": "New", "function": "kitchen"}, "function", "kitchen"),
        ("teams", {"name": "New", "function": "sales", "calendar": "99"}, "calendar", "valid choice"),
        ("segments", {"name": "large", "priority": "1"}, "name", "There is a segment of this name already."),
        ("segments", {"name": "New", "priority": "-1"}, "priority", "greater than or equal to 0"),
        ("segments", {"name": "New", "priority": "99999"}, "priority", "32767"),
        ("segments", {"name": "New", "priority": "1", "lead_value": "-1"}, "lead_value", "greater than"),
        ("segments", {"name": "New", "priority": "1", "lead_value": "1e400"}, "lead_value", "is no number"),
        ("segments", {"name": "New", "priority": "1", "lead_value": "NaN"}, "lead_value", "number"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(site, address, said, field, complaint):
    factories.team("Sales")
    factories.segment("Large")
    answer = site.post(f"/set-up/{address}/", said)
    assert answer.status_code == 200
    assert complaint in " ".join(answer.context["form"].errors[field])
    assert f'id="id_{field}_error"' in answer.text
    assert (Team.objects.count(), Segment.objects.count()) == (1, 1)


def test_a_party_stays_what_it_was_when_it_promised_something(site):
    team = factories.party(factories.agreement(), Team.Function.SALES).team
    address = f"/set-up/teams/{team.slug}/"
    refused = site.post(address, {"name": team.name, "function": "marketing"})
    assert "This team is a party to an agreement" in refused.text
    assert site.post(address, {"name": "Sales Europe", "function": "sales"}).status_code == 302


def test_segments_are_added_and_changed_in_the_order_they_are_worked(site):
    assert "There are no segments: all leads are alike." in site.get("/set-up/segments/").text
    site.post("/set-up/segments/", {"name": "Director", "priority": "20", "lead_value": "50"})
    page = site.post(
        "/set-up/segments/", {"name": "Executive", "priority": "10", "lead_value": "1234.5"}, follow=True
    )
    assert page.text.index("Executive</a>") < page.text.index("Director</a>")
    assert "There are 2 segments of leads, worked in this order." in page.text
    site.post("/set-up/segments/executive/", {"name": "Executives", "priority": "30", "lead_value": ""})
    changed = Segment.objects.get(slug="executive")
    assert (changed.name, changed.priority, changed.lead_value) == ("Executives", 30, None)
    assert Segment.objects.get(slug="director").lead_value == Decimal(50)


def test_lists_ask_as_often_for_many_rows(site, ada):
    def add_rows():
        for number in range(1000):
            factories.segment(f"Segment-{number}")
        for number in range(60):
            team = factories.team(f"Team {number}")
            Membership.objects.create(user=factories.user(f"Member {number}"), team=team)

    Membership.objects.create(user=ada, team=factories.team("Sales"))
    factories.segment("Large")

    def use():
        return [site.get(f"/set-up/{name}/") for name in ("teams", "segments")]

    assert_same_queries(use, add_rows=add_rows)
    assert "Page 1 of 3" in use()[0].text
    assert "Team 9" in site.get("/set-up/teams/?page=999").text


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_a_team_of_one_name_one_is_told(ada):
    def add(name):
        client = Client()
        client.force_login(ada)
        return client.post("/set-up/teams/", {"name": name, "function": "sales"}).status_code

    for number in range(rounds(3)):
        answers = race(lambda: add(f"Sales {number}"), lambda: add(f"SALES {number}"))  # noqa: B023
        assert sorted(answers) == [200, 302]
        assert Team.objects.filter(name__iexact=f"Sales {number}").count() == 1
