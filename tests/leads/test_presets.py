"""What a CRM exports comes in by the preset of its name: the headings it uses, its stages and its words."""

from __future__ import annotations

import pytest

from leads.intake.guessing import HowSure, guess_columns, guess_preset
from leads.intake.mapping import FIELDS, preset, presets
from leads.models import Deal, FollowUpAttempt, Lead
from tests import factories
from tests.leads.importing import counts, take

PROGRAMS = ["hubspot", "pipedrive", "salesforce", "zoho"]

# For every kind and program: a heading as it is exported, what is guessed of it, and a row with what comes of it.
EXPORTS: dict[tuple[str, str], tuple[dict[str, str], dict[str, object]]] = {
    ("leads", "hubspot"): (
        {
            "Record ID": "7", "First Name": "Ana", "Last Name": "Sample", "Email": "ana@example.com",
            "Phone Number": "+48 600", "Became a Marketing Qualified Lead Date": "2026-02-03 10:15",
            "Contact owner": "Rep One", "Country/Region": "Poland", "Lifecycle Stage": "Customer",
        },
        {"external_id": "7", "name": "Ana Sample", "email": "ana@example.com", "phone": "+48 600", "country": "Poland"},
    ),
    ("leads", "pipedrive"): (
        {
            "Lead - Title": "A lead", "Lead - Pipedrive System ID": "0a-1",
            "Lead - Creation date": "2026-02-03 10:15:00",
            "Lead - Source channel": "Web", "Lead - Owner": "Rep One", "Person - Name": "Ana Sample",
            "Person - Email": "ana@example.com", "Person - Phone": "+48 600", "Organization - Name": "Sample Bakery",
        },
        {
            "external_id": "0a-1", "name": "Ana Sample", "email": "ana@example.com", "phone": "+48 600",
            "company": "Sample Bakery", "source": "Web",
        },
    ),
    ("leads", "salesforce"): (
        {
            "Lead ID": "00Q1", "First Name": "Ana", "Last Name": "Sample", "Company / Account": "Sample Bakery",
            "Email": "ana@example.com", "Lead Source": "Web", "Create Date": "2026-02-03", "Lead Owner": "Rep One",
        },
        {"external_id": "00Q1", "name": "Ana Sample", "company": "Sample Bakery", "source": "Web"},
    ),
    ("leads", "zoho"): (
        {
            "Record Id": "zcrm_1", "First Name": "Ana", "Last Name": "Sample", "Company": "Sample Bakery",
            "Email": "ana@example.com", "Mobile": "+48 600", "Created Time": "03 Feb, 2026 10:15:00",
            "Lead Source": "Web", "Lead Owner": "Rep One",
        },
        {"external_id": "zcrm_1", "name": "Ana Sample", "phone": "+48 600", "source": "Web"},
    ),
    ("deals", "hubspot"): (
        {
            "Record ID": "77", "Deal Name": "A deal", "Deal Stage": "Closed Won (Sales Pipeline)",
            "Close Date": "2026-02-20 12:00", "Amount": "1,200.50", "Currency": "EUR", "Deal owner": "Rep One",
            "Associated Contact IDs": "L1", "Pipeline": "Sales Pipeline",
        },
        {"external_id": "77", "lead_external_id": "L1", "amount": "1200.50", "currency": "EUR", "is_won": True},
    ),
    ("deals", "pipedrive"): (
        {
            "Deal - ID": "77", "Deal - Title": "A deal", "Deal - Value": "1200.50", "Deal - Currency of Value": "PLN",
            "Deal - Status": "Won", "Deal - Deal closed on": "2026-02-20 12:00:00", "Deal - Stage": "Contact made",
            "Person - Email - Work": "l1@example.com",
        },
        {"external_id": "77", "amount": "1200.50", "currency": "PLN", "is_won": True},
    ),
    ("deals", "salesforce"): (
        {
            "Opportunity ID": "0061", "Opportunity Name": "A deal", "Stage": "Closed Lost", "Close Date": "2026-02-20",
            "Amount": "1200.50", "Amount Currency": "USD", "Opportunity Owner": "Rep One", "Lead ID": "L1",
        },
        {"external_id": "0061", "lead_external_id": "L1", "amount": "1200.50", "currency": "USD", "is_won": False},
    ),
    ("deals", "zoho"): (
        {
            "Record Id": "zcrm_7", "Deal Name": "A deal", "Stage": "Closed Won", "Closing Date": "20 Feb, 2026",
            "Amount": "1200.50", "Currency": "EUR", "Deal Owner": "Rep One", "Contact Name": "Ana Sample",
        },
        {"external_id": "zcrm_7", "amount": "1200.50", "currency": "EUR", "is_won": True},
    ),
    ("attempts", "hubspot"): (
        {
            "Record ID": "9", "Call Title": "A call", "Activity date": "2026-02-04 09:00",
            "Call outcome": "Left voicemail",
            "Activity assigned to": "Rep One", "Call notes": "Asked for Ana", "Associated Contact IDs": "L1",
        },
        {"external_id": "9", "channel": "call", "outcome": "voicemail", "by_name": "Rep One"},
    ),
    ("attempts", "pipedrive"): (
        {
            "Activity - Pipedrive System ID": "9", "Activity - Subject": "A call", "Activity - Type": "Lunch",
            "Activity - Marked as done time": "2026-02-04 09:00:00", "Activity - Assigned to user": "Rep One",
            "Activity - Call outcome": "Connected", "Person - Email": "l1@example.com",
        },
        {"external_id": "9", "channel": "meeting", "outcome": "connected", "by_name": "Rep One"},
    ),
    ("attempts", "salesforce"): (
        {
            "Activity ID": "00T1", "Subject": "A call", "Task Subtype": "Call", "Call Result": "Left Voicemail",
            "Completed Date/Time": "2026-02-04 09:00", "Assigned": "Rep One", "Lead ID": "L1", "Status": "Completed",
        },
        {"external_id": "00T1", "channel": "call", "outcome": "voicemail", "by_name": "Rep One"},
    ),
    ("attempts", "zoho"): (
        {
            "Record Id": "zcrm_9", "Subject": "A call", "Call Type": "Outbound",
            "Call Start Time": "04 Feb, 2026 09:00:00",
            "Call Result": "No response/Busy", "Call Owner": "Rep One", "Lead Id": "L1",
        },
        {"external_id": "zcrm_9", "channel": "call", "outcome": "no_answer", "by_name": "Rep One"},
    ),
}  # fmt: skip
MODELS = {"leads": Lead, "deals": Deal, "attempts": FollowUpAttempt}
STAGES_THAT_ARE_OPEN = [
    ("hubspot", "Deal Stage", "Contract Sent (Sales Pipeline)"),
    ("hubspot", "Deal Stage", "qualifiedtobuy"),
    ("pipedrive", "Deal - Status", "Open"),
    ("salesforce", "Stage", "Negotiation/Review"),
    ("zoho", "Stage", "Identify Decision Makers"),
]


