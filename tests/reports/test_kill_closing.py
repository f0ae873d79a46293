"""A month's close killed anywhere, run twice, run by two at once: the same rows, once."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from agreements.models import (
    Agreement,
    AgreementEvent,
    Consequence,
    Evaluation,
    Excuse,
    MonthResult,
    Strike,
    Version,
)
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports.closing import close_months
from slaproject.embedded.places import BASE
from tests import factories
from tests.races import race

NOW = dt.datetime(2026, 11, 5, 8, tzinfo=dt.UTC)
KILLS = 2
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "50"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
KINDS = ("month_closed", "strike_opened", "consequence_raised")
COLUMNS: dict[Any, tuple[str, ...]] = {
    MonthResult: ("agreement__slug", "month_on", "version__number", "closed_at"),
    Evaluation: (
        *("month__agreement__slug", "month__month_on", "promise", "subject", "party", "version__number"),
        *("commitment", "segment", "outcome", "numerator", "denominator", "threshold"),
        *("closed_at", "corrected_at"),
    ),
    Strike: (
        *("evaluation__month__agreement__slug", "evaluation__month__month_on", "evaluation__promise"),
        *(
            "state",
            "responsible",
            "diagnosis",
            "make_up_plan",
            "revenue_at_risk",
            "opened_at",
            "diagnosed_at",
        ),
    ),
    Consequence: (
        *(
            "agreement__slug",
            "kind",
            "promise",
            "subject",
            "party",
            "version__number",
            "since_on",
            "month_on",
        ),
        *("misses", "raised_at", "withdrawn_at"),
    ),
}
CLEAR = ("strike", "evaluation", "monthresult", "consequence")


class Children:
    """The process whose children close the months of the test's database."""

    def __init__(self) -> None:
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reports.closing_children"],
            cwd=BASE,
            env={**os.environ, "DATABASE_URL": urlunsplit(address)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self, *, kill_after: float | None = None) -> int:
        """Close in a child, which is killed after so many seconds; return how it ended, 0 for by itself."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{NOW.isoformat()}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):  # ended by itself before
                os.kill(child, signal.SIGKILL)
        return int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate(timeout=20)


@pytest.fixture
def children(transactional_db: None) -> Iterator[Children]:
    made = Children()
    yield made
    made.end()


def make_months(count: int = 3) -> None:
    """Two agreements of so many months each, most of whose promises were missed; one month is excused in part."""
    months = [dt.date(2026, month, 1) for month in range(1, count + 1)]
    for place, slug in enumerate(("one", "other")):
        agreement = factories.agreement(slug)
        draft = factories.draft(agreement, goals=dict.fromkeys(months, 2 + place))
        Version.objects.filter(pk=draft.pk).update(review_after_misses=2, cancel_after_misses=3)
        draft.refresh_from_db()
        factories.sign(draft)
        for month in months:
            at = dt.datetime.combine(month, dt.time(10), dt.UTC) + dt.timedelta(days=5)
            hand_off = hand_over(lead=factories.lead(at), now=NOW, at=at, agreement=agreement)
            if month.month % 3:
                tried_at = at + dt.timedelta(hours=month.month)
                log_attempt(
                    hand_off=hand_off, attempted_at=tried_at, channel="call", outcome="no_answer", now=NOW
                )
        marketing, sales = (factories.party(agreement, name) for name in ("marketing", "sales"))
        Excuse.objects.create(
            agreement=agreement,
            party=marketing,
            month_on=months[-1],
            days=[months[-1] + dt.timedelta(days=n) for n in range(10, 28)],
            reason="outage",
            state="accepted",
            proposed_at=NOW,
            proposed_by=marketing.signatory,
            answered_at=NOW,
            answered_by=sales.signatory,
            answered_for=sales,
        )


def tables() -> dict[str, list[Any]]:
    """Every row that a close writes, but for the numbers of rows."""
    found: dict[str, list[Any]] = {
        model.__name__: sorted(model.objects.values_list(*columns), key=str)
        for model, columns in COLUMNS.items()
    }
    events = AgreementEvent.objects.filter(kind__in=KINDS).order_by("agreement__slug", "pk")
    found["events"] = list(events.values_list("agreement__slug", "version", "kind", "happened_at", "data"))
    return found


def clear() -> None:
    """Take away what a close wrote, past the guards that keep it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in CLEAR:
            cursor.execute(f"DELETE FROM agreements_{table}")
        cursor.execute("DELETE FROM agreements_agreementevent WHERE kind = ANY(%s)", [list(KINDS)])
        cursor.execute("RESET session_replication_role")


def kill_and_compare(children: Children, kills: int, seed: int, *, months: int = 3) -> tuple[int, int]:
    """Kill so many closes before they end; return how many were killed, and after how many all was right."""
    random = Random(f"close {seed}")
    make_months(months)
    lengths = []
    for _n in range(3):
        clear()
        began = time.monotonic()
        assert children.close() == 0
        lengths.append(time.monotonic() - began)
    expected = tables()
    assert len(expected["Strike"]) > months
    assert expected["Consequence"]
    killed = right = 0
    while killed < kills:
        clear()
        assert not MonthResult.objects.exists()
        if children.close(kill_after=random.uniform(0, min(lengths))) == 0:
            continue
        killed += 1
        assert children.close() == 0
        is_right = tables() == expected
        assert children.close() == 0
        right += is_right and tables() == expected
    return killed, right


def test_a_close_killed_anywhere_and_run_again_leaves_each_row_once(children: Children):
    killed, right = kill_and_compare(children, KILLS, 7)
    assert right == killed == KILLS


@pytest.mark.proof
def test_a_close_killed_at_many_points_and_run_again_leaves_each_row_once(children: Children):
    killed, right = kill_and_compare(children, PROOF_ROUNDS, PROOF_SEED, months=10)
    print(
        f"\nkill -9 in a month's close, then run again, then once more: {right}/{killed} with the same rows in "
        f"whole tables, seed {PROOF_SEED}"
    )
    assert right == killed


def test_of_several_closing_at_once_each_row_is_written_once(transactional_db: None):
    make_months()
    close_months(now=NOW)
    expected = tables()
    clear()
    closed = race(*[lambda: close_months(now=NOW)] * 3)
    assert [one.failed for one in closed] == [0] * 3
    assert sum(one.new for one in closed) == len(expected["Evaluation"])
    assert tables() == expected
    assert Agreement.objects.count() == 2
