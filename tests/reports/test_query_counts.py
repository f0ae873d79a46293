"""Every report page asks the database as often for 1,000 hand-offs as for ten, and at most 25 times."""

import csv
import datetime as dt
import io

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.intake.runs import ImportOptions, run_import
from leads.models import HandOff
from reports import rollups
from tests.query_counts import MOST_QUERIES
from tests.reports.sample_month import NOW, make_company

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


def import_rows(kind, rows):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    options = ImportOptions(agreement="company", clock="handed-off", time_zone="UTC")
    return run_import(kind=kind, stream_or_path=io.StringIO(stream.getvalue()), options=options, now=NOW)


def add(first, last):
    """Hand-offs from 30 sources to 40 owners, two thirds of them attempted, each tenth won."""
    numbers = range(first, last)
    begun = {n: START + dt.timedelta(minutes=19 * n % 20_000) for n in numbers}
    import_rows(
        "leads",
        [
            {
                "external_id": n,
                "qualified_at": begun[n].isoformat(),
                "source": f"source {n % 30}",
                "owner": f"Rep {n % 40}",
            }
            for n in numbers
        ],
    )
    import_rows(
        "attempts",
        [
            {
                "external_id": n,
                "lead_external_id": n,
                "attempted_at": (begun[n] + dt.timedelta(minutes=n % 300)).isoformat(),
                "channel": "call",
                "outcome": "connected" if n % 4 else "no_answer",
                "by": f"Rep {n % 40}",
            }
            for n in numbers
            if n % 3
        ],
    )
    import_rows(
        "deals",
        [
            {
                "external_id": n,
                "lead_external_id": n,
                "closed_at": "2026-03-16",
                "amount": n,
                "currency": "EUR",
                "won": "yes",
            }
            for n in numbers
            if not n % 10
        ],
    )
    rollups.refresh(now=NOW, wait=True)


ADDRESSES = (
    "/waterfall/?",
    "/waterfall/?source=source+1",
    "/speed/?by=day",
    "/speed/?by=week",
    "/speed/?by=month",
    "/depth/?by=day",
    "/depth/?by=week",
    "/depth/?by=month",
    "/recalibration/?",
    "/speed/?by=week&format=csv",
)


def queries_of(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{address}&month=2026-03").status_code == 200
    return len(captured)


def test_ten_rows_and_a_thousand_take_the_same_queries(client, db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    company = make_company()
    client.force_login(company.admin)
    add(0, 10)
    queries_of(client, ADDRESSES[0])  # what only the first call of a process asks
    with_ten = {address: queries_of(client, address) for address in ADDRESSES}
    add(10, 1000)
    assert HandOff.objects.count() == 1000
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does: the planner takes a thousand rows for ten otherwise
    with_thousand = {address: queries_of(client, address) for address in ADDRESSES}
    print(with_thousand)
    assert with_thousand == with_ten
    assert max(with_thousand.values()) <= MOST_QUERIES
