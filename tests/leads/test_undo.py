"""An import that is undone: what was before is there again, but for what was worked on since."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from leads.intake.runs import ImportOptions
from leads.intake.sent_rows import take_rows
from leads.intake.undoing import forget_what_rows_were, undo_import, what_an_undo_would_do
from leads.models import Deal, FollowUpAttempt, HandOff, HandOffEvent, Import, ImportChange, Lead
from leads.services.attempts import log_attempt, void_attempt
from leads.services.hand_offs import close
from reports import rollups
from tests import factories
from tests.leads.importing import NOW, file_of, take
from tests.races import race, rounds
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(minutes=5)
LEADS = (
    "external_id,handed_off_at,name,source\n1,2026-03-04T09:30:00Z,Ada,web\n2,2026-03-04T10:00:00Z,Bo,web\n"
)


def undo(result: Any, now: dt.datetime = LATER) -> Any:
    """Undo what this import did; checks that it was foretold."""
    record = Import.objects.get(pk=result.import_id)
    foretold = what_an_undo_would_do(record=record)
    undone = undo_import(record=record, by=None, now=now)
    assert foretold == undone
    return undone


def said(undone: Any) -> tuple[int, int, dict[str, list[str]]]:
    return undone.removed, undone.restored, {one.why.value: one.ids for one in undone.left}


WITHOUT_IDS = {
    "leads": "SELECT to_jsonb(l) - 'id' FROM leads_lead l",
    "hand_offs": """SELECT to_jsonb(h) - 'id' - 'lead_id' || jsonb_build_object('lead', l.external_id)
        FROM leads_handoff h JOIN leads_lead l ON l.id = h.lead_id""",
    "attempts": """SELECT to_jsonb(a) - 'id' - 'hand_off_id' || jsonb_build_object('of', l.external_id, 'n', h.number,
        'note', n.text) FROM leads_followupattempt a JOIN leads_handoff h ON h.id = a.hand_off_id
        JOIN leads_lead l ON l.id = h.lead_id LEFT JOIN leads_attemptnote n ON n.attempt_id = a.id
        WHERE a.voided_at IS NULL""",
    "deals": """SELECT to_jsonb(d) - 'id' - 'lead_id' || jsonb_build_object('of', l.external_id)
        FROM leads_deal d LEFT JOIN leads_lead l ON l.id = d.lead_id""",
}


def state() -> dict[str, list[str]]:
    """All leads, hand-offs, attempts that stand and deals, without the numbers of their rows."""
    found = {}
    with connection.cursor() as cursor:
        for name, sql in WITHOUT_IDS.items():
            cursor.execute(sql)
            found[name] = sorted(json.dumps(json.loads(row), sort_keys=True) for (row,) in cursor.fetchall())
    return found


@pytest.fixture
def promised():
    made = factories.agreement("company")
    factories.signed(made, starts_on=dt.date(2025, 1, 1))
    return made


def test_what_came_new_is_gone_with_its_hand_offs_and_events(promised):
    take("deals", "external_id,lead_external_id,won\nd,1,\n")
    before = state()
    result = take("leads", LEADS)
    assert Deal.objects.get().lead is not None
    assert HandOffEvent.objects.exists()
    assert said(undo(result)) == (2, 0, {})
    assert state() == before
    assert not HandOffEvent.objects.exists()


def test_what_was_there_goes_back_and_its_history_says_so(promised):
    take("leads", LEADS)
    before = state()
    other = (
        "external_id,handed_off_at,name,owner\n1,2026-03-04T10:30:00Z,Ada Byron,Rep One\n3,2026-03-04,Cy,\n"
    )
    result = take("leads", other, now=LATER)
    assert state() != before
    assert said(undo(result, LATER)) == (1, 1, {})
    assert state() == before
    kinds = HandOffEvent.objects.filter(data__undone=True).values_list("kind", flat=True)
    assert sorted(kinds) == ["assigned", "corrected"]


def test_a_lead_that_somebody_worked_on_stays_and_the_others_go(promised):
    result = take("leads", LEADS)
    log_attempt(
        hand_off=HandOff.objects.get(lead__external_id="1"), attempted_at=LATER, channel="call",
        outcome="no_answer", now=LATER,
    )  # fmt: skip
    assert said(undo(result, LATER)) == (1, 0, {"attempted": ["1"]})
    assert [lead.external_id for lead in Lead.objects.all()] == ["1"]


def test_a_lead_that_was_closed_since_keeps_what_the_file_changed(promised):
    take("leads", LEADS)
    result = take(
        "leads",
        "external_id,handed_off_at,name\n1,2026-03-04T10:30:00Z,Ada Byron\n2,,Bob\n".replace(
            ",,", ",2026-03-04T10:00:00Z,"
        ),
    )
    one = HandOff.objects.get(lead__external_id="1")
    close(hand_off=one, closed_as="won", at=LATER, now=LATER)
    assert said(undo(result)) == (0, 1, {"worked": ["1"]})
    assert list(Lead.objects.order_by("external_id").values_list("name", flat=True)) == ["Ada Byron", "Bo"]


def test_what_a_later_import_changed_stays_until_that_is_undone(promised):
    first = take("leads", LEADS)
    second = take("leads", LEADS.replace("Ada", "Ada Byron"), now=LATER)
    record = Import.objects.get(pk=first.import_id)
    assert said(what_an_undo_would_do(record=record)) == (1, 0, {"imported": ["1"]})
    undo(second)
    assert said(undo(first)) == (2, 0, {})
    assert not Lead.objects.exists()


def test_what_a_program_sent_after_the_file_stays(promised):
    result = take("leads", LEADS)
    for name in ("Ada Byron", "Ada Lovelace"):  # the same day's import of single leads
        row = {"external_id": "1", "qualified_at": "2026-03-04T09:00:00Z", "name": name}
        take_rows(kind="leads", rows=[row], options=ImportOptions(source="import"), now=LATER, is_one=True)
    assert said(undo(result)) == (1, 0, {"imported": ["1"]})


def test_what_programs_send_and_what_is_older_than_a_day_cannot_be_undone():
    row = {"external_id": "1", "qualified_at": "2026-03-04T09:00:00Z"}
    take_rows(kind="leads", rows=[row], options=ImportOptions(), now=NOW, is_one=True)
    with pytest.raises(ValidationError, match="by a file"):
        undo_import(record=Import.objects.get(), by=None, now=LATER)
    result = take("leads", LEADS)
    record = Import.objects.get(pk=result.import_id)
    with pytest.raises(ValidationError, match="24 hours"):
        undo_import(record=record, by=None, now=NOW + dt.timedelta(hours=24, minutes=1))
    assert Lead.objects.count() == 2


def test_undone_twice_is_told_and_who_did_it_is_kept():
    ada = factories.user("Ada Nowak")
    record = Import.objects.get(pk=take("leads", LEADS).import_id)
    undo_import(record=record, by=ada, now=LATER)
    with pytest.raises(ValidationError, match="undone already"):
        undo_import(record=record, by=ada, now=LATER)
    record.refresh_from_db()
    assert (record.undone_at, record.undone_by) == (LATER, ada)
    assert record.undone == {"removed": 2, "restored": 0, "left": []}


ATTEMPTS = (
    "external_id,lead_external_id,attempted_at,channel,outcome,note\n"
    "a,1,2026-03-04T10:00:00Z,call,no_answer,Rang twice\nb,1,2026-03-04T11:00:00Z,call,connected,\n"
)


def test_attempts_are_voided_and_what_they_replaced_stands_again(promised):
    take("leads", LEADS)
    first = take("attempts", ATTEMPTS)
    before = state()
    second = take(
        "attempts", ATTEMPTS.replace("no_answer", "voicemail").replace(",connected,", ",connected,Yes")
    )
    assert (second.updated, state() == before) == (2, False)
    assert said(undo(second)) == (0, 2, {})
    assert state() == before
    assert said(undo(first)) == (2, 0, {})
    assert not FollowUpAttempt.objects.standing().exists()
    assert HandOff.objects.get(lead__external_id="1").attempts == 0
    again = take("attempts", ATTEMPTS)
    assert again.created == 2


def test_a_lead_with_attempts_stays_also_once_these_are_undone(promised):
    leads = take("leads", LEADS)
    attempts = take("attempts", ATTEMPTS)
    undo(attempts)
    assert said(undo(leads)) == (1, 0, {"attempted": ["1"]})
    assert Lead.objects.get().external_id == "1"
    assert FollowUpAttempt.objects.count() == 2
    assert HandOff.objects.get().attempts == 0
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        FollowUpAttempt.objects.all()._raw_delete("default")


def test_an_attempt_that_somebody_undid_stays_so(promised):
    take("leads", LEADS)
    result = take("attempts", ATTEMPTS)
    void_attempt(attempt=FollowUpAttempt.objects.get(external_id="a"), now=LATER)
    assert said(undo(result)) == (1, 0, {"voided": ["a"]})


def test_an_attempt_of_a_lead_that_was_closed_since_stays(promised):
    take("leads", LEADS)
    result = take("attempts", ATTEMPTS)
    close(hand_off=HandOff.objects.get(lead__external_id="1"), closed_as="won", at=LATER, now=LATER)
    assert said(undo(result)) == (0, 0, {"closed": ["a", "b"]})


def test_deals_go_and_go_back():
    take("leads", LEADS)
    take("deals", "external_id,lead_external_id,closed_at,won,amount,currency\nd,1,2026-03-04,yes,100,EUR\n")
    before = state()
    result = take(
        "deals",
        "external_id,lead_external_id,closed_at,won,amount,currency\nd,2,2026-03-03,no,120.5,USD\ne,,,,5,EUR\n",
    )
    assert said(undo(result)) == (1, 1, {})
    assert state() == before


def test_a_lead_with_a_deal_of_a_later_file_stays():
    result = take("leads", LEADS)
    take("deals", "external_id,lead_external_id,won\nd,1,\n", now=LATER)
    assert said(undo(result)) == (1, 0, {"deal": ["1"]})


def test_an_episode_that_began_again_goes_and_its_attempts_are_those_of_the_one_before(promised):
    take("leads", "external_id,handed_off_at\n1,2026-02-02T09:00:00Z\n")
    closed_at = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
    close(hand_off=HandOff.objects.get(), closed_as="unreachable", at=closed_at, now=closed_at)
    take(
        "attempts",
        "external_id,lead_external_id,attempted_at,channel,outcome\na,1,2026-02-20T11:00:00Z,call,voicemail\n",
    )
    before = state()
    result = take("leads", "external_id,handed_off_at\n1,2026-02-20T09:00:00Z\n")
    assert FollowUpAttempt.objects.get().hand_off.number == 2
    assert said(undo(result)) == (0, 1, {})
    assert state() == before


def test_what_rows_were_is_forgotten_once_it_cannot_be_undone():
    take("leads", LEADS)
    take("leads", LEADS.replace("Ada", "Ada Byron"))
    assert ImportChange.objects.count() == 1
    assert forget_what_rows_were(now=LATER) == 0
    assert forget_what_rows_were(now=NOW + dt.timedelta(hours=49)) == 1


def random_file(random: Random, kind: str, among: Sequence[str]) -> Any:
    """A file of one kind about few leads, so that much of it is about what is there already."""

    def instant() -> str:
        return f"2026-03-{random.randint(2, 4):02}T{random.randint(7, 11):02}:{random.choice((0, 15, 30)):02}:00Z"

    ids = random.choices(among, k=random.randint(1, 8))
    if kind == "leads":
        heading = "external_id,qualified_at,handed_off_at,name,source,owner,segment,origin"
        rows: list[tuple[Any, ...]] = [
            (
                one, instant(), random.choice(("", instant(), "2026-03-03")), random.choice(("", "Ada", "Bo")),
                random.choice(("web", "fair", "")), random.choice(("", "Rep One", "rep@example.com")),
                random.choice(("", "executives")), random.choice(("", "marketing", "sales")),
            )
            for one in ids
        ]  # fmt: skip
    elif kind == "attempts":
        heading = "external_id,lead_external_id,attempted_at,channel,outcome,note"
        rows = [
            (
                f"a{random.randint(1, 6)}", one, instant(), random.choice(("call", "email")),
                random.choice(("no_answer", "connected")), random.choice(("", "Hello", "Later")),
            )
            for one in ids
        ]  # fmt: skip
    else:
        heading = "external_id,lead_external_id,closed_at,won,amount,currency"
        rows = [
            (
                f"d{random.randint(1, 6)}", one, f"2026-03-{random.randint(2, 4):02}", random.choice(("yes", "no")),
                random.randint(1, 99), "EUR",
            )
            for one in ids
        ]  # fmt: skip
    return file_of(heading, rows)


@pytest.mark.parametrize("seed", range(rounds(12)))
def test_after_import_and_undo_everything_is_as_before(promised, seed):
    """Also of several imports, undone from the last to the first; and the stored figures are those of a recount.

    Attempts are on leads that were there before: others would stay with their attempts.
    """
    random = Random(seed)
    factories.segment("Executives")
    factories.user("Rep Two", email="rep@example.com")

    instants = (
        NOW + dt.timedelta(minutes=1, seconds=second) for second in range(60)
    )  # no clock changes in it

    every = tuple(map(str, range(1, 10)))

    def come(tried: Sequence[str] = every) -> Any:
        kind = random.choice(("leads", "leads", "deals", *(["attempts"] if tried else [])))
        among = tried if kind == "attempts" else every
        return take(kind, random_file(random, kind, among), now=next(instants))

    for _ in range(random.randint(0, 4)):
        come()
    for hand_off in HandOff.objects.filter(closed_as="", handed_off_at__lt=NOW - dt.timedelta(hours=20))[:3]:
        at = hand_off.handed_off_at + dt.timedelta(minutes=random.randint(1, 600))
        close(
            hand_off=hand_off,
            closed_as=random.choice(("won", "unreachable")),
            at=at,
            now=NOW - dt.timedelta(hours=1),
        )
    rollups.refresh(now=NOW)
    there = list(Lead.objects.order_by("pk").values_list("external_id", flat=True))
    states, figures, results = [], [], []
    for _ in range(random.randint(1, 5)):
        states.append(state())
        figures.append(stored_rows())
        results.append(come(there))
        rollups.refresh(now=NOW)
    for result in reversed(results):
        undone = undo(result, next(instants))
        assert undone.left == []
        assert state() == states.pop()
        rollups.refresh(now=NOW)
        assert not row_differences(stored_rows(), figures.pop())
    assert not row_differences(stored_rows(), rebuilt_rows())


def test_the_command_undoes_and_lists(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("leads.management.commands.undo_import.ask_for_fresh_figures", lambda: True)
    path = tmp_path / "leads.csv"
    path.write_text(LEADS)
    call_command("import", "leads", str(path))
    number = Import.objects.get().pk
    assert f"undo_import {number}" in capsys.readouterr().err
    call_command("undo_import")
    assert "leads.csv" in capsys.readouterr().out
    call_command("undo_import", str(number), "--dry-run")
    assert Lead.objects.count() == 2
    call_command("undo_import", str(number))
    answer = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(answer) == {"removed": 2, "restored": 0, "left": 0}
    with pytest.raises(CommandError, match="undone already"):
        call_command("undo_import", str(number))
    with pytest.raises(CommandError, match="no import"):
        call_command("undo_import", "999999")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_does():
    for _ in range(rounds(3)):
        record = Import.objects.get(pk=take("leads", LEADS).import_id)
        answers = race(*[lambda record=record: undo_import(record=record, by=None, now=LATER).removed] * 3)
        assert sorted(map(str, answers))[0] == "2"
        assert sum(isinstance(one, ValidationError) for one in answers) == 2
        assert not Lead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_hand_off_leaves_its_lead_to_who_works_it():
    result = take("leads", "external_id,handed_off_at\n1,2026-03-04T09:30:00Z\n")
    record = Import.objects.get(pk=result.import_id)

    def undo_it() -> Any:
        try:
            return undo_import(record=record, by=None, now=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hand_off = HandOff.objects.select_for_update().get(recorded_by=record)
            undoing = pool.submit(undo_it)
            give_up_at = time.monotonic() + 10
            while not waits_for_a_lock():
                assert time.monotonic() < give_up_at
                time.sleep(0.01)
            with connection.cursor() as cursor:  # what looking at a foreign key again does
                cursor.execute(
                    "SELECT id FROM leads_lead WHERE id = %s FOR KEY SHARE NOWAIT", [hand_off.lead_id]
                )
        assert undoing.result().removed == 1


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_work_and_undo_at_once_end_with_both_or_one():
    for turn in range(rounds(3)):
        result = take("leads", f"external_id,handed_off_at\n{turn},2026-03-04T09:30:00Z\n")
        record, hand_off = (
            Import.objects.get(pk=result.import_id),
            HandOff.objects.get(recorded_by=result.import_id),
        )

        def work(hand_off=hand_off):
            try:
                log_attempt(
                    hand_off=hand_off, attempted_at=LATER, channel="call", outcome="no_answer", now=LATER
                )
            except HandOff.DoesNotExist:
                return "gone"
            return "logged"

        undone, worked = race(lambda record=record: undo_import(record=record, by=None, now=LATER), work)
        assert (worked, undone.removed, undone.stays) in (("gone", 1, 0), ("logged", 0, 1)), (undone, worked)
