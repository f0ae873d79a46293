"""Administrators look after people: they find, invite, change, close and open accounts, and never lose the last one."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse

from agreements.models import Membership
from leads.services.hand_offs import hand_over
from slaproject.accounts import people, services
from slaproject.accounts.links import link_path
from slaproject.accounts.listing import find_people, people_count
from slaproject.accounts.models import User
from slaproject.accounts.roles import Kind
from tests import factories
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

PASSWORD = "a long enough one"
HOSTILE = ["", "\0", "x\0y", "<script>alert(1)</script>", '"quoted"', "‮txet", "x" * 10_000, "-1", "9" * 30]


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root@example.com", PASSWORD, name="Root")


@pytest.fixture
def page(client, root):
    client.force_login(root)
    return client


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """The ids of whom a link is wanted for."""
    told = []
    monkeypatch.setattr(people, "queue_link", lambda person_id, site: told.append(person_id))
    return told


def invitation(**changed):
    return {
        "name": "Nora New",
        "email": "nora@example.com",
        "kind": "",
        "team": "",
        "team_role": "member",
        "time_zone": "Asia/Seoul",
        "language": "ko",
    } | changed


def details(person, **changed):
    known = {"name": person.name, "email": person.email, "time_zone": "UTC", "language": "en"}
    return known | {"kind": "administrator" if person.is_superuser else person.role} | changed


def asked(page, **query):
    answer = page.get(reverse("people"), query)
    assert answer.status_code == 200
    return [row["person"].name for row in answer.context["rows"]]


# The list


def test_people_are_found_by_name_team_role_and_state(page):
    warsaw, seoul = factories.team("Warsaw"), factories.team("Seoul")
    anna, bo, cy = (factories.user(name) for name in ("Anna", "Bo", "Cy"))
    Membership.objects.create(user=anna, team=warsaw, role="manager")
    Membership.objects.create(user=anna, team=seoul)
    Membership.objects.create(user=bo, team=warsaw)
    factories.user("Vi", role="viewer")
    factories.user("Gone", is_active=False)
    User.objects.create_user("nora@example.com", None, name="Nora")
    assert asked(page) == ["Anna", "Bo", "Cy", "Nora", "Root", "Vi"]
    assert asked(page, team="warsaw") == ["Anna", "Bo"]
    assert asked(page, role="manager") == ["Anna"]
    assert asked(page, role="manager", team="seoul") == [], "the role is the one in that team"
    assert asked(page, role="viewer") == ["Vi"]
    assert asked(page, role="administrator") == ["Root"]
    assert asked(page, state="closed") == ["Gone"]
    assert asked(page, state="invited") == ["Nora"]
    assert asked(page, q="NORA@") == ["Nora"]
    assert "Gone" in asked(page, state="all")
    text = page.get(reverse("people")).text
    assert "5 people can sign in" in text
    assert "1 more was invited and has not come yet." in text
    assert "Manager: Warsaw" in text and "Sales rep: Seoul" in text
    assert "Nobody matches." in page.get(reverse("people"), {"q": "zzz"}).text
    assert cy.name in text


@pytest.mark.parametrize("value", HOSTILE)
def test_odd_questions_do_no_harm(page, value):
    for name in ("q", "team", "role", "state", "page"):
        answer = page.get(reverse("people"), {name: value})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_the_list_asks_as_often_for_1000_people_as_for_ten(page):
    team = factories.team("Warsaw")

    def add(count, start):
        made = User.objects.bulk_create(
            User(email=f"p{number}@example.com", name=f"P {number}", password="x")
            for number in range(start, start + count)
        )
        Membership.objects.bulk_create(Membership(user=person, team=team) for person in made)

    add(9, 0)
    assert_same_queries(lambda: page.get(reverse("people")), add_rows=lambda: add(990, 10))
    assert len(asked(page)) == 50
    assert len(page.get(reverse("people"), {"page": 20}).context["rows"]) == 50
    assert "Page 20 of 20" in page.get(reverse("people"), {"page": 999}).text


def test_others_than_administrators_see_their_own_account_alone(root):
    ada = factories.user("Ada")
    assert list(find_people(ada, {})) == [ada]
    assert people_count(ada)["active"] == 1
    request = RequestFactory().get("/")
    request.user = ada
    assert people._person(request, ada.pk) == ada
    with pytest.raises(Http404):
        people._person(request, root.pk)
    program = factories.user("Program", role="integration")
    assert not User.objects.visible_to(program).exists()


# Inviting


def test_somebody_is_invited_chooses_a_password_and_is_in(page, queued):
    team = factories.team("Warsaw")
    assert page.get(reverse("invite-person")).status_code == 200
    answer = page.post(reverse("invite-person"), invitation(team=team.pk, team_role="manager"))
    nora = User.objects.get(email="nora@example.com")
    assert answer.url == reverse("person", args=[nora.pk])
    assert queued == [nora.pk]
    assert (nora.time_zone, nora.language, nora.is_invited) == ("Asia/Seoul", "ko", True)
    assert nora.memberships.get().role == "manager"
    shown = page.get(answer.url)
    assert "Nora New is invited and has not come yet" in shown.text
    link = shown.context["link"]
    guest = Client()
    assert "Welcome, Nora New" in guest.get(link).text
    sent = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert guest.post(link, sent | {"new_password2": "other"}).status_code == 200
    arrived = guest.post(link, sent, follow=True)
    assert [address for address, _status in arrived.redirect_chain] == ["/", reverse("reports:sales")]
    assert "Your password holds, and you are signed in." in arrived.text
    assert guest.get(reverse("account")).status_code == 200
    assert Client().get(link).status_code == 404
    assert "Nora New signed in last on" in page.get(answer.url).text
    assert page.get(answer.url).context["link"] == ""


def test_a_new_invitation_ends_the_one_before(page, queued):
    nora = User.objects.create_user("nora@example.com", None, name="Nora")
    address = reverse("person", args=[nora.pk])
    first = page.get(address).context["link"]
    assert page.post(reverse("renew-invitation", args=[nora.pk])).url == address
    assert queued == [nora.pk]
    second = page.get(address).context["link"]
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    nora.set_password(PASSWORD)
    nora.save()
    answer = page.post(reverse("renew-invitation", args=[nora.pk]), follow=True)
    assert "needs no invitation" in answer.text
    assert queued == [nora.pk]


@pytest.mark.parametrize(
    "changed,field",
    [
        ({}, "team"),
        ({"kind": "viewer", "team": True}, "team"),
        ({"email": "ROOT@example.com", "kind": "viewer"}, "email"),
        ({"email": "no address", "kind": "viewer"}, "email"),
        ({"kind": "integration"}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"kind": "viewer", "time_zone": "Mars/Base"}, "time_zone"),
        ({"kind": "viewer", "name": ""}, "name"),
        ({"kind": "viewer", "language": "xx"}, "language"),
        ({"team": "999999"}, "team"),
        ({"kind": "viewer", "team_role": "king"}, "team_role"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_beside_its_field(page, changed, field):
    if changed.get("team") is True:
        changed = changed | {"team": factories.team("Warsaw").pk}
    answer = page.post(reverse("invite-person"), invitation(**changed))
    assert answer.status_code == 200
    assert f'id="id_{field}_error"' in answer.text
    assert User.objects.count() == 1


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_typed_about_a_person_is_a_server_error(page, root, value):
    ada = factories.user("Ada")
    for name in invitation():
        assert (
            page.post(reverse("invite-person"), invitation(kind="viewer") | {name: value}).status_code < 500
        )
        changed = page.post(reverse("person", args=[ada.pk]), details(ada) | {name: value})
        assert changed.status_code < 500
    for name in ("give-place", "take-place"):
        for sent in ({"team": value, "role": "member"}, {"team": "1", "role": value}):
            assert page.post(reverse(name, args=[ada.pk]), sent, follow=True).status_code < 500
    assert "<script>alert" not in page.get(reverse("people"), {"state": "all"}).text
    assert page.get(f"/people/{'9' * 30}/").status_code == 404


def test_one_address_is_invited_once(root):
    about = {"name": "N", "kind": Kind.VIEWER, "time_zone": "UTC", "language": "en", "by": root}
    services.invite_person(email="nora@example.com", **about)
    with pytest.raises(ValidationError, match="Somebody else has this e-mail address"):
        services.invite_person(email="NORA@example.com", **about)
    assert User.objects.filter(email__iexact="nora@example.com").count() == 1


# Changing


def test_a_person_is_changed_in_every_way(page):
    ada = factories.user("Ada")
    address = reverse("person", args=[ada.pk])
    assert "Ada can sign in, and has not yet" in page.get(address).text
    changed = details(ada, name="Ada N.", email="Ada2@example.com", kind="auditor", time_zone="asia/seoul")
    assert page.post(address, changed).url == address
    ada.refresh_from_db()
    assert (ada.name, ada.email, ada.role, ada.time_zone) == (
        "Ada N.",
        "Ada2@example.com",
        "auditor",
        "Asia/Seoul",
    )
    page.post(address, details(ada, kind="administrator"))
    ada.refresh_from_db()
    assert (ada.role, ada.is_staff, ada.is_superuser) == ("", True, True)
    page.post(address, details(ada, kind=""))
    ada.refresh_from_db()
    assert (ada.role, ada.is_staff, ada.is_superuser) == ("", False, False)
    taken = page.post(address, details(ada, email="root@example.com"))
    assert "Somebody else has this e-mail address." in taken.text


def test_places_in_teams_are_given_changed_and_taken(page):
    ada, team = factories.user("Ada"), factories.team("Warsaw")
    give, take = reverse("give-place", args=[ada.pk]), reverse("take-place", args=[ada.pk])
    page.post(give, {"team": team.pk, "role": "member"})
    page.post(give, {"team": team.pk, "role": "director"})
    assert ada.memberships.get().role == "director"
    refused = page.post(give, {"team": "", "role": "king"})
    assert 'id="id_team_error"' in refused.text and 'id="id_role_error"' in refused.text
    for _ in range(2):
        assert "Ada is not in Warsaw any more." in page.post(take, {"team": team.pk}, follow=True).text
    assert not ada.memberships.exists()
    assert "no such team" in page.post(take, {"team": 999_999}, follow=True).text


def test_a_closed_account_is_signed_out_everywhere_by_the_next_request(page):
    ada = factories.user("Ada")
    sessions, asleep = [Client(), Client()], Client()
    for session in (*sessions, asleep):
        session.force_login(ada)
        assert session.get(reverse("account")).status_code == 200
    link = link_path(ada)
    assert Client().get(link).status_code == 200
    answer = page.post(reverse("deactivate-person", args=[ada.pk]), follow=True)
    assert "Ada cannot sign in any more, and is signed out everywhere." in answer.text
    assert "the account is closed" in answer.text
    for session in sessions:
        assert "/sign-in/" in session.get(reverse("account")).url
    refused = Client().post(reverse("sign-in"), {"username": ada.email, "password": "secret"})
    assert refused.status_code == 200
    page.post(reverse("reactivate-person", args=[ada.pk]))
    assert "/sign-in/" in asleep.get(reverse("account")).url, "a session from before serves no more"
    assert Client().get(link).status_code == 404
    assert Client().post(reverse("sign-in"), {"username": ada.email, "password": "secret"}).status_code == 302


def test_open_hand_offs_are_told_before_an_account_is_closed(page):
    rep = factories.user("Rep")
    hand_over(lead=factories.lead(), now=factories.NOON, team=factories.team("Warsaw"), owner=rep)
    assert "works 1 open hand-off of Warsaw" in page.get(reverse("person", args=[rep.pk])).text


def test_nobody_closes_their_own_account(page, root):
    factories.user("Other", is_superuser=True, is_staff=True)
    assert "This is you" in page.get(reverse("person", args=[root.pk])).text
    answer = page.post(reverse("deactivate-person", args=[root.pk]), follow=True)
    assert "Nobody closes their own account" in answer.text
    root.refresh_from_db()
    assert root.is_active


def test_the_last_administrator_stays_one(page, root):
    gone = factories.user("Gone", is_superuser=True, is_staff=True, is_active=False)
    program = factories.user("Program", is_superuser=True, is_staff=True, role="integration")
    for kind in ("", "viewer", "auditor"):
        answer = page.post(reverse("person", args=[root.pk]), details(root, kind=kind))
        assert "Root is the only administrator. Make somebody else one first." in answer.text
        assert 'id="id_kind_error"' in answer.text
    with pytest.raises(ValidationError, match="only administrator"):
        services.deactivate_person(person=root, now=factories.NOON, by=gone)
    services.deactivate_person(person=program, now=factories.NOON, by=root)
    root.refresh_from_db()
    assert root.is_superuser and root.is_active


def test_who_lays_the_office_down_is_led_away(page, root):
    factories.user("Other", is_superuser=True, is_staff=True)
    assert page.post(reverse("person", args=[root.pk]), details(root, kind="viewer")).url == "/"
    assert page.get(reverse("people")).status_code == 403


@pytest.mark.parametrize("change", [{"is_superuser": None}, {"is_active": None}, {"role": "integration"}])
def test_the_admin_keeps_the_last_administrator_too(page, root, change):
    address = reverse("admin:accounts_user_change", args=[root.pk])
    sent = details(root) | {"is_superuser": "on", "is_staff": "on", "is_active": "on", "role": ""}
    sent |= {"date_joined_0": "2026-03-02", "date_joined_1": "09:00:00"} | change
    answer = page.post(address, {name: value for name, value in sent.items() if value is not None})
    assert "is the only administrator" in answer.text
    assert (
        page.post(reverse("admin:accounts_user_delete", args=[root.pk]), {"post": "yes"}).status_code == 403
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_close_each_other_at_once_one_stays():
    for number in range(rounds(5)):
        User.objects.all().delete()
        one, other = (
            User.objects.create_superuser(f"{name}{number}@example.com", PASSWORD, name=name)
            for name in ("one", "other")
        )
        said = race(
            lambda one=one, other=other: services.deactivate_person(person=other, now=factories.NOON, by=one),
            lambda one=one, other=other: services.change_person(
                person=one,
                now=factories.NOON,
                by=other,
                email=one.email,
                name=one.name,
                kind=Kind.VIEWER,
                time_zone="UTC",
                language="en",
            ),
        )
        assert sum(isinstance(answer, ValidationError) for answer in said) == 1, said
        assert User.objects.administrators().count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_link_chooses_one_password():
    from slaproject.accounts.links import invitation_tokens, uid_of

    for number in range(rounds(5)):
        nora = User.objects.create_user(f"nora{number}@example.com", None, name="Nora")
        uid, token = uid_of(nora), invitation_tokens.make_token(nora)
        said = race(
            *(
                lambda password=password, uid=uid, token=token: services.choose_password(
                    uidb64=uid, token=token, tokens=invitation_tokens, password=password
                )
                for password in ("first long enough", "second long enough")
            )
        )
        assert sum(isinstance(answer, ValidationError) for answer in said) == 1, said
