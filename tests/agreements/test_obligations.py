"""What is owed regularly: signed with the text, written out ahead once each, delivered once, counted by month."""

import datetime as dt
import json
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.models import (
    Agreement,
    AgreementEvent,
    DeliveredContent,
    Delivery,
    Duty,
    Membership,
    Obligation,
    Occurrence,
    Team,
    Version,
)
from agreements.readings.differences import differences
from agreements.readings.labels import names_of
from agreements.readings.obligations import Outcome, obligation_results, outcome_of
from agreements.services.deliveries import Content, deliver, hand_on_duty, safe_name, write_out_due_dates
from agreements.services.drafting import begin_amendment
from agreements.services.ending import cancel_agreement
from agreements.services.obligations import ObligationChanged, remove_obligation, write_obligation
from agreements.services.signed_text import canonical_text
from agreements.services.signing import sign_version
from tests import factories
from tests.races import race

pytestmark = pytest.mark.django_db

NOON, HOUR, DAY = factories.NOON, dt.timedelta(hours=1), dt.timedelta(days=1)  # Wednesday, 4 March 2026
MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def agreement():
    factories.calendar("Office", is_default=True)
    return factories.agreement(time_zone="Europe/Warsaw")


@pytest.fixture
def sales(agreement):
    return factories.party(agreement, Team.Function.SALES)


@pytest.fixture
def owed(agreement):
    """The pipeline's status, every Friday by 16:00 in Warsaw, in force."""
    version = factories.draft(agreement)
    made = factories.obligation(version)
    factories.sign(version)
    return made


def due_days(obligation):
    return [f"{one:%m-%d}" for one in obligation.occurrences.values_list("due_on", flat=True)]


def at(text):
    return dt.datetime.fromisoformat(f"2026-{text}").replace(tzinfo=dt.UTC)


def delivered(occurrence, when, key="form", **more):
    return deliver(occurrence=occurrence, content=Content(text="Status"), key=key, now=when, by=None, **more)[
        0
    ]


def terms(**changed):
    given = {
        "name": "Pipeline status",
        "cadence": "weekly",
        "weekday": 4,
        "due_time": dt.time(16),
        "day_off": "next",
        "report": "",
    }
    return given | changed


def write(version, by, obligation=None, edits=0, **changed):
    return write_obligation(
        version=version,
        obligation=obligation,
        edits=edits,
        terms=terms(**changed),
        from_party=factories.party(version.agreement, "sales"),
        to_party=factories.party(version.agreement, "marketing"),
        person=by,
        remind_before=DAY,
        now=NOON,
        by=by,
    )


def test_a_text_without_obligations_is_what_it_was_before_there_were_any(agreement):
    assert "obligations" not in json.loads(canonical_text(factories.draft(agreement)))


def test_what_is_owed_is_signed_and_who_answers_for_it_is_not(agreement, sales):
    version = factories.draft(agreement)
    factories.obligation(version)
    text = canonical_text(version)
    assert json.loads(text)["obligations"] == [
        {
            "cadence": "weekly",
            "day_of_month": None,
            "day_off": "next",
            "due_time": "16:00",
            "from": "company-sales",
            "month_of_quarter": None,
            "name": "Pipeline status",
            "report": "",
            "times": None,
            "to": "company-marketing",
            "weekday": 4,
        }
    ]
    Duty.objects.update(person=factories.user("Somebody Else"))
    assert canonical_text(version) == text


def test_what_all_have_signed_stays_as_it_is(owed):
    for change in (
        lambda: Obligation.objects.update(weekday=1),
        lambda: Obligation.objects.all().delete(),
        lambda: factories.obligation(owed.version, "One more"),
    ):
        with pytest.raises(IntegrityError, match="its terms"), transaction.atomic():
            change()


