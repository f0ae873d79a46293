"""Leads and their hand-offs from files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from functools import partial
from itertools import count

import pytest
from django.core.management import call_command

from agreements.services.calendars import company_calendar
from leads.intake import runs
from leads.models import ChangedDay, FollowUpAttempt, HandOff, HandOffEvent, Import, Lead
from leads.readings.due_times import explain_due_time
from leads.services.disputes import decide_dispute, dispute_rejection
from leads.services.hand_offs import accept, close
from leads.services.merging import merge_leads
from tests import factories
from tests.leads.importing import NOW, counts, file_of, take, whole_tables
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

LEADS = """external_id,qualified_at,handed_off_at,name,company,email,phone,source,origin,owner
1,2026-02-02T09:00:00Z,2026-02-02T10:30:00Z,Ada Byron,Engines,ada@example.com,+48 600 100 200,web,marketing,Rep One
2,2026-02-03,,Zoë Ångström,Optics,zoe@example.com,,fair,sales,
"""


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)


def test_leads_come_in_with_their_hand_offs():
    assert counts(take("leads", LEADS)) == (2, 0, 0, 0)
    ada, zoe = Lead.objects.order_by("external_id")
    assert (ada.name, ada.system, ada.source, ada.phone) == ("Ada Byron", "import", "web", "+48 600 100 200")
    assert (ada.origin, zoe.origin) == ("marketing", "sales")
    hand_off = ada.hand_offs.get()
    assert hand_off.handed_off_at == utc(2026, 2, 2, 10, 30)
    assert (hand_off.number, hand_off.owner_name, hand_off.assigned_at) == (
        1,
        "Rep One",
        hand_off.handed_off_at,
    )
    only_day = zoe.hand_offs.get()
    assert only_day.is_date_only
    assert only_day.handed_off_on == zoe.qualified_on == dt.date(2026, 2, 3)
    assert only_day.assigned_at is None


def test_the_same_file_again_changes_nothing():
    take("leads", LEADS)
    before = whole_tables()
    ChangedDay.objects.all().delete()
    assert counts(take("leads", LEADS)) == (0, 0, 2, 0)
    assert whole_tables() == before
    assert not ChangedDay.objects.exists()


def test_a_trial_counts_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(runs, "BATCH", 2)
    rows = [(i % 7, "2026-02-03", f"Name {i}") for i in range(9)]
    heading = "external_id,qualified_at,name"
    before = whole_tables()
    trial = take("leads", file_of(heading, rows), dry_run=True)
    assert whole_tables() == before
    assert not Import.objects.exists()
    run = take("leads", file_of(heading, rows))
    assert counts(trial) == counts(run) == (7, 0, 2, 0)
    assert trial.notes == run.notes and run.notes[0].startswith(
        "2 rows are about the same as one further down"
    )


def test_of_rows_with_one_id_the_last_good_one_wins(monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 2)
    rows = [
        ("a", "2026-02-03", "first"),
        ("b", "2026-02-03", "b"),
        ("c", "2026-02-03", "c"),
        ("a", "2026-02-03", "last"),
        ("d", "2026-02-03", "d"),
        ("a", "2026-99-03", "damaged"),
    ]
    heading = "external_id,qualified_at,name"
    assert counts(take("leads", file_of(heading, rows))) == (4, 0, 1, 1)
    assert Lead.objects.get(external_id="a").name == "last"
    assert counts(take("leads", file_of(heading, rows))) == (0, 0, 5, 1)


def test_an_empty_cell_says_nothing_unless_the_mapping_says_it_clears():
    take("leads", LEADS)
    emptied = "external_id,qualified_at,name\n1,2026-02-02T09:00:00Z,\n"
    assert counts(take("leads", emptied)) == (0, 0, 1, 0)
    assert counts(take("leads", emptied, mapping={"cells": {"empty": "clear"}})) == (0, 1, 0, 0)
    ada = Lead.objects.get(external_id="1")
    assert (ada.name, ada.company) == ("", "Engines")


def test_ids_of_two_systems_are_different_leads():
    take("leads", LEADS, source="crm")
    assert counts(take("leads", LEADS, source="forms")) == (2, 0, 0, 0)


def test_a_file_that_only_knows_the_day_does_not_overwrite_the_time():
    take("leads", "external_id,qualified_at\n1,2026-02-02T09:00:00Z\n")
    assert counts(take("leads", "external_id,qualified_at\n1,2026-02-02\n")) == (0, 0, 1, 0)
    assert Lead.objects.get().qualified_at == utc(2026, 2, 2, 9)


def test_a_day_begins_where_the_zone_begins_it():
    take("leads", "external_id,qualified_at\n1,2018-11-04\n", time_zone="America/Sao_Paulo")
    hand_off = HandOff.objects.get()
    assert hand_off.handed_off_at == utc(
        2018, 11, 4, 3
    )  # there was no midnight: clocks went from 0:00 to 1:00
    assert hand_off.handed_off_on == dt.date(2018, 11, 4)


def test_wall_times_in_gap_and_fold_of_the_clock():
    rows = [("gap", "2025-03-30 02:30"), ("fold", "2025-10-26 02:30")]
    take("leads", file_of("external_id,qualified_at", rows), time_zone="Europe/Warsaw")
    starts = dict(HandOff.objects.values_list("lead__external_id", "handed_off_at"))
    assert starts == {"gap": utc(2025, 3, 30, 1, 30), "fold": utc(2025, 10, 26, 0, 30)}


@pytest.fixture
def promised():
    """An agreement of four business hours and six attempts, and its receiving team."""
    made = factories.agreement("company")
    factories.signed(made, starts_on=dt.date(2025, 1, 1))
    return made


def test_history_gets_no_clock_and_what_is_younger_than_a_business_day_does(promised):
    rows = [("old", "2026-02-02T09:00:00Z"), ("new", "2026-03-04T09:30:00Z"), ("day", "2026-03-04")]
    take("leads", file_of("external_id,handed_off_at", rows), agreement="company")
    found = {hand_off.lead.external_id: hand_off for hand_off in HandOff.objects.select_related("lead")}
    assert found["old"].due_at is None
    assert (found["old"].state, found["old"].agreed_attempts) == ("no_clock", 6)
    assert found["old"].version == found["new"].version
    assert (found["new"].due_at, found["new"].state) == (utc(2026, 3, 4, 13, 30), "running")
    assert found["day"].due_at is None
    begun = HandOffEvent.objects.filter(kind="handed_off").values_list(
        "hand_off__lead__external_id", flat=True
    )
    assert list(begun) == ["new"]


def test_what_no_agreement_covers_has_its_teams_hours_also_once_it_is_corrected():
    factories.team("East", calendar=factories.calendar("East hours", tz="Asia/Seoul"))
    factories.team("Plain")

    def hours(*rows: str) -> list[str]:
        take("leads", "\n".join(("external_id,handed_off_at,team", *rows)))
        found = HandOff.objects.order_by("lead__external_id").select_related("calendar_revision__calendar")
        return [one.calendar_revision.calendar.name for one in found]

    company = company_calendar()
    assert hours("1,2026-03-02T09:00:00Z,East", "2,2026-03-02T09:00:00Z,Plain") == [
        "East hours",
        company.name,
    ]
    HandOff.objects.update(calendar_revision=company.latest_revision())  # as they were counted before
    assert hours("1,2026-03-02T08:00:00Z,East", "2,2026-03-02T08:00:00Z,Plain") == [
        "East hours",
        company.name,
    ]


@pytest.mark.parametrize(
    ("rule", "due_at", "state"),
    [
        ("none", None, "no_clock"),
        ("handed-off", utc(2026, 2, 2, 13), "overdue"),
        ("now", utc(2026, 3, 4, 16), "running"),
    ],
)
def test_clocks_of_history_as_asked_for(promised, rule, due_at, state):
    take("leads", "external_id,handed_off_at\n1,2026-02-02T09:00:00Z\n", agreement="company", clock=rule)
    hand_off = HandOff.objects.get()
    assert (hand_off.due_at, hand_off.state) == (due_at, state)
    assert HandOffEvent.objects.filter(kind="overdue").count() == (state == "overdue")
    explained = explain_due_time(hand_off, now=NOW)
    if due_at is not None:
        assert explained.lines[-1].total == "4\xa0h"
        assert ("after the import" in explained.sentence) == (rule == "now")


def test_another_time_corrects_an_open_hand_off_and_moves_its_due_time(promised):
    take("leads", "external_id,handed_off_at\n1,2026-03-04T09:30:00Z\n")
    take(
        "attempts",
        "lead_external_id,attempted_at,channel,outcome\n1,2026-03-04T10:00:00Z,call,no_answer\n",
    )
    assert HandOff.objects.get().first_attempt_business_seconds == 1800
    file = "external_id,handed_off_at\n1,2026-03-04T10:30:00Z\n"
    assert counts(take("leads", file)) == (0, 1, 0, 0)
    hand_off = HandOff.objects.get()
    assert hand_off.due_at == utc(2026, 3, 4, 14, 30)
    assert (hand_off.first_attempt_at, hand_off.early_attempts, hand_off.state) == (None, 1, "running")
    assert HandOffEvent.objects.filter(kind="corrected").count() == 1
    before = whole_tables()
    assert counts(take("leads", file)) == (0, 0, 1, 0)
    assert whole_tables() == before


def _close(hand_off: HandOff, at: dt.datetime) -> None:
    hand_off.closed_as, hand_off.closed_at = "recycled", at
    hand_off.save(update_fields=["closed_as", "closed_at"])


def test_a_later_time_after_the_close_is_a_new_episode_and_takes_its_attempts():
    take("leads", "external_id,handed_off_at\n1,2026-02-02T09:00:00Z\n")
    _close(HandOff.objects.get(), utc(2026, 2, 10, 9))
    attempts = (
        "external_id,lead_external_id,attempted_at,channel,outcome\na,1,2026-02-20T11:00:00Z,call,voicemail\n"
    )
    take("attempts", attempts)
    again = "external_id,handed_off_at\n1,2026-02-20T09:00:00Z\n"
    assert counts(take("leads", again)) == (0, 1, 0, 0)
    first, second = HandOff.objects.order_by("number")
    assert (first.attempts, second.attempts) == (0, 1)
    assert FollowUpAttempt.objects.get().hand_off == second
    before = whole_tables()
    assert counts(take("leads", again)) == (0, 0, 1, 0)
    assert counts(take("leads", "external_id,handed_off_at\n1,2026-02-02T09:00:00Z\n")) == (0, 0, 1, 0)
    assert whole_tables() == before


def test_a_day_alone_falls_in_the_episode_that_began_on_it_whichever_was_known_first():
    """Days are those of New York, where the second began on the evening of the 21st; the file's are those of Seoul."""
    factories.agreement("office", time_zone="America/New_York")
    heading = "lead_external_id,attempted_at,channel,outcome"

    def attempts_of(system: str, *, attempt_first: bool) -> list[int]:
        def attempt() -> None:
            row = ("1", "2024-02-21", "call", "voicemail")
            take("attempts", file_of(heading, [row]), source=system, time_zone="Asia/Seoul")

        def hand_over(at: str) -> HandOff:
            file = file_of("external_id,handed_off_at", [("1", at)])
            take("leads", file, source=system, agreement="office")
            return HandOff.objects.filter(lead__system=system).latest("number")

        first = hand_over("2024-02-20T18:45:15Z")
        if attempt_first:
            attempt()
        _close(first, dt.datetime(2024, 2, 21, 22, 3, 47, tzinfo=dt.UTC))
        assert hand_over("2024-02-22T00:03:47Z").handed_off_on == dt.date(2024, 2, 21)
        if not attempt_first:
            attempt()
        return list(first.lead.hand_offs.order_by("number").values_list("attempts", flat=True))

    assert attempts_of("one", attempt_first=True) == [0, 1]
    assert attempts_of("other", attempt_first=False) == [0, 1]


