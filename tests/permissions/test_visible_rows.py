"""Which rows each person sees of each kind, against rules written out here a second time, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from agreements.models import Agreement, AgreementEvent, Membership, Scenario, Team, Version
from agreements.rights import people_seen_by
from leads.models import (
    Absence,
    Deal,
    Export,
    FollowUpAttempt,
    HandOff,
    HandOffEvent,
    ImportChange,
    Lead,
    Merge,
    Move,
    RoutingDecision,
    RoutingRule,
    Upload,
)
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports.models import Edition, SavedView, ShareLink
from slaproject.outbox.models import Address, Alert
from tests import factories
from tests.permissions.scene import EVERY_ONE_WITH_AN_ACCOUNT, Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def handed_over(name: str, **given: Any) -> Lead:
    lead = factories.lead(name=name)
    hand_off = hand_over(lead=lead, now=factories.NOON, at=factories.NOON, **given)
    tried(hand_off, name)
    return lead


def tried(hand_off: HandOff, name: str) -> None:
    log_attempt(
        hand_off=hand_off,
        attempted_at=factories.NOON,
        channel="call",
        outcome="no_answer",
        now=factories.NOON,
    )
    Deal.objects.create(system="crm", external_id=name, lead=hand_off.lead)


def seen(model: Any, user: Any, name: str) -> set[Any]:
    return set(model.objects.visible_to(user).values_list(name, flat=True))


def test_a_lead_is_known_to_owner_managers_and_who_handed_it_over(scene: Scene):
    people = scene.people
    team = Team.objects.get(memberships__user=people["rep"])
    other_team = Team.objects.get(memberships__user=people["other_rep"])
    Lead.objects.filter(pk=scene.own["lead"]).update(name="of rep")
    Deal.objects.filter(pk=scene.own["deal"]).update(external_id="of rep")
    Lead.objects.filter(pk=scene.own["new_lead"]).delete()
    Lead.objects.filter(hand_offs=scene.own["free_hand_off"]).update(name="free")
    tried(HandOff.objects.get(pk=scene.own["free_hand_off"]), "free")
    handed_over("unowned", team=team, by=people["other_marketer"])
    handed_over("unowned elsewhere", team=other_team)
    handed_over("of nobody")
    outside = handed_over("outsider's", team=team)
    outside.hand_offs.update(owner_name="Somebody Outside")
    factories.lead(name="not handed over")
    Deal.objects.create(system="crm", external_id="without a lead")

    everything = set(Lead.objects.filter(merged_into=None).values_list("name", flat=True))
    assert len(everything) == 7
    expected = {
        "rep": {"of rep", "free", "unowned"},
        "other_rep": {"unowned elsewhere"},
        "manager": {"of rep", "free", "unowned", "of nobody", "outsider's"},
        "other_manager": {"unowned elsewhere", "of nobody"},
        "sales_director": {"of rep", "free", "unowned", "of nobody", "outsider's"},
        "marketer": {"of rep", "free", "not handed over"},
        "other_marketer": {"unowned", "not handed over"},
        "marketing_director": {"not handed over"},  # manages marketers, but only owners' managers count
        "administrator": everything,
        "integration": everything,
    }
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        user, visible = people[name], expected.get(name, set())
        assert seen(Lead, user, "name") == visible, name
        with_hand_off = visible - {"not handed over"}
        assert seen(HandOff, user, "lead__name") == with_hand_off, name
        assert seen(HandOffEvent, user, "hand_off__lead__name") == with_hand_off, name
        assert seen(FollowUpAttempt, user, "hand_off__lead__name") == with_hand_off, name
        deals = {"without a lead"} if name in ("administrator", "integration") else set()
        assert seen(Deal, user, "external_id") == with_hand_off | deals, name


def test_who_works_a_lead_again_sees_what_was_done_before(scene: Scene):
    lead = Lead.objects.get(pk=scene.own["lead"])
    first = lead.hand_offs.get()
    HandOff.objects.filter(pk=first.pk).update(closed_as="recycled", closed_at=factories.NOON)
    hand_over(lead=lead, now=factories.NOON, at=factories.NOON, owner=scene.people["other_rep"])
    assert seen(HandOff, scene.people["other_rep"], "number") == {1, 2}
    assert seen(HandOff, scene.people["rep"], "number") == {1, 2}


def test_drafts_are_for_those_who_write_them_and_signed_versions_for_everybody(scene: Scene):
    AgreementEvent.objects.create(
        agreement=Agreement.objects.get(slug="company"),
        version=Version.objects.get(agreement__slug="company", number=2),
        kind=AgreementEvent.Kind.EDITED,
        happened_at=factories.NOON,
    )
    only_draft = factories.agreement("new")
    factories.draft(only_draft)
    AgreementEvent.objects.create(
        agreement=only_draft, kind=AgreementEvent.Kind.DRAFTED, happened_at=factories.NOON
    )
    writers = {"manager", "sales_director", "marketing_director", "administrator"}
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        user = scene.people[name]
        if name == "deactivated":
            assert not Version.objects.visible_to(user).exists(), name
            assert not Agreement.objects.visible_to(user).exists(), name
            assert not AgreementEvent.objects.visible_to(user).exists(), name
            continue
        of_company = Version.objects.visible_to(user).filter(agreement__slug="company")
        assert set(of_company.values_list("number", flat=True)) == ({1, 2} if name in writers else {1}), name
        agreements = {"company", "new"} if name == "administrator" else {"company"}
        assert seen(Agreement, user, "slug") == agreements, name
        numbers = {1, 2} if name in writers else {1}
        events = AgreementEvent.objects.visible_to(user)
        assert set(events.exclude(version=None).values_list("version__number", flat=True)) == numbers, name
        assert events.filter(version=None).exists() == (name == "administrator"), name


def test_editions_of_signed_agreements_are_everybodys(scene: Scene):
    factories.edition(factories.agreement("never-signed"))
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = set() if name == "deactivated" else {"company"}
        if name == "administrator":
            expected = {"company", "never-signed"}
        assert seen(Edition, scene.people[name], "agreement__slug") == expected, name


def test_scenarios_are_ones_own(scene: Scene):
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = {"Bold"} if name == "marketing_director" else set()
        assert seen(Scenario, scene.people[name], "name") == expected, name


def test_saved_views_are_ones_own_ones_teams_and_everybodys(scene: Scene):
    people = scene.people
    sales = Team.objects.get(memberships__user=people["rep"])
    given = {"author": people["rep"], "saved_at": factories.NOON}
    SavedView.objects.create(name="of rep", **given)
    SavedView.objects.create(name="of sales", audience="team", team=sales, **given)
    SavedView.objects.create(name="of all", audience="shared", **given)
    more = {
        "rep": {"of rep", "of sales"},
        "manager": {"of sales"},
        "sales_director": {"of sales"},
        "marketing_director": {"Secret view"},
    }
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = {"of all"} | more.get(name, set())
        if name in ("integration", "deactivated"):
            expected = set()
        assert seen(SavedView, people[name], "name") == expected, name


def test_share_links_are_their_makers_and_the_administrators(scene: Scene):
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = {"speed"} if name in ("marketing_director", "administrator") else set()
        assert seen(ShareLink, scene.people[name], "subject") == expected, name


def test_a_file_on_its_way_in_is_for_the_administrator_who_brings_it(scene: Scene):
    Upload.objects.create(
        kind="leads",
        system="crm",
        file_name="of the rep",
        size=0,
        by=scene.people["rep"],
        created_at=factories.NOON,
        changed_at=factories.NOON,
    )
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = {"leads.csv"} if name == "administrator" else set()
        assert seen(Upload, scene.people[name], "file_name") == expected, name
    other = factories.user("other administrator", is_staff=True, is_superuser=True)
    assert not Upload.objects.visible_to(other).exists()


def test_what_rows_were_before_an_import_is_for_administrators(scene: Scene):
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        assert ImportChange.objects.visible_to(scene.people[name]).exists() == (name == "administrator"), name


def test_a_merge_is_seen_by_who_may_know_the_lead_that_goes_on(scene: Scene):
    knows = {"rep", "manager", "sales_director", "marketer", "administrator", "integration"}
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        expected = {"Secret reason"} if name in knows else set()
        assert seen(Merge, scene.people[name], "reason") == expected, name
        assert not Lead.objects.visible_to(scene.people[name]).filter(name="Secret Double").exists(), name


def test_a_file_is_its_asker_s_alone(scene: Scene):
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        assert seen(Export, scene.people[name], "kind") == ({"leads"} if name == "rep" else set()), name


def test_what_somebody_is_told_is_theirs_alone(scene: Scene):
    Address.objects.create(person=scene.people["rep"], channel="chat", url="https://hooks.slack.com/x")
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        is_rep = name == "rep"
        assert seen(Alert, scene.people[name], "pk") == ({scene.own["alert"]} if is_rep else set()), name
        assert Address.objects.visible_to(scene.people[name]).exists() == is_rep, name


def test_rules_absences_reasons_and_moves_are_seen_by_those_whose_business_they_are(scene: Scene):
    people = scene.people
    other_team = Team.objects.get(memberships__user=people["other_rep"])
    RoutingRule.objects.create(team=other_team, name="Other Rule", position=2)
    hand_off = HandOff.objects.get(pk=scene.own["hand_off"])
    RoutingDecision.objects.create(
        hand_off=hand_off, decided_at=factories.NOON, why="turn", person=people["rep"]
    )
    everybody = {"Secret Rule", "Other Rule"}
    managers = {"manager", "sales_director", "administrator"}
    for name in EVERY_ONE_WITH_AN_ACCOUNT:
        user = people[name]
        rules = everybody if name == "administrator" else {"Secret Rule"} if name in managers else set()
        rules = {"Other Rule"} if name == "other_manager" else rules
        assert seen(RoutingRule, user, "name") == rules, name
        of_rep = {people["rep"].pk} if name in managers | {"rep"} else set()
        assert seen(Absence, user, "person") == of_rep, name
        knows = {people["rep"].pk} if name in managers | {"rep", "marketer", "integration"} else set()
        assert seen(RoutingDecision, user, "person") == knows, name
        assert bool(seen(Move, user, "pk")) == (name in ("manager", "administrator")), name


def test_figures_of_a_person_are_for_them_and_those_who_manage_them(scene: Scene):
    people = scene.people
    team = Membership.objects.filter(team__memberships__user=people["rep"]).values_list("user_id", flat=True)
    assert people_seen_by(people["rep"]) == {people["rep"].pk}
    assert people_seen_by(people["manager"]) == {people["manager"].pk, *team}
    assert people_seen_by(people["viewer"]) == {people["viewer"].pk}
    assert people_seen_by(people["administrator"]) is None
    assert people_seen_by(people["deactivated"]) == set()


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_was_made_to_look_on_has_no_part_in_old_teams_any_more(scene: Scene, role: str):
    for name in ("rep", "manager", "marketer"):
        user = type(scene.people[name]).objects.get(pk=scene.people[name].pk)
        user.role = role
        user.save()
        assert not Lead.objects.visible_to(user).exists(), name
        assert not Version.objects.visible_to(user).filter(number=2).exists(), name