def csv_of(row: dict[str, str]) -> str:
    return "\n".join(",".join(f'"{cell}"' for cell in cells) for cells in (row.keys(), row.values())) + "\n"


@pytest.fixture
def lead(db):
    take("leads", "external_id,qualified_at,email\nL1,2026-02-03 10:00,l1@example.com\n", source="crm")
    take("leads", "external_id,qualified_at,email\n,2026-02-03 10:00,l1@example.com\n", source="crm")


def test_every_program_has_a_preset_for_every_kind():
    for kind in FIELDS:
        assert presets(kind) == PROGRAMS
    assert {(kind, name) for kind in FIELDS for name in PROGRAMS} == set(EXPORTS)


@pytest.mark.parametrize(("kind", "name"), EXPORTS, ids="-".join)
def test_an_export_is_recognised_and_comes_in_as_it_is(kind, name, lead):
    row, meant = EXPORTS[kind, name]
    assert guess_preset(kind, list(row)) == name
    result = take(kind, csv_of(row), source="crm", preset=name)
    assert counts(result) == (1, 0, 0, 0), result.reasons
    written = MODELS[kind].objects.get(external_id=meant["external_id"])
    assert {field: str(getattr(written, field)) for field in meant} == {
        field: str(value) for field, value in meant.items()
    }
    assert counts(take(kind, csv_of(row), source="crm", preset=name)) == (0, 0, 1, 0)


