"""Writing a draft: nobody's words are lost, a signed text stays, a plan becomes the goals."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agreements.funnel import SegmentInput
from agreements.models import AgreementEvent, Clause, Commitment, Contact, Membership, Team, Version
from agreements.services.draft_values import draft_values
from agreements.services.drafting import (
    DraftChanged,
    begin_amendment,
    edit_draft,
    start_over,
    use_plan,
    withdraw_draft,
)
from agreements.services.edited_words import changes_of
from agreements.services.founding import start_agreement
from agreements.services.planning import store_plan
from agreements.services.signing import sign_version
from tests import factories

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL, MAY = (dt.date(2026, month, 1) for month in (3, 4, 5))


@pytest.fixture
def agreement():
    return factories.agreement()


def signatory(agreement, function=Team.Function.MARKETING):
    return factories.party(agreement, function).signatory


def plan_of(agreement, **given):
    usual = {
        "quota": Decimal(15000),
        "starts_on": MARCH,
        "ends_on": dt.date(2026, 6, 1),
        "marketing_share": Decimal(1),
        "average_deal": Decimal(100),
        "close_rate": Decimal("0.5"),
        "currency": "EUR",
        "now": NOON,
        "agreement": agreement,
    }
    return store_plan(**usual | given)


def goals(version, segment=None):
    promise = version.commitments.get(kind=Commitment.Kind.MQL_GOAL, segment=segment)
    return {goal.month_on: (goal.goal, goal.plan_id) for goal in promise.month_goals.all()}


def test_a_plan_becomes_the_goals_of_the_months_that_the_draft_covers(agreement):
    version = factories.draft(agreement, starts_on=dt.date(2026, 4, 15), goals={dt.date(2026, 7, 1): 70})
    plan = plan_of(agreement)
    use_plan(version=version, plan=plan, now=NOON, by=signatory(agreement))
    assert goals(version) == {APRIL: (100, plan.pk), MAY: (100, plan.pk), dt.date(2026, 7, 1): (70, None)}
    version.refresh_from_db()
    assert version.edits == 1
    event = AgreementEvent.objects.get(kind="edited")
    assert event.data["changes"]["goal-0-2026-04"] == [None, "100"]
    assert event.data["plan"] == plan.pk


def test_a_plan_with_segments_sets_their_goals_too_and_they_sum_to_the_whole(agreement):
    segments = {name: factories.segment(name) for name in ("executive", "manager")}
    plan = plan_of(
        agreement,
        segments=[
            SegmentInput("executive", Decimal("0.5"), Decimal(1000), Decimal("0.1")),
            SegmentInput("manager", Decimal("0.5"), Decimal(100), Decimal("0.4")),
        ],
    )
    version = factories.draft(agreement)
    use_plan(version=version, plan=plan, months=[APRIL], now=NOON, by=signatory(agreement))
    overall = goals(version)
    assert set(overall) == {APRIL}
    parts = [goals(version, segment)[APRIL] for segment in segments.values()]
    assert sum(goal for goal, _ in parts) == overall[APRIL][0]
    assert [goal for goal, _ in parts] == [25, 63]
    assert {plan_id for _, plan_id in parts} == {plan.pk}


def test_a_plan_that_does_not_fit_is_refused_in_a_sentence(agreement):
    by = signatory(agreement)
    version = factories.draft(agreement, ends_on=dt.date(2026, 5, 1))
    plan = plan_of(agreement)
    for wrong, sentence in (
        ({"plan": plan_of(agreement, currency="USD")}, "in USD, the agreement in EUR"),
        ({"months": [MAY]}, "does not cover 2026-05"),
        ({"months": [dt.date(2026, 2, 1)]}, "says nothing about 2026-02"),
        ({"months": []}, "No month"),
        (
            {"plan": plan_of(agreement, segments=[SegmentInput("gone", Decimal(1), Decimal(1), Decimal(1))])},
            "“gone”",
        ),
    ):
        with pytest.raises(ValidationError, match=sentence):
            use_plan(**{"version": version, "plan": plan, "now": NOON, "by": by} | wrong)
    sign_version(version=version, signer=by, now=NOON)
    with pytest.raises(ValidationError, match="has signed this text"):
        use_plan(version=version, plan=plan, now=NOON, by=by)
    assert goals(version) == {}


def terms(version):
    return draft_values(version)


def test_what_one_director_saved_is_not_overwritten_by_the_others_stale_form(agreement):
    version = factories.draft(agreement)
    ann, bo = signatory(agreement), signatory(agreement, Team.Function.SALES)
    edit_draft(version=version, edits=0, values={"summary": "Ann's words"}, now=NOON, by=ann)
    with pytest.raises(DraftChanged):
        edit_draft(version=version, edits=0, values={"summary": "Bo's words"}, now=NOON, by=bo)
    version.refresh_from_db()
    assert (version.summary, version.edits) == ("Ann's words", 1)
    edit_draft(version=version, edits=1, values={"summary": "Bo's words"}, now=NOON, by=bo)
    changes = [changes_of(event) for event in AgreementEvent.objects.filter(kind="edited").order_by("pk")]
    assert changes == [{"summary": [None, "Ann's words"]}, {"summary": ["Ann's words", "Bo's words"]}]


def test_every_term_is_written_and_read_back(agreement):
    version = factories.draft(agreement, goals={MARCH: 90})
    segment, sales = factories.segment("Enterprise"), factories.party(agreement, Team.Function.SALES)
    values = {
        "starts_on": dt.date(2026, 2, 1),
        "ends_on": dt.date(2026, 9, 1),
        "summary": "Short",
        f"clause-needs-{sales.pk}": "Line one\r\nline two ",
        "clause-scope-0": "All leads",
        "goal-0-2026-03": 100,
        f"goal-{segment.pk}-2026-03": 40,
        "counting-0-measure": "accepted",
        "counting-0-profile": "business_days",
        "counting-0-tolerance": Decimal("0.05"),
        "speed-0-allowance": dt.timedelta(hours=3, minutes=30),
        "speed-0-average_goal": dt.timedelta(hours=1),
        f"speed-{segment.pk}-allowance": dt.timedelta(minutes=45),
        "depth-0-attempts": None,
        f"depth-{segment.pk}-attempts": 9,
        f"depth-{segment.pk}-window": dt.timedelta(days=10),
        f"depth-{segment.pk}-counts_automated": True,
        "worked-0-share": Decimal("0.95"),
    }
    edit_draft(version=version, edits=0, values=values, now=NOON, by=signatory(agreement))
    version.refresh_from_db()
    expected = values | {
        f"clause-needs-{sales.pk}": "Line one\nline two",
        "speed-0-at_risk_share": Decimal("0.75"),
        f"speed-{segment.pk}-at_risk_share": Decimal("0.75"),
    }
    del expected["depth-0-attempts"]
    found = terms(version)
    assert {key: value for key, value in found.items() if value is not False} == expected


def test_saving_the_same_words_again_is_no_edit(agreement):
    version = factories.draft(agreement, goals={MARCH: 90})
    edit_draft(version=version, edits=0, values=terms(version), now=NOON, by=signatory(agreement))
    version.refresh_from_db()
    assert version.edits == 0
    assert not AgreementEvent.objects.filter(kind="edited").exists()


@pytest.mark.parametrize(
    "key,value",
    [
        ("starts_on", None),
        ("ends_on", dt.date(2026, 1, 1)),
        ("ends_on", dt.date(9999, 1, 1)),
        ("speed-0-allowance", dt.timedelta(0)),
        ("speed-0-allowance", dt.timedelta(days=400)),
        ("speed-0-in_time_share", Decimal("1.2")),
        ("depth-0-attempts", 0),
        ("worked-0-share", Decimal(0)),
        ("goal-0-2025-12", 10),
        ("goal-0-2026-03", -1),
        ("summary", "x" * 20_001),
    ],
)
def test_terms_that_cannot_be_are_named_by_their_field(agreement, key, value):
    version = factories.draft(agreement)
    before = terms(version)
    with pytest.raises(ValidationError) as refused:
        edit_draft(version=version, edits=0, values={key: value}, now=NOON, by=signatory(agreement))
    assert list(refused.value.message_dict) == [key]
    assert terms(version) == before


def test_an_average_without_an_allowance_is_refused(agreement):
    version = factories.draft(agreement)
    with pytest.raises(ValidationError, match="needs an allowance"):
        edit_draft(
            version=version, edits=0, values={"speed-0-allowance": None}, now=NOON, by=signatory(agreement)
        )


def test_a_text_under_which_a_signature_stands_is_not_edited_but_started_over(agreement):
    version = factories.draft(agreement, goals={MARCH: 90})
    by = signatory(agreement)
    sign_version(version=version, signer=by, now=NOON)
    with pytest.raises(ValidationError, match="cannot be edited while a signature stands"):
        edit_draft(version=version, edits=0, values={"summary": "Other"}, now=NOON, by=by)
    fresh = start_over(version=version, now=NOON, by=by)
    version.refresh_from_db()
    assert version.state == Version.State.WITHDRAWN
    assert (fresh.number, fresh.signatures.count()) == (2, 0)
    assert terms(fresh) == terms(version)
    with pytest.raises(ValidationError, match="was withdrawn"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)


def test_a_withdrawn_draft_stays_to_be_read_and_is_edited_no_more(agreement):
    version, by = factories.draft(agreement), signatory(agreement)
    withdraw_draft(version=version, now=NOON, by=by)
    for act in (
        lambda: withdraw_draft(version=version, now=NOON, by=by),
        lambda: edit_draft(version=version, edits=0, values={"summary": "Other"}, now=NOON, by=by),
    ):
        with pytest.raises(ValidationError, match="withdrawn"):
            act()
    assert AgreementEvent.objects.filter(kind="withdrawn", actor=by).count() == 1
    with pytest.raises(ValidationError, match="only be superseded"):
        withdraw_draft(version=factories.signed(agreement), now=NOON, by=by)


def test_an_amendment_copies_what_is_in_force_with_the_goals_from_its_first_day_on(agreement):
    signed = factories.draft(agreement, goals={MARCH: 90, APRIL: 95, MAY: 99})
    marketing = factories.party(agreement, Team.Function.MARKETING)
    Clause.objects.create(version=signed, topic="needs", party=marketing, text="Say why")
    factories.sign(signed)
    by = signatory(agreement)
    version = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 4, 15), now=NOON, by=by)
    expected = terms(signed) | {"starts_on": dt.date(2026, 4, 15)}
    del expected["goal-0-2026-03"]
    assert terms(version) == expected
    assert (version.number, version.created_by, version.is_signed) == (2, by, False)
    with pytest.raises(ValidationError, match="Version 2 is a draft still"):
        begin_amendment(agreement=agreement, starts_on=MAY, now=NOON, by=by)
    factories.sign(version)
    with pytest.raises(ValidationError, match="Version 2 is signed from 2026-04-15 on"):
        begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=by)


def test_a_new_agreement_has_parties_and_a_first_draft_with_words_and_promises():
    marketing = factories.team("Growth", Team.Function.MARKETING)
    sales = factories.team("Field", Team.Function.SALES)
    ann, bo = factories.user("Ann"), factories.user("Bo")
    for person, team in ((ann, marketing), (bo, sales)):
        Membership.objects.create(user=person, team=team, role=Membership.Role.DIRECTOR)
    given = {
        "name": "new",
        "marketing": marketing,
        "sales": sales,
        "signatories": {marketing.pk: ann, sales.pk: bo},
        "contacts": {sales.pk: "Bo's desk"},
        "time_zone": "Europe/Warsaw",
        "currency": "PLN",
        "starts_on": APRIL,
        "now": NOON,
        "by": ann,
    }
    version = start_agreement(**given)
    assert version.agreement.slug == "new-2", "the page for new agreements keeps its address"
    assert list(Contact.objects.values_list("party__team__name", "responsibility", "outside")) == [
        ("Field", "Day to day", "Bo's desk")
    ]
    said = terms(version)
    assert said["speed-0-allowance"] == dt.timedelta(hours=4)
    assert (said["depth-0-attempts"], said["depth-0-window"]) == (6, dt.timedelta(days=14))
    assert said["worked-0-share"] == Decimal("0.95")
    assert version.commitments.filter(kind=Commitment.Kind.MQL_GOAL, party__team=marketing).exists()
    assert {clause.topic for clause in version.clauses.all()} == {
        *("scope", "qualification", "goals", "needs", "initiatives", "consequence", "review")
    }
    assert start_agreement(**given | {"name": "!!!"}).agreement.slug == "agreement"
    with pytest.raises(ValidationError, match="Choose a sales team"):
        start_agreement(**given | {"sales": marketing})
