"""The pages of routing: rules that explain themselves, who is away, what needs a manager, several leads at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import Membership
from leads.models import Absence, HandOff, Move, RoutingCap, RoutingRule, RoutingShare
from leads.services.hand_offs import assign
from tests import factories
from tests.leads.people import START, browser, make_office
from tests.leads.rules import rule, share
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(time_machine):
    time_machine.move_to(START, tick=False)
    return make_office()


def get(person, page, /, *args, status=200, **query):
    answer = browser(person).get(reverse(f"leads:{page}", args=args), query)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def post(person, page, /, *args, status=302, **sent):
    answer = browser(person).post(reverse(f"leads:{page}", args=args), sent)
    assert answer.status_code == status, answer.content.decode()
    return answer


RULE = {
    "name": "Executives",
    "is_on": "on",
    "weight_of_others": "1",
    "when_nobody": "free",
    "keeps_owner": "on",
}


def test_a_manager_makes_a_rule_changes_it_and_takes_it_away(office):
    post(office.manager, "new-routing-rule", team=office.team.pk, name="Everybody")
    made = RoutingRule.objects.get()
    segment = factories.segment("Executive")
    sent = RULE | {
        "segment": segment.pk,
        "source": "Webinar",
        "country": "PL",
        "in_hours_only": "on",
        f"weight_{office.kim.pk}": "3",
        f"weight_{office.rob.pk}": "",
        "when_nobody": "person",
        "stand_in": office.manager.pk,
        "other_team": office.other_team.pk,
    }
    post(office.manager, "routing-rule", made.pk, **sent)
    made.refresh_from_db()
    assert (made.name, made.segment, made.stand_in, made.other_team) == (
        "Executives",
        segment,
        office.manager,
        None,
    )
    assert RoutingShare.objects.get(person=office.kim).weight == 3
    assert RoutingShare.objects.get(person=office.rob).weight is None
    page = get(office.manager, "routing")
    assert "segment Executive, source Webinar, country PL, only while the team works" in page
    assert "Company Sales in turn: Kim Ito (3), every other member (1)" in page and "to Mia Manager" in page
    post(office.manager, "delete-routing-rule", made.pk)
    assert not RoutingRule.objects.exists()


def test_the_form_of_a_new_rule_sent_twice_makes_one(office):
    sent = {"team": office.team.pk, "name": "Everybody"}
    first = post(office.manager, "new-routing-rule", **sent)
    again = post(office.manager, "new-routing-rule", **sent)
    assert RoutingRule.objects.count() == 1 and first.url == again.url
    assert (
        "A rule of this name is there already"
        in browser(office.manager).post(reverse("leads:new-routing-rule"), sent, follow=True).text
    )
    post(office.manager, "new-routing-rule", **sent | {"name": "Others"})
    assert RoutingRule.objects.count() == 2


def test_a_foreign_rule_looks_absent_and_a_foreign_team_cannot_be_chosen(office):
    made = rule(office.other_team)
    get(office.manager, "routing-rule", made.pk, status=404)
    answer = browser(office.manager).post(
        reverse("leads:new-routing-rule"), {"team": office.other_team.pk, "name": "Theirs"}
    )
    assert answer.status_code == 200 and RoutingRule.objects.count() == 1
    assert "Everybody" not in get(office.manager, "routing")
    get(office.kim, "routing", status=403)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("weight_of_others", "101"),
        ("weight_of_others", "-1"),
        ("weight_of_others", ""),
        ("name", ""),
        ("name", "x" * 101),
        ("name", "\0"),
        ("segment", "9" * 30),
        ("when_nobody", "person"),
        ("when_nobody", "team"),
        ("when_nobody", "<b>"),
        ("country", "x" * 65),
    ],
)
def test_what_makes_no_sense_in_a_rule_is_refused(office, field, typed):
    made = rule(office.team)
    answer = post(office.manager, "routing-rule", made.pk, status=200, **(RULE | {field: typed}))
    assert "needs another look" in answer.content.decode()
    made.refresh_from_db()
    assert made.name == "Everybody"


def test_a_rule_with_weights_of_nought_and_no_people_is_kept_and_said(office):
    made = rule(factories.team("Empty"))
    post(office.admin, "routing-rule", made.pk, **(RULE | {"weight_of_others": "0"}))
    assert "nobody takes part yet" in get(office.admin, "routing")


def test_rules_are_moved_among_those_one_sees(office):
    first, theirs, second = (
        rule(office.team, "One"),
        rule(office.other_team, "Other"),
        rule(office.team, "Two"),
    )
    post(office.manager, "move-routing-rule", second.pk, to="earlier")
    assert [one.name for one in RoutingRule.objects.all()] == ["Two", "Other", "One"]
    post(office.manager, "move-routing-rule", second.pk, to="earlier")
    post(office.admin, "move-routing-rule", theirs.pk, to="later")
    assert [one.name for one in RoutingRule.objects.all()] == ["Two", "One", "Other"]
    assert first.position != second.position


def test_caps_are_set_and_taken_away_and_nonsense_is_refused(office):
    post(office.manager, "routing-caps", **{f"cap_{office.kim.pk}": "0", f"cap_{office.rob.pk}": "12"})
    assert dict(RoutingCap.objects.values_list("person", "most_open")) == {
        office.kim.pk: 0,
        office.rob.pk: 12,
    }
    post(office.manager, "routing-caps", **{f"cap_{office.kim.pk}": ""})
    assert not RoutingCap.objects.exists()
    for nonsense in ("-1", "10001", "1e3", "\0"):
        answer = post(office.manager, "routing-caps", status=422, **{f"cap_{office.kim.pk}": nonsense})
        assert "Nothing was saved" in answer.content.decode()
    post(office.manager, "routing-caps", **{f"cap_{office.other.pk}": "1"})
    assert not RoutingCap.objects.filter(person=office.other).exists(), "of another team"


def test_the_trial_says_who_would_get_it_and_why_and_changes_nothing(office):
    executive = factories.segment("Executive")
    rule(office.team, "Executives", segment=executive)
    rule(office.team, "Poland", country="PL")
    made = rule(office.team)
    share(made, office.kim, 2)
    RoutingCap.objects.create(person=office.rob, most_open=1)
    office.hand_off(owner=office.rob)
    page = get(office.manager, "routing", **{"try": "yes"})
    assert "It would go to Kim Ito: “Everybody” is the first rule that is for it" in page
    assert "“Executives” is for another segment." in page and "“Poland” is for another country." in page
    assert "has as many as the cap allows" in page
    for person in (office.kim, office.rob):
        Absence.objects.create(
            person=person, first_on=START.date(), last_on=START.date(), noted_at=timezone.now()
        )
    page = get(office.manager, "routing", **{"try": "yes", "country": "pl"})
    assert "It would be free in its team: everyone of “Poland” is away or full" in page
    assert "No rule is for it" in get(office.admin, "routing", **{"try": "yes", "team": office.other_team.pk})
    assert all(one.owed == 0 for one in RoutingShare.objects.all())
    get(office.manager, "routing", **{"try": "yes", "segment": "\0", "team": "x", "source": "y" * 999})


def test_a_lead_says_why_it_is_with_whom_it_is(office):
    made = rule(office.team)
    share(made, office.kim, 3)
    Absence.objects.create(person=office.rob, first_on=START.date(), last_on=START.date(), noted_at=START)
    hand_off = office.hand_off()
    page = get(office.kim, "lead", hand_off.lead_id)
    assert "Why Kim Ito" in page
    assert "It was Kim Ito’s turn by rule “Everybody”: weight 3 of 3." in page
    assert "They had 0 open leads then. Away: Rob Roy." in page


def test_a_rep_says_when_they_are_away_and_comes_back(office):
    sent = {"person": office.kim.pk, "first_on": "2026-03-02", "last_on": "2026-03-06"}
    post(office.kim, "away", **sent)
    absence = Absence.objects.get()
    assert (absence.person, absence.noted_by) == (office.kim, office.kim)
    assert "1 person is away today." in get(office.kim, "away")
    assert "Nobody is away today." in get(office.rob, "away"), "whom one does not manage is not listed"
    post(office.rob, "end-absence", absence.pk, status=404)
    post(office.manager, "end-absence", absence.pk)
    assert not Absence.objects.exists()
    assert post(office.kim, "away", status=200, **(sent | {"person": office.rob.pk}))
    for wrong in (
        {"last_on": "2026-03-01"},
        {"first_on": "9999-12-31"},
        {"last_on": "x"},
        {"last_on": "2090-01-01"},
    ):
        post(office.kim, "away", status=200, **(sent | wrong))
    assert not Absence.objects.exists()


def test_a_manager_gives_the_open_leads_of_the_absent_to_others(office):
    hand_off = office.hand_off(owner=office.kim)
    rule(office.team)
    Absence.objects.create(person=office.kim, first_on=START.date(), last_on=START.date(), noted_at=START)
    assert "Kim Ito" in get(office.manager, "team")
    post(office.kim, "move-work", office.kim.pk, status=404)
    post(office.manager, "move-work", office.kim.pk, next=reverse("leads:team"))
    hand_off.refresh_from_db()
    assert hand_off.owner == office.rob


def test_the_manager_sees_what_is_due_late_and_with_nobody(office, time_machine):
    office.hand_off("Soon Sample", owner=office.kim)
    office.hand_off("Late Sample", owner=office.rob, at=START - dt.timedelta(days=3))
    office.hand_off("Free Sample")
    RoutingCap.objects.create(person=office.kim, most_open=1)
    paused = office.hand_off("Paused Sample", owner=office.rob)
    HandOff.objects.filter(pk=paused.pk).update(paused_at=START, paused_until=START + dt.timedelta(days=1))
    time_machine.move_to(START + dt.timedelta(hours=3, minutes=30), tick=False)
    page = get(office.manager, "team")
    assert "2 first attempts are due within the hour, 1 is overdue, 1 lead is with nobody." in page
    assert "1 open of at most 1" in page
    assert "Soon Sample" not in get(browser_of_other_manager(office), "team")


def browser_of_other_manager(office):
    other = factories.user("Olga Other")
    Membership.objects.create(user=other, team=office.other_team, role="manager")
    return other


def test_several_leads_are_given_with_a_preview_and_undone(office):
    rule(office.team, is_on=False)
    RoutingCap.objects.create(person=office.rob, most_open=1)
    hand_offs = [office.hand_off(f"Lead {n}", owner=office.kim if n else None) for n in range(3)]
    ids = [one.pk for one in hand_offs]
    page = get(office.manager, "give-several", hand_off=ids)
    assert "Who gets these 3 leads?" in page and "above the cap" in page
    assert "Nobody could take them by the rules now." in page
    key = "00000000-0000-0000-0000-000000000009"
    post(office.manager, "give-several", hand_off=ids, status=422)
    post(office.manager, "give-several", hand_off=ids, to="rules", key="x", status=422)
    answer = post(office.manager, "give-several", hand_off=ids, to=office.rob.pk, key=key)
    assert set(HandOff.objects.values_list("owner__name", flat=True)) == {"Rob Roy"}
    made = Move.objects.get()
    assert answer.url == reverse("leads:move", args=[made.pk])
    assert "3 leads were given away." in get(office.manager, "move", made.pk)
    get(browser_of_other_manager(office), "move", made.pk, status=404)
    post(office.manager, "undo-move", made.pk)
    assert sorted(HandOff.objects.values_list("owner__name", flat=True), key=str) == [
        "Kim Ito",
        "Kim Ito",
        None,
    ]
    post(office.manager, "undo-move", made.pk)
    for nonsense in (["x"], ["9" * 30], ["-1"], []):
        assert "Choose at least one open lead" in get(office.manager, "give-several", hand_off=nonsense)


def test_leads_that_one_may_not_see_are_neither_given_nor_named(office):
    mine = office.hand_off("Mine Sample", owner=office.kim)
    theirs = office.hand_off(
        "Theirs Sample", owner=office.other
    )  # in our team's hands once, with another team now
    both = {"hand_off": [mine.pk, theirs.pk]}
    page = get(office.manager, "give-several", **both)
    assert "Mine Sample" in page and "Theirs Sample" not in page
    key = "00000000-0000-0000-0000-000000000010"
    post(office.manager, "give-several", to=office.rob.pk, key=key, **both)
    assert HandOff.objects.get(pk=theirs.pk).owner == office.other
    made = Move.objects.get()
    Membership.objects.filter(user=office.rob).update(team=office.other_team)
    assert "Mine Sample" not in get(office.manager, "move", made.pk)
    assign(hand_off=mine, owner=office.other, at=START, now=START)
    answer = browser(office.manager).post(reverse("leads:undo-move", args=[made.pk]), follow=True)
    assert "1 stays" in answer.text and "Mine Sample" not in answer.text
    taken = browser(office.admin).post(
        reverse("leads:give-several"), {"hand_off": [theirs.pk], "to": office.kim.pk, "key": key}
    )
    assert taken.status_code == 302, "an administrator sees every move"
    other = browser_of_other_manager(office)
    post(other, "give-several", status=422, hand_off=[theirs.pk], to=office.other.pk, key=key)


def test_pages_ask_as_often_for_many_as_for_few(office):
    made = rule(office.team)
    manager = browser(office.manager)
    addresses = [reverse(f"leads:{name}") for name in ("routing", "team", "away")]

    def more():
        for n in range(10):
            person = factories.user(f"Rep {n}")
            Membership.objects.create(user=person, team=office.team, role="member")
            share(made, person, n)
            RoutingCap.objects.create(person=person, most_open=0 if n % 2 else 100)
            Absence.objects.create(person=person, first_on=START.date(), last_on=START.date(), noted_at=START)
            office.hand_off(f"Lead {n}", owner=person)
            office.hand_off(f"Late {n}", owner=person, at=START - dt.timedelta(days=3))
            rule(office.team, f"Rule {n}", when_nobody="person", stand_in=person)
        RoutingRule.objects.update(is_on=False)
        for n in range(10):
            office.hand_off(f"Free {n}")
        RoutingRule.objects.update(is_on=True)

    office.hand_off("First", owner=office.kim)
    office.hand_off("First late", owner=office.kim, at=START - dt.timedelta(days=3))
    Absence.objects.create(person=office.kim, first_on=START.date(), last_on=START.date(), noted_at=START)
    RoutingCap.objects.create(person=office.kim, most_open=1)
    counted = []

    def use():
        for address in addresses:
            assert manager.get(address).status_code == 200
        assert manager.get(addresses[0], {"try": "yes"}).status_code == 200
        ids = HandOff.objects.values_list("pk", flat=True)
        assert manager.get(reverse("leads:give-several"), {"hand_off": list(ids)}).status_code == 200

    counted.append(assert_same_queries(use, add_rows=more, at_most=5 * 25))
    print("queries of five pages:", counted)
