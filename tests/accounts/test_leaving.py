"""A leaver: what they answer for is listed, handed on in one go with the closing, and nothing is orphaned."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.urls import reverse

from agreements.models import (
    AgreementEvent,
    Contact,
    CorrectiveAction,
    Decision,
    Duty,
    Membership,
    Party,
    Review,
    Strike,
)
from agreements.services.results import Finding, write_results
from leads.models import HandOff, HandOffEvent
from leads.services.hand_offs import hand_over
from slaproject.accounts.answering import answers_of
from slaproject.accounts.handing_on import hand_on_and_deactivate
from slaproject.accounts.models import User
from slaproject.accounts.services import deactivate_person
from tests import factories
from tests.factories import NOON
from tests.query_counts import assert_same_queries
from tests.test_admin import typed

pytestmark = pytest.mark.django_db
KINDS = {"signatory", "duty", "strike", "action", "decision", "contact", "hand_offs"}


@pytest.fixture
def ada():
    return factories.user("Ada", is_staff=True, is_superuser=True)


@pytest.fixture
def agreement():
    made = factories.agreement()
    version = factories.draft(made)
    factories.obligation(version)
    factories.sign(version)
    return made


@pytest.fixture
def sales(agreement):
    return factories.party(agreement, "sales")


@pytest.fixture
def leaver(agreement, sales):
    """The director of sales, who signs for it, owes its reports, and got one of everything else."""
    leaver = sales.signatory
    version = agreement.versions.get()
    missed = Finding("depth", sales, "missed", Fraction(5), Fraction(1), Fraction(6))
    write_results(version=version, month_on=dt.date(2026, 2, 1), findings=[missed], is_decided=True, now=NOON)
    strike = Strike.objects.get()
    CorrectiveAction.objects.create(
        strike=strike, action="Try again", owner=leaver, due_on=dt.date(2026, 4, 1), created_at=NOON
    )
    review = Review.objects.create(agreement=agreement, planned_on=dt.date(2026, 4, 6))
    Decision.objects.create(
        review=review, text="Call more", owner=leaver, due_on=dt.date(2026, 4, 20), made_at=NOON
    )
    Contact.objects.create(party=sales, responsibility="Escalation", person=leaver)
    for _n in range(3):
        hand_over(lead=factories.lead(), now=NOON, at=NOON, team=sales.team, owner=leaver)
    return leaver


@pytest.fixture
def heir(sales):
    person = factories.user("Heir")
    Membership.objects.create(user=person, team=sales.team, role=Membership.Role.MANAGER)
    return person


def test_everything_that_a_person_answers_for_is_listed(leaver, heir):
    answers = answers_of(leaver)
    assert {one.kind for one in answers} == KINDS
    assert len(answers) == len(KINDS)
    assert all((heir.pk, "Heir") in one.colleagues for one in answers)
    assert not any(leaver.pk in dict(one.colleagues) for one in answers)
    said = " | ".join(one.sentence for one in answers)
    assert "works 3 open hand-offs of Company Sales" in said
    assert "signs Company for Company Sales" in said
    assert answers_of(heir) == []


def test_all_of_it_goes_on_in_one_transaction_with_events(leaver, heir, ada, sales):
    before = AgreementEvent.objects.count()
    heirs = {one.key: heir.pk for one in answers_of(leaver)}
    hand_on_and_deactivate(person=leaver, heirs=heirs, now=NOON, by=ada)
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert answers_of(leaver) == []
    assert {one.kind for one in answers_of(heir)} == KINDS
    assert Party.objects.get(pk=sales.pk).signatory == heir
    assert Duty.objects.get().person == heir
    assert set(HandOff.objects.values_list("owner", flat=True)) == {heir.pk}
    kinds = set(
        AgreementEvent.objects.filter(pk__gt=0).order_by("pk").values_list("kind", flat=True)[before:]
    )
    assert kinds == {
        "signatory_changed",
        "duty_handed_on",
        "strike_diagnosed",
        "action_handed_on",
        "decision_handed_on",
        "contact_changed",
    }
    for event in AgreementEvent.objects.order_by("pk")[before:]:
        to = event.data["responsible"] if event.kind == "strike_diagnosed" else event.data["to"]
        assert (event.actor, event.data["from"], to) == (ada, leaver.pk, heir.pk), event.kind
    assert HandOffEvent.objects.filter(kind="assigned", actor=ada, data__owner=heir.pk).count() == 3


def test_without_a_colleague_for_each_thing_nothing_is_changed(leaver, heir, ada, sales):
    stranger = factories.user("Stranger")
    answers = answers_of(leaver)
    heirs = {one.key: heir.pk for one in answers}
    for key in heirs:
        without = {k: v for k, v in heirs.items() if k != key}
        is_routed = key.startswith("hand-offs")
        for wrong in (*([] if is_routed else [without]), heirs | {key: stranger.pk}):
            with pytest.raises(ValidationError) as refused:
                hand_on_and_deactivate(person=leaver, heirs=wrong, now=NOON, by=ada)
            assert set(refused.value.message_dict) == {key}
    leaver.refresh_from_db()
    assert leaver.is_active
    assert Party.objects.get(pk=sales.pk).signatory == leaver
    assert answers_of(heir) == []


def test_closing_alone_is_refused_with_the_list(leaver, ada):
    with pytest.raises(ValidationError, match="signs Company for Company Sales"):
        deactivate_person(person=leaver, now=NOON, by=ada)
    assert User.objects.get(pk=leaver.pk).is_active


def test_who_signs_for_the_other_side_cannot_take_a_signature_over(agreement, leaver, sales):
    other = factories.party(agreement, "marketing").signatory
    Membership.objects.create(user=other, team=sales.team)
    signing = next(one for one in answers_of(leaver) if one.kind == "signatory")
    assert other.pk not in dict(signing.colleagues)


def test_the_page_lists_asks_and_closes(leaver, heir, ada, client):
    client.force_login(ada)
    page, address = reverse("person", args=[leaver.pk]), reverse("deactivate-person", args=[leaver.pk])
    assert "works 3 open hand-offs of Company Sales" in client.get(page).text
    said = client.get(address).text
    assert "still answers for 7 things: hand them on first" in said
    refused = client.post(address, {})
    assert refused.status_code == 422
    assert refused.text.count("Choose a colleague of the same team.") == 6, "leads go by the routing rules"
    assert client.post(address, {"everything": "x"}).status_code == 422
    assert client.post(address, {"everything": heir.pk}).url == page
    assert not User.objects.get(pk=leaver.pk).is_active
    assert client.post(reverse("deactivate-person", args=[heir.pk]), {}).status_code == 422, "nobody is left"


def test_open_hand_offs_alone_go_by_the_routing_rules_where_nobody_is_chosen(sales, ada, client):
    rep = factories.user("Rep")
    Membership.objects.create(user=rep, team=sales.team)
    hand_off = hand_over(lead=factories.lead(), now=NOON, at=NOON, team=sales.team, owner=rep)
    client.force_login(ada)
    client.post(reverse("deactivate-person", args=[rep.pk]), {})
    assert not User.objects.get(pk=rep.pk).is_active
    hand_off.refresh_from_db()
    assert hand_off.owner_id != rep.pk
    assert answers_of(rep) == []


@pytest.fixture
def rep(sales):
    """A rep with an open lead of the team."""
    person = factories.user("Rep")
    Membership.objects.create(user=person, team=sales.team)
    hand_over(lead=factories.lead(), now=NOON, at=NOON, team=sales.team, owner=person)
    return person


def taken_out(client, person, team):
    client.post(reverse("take-place", args=[person.pk]), {"team": team.pk})


def only_looking_on(client, person, kind):
    sent = {"email": person.email, "name": person.name, "time_zone": "UTC", "language": "en", "kind": kind}
    client.post(reverse("person", args=[person.pk]), sent)


@pytest.mark.parametrize(
    "leave",
    [
        lambda client, rep, team: taken_out(client, rep, team),
        lambda client, rep, team: only_looking_on(client, rep, "viewer"),
        lambda client, rep, team: only_looking_on(client, rep, "auditor"),
        lambda client, rep, team: saved_in_admin(client, "accounts_user", rep, role="viewer"),
        lambda client, rep, team: saved_in_admin(client, "agreements_team", team, without=rep),
    ],
    ids=["out of the team", "viewer", "auditor", "viewer in the admin", "out of the team in the admin"],
)
def test_open_leads_of_who_works_them_no_more_go_by_the_routing_rules(leave, rep, ada, sales, client):
    client.force_login(ada)
    leave(client, rep, sales.team)
    hand_off = HandOff.objects.get()
    assert (hand_off.owner, hand_off.team) == (None, sales.team)
    event = hand_off.events.get(kind="assigned")
    assert (event.actor, event.data["from"]) == (ada, rep.pk)
    colleague = factories.user("Colleague")
    Membership.objects.create(user=colleague, team=sales.team)
    assert HandOff.objects.visible_to(colleague).get() == hand_off


def test_in_another_sales_team_a_rep_keeps_what_is_not_of_the_team_that_they_left(rep, ada, sales, client):
    other, marketing = factories.team("Other Sales"), factories.team("Growth", "marketing")
    for team in (other, marketing):
        Membership.objects.create(user=rep, team=team)
    for team in (other, None):
        made = hand_over(lead=factories.lead(), now=NOON, at=NOON, team=other, owner=rep)
        HandOff.objects.filter(pk=made.pk).update(team=team)
    client.force_login(ada)
    taken_out(client, rep, marketing)
    only_looking_on(client, rep, "administrator")
    only_looking_on(client, rep, "")
    assert HandOff.objects.filter(owner=rep).count() == 3
    taken_out(client, rep, sales.team)
    assert set(HandOff.objects.filter(owner=rep).values_list("team", flat=True)) == {other.pk, None}
    taken_out(client, rep, other)
    assert set(HandOff.objects.values_list("owner", "team")) == {(None, sales.team.pk), (None, other.pk)}


def saved_in_admin(client, model, row, *, without=None, **changed):
    """Save a row in the admin as its form shows it, but for what changed; `without` is taken out of the team."""
    address = reverse(f"admin:{model}_change", args=[row.pk])
    page = client.get(address)
    sent = typed(page) | changed
    for inline in page.context["inline_admin_formsets"]:
        for form in inline.formset.initial_forms:
            if form.instance.user == without:
                sent[form.add_prefix("DELETE")] = "on"
    assert client.post(address, sent).status_code == 302


def test_a_person_with_nothing_to_hand_on_is_closed_at_once(ada, client):
    person = factories.user("Nobody's")
    client.force_login(ada)
    client.post(reverse("deactivate-person", args=[person.pk]))
    assert not User.objects.get(pk=person.pk).is_active


def test_the_admin_closes_nobody_who_answers_for_something(leaver, ada, client):
    client.force_login(ada)
    address = reverse("admin:accounts_user_change", args=[leaver.pk])
    shown = client.get(address).context["adminform"].form
    values = {name: shown.get_initial_for_field(field, name) for name, field in shown.fields.items()}
    data = {name: value for name, value in values.items() if value not in (None, False, [])}
    data |= {"is_active": "", "groups": [], "user_permissions": []}
    data |= {
        f"memberships-{name}": value
        for name, value in {
            "TOTAL_FORMS": 0,
            "INITIAL_FORMS": 0,
            "MIN_NUM_FORMS": 0,
            "MAX_NUM_FORMS": 0,
        }.items()
    }
    said = client.post(address, data)
    assert "still answers for something" in said.text
    assert User.objects.get(pk=leaver.pk).is_active


def test_deleting_who_signed_or_answers_for_something_is_refused_with_the_list(leaver, ada):
    for delete in (leaver.delete, User.objects.filter(pk=leaver.pk).delete):
        with pytest.raises(ProtectedError) as refused:
            delete()
        said = str(refused.value.args[0])
        assert "people are deactivated, never deleted" in said
        for what in ("signatures (signer): 1", "parties (signatory): 1", "hand-offs (owner): 3"):
            assert what in said, said
    assert User.objects.filter(pk=leaver.pk).exists()
    nobody = factories.user("Never did anything")
    nobody.delete()
    assert not User.objects.filter(name="Never did anything").exists()


def test_what_somebody_answers_for_is_read_in_the_same_number_of_queries(leaver, heir, sales):
    def more():
        for n in range(5):
            Contact.objects.create(party=sales, responsibility=f"Thing {n}", person=leaver)
            other = factories.agreement(f"other-{n}")
            Membership.objects.create(user=leaver, team=factories.party(other, "sales").team)
            Party.objects.filter(agreement=other, team__function="sales").update(signatory=leaver)

    assert_same_queries(lambda: answers_of(leaver), add_rows=more)