def test_dates_are_written_out_sixty_days_ahead_in_the_agreements_zone(owed):
    assert write_out_due_dates(now=NOON) == 9
    assert due_days(owed) == ["03-06", "03-13", "03-20", "03-27", "04-03", "04-10", "04-17", "04-24", "05-01"]
    first, last = owed.occurrences.first(), owed.occurrences.last()
    assert (first.due_at, last.due_at) == (at("03-06T15:00"), at("05-01T14:00")), "16:00 in winter and summer"
    before = list(Occurrence.objects.values())
    assert write_out_due_dates(now=NOON) == 0
    assert list(Occurrence.objects.values()) == before
    assert write_out_due_dates(now=NOON + 7 * DAY) == 1


def test_a_worker_that_slept_writes_out_what_fell_due_meanwhile(owed):
    write_out_due_dates(now=NOON)
    write_out_due_dates(now=NOON + 100 * DAY)
    assert len(due_days(owed)) == len(set(due_days(owed))) == 23


def test_nothing_is_owed_for_the_days_before_all_had_signed(agreement):
    version = factories.draft(agreement, starts_on=dt.date(2026, 1, 1))
    made = factories.obligation(version)
    factories.sign(version)  # on 4 March
    write_out_due_dates(now=NOON)
    assert due_days(made)[0] == "03-06"


def test_new_business_hours_move_what_is_ahead_and_not_what_has_been(owed):
    write_out_due_dates(now=NOON)
    past = delivered(owed.occurrences.get(due_on=dt.date(2026, 3, 6)), at("03-06T12:00")).occurrence
    early = delivered(owed.occurrences.get(due_on=dt.date(2026, 3, 20)), at("03-07T12:00")).occurrence
    factories.calendar("Office", holidays=["2026-03-06", "2026-03-20", "2026-04-03"], is_default=True)
    assert write_out_due_dates(now=at("03-10T12:00")) == 3, "one moved, and one more within 60 days"
    assert due_days(owed)[:5] == ["03-06", "03-13", "03-20", "03-27", "04-06"]
    assert {past.pk, early.pk} <= set(owed.occurrences.values_list("pk", flat=True))


def test_an_amendment_takes_over_what_is_owed_from_its_first_day(agreement, owed, sales):
    write_out_due_dates(now=NOON)
    by = sales.signatory
    draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 3, 27), now=NOON, by=by)
    copied = draft.obligations.get()
    assert copied.duty.person == by
    write(draft, by, copied, weekday=0)
    factories.sign(draft)
    write_out_due_dates(now=NOON)
    assert due_days(owed) == ["03-06", "03-13", "03-20"]
    assert due_days(copied)[:2] == ["03-30", "04-06"]


def test_the_first_delivery_decides_whether_it_was_in_time(owed):
    write_out_due_dates(now=NOON)
    first, second, third = owed.occurrences.all()[:3]
    delivered(first, first.due_at)
    delivered(second, second.due_at + dt.timedelta(seconds=1))
    delivered(first, first.due_at + DAY, key="a correction")
    now = at("03-21T12:00")
    found = {one.due_on.day: outcome_of(one, now) for one in Occurrence.objects.with_outcome()[:4]}
    assert found == {6: Outcome.IN_TIME, 13: Outcome.LATE, 20: Outcome.OVERDUE, 27: Outcome.AHEAD}
    later = at("03-27T15:00")
    assert outcome_of(Occurrence.objects.with_outcome().get(pk=third.pk), later) == Outcome.OVERDUE
    later += dt.timedelta(seconds=1)
    assert outcome_of(Occurrence.objects.with_outcome().get(pk=third.pk), later) == Outcome.MISSED
    assert set(Occurrence.objects.overdue(later).values_list("due_on__day", flat=True)) == {27}
    assert set(Occurrence.objects.settled(later).values_list("due_on__day", flat=True)) == {6, 13, 20}


def test_a_month_counts_what_fell_due_in_it_and_what_of_it_was_in_time(owed, agreement):
    write_out_due_dates(now=NOON)
    first, second = owed.occurrences.all()[:2]
    delivered(first, first.due_at - HOUR)
    delivered(second, second.due_at + HOUR)
    for now, expected in ((NOON, []), (at("03-06T15:00"), [(1, 1)]), (at("04-02T12:00"), [(1, 4)])):
        found = obligation_results(agreement, MARCH, now=now)
        assert [(one.in_time, one.due) for one in found] == expected
        assert all(one.obligation == owed for one in found)


