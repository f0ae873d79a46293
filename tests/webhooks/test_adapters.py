"""Payloads as HubSpot and Salesforce word them become rows of leads and deals; what is not for us is passed over."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import pytest

from leads.models import Deal, HandOff, Lead
from slaproject.webhooks.adapters import ADAPTERS, STAGES
from slaproject.webhooks.changes import Unreadable, merged, values
from tests import factories
from tests.webhooks.sender import failures, inlet, send, take_all

MS = int(dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC).timestamp() * 1000)


def hubspot(name, value, at=0, kind="contact", object_id=512351, **more):
    return {
        "eventId": 3816279340 + at,
        "subscriptionId": 25,
        "portalId": 33,
        "appId": 1160452,
        "occurredAt": MS + at,
        "subscriptionType": f"{kind}.propertyChange",
        "attemptNumber": 0,
        "objectId": object_id,
        "changeSource": "CRM_UI",
        "propertyName": name,
        "propertyValue": value,
        **more,
    }


HUBSPOT = [
    {**hubspot("", ""), "subscriptionType": "contact.creation"},
    hubspot("firstname", "Ana", 1),
    hubspot("lastname", "Sample", 2),
    hubspot("email", "ana@example.com", 3),
    hubspot("lifecyclestage", "lead", 4),
    hubspot("lifecyclestage", "marketingqualifiedlead", 60_000),
    hubspot("hs_analytics_source", "ORGANIC_SEARCH", 60_001),
    hubspot("lifecyclestage", "salesqualifiedlead", 120_000),
    hubspot("mobilephone", "+48 601", 120_001),
    hubspot("phone", "", 120_002),
    hubspot("amount", "1200.50", 130_000, "deal", 77),
    hubspot("deal_currency_code", "EUR", 130_001, "deal", 77),
    {
        "eventId": 9,
        "occurredAt": MS + 130_002,
        "subscriptionType": "deal.associationChange",
        "associationType": "DEAL_TO_CONTACT",
        "fromObjectId": 77,
        "toObjectId": 512351,
        "associationRemoved": False,
        "isPrimaryAssociation": False,
    },
    hubspot("dealstage", "closedwon", 140_000, "deal", 77),
    hubspot("closedate", str(MS + 140_000), 140_001, "deal", 77),
    hubspot("name", "A Company", 150_000, "company", 9),
    {**hubspot("", ""), "subscriptionType": "contact.deletion", "changeFlag": "DELETED"},
]


def salesforce(entity, change_type, at, fields, record="00Q5e00000AbCdEFGH"):
    header = {
        "entityName": entity,
        "recordIds": [record],
        "changeType": change_type,
        "changeOrigin": "com/salesforce/api/soap/60.0;client=SfdcInternalAPI/",
        "transactionKey": "0002343d-9d90-e395-ed20-cf416ba652ad",
        "sequenceNumber": 1,
        "commitTimestamp": MS + at,
        "commitNumber": 10585193272713,
        "commitUser": "0055e000001PQRsAAO",
        "changedFields": list(fields),
    }
    return {
        "schema": "IeRuaY6cbI_HsV8Rv1Mc5g",
        "payload": {"ChangeEventHeader": header, **fields},
        "event": {"replayId": 6 + at},
    }


SALESFORCE = [
    salesforce(
        "Lead",
        "CREATE",
        1,
        {
            "Name": {"Salutation": "Ms.", "FirstName": "Ana", "LastName": "Sample"},
            "Company": "Sample Bakery",
            "Email": "ana@example.com",
            "Status": "Open - Not Contacted",
            "LeadSource": "Web",
            "Address": {"Street": None, "City": "Warsaw", "Country": "Poland"},
            "OwnerId": "0055e000001PQRsAAO",
            "CreatedDate": "2026-03-04T09:00:00.000Z",
        },
    ),
    {
        "channel": "/data/LeadChangeEvent",
        "data": salesforce("Lead", "UPDATE", 60_000, {"Status": "Qualified"}),
    },
    salesforce("Lead", "UPDATE", 60_001, {"Phone": None, "MobilePhone": "+48 601"}),
    salesforce("Lead", "UPDATE", 70_000, {"Status": "Converted", "ConvertedOpportunityId": "0065e00000XYZ"}),
    salesforce(
        "Opportunity",
        "CREATE",
        70_000,
        {"Name": "Bakery", "Amount": 1200.5, "StageName": "Prospecting", "CloseDate": "2026-06-30"},
        "0065e00000XYZ",
    ),
    salesforce(
        "Opportunity",
        "UPDATE",
        80_000,
        {"StageName": "Closed Won", "CloseDate": "2026-03-04"},
        "0065e00000XYZ",
    ),
    salesforce("Account", "UPDATE", 80_001, {"Name": "Bakery"}, "0015e00000"),
    salesforce("Lead", "DELETE", 90_000, {}),
    salesforce("Lead", "GAP_UPDATE", 90_001, {}),
]


def rows(form, payload):
    """Each object's row by all that a payload says."""
    adapter, fields = ADAPTERS[form], {}
    for place, change in enumerate(adapter.changes(payload)):
        key = (change.kind, change.external_id)
        fields[key] = merged(fields.get(key, {}), change, "evt_1", place)
    return {key: adapter.row(key[0], values(said), STAGES[form]) for key, said in fields.items()}