def test_who_is_qualified_again_after_the_first_hand_off_was_over_keeps_when_that_was_first():
    heading = "external_id,qualified_at,handed_off_at,source"
    take("leads", file_of(heading, [("1", "2026-02-02T09:00:00Z", "", "web")]))
    hand_off = HandOff.objects.get()
    corrected = [("1", "2026-02-02T11:00:00Z", "", "web")]
    assert counts(take("leads", file_of(heading, corrected))) == (0, 1, 0, 0)
    _close(hand_off, utc(2026, 2, 9))
    again = [("1", "2026-02-23T09:00:00Z", "", "fair")]
    assert counts(take("leads", file_of(heading, again))) == (0, 1, 0, 0)
    lead = Lead.objects.get()
    assert (lead.qualified_at, lead.qualified_on) == (utc(2026, 2, 2, 11), dt.date(2026, 2, 2))
    assert lead.source == "fair"
    assert [one.handed_off_at for one in lead.hand_offs.order_by("number")] == [
        utc(2026, 2, 2, 11),
        utc(2026, 2, 23, 9),
    ]
    assert counts(take("leads", file_of(heading, again))) == (0, 0, 1, 0)
    # The first qualification can still be corrected: until the first hand-off was over, and to earlier.
    earlier = file_of(heading, [("1", "2026-02-01T08:00:00Z", "", "fair")])
    take("leads", earlier)
    assert Lead.objects.get().qualified_at == utc(2026, 2, 1, 8)
    assert HandOff.objects.count() == 2