def test_a_delivery_is_noted_without_its_words_and_never_changes(owed, sales):
    write_out_due_dates(now=NOON)
    done = delivered(owed.occurrences.first(), NOON)
    event = AgreementEvent.objects.get(kind="delivered")
    assert event.data == {
        "obligation": owed.pk,
        "due_on": "2026-03-06",
        "in_time": True,
        "sha256": done.content_sha256,
    }
    for change in (lambda: Delivery.objects.update(delivered_at=NOON - DAY), done.delete):
        with pytest.raises((IntegrityError, Exception), match=r"append-only|protected"), transaction.atomic():
            change()
    DeliveredContent.objects.update(text="")  # words about a person can be erased; their hash stays
    done.refresh_from_db()
    assert done.content_sha256 == Content(text="Status").sha256


def test_nothing_is_delivered_of_nothing(owed):
    write_out_due_dates(now=NOON)
    with pytest.raises(ValidationError, match="Write something"):
        deliver(occurrence=owed.occurrences.first(), content=Content(), key="form", now=NOON, by=None)


def test_what_is_owed_no_more_is_not_delivered(owed):
    write_out_due_dates(now=NOON)
    last = owed.occurrences.last()
    Version.objects.update(ended_on=dt.date(2026, 4, 1))
    with pytest.raises(ValidationError, match="owed no more"):
        delivered(last, NOON)


def test_what_had_fallen_due_stays_where_the_agreement_is_cancelled_on_that_day(owed, agreement, sales):
    write_out_due_dates(now=NOON)
    first, now = owed.occurrences.first(), at("03-06T15:30")
    cancel_agreement(
        agreement=agreement, ends_on=first.due_on, condition="", reason="Enough", now=now, by=sales.signatory
    )
    write_out_due_dates(now=now + DAY)
    assert due_days(owed) == ["03-06"]
    assert outcome_of(Occurrence.objects.with_outcome().get(), now) == Outcome.OVERDUE
    assert delivered(first, now).occurrence == first


def test_what_falls_due_after_it_was_cancelled_on_that_day_is_owed_no_more(owed, agreement, sales):
    write_out_due_dates(now=NOON)
    first, now = owed.occurrences.first(), at("03-06T14:30")
    cancel_agreement(
        agreement=agreement, ends_on=first.due_on, condition="", reason="Enough", now=now, by=sales.signatory
    )
    assert due_days(owed) == []
    with pytest.raises(ValidationError, match="owed no more"):
        delivered(first, now)


@pytest.mark.parametrize(("signed", "old", "new"), [("14:30", [], "03-06"), ("15:30", ["03-06"], "03-13")])
def test_an_amendment_signed_on_a_due_day_takes_over_what_is_not_due_yet(
    owed, agreement, sales, signed, old, new
):
    write_out_due_dates(now=NOON)
    draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 3, 6), now=NOON, by=sales.signatory)
    for party in agreement.parties.order_by("pk"):
        sign_version(version=draft, signer=party.signatory, now=at(f"03-06T{signed}"))
    assert due_days(owed) == old
    write_out_due_dates(now=at("03-06T16:00"))
    assert (due_days(owed), due_days(draft.obligations.get())[0]) == (old, new)


def test_who_leaves_hands_the_duty_on_to_somebody_of_the_team(owed, sales, agreement):
    by = sales.signatory
    draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 4, 1), now=NOON, by=by)
    heir = factories.user("Heir")
    with pytest.raises(ValidationError, match="does not belong"):
        hand_on_duty(obligation=owed, person=heir, now=NOON, by=by)
    Membership.objects.create(user=heir, team=sales.team, role="member")
    hand_on_duty(obligation=owed, person=heir, now=NOON, by=by)
    hand_on_duty(obligation=owed, person=heir, now=NOON, by=by)
    assert {duty.person for duty in Duty.objects.all()} == {heir}, "in the draft of the next version too"
    assert draft.obligations.get().duty.person == heir
    event = AgreementEvent.objects.get(kind="duty_handed_on")
    assert event.data == {"obligation": owed.pk, "from": by.pk, "to": heir.pk}


