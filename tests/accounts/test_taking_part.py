"""Who was made a viewer or an auditor is offered nothing, and takes nothing, in teams that still list them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from agreements.forms.obligations import people_of
from agreements.models import Membership, Strike
from agreements.services.contacts import name_contact
from agreements.services.deliveries import hand_on_duty, write_out_due_dates
from agreements.services.founding import start_agreement
from agreements.services.handing_on import change_signatory
from agreements.services.noticing import make_notices, told_of
from agreements.services.results import Finding, write_results
from leads.acting import Acting
from leads.forms import AssignForm, GiveForm
from leads.readings.capacity import capacities
from leads.routing_forms import people_of as people_of_routing
from leads.services.routing import route, still_works
from reports.forms.keeping import people_of as people_of_strikes
from slaproject.accounts.answering import answers_of
from tests import factories
from tests.api import programs
from tests.factories import NOON
from tests.leads.people import START, make_office
from tests.leads.rules import rule

pytestmark = pytest.mark.django_db

DIRECTOR = Membership.Role.DIRECTOR


@pytest.fixture
def office():
    return make_office()


@pytest.fixture(params=["viewer", "auditor"])
def onlooker(request, office):
    """Kim, who is still listed in the team."""
    office.kim.role = request.param
    office.kim.save()
    return office.kim


def names(people):
    return {str(one) for one in people}


def offered(choices):
    return {name for _team, group in choices if isinstance(group, (list, tuple)) for _pk, name in group}


def test_who_has_a_part_in_teams_can_sign_in_and_works():
    team = factories.team("Field")
    for name, fields in {
        "Rep": {},
        "Closed": {"is_active": False},
        "Viewer": {"role": "viewer"},
        "Auditor": {"role": "auditor"},
        "Program": {"role": "integration", "is_superuser": True},
        "Administrator": {"role": "viewer", "is_superuser": True},
    }.items():
        Membership.objects.create(user=factories.user(name, **fields), team=team)
    taking_part = Membership.objects.taking_part()
    assert {str(one.user) for one in taking_part} == {"Rep", "Administrator"}


def test_leads_are_offered_to_who_works_alone(office, onlooker):
    hand_off = office.hand_off(owner=office.rob)
    for teams in (None, {office.team.pk}):
        assert str(onlooker) not in names(AssignForm(teams=teams).fields["owner"].queryset)
    assert str(onlooker) not in offered(GiveForm().fields["owner"].choices)
    for me in (office.manager, office.admin):
        people = {str(one.person) for one in capacities(Acting(me), [hand_off], now=START)}
        assert "Rob Roy" in people and str(onlooker) not in people
    assert str(onlooker) not in {str(one.user) for one in people_of_routing([office.team.pk])}
    assert not any(onlooker.pk in dict(one.colleagues) for one in answers_of(office.rob))


def test_leads_are_neither_routed_nor_given_to_who_only_looks_on(office, onlooker):
    mine = office.hand_off("Kept", owner=onlooker)
    assert not still_works(mine)
    free = office.hand_off("Free")
    rule(office.team)
    route(hand_offs=[free.pk], now=START)
    free.refresh_from_db()
    assert free.owner == office.rob
    program = programs.program()
    for address, more in (
        (f"/api/v1/hand-offs/{free.pk}/assign/", {}),
        (f"/api/v1/leads/{office.new_lead().pk}/hand-over/", {"team": office.team.slug}),
    ):
        answer = program.post(address, {"owner": onlooker.email, **more}, content_type="application/json")
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (400, "owner")


@pytest.fixture
def admin():
    return factories.user("Ada Admin", is_superuser=True, is_staff=True)


@pytest.fixture(params=["viewer", "auditor"])
def agreed(request):
    """An agreement under which sales owes something; its director, who signs and answers for it, only looks on now."""
    agreement = factories.agreement()
    version = factories.draft(agreement)
    owed = factories.obligation(version)
    factories.sign(version)
    write_out_due_dates(now=NOON)
    party = factories.party(agreement, "sales")
    party.signatory.role = request.param
    party.signatory.save()
    return agreement, party, owed


def test_signatures_and_duties_are_not_given_to_who_only_looks_on(agreed, admin):
    agreement, party, owed = agreed
    onlooker = factories.user("Onlooker", role=party.signatory.role)
    Membership.objects.create(user=onlooker, team=party.team, role=DIRECTOR)
    given = {"now": NOON, "by": admin}
    for take in (
        lambda: change_signatory(party=party, signatory=onlooker, **given),
        lambda: hand_on_duty(obligation=owed, person=onlooker, **given),
        lambda: name_contact(party=party, responsibility="Data", person=onlooker, outside="", **given),
    ):
        with pytest.raises(ValidationError, match="does not belong to"):
            take()
    assert "Onlooker" not in offered(people_of([party]))
    assert "Onlooker" not in names(people_of_strikes(agreement))


def test_no_agreement_begins_with_a_signatory_who_only_looks_on(agreed, admin):
    _agreement, party, _owed = agreed
    marketing = factories.team("Growth", "marketing")
    ann = factories.user("Ann")
    Membership.objects.create(user=ann, team=marketing, role=DIRECTOR)
    with pytest.raises(ValidationError) as refused:
        start_agreement(
            name="Leads",
            marketing=marketing,
            sales=party.team,
            signatories={marketing.pk: ann, party.team.pk: party.signatory},
            contacts={},
            time_zone="UTC",
            currency="EUR",
            starts_on=dt.date(2026, 4, 1),
            now=NOON,
            by=admin,
        )
    assert set(refused.value.message_dict) == {"sales_signatory"}


def test_who_only_looks_on_diagnoses_nothing_and_is_reminded_of_nothing(agreed):
    agreement, party, _owed = agreed
    assert told_of(agreement) == {factories.party(agreement, "marketing").signatory_id}
    assert make_notices(now=NOON + dt.timedelta(days=2)) == 0
    missed = Finding("depth", party, "missed", Fraction(5), Fraction(1), Fraction(6))
    version = agreement.versions.get()
    write_results(version=version, month_on=dt.date(2026, 2, 1), findings=[missed], is_decided=True, now=NOON)
    assert Strike.objects.get().responsible is None
