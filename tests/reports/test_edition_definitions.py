"""What an edition keeps of what its words and figures meant: as signed, as counted, and each with its days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from agreements.models import Clause, Commitment
from agreements.services.calendars import company_calendar, revise_calendar
from leads.services.hand_offs import hand_over
from reports.charts.stored import table_as_json
from reports.edition_differences import differences
from reports.pages.edition_definitions import definitions_table
from reports.pages.frame import page_of_agreement
from tests import factories
from tests.reports.sample_month import MARCH

pytestmark = pytest.mark.django_db

APRIL_20 = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
QUALIFIED = "A person with a budget.\nWho asked for a call."


def drafted(of: Any, text: str = QUALIFIED, **terms: Any) -> Any:
    version = factories.draft(of, goals={MARCH: 40}, **terms)
    Clause.objects.create(version=version, topic=Clause.Topic.QUALIFICATION, text=text)
    return version


def said(agreement: Any, version: Any) -> dict[str, tuple[str, str]]:
    page = page_of_agreement(agreement, month=MARCH, now=APRIL_20)
    rows = definitions_table(page, version).rows
    return {str(of.value): (of.text, definition.text) for of, definition in rows}


def test_criteria_are_those_that_were_signed_for_all_leads_and_for_a_segment():
    agreement, segment = factories.agreement(), factories.segment("Executives")
    version = drafted(agreement)
    Clause.objects.create(
        version=version, topic=Clause.Topic.QUALIFICATION, segment=segment, text="Signs alone."
    )
    found = said(agreement, factories.sign(version))
    assert found["qualified"] == ("When a lead is qualified", QUALIFIED)
    assert found[f"qualified:{segment.slug}"] == ("When a lead is qualified: “Executives”", "Signs alone.")


def test_each_figure_is_said_as_its_terms_count_it():
    agreement = factories.agreement()
    terms = {
        "measure": "value",
        "tolerance": Decimal("0.05"),
        "counts_recycled": True,
        "profile": "weights",
        "weekday_weights": {"mon": "2", "tue": "1"},
    }
    version = drafted(agreement, goal_terms=terms, depth_terms={"counts_automated": True})
    Commitment.objects.filter(version=version, kind="speed").update(pause_limit=dt.timedelta(days=7))
    factories.measure(version, "Satisfaction")
    factories.segment("Executives", lead_value=Decimal(100))
    found = {key: text for key, (_name, text) in said(agreement, factories.sign(version)).items()}
    for part in (
        "are worth, as agreed for their segments",
        "Leads that sales found do not count.",
        "Recycled leads count again",
        "Monday 2, Tuesday 1",
        "Kept up to 5% short of the goal",
        "Executives 100 EUR",
    ):
        assert part in found["goal"]
    assert "Agreed pauses are not counted." in found["speed"]
    assert "Automated messages count as attempts." in found["depth"]
    assert "4.5\N{NO-BREAK SPACE}points keeps it" in found["measure:Satisfaction"]
    assert not {"acceptance", "outcome", "share_worked", "obligations"} & set(found)


def test_what_another_version_changed_within_the_month_is_said_of_both_with_their_days():
    agreement = factories.agreement()
    factories.sign(drafted(agreement))
    terms = {"measure": "accepted"}
    second = drafted(agreement, "Anybody.", starts_on=dt.date(2026, 3, 16), goal_terms=terms)
    found = said(agreement, factories.sign(second))
    first_days, last_days = "1 Mar – 15 Mar", "16 Mar – 31 Mar"
    assert found["qualified@2026-03-01"] == (f"When a lead is qualified, {first_days}", QUALIFIED)
    assert found["qualified@2026-03-16"] == (f"When a lead is qualified, {last_days}", "Anybody.")
    assert "those accepted" in found["goal@2026-03-16"][1]
    assert {"speed", "depth"} <= set(found)  # alike in both: said once
    assert "qualified" not in found


def test_hours_are_those_that_the_months_hand_offs_were_counted_in():
    agreement = factories.agreement()
    version = factories.sign(drafted(agreement))
    assert "Nothing was handed over" in said(agreement, version)["hours"][1]
    for at, hours in ((5, ["09:00", "17:00"]), (12, ["10:00", "16:00"]), (13, ["10:00", "16:00"])):
        week = {"tz": "Europe/Warsaw", "weekly": {"mon": [hours], "thu": [hours]}}
        revise_calendar(calendar=company_calendar(), definition=week, now=factories.NOON)
        when = dt.datetime(2026, 3, at, 9, tzinfo=dt.UTC)
        hand_over(lead=factories.lead(when), now=when, agreement=agreement)
    text = said(agreement, version)["hours"][1]
    assert text.index("Mon 10:00–16:00; Thu 10:00–16:00 (Europe/Warsaw)") < text.index("Mon 09:00–17:00")


def test_a_changed_definition_is_a_difference_where_both_editions_kept_any():
    agreement = factories.agreement()
    version = factories.sign(drafted(agreement))
    page = page_of_agreement(agreement, month=MARCH, now=APRIL_20)
    before = factories.edition(agreement, definitions=table_as_json(definitions_table(page, version)))
    after = dict(before.snapshot)
    rows = [
        [of, {**text, "text": "Anybody.", "value": "Anybody."} if of["value"] == "qualified" else text]
        for of, text in after["definitions"]["rows"]
    ]
    after["definitions"] = {**after["definitions"], "rows": rows}
    (changed,) = differences(before.snapshot, after)
    assert changed == {
        "of": "How it is counted",
        "where": "When a lead is qualified, Definition",
        "before": QUALIFIED,
        "after": "Anybody.",
    }
    old = {name: one for name, one in before.snapshot.items() if name != "definitions"}
    assert differences(old, after) == []
