"""What is read for somebody leaves out what is not theirs, whoever asks the reading."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from agreements.measured_periods import later
from agreements.models import (
    Agreement,
    CorrectiveAction,
    Membership,
    PulseAnswer,
    Review,
    Scenario,
    Strike,
)
from agreements.readings.obligations import obligations_page
from agreements.readings.pulse import pulses_asked
from agreements.readings.record_page import record_page
from agreements.rights import rights_of
from leads.acting import Acting
from leads.models import Dispute, HandOff, Lead, Pause, Rating
from leads.readings.lead_page import possible_duplicates
from leads.readings.merges import suspects
from reports.forms.keeping import ExcuseForm
from reports.models import Edition
from reports.pages.duties import duties_of
from reports.pages.editions import _review_of, editions_list
from reports.readings.at_hand import pressing
from slaproject.accounts.listing import find_people, people_count
from slaproject.outbox.marking import mark_all_read
from slaproject.outbox.models import Address, Alert
from tests import factories
from tests.permissions.hushed import make_hushed
from tests.permissions.scene import Scene
from tests.permissions.test_matrix import answer

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def test_an_account_is_its_persons_and_the_administrators(scene: Scene):
    rep, administrator = scene.people["rep"], scene.people["administrator"]
    assert list(find_people(rep, {"state": "all"})) == [rep]
    assert people_count(rep)["active"] == 1
    assert find_people(administrator, {"state": "all"}).filter(pk=rep.pk).exists()
    assert people_count(administrator)["active"] > 1


def test_whoever_reads_all_notices_reads_their_own_alone(scene: Scene):
    alert = Alert.objects.filter(pk=scene.own["alert"], read_at=None)
    assert mark_all_read(person=scene.people["other_rep"], now=factories.NOON + HOUR) == 0
    assert alert.exists()
    assert mark_all_read(person=scene.people["rep"], now=factories.NOON + HOUR) == 1
    assert not alert.exists()


def test_an_address_is_shown_to_its_person_alone(scene: Scene, clients: dict[str, Client]):
    Address.objects.create(
        person=scene.people["manager"],
        channel="webhook",
        url="https://hook.example/",
        secret="whsec-of-manager",
    )
    page = reverse("outbox:preferences")
    assert b"whsec-of-manager" in answer(clients["manager"], "GET", page).content
    assert b"whsec-of-manager" not in answer(clients["rep"], "GET", page).content


def test_what_was_calculated_and_kept_is_its_authors(scene: Scene, clients: dict[str, Client]):
    Scenario.objects.filter(pk=scene.own["scenario"]).update(name="Audacious")
    compared = f"{reverse('reports:compare')}?scenario={scene.own['scenario']}"
    for page in (reverse("reports:scenarios"), reverse("reports:calculator"), compared):
        assert b"Audacious" in answer(clients["marketing_director"], "GET", page).content, page
        assert b"Audacious" not in answer(clients["sales_director"], "GET", page).content, page
    assert answer(clients["sales_director"], "GET", compared).status_code == 404


def test_a_duty_under_an_agreement_that_one_may_not_read_is_not_told():
    hushed = make_hushed()
    member = factories.user("Member")
    team = factories.party(hushed.agreement, "sales").team
    Membership.objects.create(user=member, team=team, role=Membership.Role.MEMBER)
    for person, n in ((hushed.insider, 2), (member, 0)):
        Strike.objects.filter(pk=hushed.own["strike"]).update(responsible=person)
        CorrectiveAction.objects.filter(pk=hushed.own["action"]).update(owner=person)
        duties = duties_of(person, today=dt.date(2026, 3, 25), now=factories.NOON)
        own = {reverse("reports:strike", args=[hushed.own["strike"]])}
        own.add(reverse("reports:end-action", args=[hushed.own["action"]]))
        assert len(own & {one.address for one in duties}) == n


def test_what_presses_is_told_to_whom_it_concerns(scene: Scene):
    late = factories.NOON + dt.timedelta(days=30)
    HandOff.objects.filter(pk=scene.own["hand_off"]).update(
        first_attempt_at=None, state=HandOff.State.RUNNING
    )

    def seen(name: str) -> set[int]:
        return {one.hand_off.pk for one in pressing(scene.people[name], None, late)[0]}

    assert scene.own["free_hand_off"] in seen("manager")
    assert scene.own["free_hand_off"] not in seen("other_manager")


def test_what_hangs_on_a_hand_off_goes_with_it(scene: Scene):
    hand_off = HandOff.objects.get(pk=scene.own["hand_off"])
    at, rep = factories.NOON, scene.people["rep"]
    Dispute.objects.create(
        hand_off=hand_off, rejected_at=at, rejection_reason="duplicate", opened_at=at, words="It was not."
    )
    Pause.objects.create(
        hand_off=hand_off,
        starts_at=at,
        ends_at=at + HOUR,
        planned_until_at=at + HOUR,
        reason=Pause.Reason.values[0],
        paused_by=rep,
    )
    Rating.objects.create(hand_off=hand_off, grade=Rating.Grade.values[0], rated_at=at, rated_by=rep)
    kinds: tuple[Any, ...] = (Dispute, Pause, Rating)
    for kind in kinds:
        assert kind.objects.visible_to(rep).filter(hand_off=hand_off).exists(), kind
        assert not kind.objects.visible_to(scene.people["other_rep"]).filter(hand_off=hand_off).exists(), kind


def test_an_excuse_names_no_lead_that_its_author_may_not_know(scene: Scene):
    agreement = Agreement.objects.get(slug=scene.own["agreement"])

    def faults(name: str) -> Any:
        speaks = agreement.parties.writable_by(scene.people[name]).get()
        given = {
            "party": speaks.pk,
            "month_on": "2026-03",
            "leads": str(scene.own["lead"]),
            "reason": "outage",
        }
        form = ExcuseForm(given, agreement=agreement, user=scene.people[name], today=factories.NOON.date())
        return form.errors.get("leads")

    assert not faults("manager")
    assert "You know no lead" in str(faults("marketing_director"))


@pytest.mark.parametrize("address", ["reports:simulator", "reports:calculator", "reports:waterfall"])
def test_what_is_named_in_a_query_is_looked_up_like_what_is_named_in_a_path(
    address: str, scene: Scene, clients: dict[str, Client]
):
    if address == "reports:simulator":
        page = f"{reverse(address, args=[scene.own['agreement']])}?version={scene.own['draft']}"
        known = "manager"
        assert answer(clients[known], "GET", page).status_code == 200
    else:
        page = f"{reverse(address)}?agreement={make_hushed().agreement.slug}"
        assert answer(clients["administrator"], "GET", page).status_code == 200
    assert answer(clients["viewer"], "GET", page).status_code == 404


def test_what_somebody_answered_is_not_shown_as_another_persons(scene: Scene):
    agreement = Agreement.objects.get(slug=scene.own["agreement"])
    now = factories.NOON.replace(month=4, day=2)
    (asked,) = pulses_asked(scene.people["rep"], now=now)
    PulseAnswer.objects.create(
        agreement=agreement,
        month_on=asked.month_on,
        party=factories.party(agreement, "sales"),
        person=scene.people["manager"],
        kept_word=1,
        was_useful=1,
        went_well=1,
        answered_at=now,
    )
    assert [one.answer for one in pulses_asked(scene.people["rep"], now=now)] == [None]
    assert all(one.answer for one in pulses_asked(scene.people["manager"], now=now))


def test_who_has_no_rights_any_more_reads_nothing_of_what_is_signed(scene: Scene):
    agreement = Agreement.objects.get(slug=scene.own["agreement"])
    nobody, reader = scene.people["deactivated"], scene.people["viewer"]

    def owed(user: Any) -> Any:
        return obligations_page(agreement, user=user, rights=rights_of(user), now=factories.NOON + HOUR).owed

    assert owed(reader) and not owed(nobody)
    assert record_page(agreement, user=reader, page=None).signed
    assert not record_page(agreement, user=nobody, page=None).signed


def test_whoever_is_not_signed_in_reads_no_edition_and_no_meeting_about_it(scene: Scene):
    edition = Edition.objects.select_related("agreement").get(pk=scene.own["edition"])
    meeting = Review.objects.create(agreement=edition.agreement, planned_on=later(edition.month_on, 1))

    def read(person: Any) -> tuple[int, Review | None]:
        listed = editions_list(edition.agreement, user=person, page=1).paginator.count
        return listed, _review_of(edition, person)

    assert read(scene.people["viewer"]) == (1, meeting)
    assert read(AnonymousUser()) == (0, None)


def test_a_lead_that_looks_alike_is_named_to_who_may_know_it(scene: Scene):
    Lead.objects.filter(pk=scene.own["lead"]).update(email="ana@alike.example")
    lead = Lead.objects.get(pk=scene.own["lead"])
    twin = factories.lead(factories.NOON, email="ana@alike.example")
    for name, found in (("administrator", [lead]), ("other_rep", [])):
        person = scene.people[name]
        assert possible_duplicates(twin, person) == found, name
        assert suspects(twin, [], Acting(person), ["ana@alike.example"]) == found, name