def test_two_who_change_one_obligation_are_told_of_each_other(agreement, sales):
    version, by = factories.draft(agreement), sales.signatory
    made = write(version, by)
    write(version, by, made, weekday=0)
    with pytest.raises(ObligationChanged, match="Somebody else changed"):
        write(version, by, made, edits=0, weekday=2)
    assert Obligation.objects.get().weekday == 0
    remove_obligation(version=version, obligation=made, now=NOON, by=by)
    remove_obligation(version=version, obligation=made, now=NOON, by=by)
    with pytest.raises(ObligationChanged, match="took this obligation out"):
        write(version, by, made, edits=1)
    noted = [event.data for event in AgreementEvent.objects.filter(kind="edited")]
    assert [sorted(data["terms"])[-1] for data in noted] == ["weekday", "weekday", "weekday"]
    assert noted[1]["terms"] == {"weekday": [4, 0]}


def test_terms_that_a_cadence_does_not_use_are_left_empty(agreement, sales):
    version = factories.draft(agreement)
    made = write(version, sales.signatory, cadence="monthly", day_of_month=10, times=3, month_of_quarter=2)
    assert (made.weekday, made.times, made.month_of_quarter, made.day_of_month) == (None, None, None, 10)


def test_the_same_is_owed_once(agreement, sales):
    version = factories.draft(agreement)
    write(version, sales.signatory)
    with pytest.raises(ValidationError, match="another name"):
        write(version, sales.signatory, weekday=0)


def test_a_signer_sees_what_is_owed_differently(agreement, owed, sales):
    by = sales.signatory
    draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 4, 1), now=NOON, by=by)
    assert not differences(owed.version, draft, names_of(agreement))[1:]  # only its first day
    write(draft, by, draft.obligations.get(), cadence="monthly", day_of_month=None)
    found = differences(owed.version, Version.objects.get(pk=draft.pk), names_of(agreement))[-1]
    assert found.label == "“Pipeline status” owed by Company Sales"
    assert "every Friday by 16:00" in found.old
    assert "on the last business day of each month by 16:00" in found.new


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("status.pdf", "status.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a b.docx", "a b.docx"),
        ("e\u202efdp.exe", "efdp.exe"),
        ("a\r\nb\x00.txt", "ab.txt"),
        ('q"<script>.html', "qscript.html"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 97 + ".pdf"),
        ("Übersicht 한글.pdf", "Übersicht 한글.pdf"),
    ],
)
def test_the_name_of_a_file_is_offered_without_harm(name, safe):
    assert safe_name(name) == safe


@pytest.mark.django_db(transaction=True)
def test_dates_and_deliveries_at_once_are_there_once(agreement):
    version = factories.draft(agreement)
    made = factories.obligation(version)
    factories.sign(version)
    race(*[partial(write_out_due_dates, now=NOON)] * 6)
    assert len(due_days(made)) == len(set(due_days(made))) == 9
    results = race(*[partial(delivered, made.occurrences.first(), NOON)] * 6)
    assert len({one.pk for one in results}) == Delivery.objects.count() == 1
    assert AgreementEvent.objects.filter(kind="delivered").count() == 1
    by = factories.party(agreement, "sales").signatory
    draft = begin_amendment(agreement=Agreement.objects.get(), starts_on=dt.date(2026, 4, 1), now=NOON, by=by)
    copied = draft.obligations.get()
    results = race(*[partial(write, draft, by, copied, weekday=day) for day in range(4)])
    assert sum(isinstance(one, Obligation) for one in results) == 1
    assert sum(isinstance(one, ObligationChanged) for one in results) == 3