@pytest.mark.parametrize(("kind", "name"), EXPORTS, ids="-".join)
def test_every_column_of_a_preset_is_found_by_its_headings(kind, name):
    """Each heading that a preset names is taken for its field, alone among headings of others."""
    for field, column in preset(name, kind).columns.items():
        for heading in column.headings:
            columns, sure = guess_columns(kind, ["Other", heading], preset_name=name)
            assert columns[field].headings == (heading,) and sure[field] == HowSure.PRESET, (field, heading)


@pytest.mark.parametrize(("name", "heading", "stage"), STAGES_THAT_ARE_OPEN)
def test_an_open_deal_has_no_close_whatever_day_is_expected(name, heading, stage, lead):
    row = EXPORTS["deals", name][0]
    closing = next(one for one in preset(name, "deals").columns["closed_at"].headings if one in row)
    take("deals", csv_of(row), source="crm", preset=name)
    expected = {**row, heading: stage, closing: "2031-01-31"}  # in the future
    assert counts(take("deals", csv_of(expected), source="crm", preset=name)) == (0, 1, 0, 0)
    deal = Deal.objects.get()
    assert (deal.is_won, deal.closed_at) == (False, None)


def test_a_stage_of_ones_own_is_rejected_until_it_is_said_what_it_means(lead):
    row = EXPORTS["deals", "hubspot"][0] | {"Deal Stage": "Verbal yes"}
    result = take("deals", csv_of(row), source="crm", preset="hubspot")
    assert result.rejected == 1 and "neither yes nor no" in result.reasons[0][1]
    said = {"values": {"won": {"Verbal yes": "open"}}}
    assert take("deals", csv_of(row), source="crm", preset="hubspot", mapping=said).created == 1
    closed = csv_of(EXPORTS["deals", "hubspot"][0])
    again = take("deals", closed, source="crm", preset="hubspot", mapping=said)
    assert again.updated == 1, "what the preset says of the other stages still holds"


def test_deals_and_attempts_find_their_lead_by_its_e_mail(db):
    factories.agreement()
    take("leads", "qualified_at,email\n2026-02-03 10:00,l1@example.com\n", source="crm")
    for kind in ("deals", "attempts"):
        take(kind, csv_of(EXPORTS[kind, "pipedrive"][0]), source="crm", preset="pipedrive")
    lead = Lead.objects.get()
    assert Deal.objects.get().lead == lead and FollowUpAttempt.objects.get().hand_off.lead == lead


def test_of_several_contacts_of_a_deal_the_first_is_its_lead(db):
    take("leads", "external_id,qualified_at\n101,2026-02-03 10:00\n", source="crm")
    row = EXPORTS["deals", "hubspot"][0]
    for ids in ("101", "101;202", "101 ; 202;303"):
        take("deals", csv_of(row | {"Associated Contact IDs": ids}), source="crm", preset="hubspot")
        deal = Deal.objects.get()
        assert (deal.lead_external_id, deal.lead.external_id) == ("101", "101")
    take(
        "deals",
        csv_of(row | {"Record ID": "8", "Associated Contact IDs": "a;b"}),
        source="crm",
        preset="hubspot",
    )
    assert Deal.objects.get(external_id="8").lead_external_id == "a;b"


def test_amounts_converted_by_hubspot_are_not_taken_for_those_of_the_currency_column():
    headings = ["Record ID", "Deal Stage", "Close Date", "Amount in company currency", "Currency"]
    columns, _sure = guess_columns("deals", headings, preset_name="hubspot")
    assert "amount" not in columns or not columns["amount"].headings
