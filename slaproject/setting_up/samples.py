"""Small files that show what an import takes, with days of the last week so that this month's pages have something."""

from __future__ import annotations

import csv
import datetime as dt
import io

from leads.intake.mapping import FIELDS

PEOPLE = (
    ("Ana Sample", "Sample Bakery", "web"),
    ("Bo Sample", "Sample Garage", "fair"),
    ("Cy Sample", "Sample Florist", "web"),
    ("Dee Sample", "Sample Books", "newsletter"),
    ("Eli Sample", "Sample Cycles", "web"),
)
OUTCOMES = ("no_answer", "connected", "voicemail", "meeting_booked")


def sample(kind: str, today: dt.date) -> str:
    """Return a small CSV file of this kind with every heading that is read."""
    rows = {"leads": _leads, "attempts": _attempts, "deals": _deals}[kind](today)
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS[kind], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _day(today: dt.date, number: int) -> dt.date:
    return today - dt.timedelta(days=len(PEOPLE) + 1 - number)


def _leads(today: dt.date) -> list[dict[str, str]]:
    return [
        {
            "external_id": f"SAMPLE-{number}",
            "qualified_at": f"{_day(today, number)} 08:50",
            "handed_off_at": f"{_day(today, number)} 09:10",
            "name": name,
            "company": company,
            "email": f"{name.split()[0].lower()}@{company.split()[1].lower()}.example",
            "source": source,
            "origin": "marketing",
        }
        for number, (name, company, source) in enumerate(PEOPLE, start=1)
    ]


def _attempts(today: dt.date) -> list[dict[str, str]]:
    return [
        {
            "external_id": f"SAMPLE-A{number}",
            "lead_external_id": f"SAMPLE-{number}",
            "attempted_at": f"{_day(today, number)} {10 + number}:40",
            "channel": "call",
            "outcome": outcome,
        }
        for number, outcome in enumerate(OUTCOMES, start=1)
    ]


def _deals(today: dt.date) -> list[dict[str, str]]:
    closed_on = f"{_day(today, len(PEOPLE))}"
    deal = {"closed_at": closed_on, "currency": "EUR", "origin": "marketing"}
    return [
        {
            **deal,
            "external_id": "SAMPLE-D1",
            "lead_external_id": "SAMPLE-2",
            "amount": "1200.00",
            "won": "yes",
        },
        {**deal, "external_id": "SAMPLE-D2", "lead_external_id": "SAMPLE-4", "amount": "800.00", "won": "no"},
    ]