def test_of_a_lead_that_was_merged_each_id_keeps_its_own_first_qualification():
    heading = "external_id,qualified_at"
    take("leads", file_of(heading, [("1", "2026-02-02T09:00:00Z"), ("2", "2026-02-03T09:00:00Z")]))
    one, two = Lead.objects.order_by("external_id")
    for lead in (one, two):
        _close(lead.hand_offs.get(), utc(2026, 2, 9))
    merge_leads(survivor=one, absorbed=two, now=NOW, by=factories.user(), may_know=lambda lead: True)
    take("leads", file_of(heading, [("2", "2026-02-23T09:00:00Z")]))
    assert Lead.objects.get(external_id="2").qualified_at == utc(2026, 2, 3, 9)
    assert one.hand_offs.count() == 3


def _rejected_and_disputed() -> HandOff:
    take("leads", "external_id,handed_off_at,name\n1,2026-02-02T09:00:00Z,Ada\n")
    closed_at = utc(2026, 2, 10, 9)
    hand_off = close(
        hand_off=HandOff.objects.get(), closed_as="rejected", reason="region", at=closed_at, now=closed_at
    )
    dispute_rejection(hand_off=hand_off, words="They asked for a demo", now=closed_at)
    return hand_off


def test_while_a_rejection_is_disputed_a_row_that_hands_over_again_is_told_and_goes_in_later(tmp_path):
    hand_off = _rejected_and_disputed()
    again = "external_id,handed_off_at,name\n1,2026-02-20T09:00:00Z,Ada Byron\n2,2026-02-20,Zoe\n"
    before = whole_tables()
    assert counts(take("leads", again, dry_run=True)) == (1, 0, 0, 1)
    assert whole_tables() == before
    taken = take("leads", again, errors=tmp_path / "errors.csv")
    assert counts(taken) == (1, 0, 0, 1)
    ((number, reason),) = taken.reasons
    assert number == 2 and reason.startswith("handed_off_at: the lead's rejection is disputed")
    kept = list(csv.DictReader(io.StringIO((tmp_path / "errors.csv").read_text("utf-8-sig"))))
    assert [row["handed_off_at"] for row in kept] == ["2026-02-20T09:00:00Z"], "nothing of the row is lost"
    assert hand_off.lead.hand_offs.count() == 1 and Lead.objects.get(external_id="1").name == "Ada"
    decide_dispute(hand_off=hand_off, outcome="upheld", now=utc(2026, 3, 1))
    assert counts(take("leads", again)) == (0, 1, 1, 0)
    assert set(hand_off.lead.hand_offs.values_list("number", flat=True)) == {1, 2}
    assert Lead.objects.get(external_id="1").name == "Ada Byron"


