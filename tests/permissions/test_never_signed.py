"""What belongs to an agreement that nobody signed is known to its parties alone, wherever it could come to light.

Each model and each reading guards itself: who calls them may have looked before, or forgotten to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from agreements.models import (
    Agreement,
    AgreementEvent,
    CampaignGoal,
    Comment,
    Contact,
    CorrectiveAction,
    CustomMeasure,
    Decision,
    Duty,
    Excuse,
    HoursProposal,
    MeasureValue,
    Membership,
    Obligation,
    Occurrence,
    Review,
    SignedDocument,
    Strike,
    Support,
    Version,
)
from agreements.readings.agreement_page import agreement_page, parties_of, with_contacts
from agreements.readings.calendar_feed import calendar_of
from agreements.readings.obligations import obligations_page
from agreements.readings.record_page import record_page
from agreements.readings.register_query import Asked, registered
from agreements.readings.remarks import remarks_on
from agreements.readings.reviews import agenda_of, reviews_page
from agreements.readings.supports import chain_of
from agreements.rights import rights_of
from tests import factories
from tests.permissions.hushed import Hushed, make_hushed

pytestmark = pytest.mark.django_db
LATER = factories.NOON + dt.timedelta(days=30)
KINDS = (
    *(
        Agreement,
        AgreementEvent,
        Comment,
        Contact,
        CampaignGoal,
        CorrectiveAction,
        CustomMeasure,
        Decision,
        Excuse,
    ),
    *(HoursProposal, MeasureValue, Obligation, Occurrence, Review, Strike, Support, Version),
)


@pytest.fixture
def hushed() -> Hushed:
    return make_hushed()


def make_outsider() -> Any:
    """Make the director of a party to another agreement, which is signed: no novice, and not concerned."""
    other = factories.agreement("elsewhere")
    factories.signed(other)
    person = factories.party(other, "sales").signatory
    assert person is not None
    return person


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_row_is_for_the_parties(kind: Any, hushed: Hushed):
    known = seen(kind, hushed.insider)
    assert known
    assert not known & seen(kind, make_outsider())


def seen(kind: Any, user: Any) -> set[Any]:
    return set(kind.objects.visible_to(user).values_list("pk", flat=True))


def test_the_document_of_a_version_goes_with_the_version(hushed: Hushed):
    SignedDocument.objects.create(
        version=hushed.draft,
        made_at=factories.NOON,
        pdf=b"%PDF",
        bytes=4,
        sha256="0" * 64,
        head_position=1,
        head_sha256="0" * 64,
    )
    assert seen(SignedDocument, hushed.insider)
    assert not seen(SignedDocument, make_outsider())


def of_obligations(hushed: Hushed, user: Any) -> Any:
    page = obligations_page(hushed.agreement, user=user, rights=rights_of(user), now=LATER)
    return page.overdue, page.ahead, page.past


def of_reviews(hushed: Hushed, user: Any) -> Any:
    return reviews_page(
        hushed.agreement,
        parties_of(hushed.agreement),
        user=user,
        rights=rights_of(user),
        now=factories.NOON,
        page=None,
    )


def below(hushed: Hushed, user: Any) -> Any:
    version = hushed.above.versions.first() or factories.signed(hushed.above)
    return agreement_page(hushed.above, version, user=user, now=factories.NOON).below


def contacts_known(hushed: Hushed, user: Any) -> Any:
    parties = with_contacts(parties_of(hushed.agreement), user)
    return [contact for party in parties for contact in party.contacts.all()]


READINGS: dict[str, Callable[[Hushed, Any], Any]] = {
    "what is due": lambda hushed, user: any(of_obligations(hushed, user)),
    "reviews": lambda hushed, user: of_reviews(hushed, user).planned,
    "decisions": lambda hushed, user: of_reviews(hushed, user).decisions,
    "strikes of an agenda": lambda hushed, user: agenda_of(hushed.next_review, user=user).strikes,
    "decisions of an agenda": lambda hushed, user: agenda_of(hushed.next_review, user=user).carried,
    "what another rests on": lambda hushed, user: (
        chain_of(hushed.resting, user=user, today=factories.NOON.date()).links
    ),
    "what is below": below,
    "contacts": contacts_known,
    "comments": lambda hushed, user: remarks_on(hushed.draft, user).total,
    "events": lambda hushed, user: record_page(hushed.agreement, user=user, page=None).lines,
    "register": lambda hushed, user: registered(user, Asked(), now=factories.NOON).filter(
        pk=hushed.agreement.pk
    ),
    "drafts in the register": lambda hushed, user: registered(
        user, Asked(state="draft"), now=factories.NOON
    ).filter(pk=hushed.agreement.pk),
}


@pytest.mark.parametrize("name", READINGS)
def test_each_reading_tells_its_parties_and_nobody_else(name: str, hushed: Hushed):
    read = READINGS[name]
    assert read(hushed, hushed.insider)
    assert not read(hushed, make_outsider())


@pytest.fixture
def member(hushed: Hushed) -> Any:
    """Somebody of a party's team who writes nothing for it: drafts are not theirs to read, whatever names them."""
    person = factories.user("Member")
    team = factories.party(hushed.agreement, "sales").team
    Membership.objects.create(user=person, team=team, role=Membership.Role.MEMBER)
    Duty.objects.update(person=person)
    return person


def test_a_calendar_tells_a_member_nothing_of_what_only_writers_know(hushed: Hushed, member: Any):
    def feed(person: Any) -> bytes:
        return calendar_of(person, now=factories.NOON, absolute=str)

    assert b"Review: Hushed" in feed(hushed.insider)
    assert b"Hushed" not in feed(member) and b"Pipeline status" not in feed(member)
    Duty.objects.update(person=hushed.insider)
    assert b"Pipeline status" in feed(hushed.insider)