def test_hubspot_says_a_lead_from_its_stage_on_and_its_deal():
    assert rows("hubspot", HUBSPOT) == {
        ("leads", "512351"): {
            "qualified_at": "2026-03-04T09:01:00+00:00",
            "name": "Ana Sample",
            "email": "ana@example.com",
            "source": "ORGANIC_SEARCH",
            "phone": "+48 601",
        },
        ("deals", "77"): {
            "lead_external_id": "512351",
            "amount": "1200.50",
            "currency": "EUR",
            "won": True,
            "closed_at": "2026-03-04T09:02:20+00:00",
        },
    }


def test_hubspots_newer_events_of_any_object_are_read_too():
    event = hubspot("email", "ana@example.com", kind="object", objectTypeId="0-1")
    (change,) = ADAPTERS["hubspot"].changes(event)
    assert (change.kind, change.external_id, dict(change.fields)) == (
        "leads",
        "512351",
        {"email": "ana@example.com"},
    )


def test_a_contact_that_has_not_qualified_is_no_lead_yet():
    assert rows("hubspot", HUBSPOT[:5]) == {("leads", "512351"): None}
    assert rows("salesforce", SALESFORCE[:1]) == {("leads", "00Q5e00000AbCdEFGH"): None}


@pytest.mark.parametrize(
    ("said", "won", "closed_at"),
    [
        ({"dealstage": "contractsent", "closedate": str(MS)}, False, ""),
        ({"dealstage": "closedlost", "closedate": "2026-03-04T09:00:00Z"}, False, "2026-03-04T09:00:00Z"),
        (
            {"dealstage": "1234", "hs_is_closed": "true", "hs_is_closed_won": "true", "closedate": "x"},
            True,
            "x",
        ),
        ({"dealstage": "closedwon", "hs_is_closed": "false"}, False, ""),
    ],
)
def test_how_a_deal_of_hubspot_stands(said, won, closed_at):
    payload = [hubspot(name, value, n, "deal", 1) for n, (name, value) in enumerate(said.items())]
    (row,) = rows("hubspot", payload).values()
    assert (row["won"], row["closed_at"]) == (won, closed_at)


def test_salesforce_says_a_lead_from_its_status_on_and_the_opportunity_that_it_became():
    assert rows("salesforce", SALESFORCE) == {
        ("leads", "00Q5e00000AbCdEFGH"): {
            "qualified_at": "2026-03-04T09:01:00+00:00",
            "name": "Ana Sample",
            "company": "Sample Bakery",
            "email": "ana@example.com",
            "country": "Poland",
            "source": "Web",
            "phone": "+48 601",
        },
        ("deals", "0065e00000XYZ"): {
            "lead_external_id": "00Q5e00000AbCdEFGH",
            "amount": 1200.5,
            "won": True,
            "closed_at": "2026-03-04",
        },
    }


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        ("hubspot", 7),
        ("hubspot", [7]),
        ("hubspot", [hubspot("email", "a")] * 101),
        ("hubspot", [{**hubspot("email", "a"), "occurredAt": "yesterday"}]),
        ("hubspot", [{**hubspot("lifecyclestage", "lead"), "occurredAt": -1}]),
        ("salesforce", {"payload": {}}),
        ("salesforce", {"payload": {"ChangeEventHeader": 7}}),
        ("salesforce", {"ChangeEventHeader": {"entityName": "Lead", "changeType": "CREATE"}}),
        ("salesforce", [salesforce("Lead", "UPDATE", 10**20, {"Email": "a"})]),
    ],
)
def test_what_cannot_be_read_says_why(form, payload):
    with pytest.raises(Unreadable) as refused:
        ADAPTERS[form].changes(payload)
    assert str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "events"), [("hubspot", HUBSPOT), ("salesforce", SALESFORCE)], ids=["hubspot", "salesforce"]
)
def test_event_by_event_in_either_order_the_lead_and_its_deal_are_there(form, events, no_pace):
    factories.signed(factories.agreement())
    by = factories.user("Administrator", is_superuser=True)
    to = inlet(form, stage=STAGES[form], by=by)
    ends = []
    for turn, order in enumerate((events, events[::-1])):
        # The same story of another object: each id with a letter more.
        for n, event in enumerate(order):
            text = json.dumps([event])
            for known in ("512351", "77", "00Q5e00000AbCdEFGH", "0065e00000XYZ"):
                text = text.replace(f": {known}", f": {known}{turn}").replace(
                    f'"{known}"', f'"{known}{turn}"'
                )
            send(to, text.encode(), f"evt_{turn}_{n}")
            take_all()
        assert not failures(), failures()
        lead, deal = Lead.objects.latest("pk"), Deal.objects.latest("pk")
        assert deal.lead == lead and lead.name == "Ana Sample"
        hand_off = HandOff.objects.get(lead=lead)
        ends.append(
            (
                lead.email,
                lead.phone,
                lead.qualified_at,
                deal.amount,
                deal.is_won,
                deal.closed_on,
                hand_off.due_at,
            )
        )
    assert all(one == other for one, other in itertools.pairwise(ends))
