"""The register: where each agreement stands, how it was kept, who has to act; by state, team, words and me."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction

import pytest
import time_machine
from django.test import Client

from agreements.models import (
    Agreement,
    AgreementEvent,
    CorrectiveAction,
    Decision,
    Excuse,
    Membership,
    MonthResult,
    Occurrence,
    Review,
    Strike,
    Version,
)
from agreements.readings.register import mark_of, register_lines
from agreements.readings.register_query import Asked, State, registered
from agreements.services.results import Finding, write_results
from agreements.services.verifying import note_verification
from agreements.tasks import verify_records
from tests import factories
from tests.factories import NOON
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
FEBRUARY = dt.date(2026, 2, 1)


def director(agreement, function="sales"):
    return factories.party(agreement, function).signatory


def line(agreement, user):
    found = registered(user, Asked(), now=NOON).filter(pk=agreement.pk)
    return register_lines(list(found), user=user, now=NOON)[0]


def slugs(user, **asked):
    return set(registered(user, Asked(**asked), now=NOON).values_list("slug", flat=True))


@pytest.fixture
def agreements():
    """In force; signed ahead; drafts in each state; ended; in force with a draft."""
    made = {
        name: factories.agreement(name)
        for name in ("force", "ahead", "draft", "review", "asked", "ended", "both")
    }
    factories.signed(made["force"])
    factories.signed(made["ahead"], starts_on=dt.date(2026, 6, 1))
    for name in ("draft", "review", "asked"):
        factories.draft(made[name])
    Version.objects.filter(agreement=made["review"]).update(state="in_review")
    Version.objects.filter(agreement=made["asked"]).update(state="changes_asked")
    factories.signed(made["ended"], ends_on=dt.date(2026, 3, 1))
    factories.signed(made["both"])
    factories.draft(made["both"], starts_on=dt.date(2026, 6, 1))
    return made


def test_each_state_is_asked_for_by_the_address(agreements):
    ada = factories.user("Ada", is_superuser=True)
    expected = {
        State.IN_FORCE: {"force", "both"},
        State.COMING: {"ahead"},
        State.DRAFT: {"draft", "both"},
        State.IN_REVIEW: {"review"},
        State.CHANGES_ASKED: {"asked"},
        State.ENDED: {"ended"},
    }
    assert {state: slugs(ada, state=state) for state in State} == expected
    viewer = factories.user("Viewer", role="viewer")
    drafts = {State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED}
    for state in State:
        assert slugs(viewer, state=state) == (set() if state in drafts else expected[state]), state


def test_today_is_the_day_where_the_agreement_is():
    """At noon UTC it is already tomorrow in Kiritimati, where the version begins that day."""
    far = factories.agreement("far", time_zone="Pacific/Kiritimati")
    near = factories.agreement("near")
    for one in (far, near):
        factories.signed(one, starts_on=dt.date(2026, 3, 5))
    viewer = factories.user("Viewer", role="viewer")
    assert slugs(viewer, state=State.IN_FORCE) == {"far"}
    assert slugs(viewer, state=State.COMING) == {"near"}


def test_words_and_teams_narrow_it(agreements):
    ada = factories.user("Ada", is_superuser=True)
    assert slugs(ada, text="FORCE") == {"force"}
    assert slugs(ada, text="ended sales") == {"ended"}
    assert slugs(ada, team_id=factories.party(agreements["both"], "sales").team_id) == {"both"}
    assert slugs(ada, text="%") == set()


def waiting_of(agreement):
    """One of everything that waits, all for the director of sales (the excuse: for marketing's)."""
    sales = factories.party(agreement, "sales")
    me, version = sales.signatory, agreement.versions.get()
    missed = Finding("depth", sales, "missed", Fraction(5), Fraction(1), Fraction(6))
    write_results(version=version, month_on=FEBRUARY, findings=[missed], is_decided=True, now=NOON)
    strike = Strike.objects.get(evaluation__month__agreement=agreement)
    CorrectiveAction.objects.create(
        strike=strike, action="Try again", owner=me, due_on=dt.date(2026, 4, 1), created_at=NOON
    )
    held = Review.objects.create(agreement=agreement, planned_on=dt.date(2026, 3, 2))
    Decision.objects.create(
        review=held, text="Call more", owner=me, due_on=dt.date(2026, 4, 20), made_at=NOON
    )
    Excuse.objects.create(
        agreement=agreement,
        party=sales,
        month_on=FEBRUARY,
        days=[FEBRUARY],
        reason=Excuse.Reason.OUTAGE,
        proposed_at=NOON,
        proposed_by=me,
    )
    owed = version.obligations.get()
    day = dt.date(2026, 2, 27)
    Occurrence.objects.create(obligation=owed, due_on=day, nominal_on=day, due_at=NOON - dt.timedelta(days=5))
    return me


@pytest.fixture
def busy():
    made = factories.agreement("busy")
    version = factories.draft(made)
    factories.obligation(version)
    factories.sign(version)
    waiting_of(made)
    factories.draft(made, starts_on=dt.date(2026, 6, 1))
    return made


def test_it_says_who_has_to_act_for_what_and_where(busy):
    me = director(busy)
    acts = {act.sentence: act for act in line(busy, me).acts}
    assert {sentence: act.is_mine for sentence, act in acts.items()} == {
        "version 2 to sign": True,
        "1 excuse to answer": False,
        "1 strike to diagnose": True,
        "1 corrective action to do": True,
        "1 delivery overdue": True,
        "1 decision to carry out": True,
        "a review to hold": True,
    }
    assert acts["1 strike to diagnose"].who == str(me)
    client = Client()
    client.force_login(me)
    with time_machine.travel(NOON, tick=False):
        client.force_login(me)
        for act in acts.values():
            assert client.get(act.address).status_code == 200, act
    others = {act.sentence: act.is_mine for act in line(busy, director(busy, "marketing")).acts}
    assert {one for one, is_mine in others.items() if is_mine} == {
        "1 excuse to answer",
        "version 2 to sign",
        "a review to hold",
    }


def test_what_is_mine_and_what_is_others_is_counted_apart(busy):
    """A director was told of all strikes as her own, others' among them."""
    me, other = director(busy), director(busy, "marketing")
    review = Review.objects.get(agreement=busy)
    strike = Strike.objects.get(evaluation__month__agreement=busy)
    due = dt.date(2026, 4, 30)
    for n in range(3):
        Decision.objects.create(review=review, text=f"Other {n}", owner=other, due_on=due, made_at=NOON)
        CorrectiveAction.objects.create(
            strike=strike, action=f"Other {n}", owner=other, due_on=due, created_at=NOON
        )
    kinds = ("decision", "corrective action")

    def said(reader):
        acts = line(busy, reader).acts
        return [
            (act.sentence, act.who, act.is_mine)
            for kind in kinds
            for act in acts
            if act.sentence.split(" ", 1)[1].startswith(kind)
        ]

    assert said(me) == [
        ("1 decision to carry out", str(me), True),
        ("3 decisions to carry out", str(other), False),
        ("1 corrective action to do", str(me), True),
        ("3 corrective actions to do", str(other), False),
    ]
    assert [is_mine for _sentence, _who, is_mine in said(other)] == [True, False] * 2
    viewer = factories.user("Viewer", role="viewer")
    assert [(sentence, is_mine) for sentence, _who, is_mine in said(viewer)] == [
        ("4 decisions to carry out", False),
        ("4 corrective actions to do", False),
    ]


def test_what_waits_for_me_is_asked_for_and_shown_alike(busy, agreements):
    """The filter's condition and the lines say the same, for everybody and whatever is taken away."""
    member = factories.user("Rep")
    Membership.objects.create(user=member, team=factories.party(busy, "sales").team)
    people = [
        *(director(one, side) for one in [busy, *agreements.values()] for side in ("sales", "marketing")),
        member,
        factories.user("Viewer", role="viewer"),
        factories.user("Ada", is_superuser=True),
    ]

    def alike():
        for person in people:
            found = list(registered(person, Asked(), now=NOON))
            lines = register_lines(found, user=person, now=NOON)
            shown = {one.agreement.slug for one in lines if any(act.is_mine for act in one.acts)}
            assert slugs(person, is_mine=True) == shown, person

    alike()
    assert slugs(director(busy), is_mine=True) == {"busy"}
    assert slugs(director(agreements["asked"]), is_mine=True) == {"asked"}
    assert slugs(member, is_mine=True) == set()
    Version.objects.filter(agreement=busy, number=2).update(state="withdrawn")
    Review.objects.update(planned_on=dt.date(2026, 4, 1))
    Decision.objects.update(done_on=FEBRUARY)
    alike()
    CorrectiveAction.objects.update(owner=member)
    alike()
    assert slugs(member, is_mine=True) == {"busy"}


@pytest.mark.parametrize(
    ("outcomes", "more", "tone", "shape", "text"),
    [
        ({"met": 5}, {}, "met", "✔", "5/5"),
        ({"met": 5, "missed": 1, "excused": 1}, {}, "partly", "◐", "5/6"),
        ({"missed": 2}, {}, "missed", "✖", "0/2"),
        ({"nothing": 2}, {}, "open", "◌", ""),
        ({"met": 1}, {"watermelon": "pulse"}, "melon", "◍", "1/1"),
    ],
)
def test_a_month_is_a_shape_and_a_text(outcomes, more, tone, shape, text):
    result = MonthResult(month_on=FEBRUARY, closed_at=NOON, **more)
    mark = mark_of(FEBRUARY, result, Counter(outcomes))
    assert (mark.tone, mark.shape, mark.month, mark.text) == (tone, shape, "Feb", text)


def test_marks_say_the_month_in_words_too():
    one = mark_of(FEBRUARY, MonthResult(month_on=FEBRUARY, closed_at=NOON), Counter({"missed": 1}))
    assert one.spoken == "February 2026: 0 of 1 promise kept"
    assert mark_of(FEBRUARY, None, Counter()).spoken == "February 2026: not judged"


def test_the_last_six_months_are_marked(busy):
    marks = line(busy, director(busy)).marks
    assert [mark.month for mark in marks] == ["Sep", "Oct", "Nov", "Dec", "Jan", "Feb"]
    assert [mark.tone for mark in marks] == ["none"] * 5 + ["missed"]


def test_auditors_and_administrators_see_how_the_record_stood(busy):
    auditor, viewer = factories.user("Auditor", role="auditor"), factories.user("Viewer", role="viewer")
    assert line(busy, auditor).record == "Record: not verified yet."
    assert line(busy, viewer).record == ""
    verify_records()
    said = line(busy, auditor)
    assert said.record.startswith("Record: as it was written, verified on ")
    AgreementEvent.objects.create(agreement=busy, kind="edited", happened_at=NOON)
    assert line(busy, auditor).record.endswith("; 1 event since.")
    note_verification(agreement=busy, events=3, findings=2, now=NOON)
    said = line(busy, factories.user("Ada", is_superuser=True))
    assert said.record == "Record: 2 things are not as they were written, verified on 4 Mar 2026."
    assert not said.is_record_sound


@time_machine.travel(NOON, tick=False)
def test_the_page_keeps_what_is_asked_for_and_survives_anything(busy, agreements, client):
    client.force_login(director(busy))
    said = client.get("/agreements/?act=me").text
    assert "1 agreement fits." in said
    assert "You:</strong> " in said
    assert "The review planned for 2 Mar 2026 was not held yet." in said
    assert "No agreement that you may read is like that." in client.get("/agreements/?q=zzz").text
    for hostile in ("?q=%00", "?state=x&team=%00&act=you", "?team=none", "?page=0", "?q=" + "x" * 300):
        assert client.get(f"/agreements/{hostile}").status_code == 200, hostile


@time_machine.travel(NOON, tick=False)
def test_the_register_asks_as_often_for_many_agreements_as_for_few(busy, client):
    client.force_login(factories.user("Ada", is_staff=True, is_superuser=True))
    numbers = iter(range(100))

    def more():
        for _n in range(3):
            made = factories.agreement(f"more-{next(numbers)}")
            version = factories.draft(made)
            factories.obligation(version)
            factories.sign(version)
            waiting_of(made)

    n = assert_same_queries(lambda: client.get("/agreements/"), add_rows=more)
    print(f"\nqueries of the register: {n}")
    assert_same_queries(lambda: client.get("/agreements/?act=me&state=in_force&q=more"), add_rows=more)
    assert Agreement.objects.count() > 5
