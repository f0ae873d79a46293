"""The pages of what is owed regularly: read, delivered, downloaded, handed on, written in a draft."""

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agreements.models import (
    DeliveredContent,
    Delivery,
    Duty,
    Membership,
    Obligation,
    Occurrence,
)
from agreements.services.deliveries import Content, deliver, write_out_due_dates
from tests import factories
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

NOON, DAY = factories.NOON, dt.timedelta(days=1)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Wednesday noon, until a test sets it on."""
    shown = [NOON]
    monkeypatch.setattr(timezone, "now", lambda: shown[0])
    return shown


@pytest.fixture
def as_bo(client, bo):
    client.force_login(bo)
    return client


@pytest.fixture
def days_later(clock, as_bo, bo):
    """Sets the clock on, and signs in anew: a session does not live for days."""

    def set_on(days):
        clock[0] = NOON + days * DAY
        as_bo.force_login(bo)

    return set_on


@pytest.fixture
def owed(agreement):
    version = factories.draft(agreement)
    made = factories.obligation(version)
    factories.sign(version)
    write_out_due_dates(now=NOON)
    return made


def filled(**changed):
    return {"key": str(uuid.uuid4()), "text": "All is well", **changed}


def obligation_fields(agreement, **changed):
    parties = {f"{one.team.function}": one.pk for one in agreement.parties.select_related("team")}
    return {
        "edits": 0,
        "name": "Status of leads",
        "from_party": parties["marketing"],
        "to_party": parties["sales"],
        "cadence": "times_a_month",
        "weekday": 0,
        "times": 4,
        "due_time": "10:00",
        "day_off": "previous",
        "report": "",
        "person": "",
        "remind_before": "",
        **changed,
    }


def test_the_first_line_says_what_is_next_or_overdue(as_bo, owed, days_later):
    said = as_bo.get("/agreements/company/obligations/").text
    assert (
        "Nothing is overdue; next is “Pipeline status” of Company Sales, due Fri 6 Mar 2026, 16:00." in said
    )
    assert "Company Sales owes it to Company Marketing, every Friday by 16:00." in said
    assert "Director of Company Sales answers for it." in said
    days_later(3)
    said = as_bo.get("/agreements/company/obligations/").text
    assert "1 delivery is overdue: “Pipeline status” of Company Sales, due Fri 6 Mar 2026, 16:00." in said
    assert "✖" in said and "overdue by 20 h" in said
    days_later(10)
    said = as_bo.get("/agreements/company/obligations/").text
    assert "missed: not delivered before the next one was due" in said
    assert "0 of 2" in said


def test_an_agreement_without_obligations_says_what_could_stand_there(as_bo, agreement):
    factories.signed(agreement)
    said = as_bo.get("/agreements/company/obligations/").text
    assert "Nothing is owed regularly under this agreement." in said
    assert "A draft can say what one side owes the other" in said


def test_what_is_owed_stands_in_the_columns_of_the_version(as_bo, owed):
    said = as_bo.get("/agreements/company/versions/1/").text
    assert "Owed regularly" in said
    assert "“Pipeline status” to Company Marketing, every Friday by 16:00." in said


def test_a_delivery_is_read_by_the_teams_and_counted_for_everybody(client, owed, bo, agreement):
    client.force_login(bo)
    due = owed.occurrences.first()
    address = f"/agreements/company/obligations/{due.pk}/"
    file = SimpleUploadedFile("../../état\u202e.html", b"<script>alert(1)</script>", "text/html")
    answer = client.post(address, filled(text=HOSTILE, file=file), follow=True)
    assert "Delivered." in answer.text
    assert "delivered in time, on Wed 4 Mar 2026, 12:00" in answer.text
    said = client.get(address).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in said and "<script>alert(1)" not in said
    loaded = client.get(f"/agreements/company/deliveries/{Delivery.objects.get().pk}/file/")
    assert loaded.content == b"<script>alert(1)</script>"
    assert loaded.headers["Content-Type"] == "application/octet-stream"
    assert loaded.headers["Content-Disposition"].startswith("attachment;")
    assert loaded.headers["X-Content-Type-Options"] == "nosniff"
    assert DeliveredContent.objects.get().file_name == "état.html"
    client.force_login(factories.user("Viewer", role="viewer"))
    said = client.get(address).text
    assert "The words and files are for the teams of this agreement." in said
    assert "alert(1)" not in said and "état" not in said


def test_a_form_sent_twice_counts_once(as_bo, owed):
    address = f"/agreements/company/obligations/{owed.occurrences.first().pk}/"
    data = filled()
    as_bo.post(address, data)
    assert "It counts once." in as_bo.post(address, data, follow=True).text
    assert Delivery.objects.count() == 1
    as_bo.post(address, filled(text="A correction"))
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": "", "key": str(uuid.uuid4())}, "Write something, or choose a file."),
        ({"text": "a\0b", "key": str(uuid.uuid4())}, "Null characters are not allowed."),
        ({"text": "x" * 20_001, "key": str(uuid.uuid4())}, "at most 20000 characters"),
        ({"text": "Well"}, "The page was incomplete."),
        ({"text": "Well", "key": "no key"}, "The page was incomplete."),
    ],
)
def test_a_delivery_that_cannot_be_is_refused_beside_its_field(as_bo, owed, data, said):
    answer = as_bo.post(f"/agreements/company/obligations/{owed.occurrences.first().pk}/", data)
    assert answer.status_code == 422
    assert said in answer.text
    assert not Delivery.objects.exists()


def test_a_file_above_ten_megabytes_is_refused(as_bo, owed):
    large = SimpleUploadedFile("large.bin", b"0" * (DeliveredContent.MOST_BYTES + 1))
    answer = as_bo.post(f"/agreements/company/obligations/{owed.occurrences.first().pk}/", filled(file=large))
    assert answer.status_code == 422
    assert "The file is larger than 10 MB." in answer.text


def test_who_answers_for_it_may_deliver_as_long_as_they_belong_to_the_team(client, owed, agreement):
    rep = factories.user("Rep")
    place = Membership.objects.create(user=rep, team=owed.from_party.team, role="member")
    address = f"/agreements/company/obligations/{owed.occurrences.first().pk}/"
    client.force_login(rep)
    answer = client.post(address, filled())
    assert answer.status_code == 403
    assert "managers and directors of Company Sales, deliver it." in answer.text
    Duty.objects.update(person=rep)
    assert client.post(address, filled()).status_code == 302
    place.delete()
    assert client.post(address, filled()).status_code == 403


def test_a_duty_is_handed_on(as_bo, owed, bo):
    heir = factories.user("Heir")
    Membership.objects.create(user=heir, team=owed.from_party.team, role="member")
    address = f"/agreements/company/obligations/{owed.pk}/hand-on/"
    assert "Heir" in as_bo.get(address).text
    said = as_bo.post(address, {"person": heir.pk}, follow=True).text
    assert "Heir answers for “Pipeline status” now." in said
    answer = as_bo.post(address, {"person": factories.user("Stranger").pk})
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.text


def test_what_is_owed_is_written_in_the_draft(as_bo, agreement, bo):
    factories.draft(agreement)
    address = "/agreements/company/versions/1/obligations/"
    assert "owed regularly" in as_bo.get(address).text
    said = as_bo.post(f"{address}new/", obligation_fields(agreement, name=HOSTILE), follow=True).text
    assert "on the first 4 Mondays of each month by 10:00" in said
    assert "On a day off it is due on the business day before." in said
    assert "<script>alert(1)" not in said
    made = Obligation.objects.get()
    assert made.duty.remind_before == DAY
    changed = obligation_fields(agreement, cadence="quarterly", month_of_quarter=2, day_of_month=31)
    said = as_bo.post(f"{address}{made.pk}/", changed, follow=True).text
    assert "on day 31 of month 2 of each quarter by 10:00" in said
    stale = as_bo.post(f"{address}{made.pk}/", obligation_fields(agreement, cadence="monthly"))
    assert stale.status_code == 409
    assert "By now it says:" in stale.text and 'value="1"' in stale.text
    assert as_bo.post(f"{address}{made.pk}/remove/", follow=True).status_code == 200
    assert not Obligation.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 101, "at most 100 characters"),
        ("weekday", "", "On which weekday?"),
        ("times", "5", "less than or equal to 4"),
        ("day_of_month", "32", "less than or equal to 31"),
        ("due_time", "25:00", "Enter a valid time."),
        ("remind_before", "31", "30 days are the most."),
        ("to_party", "same", "A party owes nothing to itself."),
        ("from_party", "999999", "Select a valid choice."),
        ("cadence", "daily", "Select a valid choice."),
        ("person", "999999", "Select a valid choice."),
    ],
)
def test_an_obligation_that_cannot_be_is_refused_beside_its_field(as_bo, agreement, field, value, said):
    factories.draft(agreement)
    data = obligation_fields(agreement)
    data[field] = data["from_party"] if value == "same" else value
    answer = as_bo.post("/agreements/company/versions/1/obligations/new/", data)
    assert answer.status_code == 422
    assert said in answer.text and f'id="id_{field}_error"' in answer.text
    assert not Obligation.objects.exists()


def test_a_signed_version_takes_no_obligation_any_more(as_bo, agreement):
    factories.signed(agreement)
    answer = as_bo.post("/agreements/company/versions/1/obligations/new/", obligation_fields(agreement))
    assert answer.status_code == 409
    assert "signed by all parties" in answer.text


def test_many_dates_and_deliveries_cost_no_more_queries(as_bo, owed, days_later):
    days_later(30)
    assert as_bo.get("/agreements/company/obligations/").status_code == 200

    def add_rows():
        for n in range(1000):
            on = dt.date(2023, 1, 1) + dt.timedelta(n)
            due_at = dt.datetime.combine(on, dt.time(16), dt.UTC)
            Occurrence.objects.create(obligation=owed, due_on=on, nominal_on=on, due_at=due_at)
        for one in Occurrence.objects.order_by("-pk")[:15]:
            deliver(occurrence=one, content=Content(text="Status"), key="form", now=NOON, by=None)

    deliver(
        occurrence=owed.occurrences.first(), content=Content(text="Status"), key="form", now=NOON, by=None
    )
    assert_same_queries(lambda: as_bo.get("/agreements/company/obligations/"), add_rows=add_rows)