def test_a_row_that_hands_nothing_over_again_is_taken_while_a_rejection_is_disputed():
    _rejected_and_disputed()
    same = "external_id,handed_off_at,name\n1,2026-02-02T09:00:00Z,Ada Byron\n"
    assert counts(take("leads", same)) == (0, 1, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_a_dispute_and_a_file_at_once_only_what_fits_together_happens():
    for turn in range(rounds(3)):
        take("leads", f"external_id,handed_off_at\n{turn},2026-02-02T09:00:00Z\n")
        at = utc(2026, 2, 10, 9)
        hand_off = HandOff.objects.get(lead__external_id=str(turn))
        close(hand_off=hand_off, closed_as="rejected", reason="region", at=at, now=at)
        race(
            partial(take, "leads", f"external_id,handed_off_at\n{turn},2026-02-20T09:00:00Z\n"),
            partial(dispute_rejection, hand_off=hand_off, words="Why", now=NOW),
        )
        hand_off.refresh_from_db()
        went_on = hand_off.lead.hand_offs.count() == 2
        assert went_on != (hand_off.rejection_answer == "disputed")


def test_an_earlier_time_after_the_close_changes_nothing():
    take("leads", "external_id,qualified_at,handed_off_at\n1,2026-02-01,2026-02-02T09:00:00Z\n")
    _close(HandOff.objects.get(), utc(2026, 2, 10, 9))
    before = whole_tables()
    file = "external_id,qualified_at,handed_off_at\n1,2026-02-01,2026-02-05T09:00:00Z\n"
    assert counts(take("leads", file)) == (0, 0, 1, 0)
    assert whole_tables() == before


def test_without_the_column_a_hand_off_moves_only_where_it_began_with_the_qualification():
    take(
        "leads",
        "external_id,qualified_at,handed_off_at\n1,2026-02-01T08:00Z,2026-02-02T09:00Z\n2,2026-02-01T08:00Z,\n",
    )
    assert counts(take("leads", "external_id,qualified_at\n1,2026-02-01T07:00Z\n2,2026-02-01T07:00Z\n")) == (
        0,
        2,
        0,
        0,
    )
    starts = dict(HandOff.objects.values_list("lead__external_id", "handed_off_at"))
    assert starts == {"1": utc(2026, 2, 2, 9), "2": utc(2026, 2, 1, 7)}


def test_another_owner_takes_over_an_open_hand_off_and_its_clock(promised):
    rep = factories.user("Rosa Rep", email="Rosa@example.com")
    file = "external_id,handed_off_at,owner\n1,2026-03-04T09:30:00Z,%s\n"
    take("leads", file % "Somebody Else")
    due_at = HandOff.objects.get().due_at
    assert counts(take("leads", file % "rosa@EXAMPLE.com")) == (0, 1, 0, 0)
    hand_off = HandOff.objects.get()
    assert (hand_off.owner, hand_off.owner_name, hand_off.due_at) == (rep, "", due_at)
    assert HandOffEvent.objects.filter(kind="assigned").count() == 1
    assert counts(take("leads", file % "Rosa Rep")) == (0, 0, 1, 0)


def test_people_are_known_by_e_mail_or_by_a_name_that_only_one_has():
    one = factories.user("Żaneta Nowak", email="zaneta@example.com")
    factories.user("Kim Lee")
    factories.user("kim lee")
    rows = [("1", "2026-02-03", "ŻANETA nowak"), ("2", "2026-02-03", "Kim Lee")]
    take("leads", file_of("external_id,qualified_at,owner", rows))
    owners = dict(HandOff.objects.values_list("lead__external_id", "owner"))
    assert owners == {"1": one.pk, "2": None}
    assert HandOff.objects.get(lead__external_id="2").owner_name == "Kim Lee"


def test_segment_and_team_are_names_or_slugs_of_what_there_is():
    executive = factories.segment("Executive", lead_value=100)
    team = factories.team("North Sales")
    rows = [
        ("1", "2026-02-03", "EXECUTIVE", "north sales"),
        ("2", "2026-02-03", "executive", "north-sales"),
        ("3", "2026-02-03", "Chief", ""),
        ("4", "2026-02-03", "", "South"),
    ]
    assert counts(take("leads", file_of("external_id,qualified_at,segment,team", rows))) == (2, 0, 0, 2)
    assert set(HandOff.objects.values_list("segment", "team", "lead_value")) == {
        (executive.pk, team.pk, Decimal(100))
    }


REJECTED = [
    ({"external_id": ""}, "external_id: empty"),
    ({"external_id": "x" * 201}, "external_id: 201 characters"),
    ({"qualified_at": ""}, "qualified_at: empty"),
    ({"qualified_at": "2026-02-30"}, "not a date"),
    ({"qualified_at": "31/31/2026"}, "order of day and month"),
    ({"qualified_at": "45321"}, "a spreadsheet's number"),
    ({"qualified_at": "45321.5"}, "a spreadsheet's number"),
    ({"qualified_at": "0001-01-01"}, "not between 1971 and 2100"),
    ({"qualified_at": "9999-12-31"}, "not between 1971 and 2100"),
    ({"qualified_at": "2026-03-05"}, "future"),
    ({"qualified_at": "2026-03-04T12:06:00Z"}, "future"),
    ({"qualified_at": "yesterday"}, "not a date"),
    ({"name": "x" * 201}, "name: 201 characters"),
    ({"email": "x" * 321}, "email: 321 characters"),
    ({"origin": "partner"}, "known are marketing, sales"),
]


@pytest.mark.parametrize(("cells", "reason"), REJECTED)
def test_a_row_is_rejected_with_its_reason_and_the_others_go_in(tmp_path, cells, reason):
    good = {
        "external_id": "1",
        "qualified_at": "2026-02-03",
        "name": "n",
        "email": "e",
        "origin": "marketing",
    }
    errors = tmp_path / "errors.csv"
    rows = [
        good.values(),
        (good | {"external_id": "2"} | cells).values(),
        (good | {"external_id": "3"}).values(),
    ]
    mapping = {"dates": {"formats": ["%Y"]}} if "/" in cells.get("qualified_at", "") else None
    result = take("leads", file_of(",".join(good), map(list, rows)), errors=errors, mapping=mapping)
    assert counts(result) == (2, 0, 0, 1)
    (line,) = csv.DictReader(io.StringIO(errors.read_text(encoding="utf-8")))
    assert line["row"] == "3"
    assert reason in line["error"]


def test_rejected_rows_go_in_once_they_are_corrected(tmp_path):
    errors, again = tmp_path / "errors.csv", tmp_path / "again.csv"
    rows = [
        ("1", "2026-02-03", "=1+1", "-5"),
        ("2", "2026-02-31", "=1+1;=2", "+48 1"),
        ("3", "2026-02-31", "'=x", "@home"),
    ]
    heading = "external_id,qualified_at,name,phone"
    assert counts(take("leads", file_of(heading, rows), errors=errors)) == (1, 0, 0, 2)
    text = errors.read_text(encoding="utf-8")
    assert "'=1+1;'=2" in text
    assert "'+48 1" in text
    result = take("leads", text.replace("2026-02-31", "2026-02-28", 1), errors=again)
    assert counts(result) == (1, 0, 0, 1)
    assert Lead.objects.get(external_id="2").name == "=1+1;=2"
    assert Lead.objects.get(external_id="2").phone == "+48 1"
    assert (
        again.read_text(encoding="utf-8").splitlines()[0] == "external_id,qualified_at,name,phone,row,error"
    )
    assert counts(take("leads", again.read_text(encoding="utf-8").replace("2026-02-31", "2026-02-28"))) == (
        1,
        0,
        0,
        0,
    )
    assert Lead.objects.get(external_id="3").name == "=x"


def test_texts_are_composed_and_lose_what_cannot_be_seen():
    rows = [("1", "2026-02-03", "Zoe\u0308\x07 \u202eAda\nLovelace ", "  Acme\tInc ")]
    take("leads", file_of("external_id,qualified_at,name,company", rows))
    lead = Lead.objects.get()
    assert (lead.name, lead.company) == ("Zoë Ada Lovelace", "Acme Inc")


def test_headings_joined_chosen_ignored_and_words_translated():
    mapping = {
        "columns": {
            "external_id": "Nr",
            "qualified_at": {"any": ["MQL date", "Created"]},
            "name": ["First", "Last"],
            "source": "Origin",
            "owner": "",
        },
        "defaults": {"origin": "marketing", "campaign": "spring"},
        "values": {"source": {"Select": "", "GOOGLE": "google"}},
        "dates": {"formats": ["%d %b, %Y %H:%M:%S"]},
    }
    rows = [
        (7, "15 Apr, 2021 00:03:00", "Ada", "Byron", "Google", "x"),
        (8, "2021-04-16", "", "Kim", "select", "x"),
    ]
    take("leads", file_of("nr,CREATED,First,last,origin,owner", rows), mapping=mapping)
    ada, kim = Lead.objects.order_by("external_id")
    assert (ada.name, ada.source, ada.origin, ada.campaign) == ("Ada Byron", "google", "marketing", "spring")
    assert (kim.name, kim.source) == ("Kim", "")
    assert ada.qualified_at == utc(2021, 4, 15, 0, 3)
    assert not HandOff.objects.exclude(owner_name="").exists()


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["01-02-2018", "20-10-2017"], ["2018-02-01", "2017-10-20"]),
        (["2/1/2018", "10/20/2017 7:58 PM"], ["2018-02-01", "2017-10-20"]),
        (["2018/2/1", "2017.10.20"], ["2018-02-01", "2017-10-20"]),
    ],
)
def test_the_order_of_day_and_month_is_seen_where_the_file_shows_it(dates, days):
    take("leads", file_of("external_id,qualified_at", enumerate(dates)))
    assert [
        str(day) for day in Lead.objects.order_by("external_id").values_list("qualified_on", flat=True)
    ] == days


