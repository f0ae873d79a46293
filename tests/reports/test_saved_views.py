"""Views of the explore page kept under a name: for whom they are, and that they show what the receiver may see."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import Membership
from reports import saved_views
from reports.models import DefaultView, SavedView
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.reports.answers import texts
from tests.reports.sample_month import NOW

MARCH = "measure=speed&by=rep&first=2026-03-01&last=2026-03-31&agreement=company"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def team(company):
    sales = factories.party(company.agreement, "sales").team
    for person, role in ((company.kim, "manager"), (company.lee, "member")):
        Membership.objects.create(user=person, team=sales, role=role)
    return sales


def save(client, person, name="Mine", query=MARCH, audience="mine"):
    client.force_login(person)
    return client.post("/explore/views/save/", {"name": name, "query": query, "audience": audience})


def listed(client, person):
    client.force_login(person)
    return {one.name for one in client.get("/explore/views/").context["views"]}


def test_a_view_is_kept_opened_renamed_and_deleted(client, company, team):
    answer = save(client, company.kim)
    view = SavedView.objects.get()
    assert answer.url == f"/explore/views/{view.pk}/"
    opened = client.get(answer.url)
    assert QueryDict(opened.url.partition("?")[2]).dict() == QueryDict(MARCH).dict()
    assert client.get(opened.url).context["explored"].seen.by == "rep"
    assert save(client, company.kim).status_code == 422
    save(client, company.kim, "Other")
    assert client.post(f"/explore/views/{view.pk}/rename/", {"name": "Other"}).status_code == 422
    assert client.post(f"/explore/views/{view.pk}/rename/", {"name": "Reps"}).status_code == 302
    assert listed(client, company.kim) == {"Reps", "Other"}
    assert client.post(f"/explore/views/{view.pk}/delete/").status_code == 302
    assert listed(client, company.kim) == {"Other"}


def test_who_opens_a_view_sees_what_their_rights_show(client, company, team):
    for audience, seers in (
        ("mine", {company.kim}),
        (f"team-{team.pk}", {company.kim, company.lee}),
        ("shared", {company.kim, company.lee, company.viewer, company.admin}),
    ):
        save(client, company.kim, audience, audience=audience)
        view = SavedView.objects.get(name=audience)
        for person in (company.kim, company.lee, company.viewer, company.admin):
            assert (audience in listed(client, person)) == (person in seers)
            answer = client.get(f"/explore/views/{view.pk}/")
            assert answer.status_code == (302 if person in seers else 404)
            begin = client.post(f"/explore/views/{view.pk}/begin/")
            assert begin.status_code == (302 if person in seers else 404)
            may_change = person == company.kim or (person == company.admin and person in seers)
            rename = client.get(f"/explore/views/{view.pk}/rename/")
            assert rename.status_code == (200 if may_change else 404)
    reps = {}
    for person in (company.kim, company.lee, company.viewer):
        client.force_login(person)
        page = client.get(client.get(f"/explore/views/{view.pk}/").url)
        reps[person.name] = [cell[0].text for cell in page.context["explored"].chart.table.rows]
    assert set(reps["Kim Ito"]) == {"Kim Ito", company.lee.name}
    assert reps[company.lee.name] == [company.lee.name]
    assert not {"Kim Ito", company.lee.name} & set(reps["Vera Viewer"])


def test_a_view_is_for_ones_own_teams_alone(client, company, team):
    answer = save(client, company.viewer, audience=f"team-{team.pk}")
    assert answer.status_code == 422
    assert "none of your teams" in answer.text
    assert save(client, company.viewer, query="agreement=no-such").status_code == 404
    assert save(client, company.viewer, name="").status_code == 422
    assert not SavedView.objects.exists()


def test_for_whom_a_view_is_stays_chosen_where_its_name_is_taken(client, company, team):
    for audience in (f"team-{team.pk}", "shared"):
        save(client, company.kim, "Taken", audience="mine")
        again = save(client, company.kim, "Taken", audience=audience)
        assert again.status_code == 422
        assert f'<option value="{audience}" selected>' in again.text


def test_a_person_begins_with_one_view_while_they_may_see_it(client, company, team):
    save(client, company.kim, "Team's", audience=f"team-{team.pk}")
    save(client, company.kim, "Everybody's", audience="shared")
    teams, everybodys = SavedView.objects.order_by("-name")
    client.force_login(company.lee)
    for view in (everybodys, teams):
        client.post(f"/explore/views/{view.pk}/begin/")
    assert DefaultView.objects.get().view == teams
    assert client.get("/explore/").url == f"/explore/views/{teams.pk}/"
    assert client.get("/explore/?measure=").status_code == 200
    assert "you begin with it" in client.get("/explore/views/").text
    Membership.objects.filter(user=company.lee).delete()
    assert client.get("/explore/").status_code == 200
    client.force_login(company.viewer)
    client.post(f"/explore/views/{everybodys.pk}/begin/")
    assert client.get("/explore/").status_code == 302
    client.post(f"/explore/views/{everybodys.pk}/begin/", {"end": "1"})
    assert client.get("/explore/").status_code == 200


def test_the_usual_days_move_on_and_others_stay(client, company, team):
    client.force_login(company.viewer)
    usual = client.get("/explore/?measure=depth").context["explored"].state
    save(client, company.viewer, "Usual", query=usual)
    kept = QueryDict(SavedView.objects.get().query)
    assert (kept["measure"], "first" in kept, "last" in kept) == ("depth", False, False)


def test_hostile_names_stay_texts(client, company, team):
    for place, text in enumerate(HOSTILE_TEXTS[::8]):
        SavedView.objects.create(
            author=company.kim, name=f"{text[:90]}{place}", audience="shared", query="", saved_at=NOW
        )
    client.force_login(company.kim)
    answer = client.get("/explore/views/")
    assert texts(answer, "h1") == [f"{len(HOSTILE_TEXTS[::8])} views are kept for you."]
    for text in HOSTILE_TEXTS[::8]:
        if "<" in text[:90]:
            assert text[:90] not in answer.text


def test_queries_do_not_grow_with_the_views(client, company, team):
    save(client, company.kim, audience=f"team-{team.pk}")
    client.get("/explore/views/")
    with CaptureQueriesContext(connection) as few:
        client.get("/explore/views/")
    for place in range(20):
        SavedView.objects.create(author=company.lee, name=str(place), audience="shared", saved_at=NOW)
    with CaptureQueriesContext(connection) as many:
        client.get("/explore/views/")
    assert len(few) == len(many) <= 25


def test_so_many_views_and_no_more(client, company, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 1)
    assert save(client, company.kim, "One").status_code == 302
    answer = save(client, company.kim, "Two")
    assert answer.status_code == 422
    assert "delete one first" in answer.text


def test_what_the_database_refuses(company, team):
    good = {"author": company.kim, "name": "x", "saved_at": NOW}
    for wrong in ({"audience": "team"}, {"audience": "shared", "team": team}, {"team": team}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(**good | wrong)
