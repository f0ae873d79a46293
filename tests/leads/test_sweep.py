"""What time brings about: each once, marked where it is late, and never stopped by a row that the database refuses."""

import datetime as dt
import logging
from dataclasses import replace

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from leads.models import HandOff, HandOffEvent, HeldBack
from leads.services import sweep
from leads.services.hand_offs import hand_over
from leads.services.sweep import sweep_clocks
from tests import factories

pytestmark = pytest.mark.django_db

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
DUE = START + 4 * HOUR

REFUSAL = """
CREATE FUNCTION refuse_the_bad_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no change of %', OLD.id;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON leads_handoff FOR EACH ROW WHEN (OLD.owner_name = 'bad')
    EXECUTE FUNCTION refuse_the_bad_one();
"""


@pytest.fixture
def hand_offs():
    factories.signed(factories.agreement())
    return [hand_over(lead=factories.lead(START), at=START, now=START) for _ in range(9)]


def kinds(**more):
    return list(HandOffEvent.objects.filter(kind="overdue", **more).values_list("hand_off", flat=True))


def test_what_is_noted_at_once_is_not_late(hand_offs):
    sweep_clocks(now=DUE + MINUTE)
    assert len(kinds(data={})) == 9


def test_after_six_hours_down_everything_is_caught_up_and_marked_as_late(hand_offs):
    fresh = hand_over(lead=factories.lead(START + HOUR), at=START + HOUR, now=START + HOUR)
    now = DUE + 6 * HOUR
    counts = sweep_clocks(now=now)
    assert counts["overdue"] == 10
    assert sorted(kinds(data={"late": True})) == sorted([one.pk for one in hand_offs] + [fresh.pk])
    assert set(HandOffEvent.objects.filter(kind="overdue").values_list("happened_at", flat=True)) == {
        DUE,
        DUE + HOUR,
    }
    assert set(sweep_clocks(now=now).values()) == {0}


def test_a_row_that_the_database_refuses_is_held_back_and_stops_no_other(hand_offs, caplog):
    bad = hand_offs[4]
    HandOff.objects.filter(pk=bad.pk).update(owner_name="bad")
    with connection.cursor() as cursor:
        cursor.execute(REFUSAL)
    now = DUE + MINUTE
    with caplog.at_level(logging.ERROR):
        assert sweep_clocks(now=now)["overdue"] == 8
    assert f"sweep overdue leaves hand-off {bad.pk} alone for an hour" in caplog.text
    held = HeldBack.objects.get(sweep="overdue")
    assert (held.hand_off, held.until_at, held.times) == (bad, now + HOUR, 1)
    assert held.error == f"ProgrammingError: no change of {bad.pk}"
    caplog.clear()
    assert sweep_clocks(now=now + 59 * MINUTE)["overdue"] == 0 and not caplog.text
    assert sweep_clocks(now=now + HOUR)["overdue"] == 0
    held.refresh_from_db()
    assert (held.times, held.until_at) == (2, now + 2 * HOUR)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON leads_handoff")
    assert sweep_clocks(now=now + 2 * HOUR)["overdue"] == 1
    assert not HeldBack.objects.exists()
    assert kinds(data={"late": True}) == [bad.pk]


def test_a_broken_connection_is_nobodys_fault(hand_offs, monkeypatch):
    execute = CursorWrapper.execute

    def fail(self, statement, *rest):
        if "UPDATE leads_handoff" in statement:
            raise OperationalError("gone")
        return execute(self, statement, *rest)

    monkeypatch.setattr(CursorWrapper, "execute", fail)
    with pytest.raises(OperationalError):
        sweep_clocks(now=DUE + MINUTE)
    monkeypatch.undo()
    assert not HeldBack.objects.exists() and not kinds()


def test_a_wrong_statement_is_no_row_s_fault(hand_offs, monkeypatch):
    wrong = replace(sweep.OVERDUE, sets="no_such_column = 1")
    monkeypatch.setattr(sweep, "SWEEPS", (wrong,))
    with pytest.raises(ProgrammingError, match="no_such_column"), transaction.atomic():
        sweep_clocks(now=DUE + MINUTE)
    assert not HeldBack.objects.exists()


def test_many_are_swept_in_batches(hand_offs, monkeypatch):
    monkeypatch.setattr(sweep, "BATCH", 2)
    assert sweep_clocks(now=DUE + MINUTE)["overdue"] == 9
    assert sorted(kinds()) == sorted(one.pk for one in hand_offs)


@pytest.mark.parametrize("one", sweep.SWEEPS, ids=lambda one: one.name)
def test_each_sweep_finds_its_rows_by_a_partial_index(one, hand_offs):
    statement = sweep._of(one, sweep.CLAIM)
    with connection.cursor() as cursor:
        # Of a few rows the planner may like the index of all due times as much: it is not what is asked about.
        cursor.execute("DROP INDEX hand_off_by_due")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}", {**one.parameters, "now": DUE, "limit": 10})
        plan = "\n".join(row for (row,) in cursor.fetchall())
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'leads_handoff' AND indexdef LIKE '%%WHERE%%'"
        )
        partial = [name for (name,) in cursor.fetchall()]
    assert any(f"using {name}" in plan for name in partial), plan