def test_queries_do_not_grow_with_rows():
    size = [5]
    systems = count()

    def use():
        system = f"system {next(systems)}"
        for owner in ("One", "Other", "Other"):
            rows = [(i, "2026-02-03T10:00Z", f"Name {i}", owner) for i in range(size[0])]
            take("leads", file_of("external_id,qualified_at,name,owner", rows), source=system)

    assert_same_queries(use, add_rows=lambda: size.__setitem__(0, 50), at_most=100)


def test_the_command_ends_with_counts_in_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(runs, "ask_for_fresh_figures", lambda: False)
    path = tmp_path / "leads.csv"
    path.write_text(LEADS + "3,never,,,,,,,,\n", encoding="utf-8")
    call_command("import", "leads", str(path), source="crm")
    out, err = capsys.readouterr()
    answer = json.loads(out.splitlines()[-1])
    assert answer.pop("seconds") >= 0
    assert answer == {"rows": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    assert "1 of 3 rows were rejected" in err
    assert "The broker does not answer" in err
    record = Import.objects.get()
    assert (record.file_name, record.rows, record.created, record.rejected) == ("leads.csv", 3, 2, 1)
    assert record.finished_at is not None
    assert HandOff.objects.filter(recorded_by=record).count() == 2


def test_the_clock_of_the_test_is_the_only_clock():
    assert counts(take("leads", "external_id,qualified_at\n1,2026-03-04T12:00:30Z\n", now=NOW)) == (
        1,
        0,
        0,
        0,
    )


def test_who_has_no_account_is_said_with_how_many_rows_and_kept_by_name():
    factories.user("Rosa Rep", email="rosa@example.com")
    owners = ["rosa@example.com", "Bo <b>Old</b>", "bo <B>old</B>", "Cy Gone", ""]
    rows = [(n, "2026-02-03", owner) for n, owner in enumerate(owners)]
    result = take("leads", file_of("external_id,qualified_at,owner", rows))
    assert result.notes == [
        "3 rows name a person who has no account here, and are kept by the name alone: Bo <b>Old</b>, Cy Gone."
    ]
    many = [(n, "2026-02-03", f"Person {n:02}") for n in range(10, 23)]
    (said,) = take("leads", file_of("external_id,qualified_at,owner", many)).notes
    assert said.startswith("13 rows name a person")
    assert said.endswith("Person 18, Person 19 and 3 more.")
    known = take("leads", file_of("external_id,qualified_at,owner", [(90, "2026-02-03", "Rosa Rep")]))
    assert known.notes == []


def test_a_new_owner_from_a_file_leaves_it_accepted(promised):
    rep, other = factories.user("Rosa Rep"), factories.user("Otto Other")
    file = "external_id,handed_off_at,owner\n1,2026-03-04T09:30:00Z,%s\n"
    take("leads", file % "Rosa Rep")
    accept(hand_off=HandOff.objects.get(), at=NOW, now=NOW, by=rep)
    take("leads", file % "Otto Other")
    assert (HandOff.objects.get().owner, HandOff.objects.get().accepted_at) == (other, NOW)
