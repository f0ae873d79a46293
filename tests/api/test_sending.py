"""Leads and deals that programs send: written as those of a file are, each answered for."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import Membership
from leads.api import sending
from leads.intake.runs import ImportOptions, run_import
from leads.models import Deal, HandOff, Import, Lead
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.races import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace", "agreement")]
ONE, BULK = "/api/v1/leads/?system=crm", "/api/v1/leads/bulk/?system=crm"
DAY = dt.timedelta(days=1)
ANA = {
    "external_id": "L-1",
    "qualified_at": "2026-03-04T09:00:00Z",
    "name": "Ana Sample",
    "company": "Sample Bakery",
    "source": "web",
    "owner": "rep@example.com",
}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(factories.NOON, tick=False) as clock:
        yield clock


def send(program, rows, address=BULK, status=200, **headers):
    answer = program.post(address, rows, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def results(said):
    return [one["result"] for one in said["results"]]


def test_one_lead_is_created_handed_over_updated_and_then_unchanged(program):
    said = send(program, ANA, ONE, 201)
    lead = Lead.objects.get()
    assert said == {"row": 1, "external_id": "L-1", "id": lead.pk, "result": "created", "reason": ""}
    read = program.get(f"/api/v1/leads/{lead.pk}/").json()
    assert (read["system"], read["name"], read["qualified_at"]) == ("crm", "Ana Sample", ANA["qualified_at"])
    hand_off = lead.hand_offs.get()
    assert hand_off.handed_off_at == dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC) and hand_off.due_at is not None
    assert send(program, ANA, ONE)["result"] == "unchanged"
    assert send(program, {"external_id": "L-1", "qualified_at": ANA["qualified_at"], "phone": "7"}, ONE) == {
        **said,
        "result": "updated",
    }
    lead.refresh_from_db()
    assert (lead.phone, lead.name) == ("7", "Ana Sample")  # what is missing says nothing
    assert HandOff.objects.count() == 1


def test_a_lead_that_cannot_be_taken_is_refused_with_the_reason(program):
    for change, reason in (
        ({"qualified_at": "yesterday"}, "qualified_at: “yesterday” is not a date"),
        ({"qualified_at": "2026-03-05T09:00:00Z"}, "lies in the future"),
        ({"qualified_at": "03/04/2026"}, "the order of day and month is not known"),
        ({"qualified_at": None}, "qualified_at: empty"),
        (
            {"external_id": "", "company": ""},
            "external_id: empty, and there is no e-mail address, no phone number",
        ),
        ({"origin": "heaven"}, "origin: “heaven” is not known"),
        ({"team": "nobody"}, "team: there is no “nobody”"),
        ({"stage": "hot"}, "stage: there is no such field; known are external_id, "),
        ({"name": ["Ana"]}, "name: a text is needed"),
        ({"name": "x" * 201}, "name: 201 characters"),
    ):
        answer = program.post(ONE, ANA | change, content_type="application/json")
        said = is_problem(answer, 422, "Unprocessable Entity")
        assert reason in said["detail"], said["detail"]
    assert not Lead.objects.exists() and not Import.objects.exists()


def test_a_lead_without_an_id_is_known_by_its_address_and_answered_for_by_the_id_made_of_it(program):
    bo = {"qualified_at": ANA["qualified_at"], "name": "Bo", "email": "Bo@Example.com"}
    first = send(program, bo, ONE, 201)
    assert first["external_id"] == "email:bo@example.com"
    rows = [bo | {"email": "bo@example.com"}, ANA | {"external_id": None}, {"qualified_at": "2026-03-04"}]
    said = send(program, rows)
    assert results(said) == ["updated", "created", "rejected"]
    assert [one["external_id"] for one in said["results"]] == [
        first["external_id"],
        "name:ana sample|sample bakery",
        "",
    ]
    assert said["results"][0]["id"] == first["id"] == Lead.objects.get(email="bo@example.com").pk
    read = program.get("/api/v1/leads/?system=crm&external_id=email:bo@example.com").json()["results"]
    assert [one["id"] for one in read] == [first["id"]]


def test_every_row_of_many_is_answered_for_and_good_ones_are_written(program):
    send(program, [ANA, ANA | {"external_id": "L-2"}])
    rows: list[Any] = [
        ANA,
        ANA | {"external_id": "L-2", "name": "Bo"},
        ANA | {"external_id": "L-3", "qualified_at": "soon"},
        ANA | {"external_id": "L-4", "name": "first"},
        ANA | {"external_id": "L-4", "name": "last"},
        "not a row",
        {"external_id": 5, "qualified_at": "2026-03-04", "company": 7, "email": None},
    ]
    said = send(program, rows)
    assert results(said) == [
        "unchanged",
        "updated",
        "rejected",
        "unchanged",
        "created",
        "rejected",
        "created",
    ]
    assert {name: said[name] for name in ("rows", "created", "updated", "unchanged", "rejected")} == {
        "rows": 7,
        "created": 2,
        "updated": 1,
        "unchanged": 2,
        "rejected": 2,
    }
    by_row = {one["row"]: one for one in said["results"]}
    assert by_row[4]["reason"] == "Row 5 is about the same, and is the one that counts."
    assert by_row[3]["id"] is None and by_row[3]["external_id"] == "L-3" and "soon" in by_row[3]["reason"]
    assert by_row[4]["id"] == by_row[5]["id"] == Lead.objects.get(external_id="L-4").pk
    assert (
        Lead.objects.get(external_id="L-4").name == "last"
        and Lead.objects.get(external_id="5").company == "7"
    )
    (first, second) = Import.objects.order_by("pk")
    assert (second.rows, second.created, second.updated, second.unchanged, second.rejected) == (7, 2, 1, 2, 2)
    assert second.finished_at and str(second.started_by) == "CRM" and first.created == 2


def test_what_is_sent_becomes_what_the_same_file_becomes(program):
    rows = [
        ANA
        | {
            "external_id": f"L-{n}",
            "segment": "executive",
            "handed_off_at": f"2026-03-0{1 + n % 4}T08:00:00Z",
        }
        for n in range(20)
    ]
    factories.segment("Executive")
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    run_import(
        kind="leads",
        stream_or_path=io.StringIO(text.getvalue()),
        options=ImportOptions(source="file"),
        now=factories.NOON,
    )
    send(program, rows)
    apart = {"id", "system", "lead_id", "recorded_by_id"}

    def of(system):
        leads = Lead.objects.filter(system=system).order_by("external_id")
        hand_offs = HandOff.objects.filter(lead__system=system).order_by("lead__external_id")
        return [
            {k: v for k, v in row.items() if k not in apart} for row in (*leads.values(), *hand_offs.values())
        ]

    assert len(of("crm")) == 40 and of("crm") == of("file")


def test_lines_are_read_too(program):
    lines = "\n".join(json.dumps(ANA | {"external_id": f"L-{n}"}) for n in range(3)) + "\n\n"
    answer = program.generic("POST", BULK, lines, content_type="application/x-ndjson")
    assert answer.json()["created"] == 3
    # The line is counted as an editor counts it, the blank one before it too.
    broken = program.generic("POST", BULK, lines + "{oops}\n", content_type="application/x-ndjson")
    assert is_problem(broken, 400, "Bad Request")["detail"].startswith("Line 5 is no JSON.")


def test_what_comes_one_by_one_is_one_import_a_day(program, noon):
    for n in range(3):
        send(program, ANA | {"external_id": f"L-{n}"}, ONE, 201)
    noon.shift(DAY)
    send(program, ANA | {"external_id": "L-4"}, ONE, 201)
    send(program, ANA, ONE)
    assert list(Import.objects.order_by("pk").values_list("file_name", "rows", "created", "unchanged")) == [
        ("API 2026-03-04", 3, 3, 0),
        ("API 2026-03-05", 2, 1, 1),
    ]


def test_deals_are_sent_and_find_their_leads(program):
    send(program, ANA, ONE, 201)
    deal = {
        "external_id": "D-1",
        "lead_external_id": "L-1",
        "closed_at": "2026-03-04T10:00:00Z",
        "amount": "1200.50",
        "currency": "eur",
        "won": True,
    }
    said = send(program, deal, "/api/v1/deals/?system=crm", 201)
    made = Deal.objects.get()
    assert said["id"] == made.pk and made.lead.external_id == "L-1"
    assert (str(made.amount), made.currency, made.is_won) == ("1200.50", "EUR", True)
    rows = [
        deal | {"amount": 1300},
        deal | {"external_id": "D-2", "amount": "many"},
        deal | {"external_id": "D-3"},
    ]
    assert results(send(program, rows, "/api/v1/deals/bulk/?system=crm")) == [
        "updated",
        "rejected",
        "created",
    ]
    assert results(send(program, rows, "/api/v1/deals/bulk/?system=crm")) == [
        "unchanged",
        "rejected",
        "unchanged",
    ]


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("", "system"),
        ("?system=", "system"),
        ("?system=" + "x" * 65, "system"),
        ("?system=crm%00", "system"),
        ("?system=crm&agreement=none", "agreement"),
        ("?system=crm&clock=fast", "clock"),
        ("?system=crm&time_zone=Mars", "time_zone"),
        ("?system=crm&dry=1", "dry"),
        ("?system=crm&system=erp", "system"),
    ],
)
@pytest.mark.parametrize("address", ["/api/v1/leads/", "/api/v1/leads/bulk/", "/api/v1/deals/bulk/"])
def test_what_is_said_of_all_rows_is_checked(program, address, asked, at):
    body = [ANA] if "bulk" in address else ANA
    answer = program.post(address + asked, body, content_type="application/json")
    said = is_problem(answer, 400, "Bad Request")
    assert [one["at"] for one in said["errors"]] == [at]
    assert not Lead.objects.exists()


HOSTILE = [
    (b"", 400),
    (b"{", 400),
    (b"{}", 400),
    (b"7", 400),
    (b"null", 400),
    (b'"x"', 400),
    (b"\xff\xfe[]", 400),
    (b"[NaN]", 400),
    (b"[" * 100_000, 400),
    (b'[{"a":' * 50_000, 400),
    (b"[1" + b"," * 10 + b"]", 400),
    (b"[9" + b"9" * 5000 + b"]", 400),
    (b"[{}" + b",{}" * 10_000 + b"]", 413),
    (b'["' + b"x" * sending.MOST_BYTES + b'"]', 413),
]


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=lambda one: repr(one)[:24])
@pytest.mark.parametrize("key", [None, "k"])
def test_a_body_that_cannot_be_read_is_told_and_writes_nothing(program, body, status, key):
    headers = {"Idempotency-Key": key} if key else {}
    answer = program.generic("POST", BULK, body, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.text
    assert answer["Content-Type"] == "application/problem+json"
    assert not Lead.objects.exists() and not Import.objects.exists()


@pytest.mark.parametrize(
    "value", ["\0", "a\0b", "\ud800", "=1+1", "\u202eevil", 1e308, -0.0, 10**300, True, {}, [[]]]
)
@pytest.mark.parametrize("name", ["external_id", "name", "qualified_at", "owner", "team", "\ud800", "\0"])
def test_no_value_ends_in_a_server_error(program, name, value):
    said = send(program, [ANA | {name: value}, ANA | {"external_id": "good"}])
    assert results(said)[1] == "created"
    assert results(said)[0] in ("created", "rejected")


def test_a_number_is_the_same_with_and_without_a_point(program):
    """Who keeps numbers with gaps in a table sends 12.0: no second lead, and no phone number with a digit more."""
    send(program, [ANA | {"external_id": 12, "phone": 48600100200}])
    said = send(program, [ANA | {"external_id": 12.0, "phone": 48600100200.0}])
    assert results(said) == ["unchanged"]
    assert list(Lead.objects.values_list("external_id", "phone")) == [("12", "48600100200")]


@pytest.mark.parametrize("value", ["true", "false", "1e400", "-1e400"])
@pytest.mark.parametrize("name", ["external_id", "phone", "name"])
def test_what_is_no_text_and_no_number_is_no_word(program, name, value):
    members = {"qualified_at": '"2026-03-02"', "external_id": '"L-1"'} | {name: value}
    body = ", ".join(f'"{member}": {said}' for member, said in members.items())
    answer = program.generic("POST", ONE, f"{{{body}}}", content_type="application/json")
    assert is_problem(answer, 422, "Unprocessable Entity")["detail"] == f"{name}: a text is needed"
    assert not Lead.objects.exists()


TWICE = '{"external_id": "L-1", "qualified_at": "2026-03-02", "name": "Ana", "name": "Bo"}'


@pytest.mark.parametrize(
    ("address", "body", "kind"),
    [
        (ONE, TWICE, "application/json"),
        (BULK, f"[{TWICE}]", "application/json"),
        (BULK, TWICE, "application/x-ndjson"),
    ],
)
def test_a_member_that_is_there_twice_is_refused(program, address, body, kind):
    answer = program.generic("POST", address, body, content_type=kind)
    assert "A member of an object is there twice." in is_problem(answer, 400, "Bad Request")["detail"]
    assert not Lead.objects.exists()


def test_many_rows_are_taken_with_as_few_questions_as_two(program):
    asked = []
    send(program, [ANA])
    for n in (2, 200):
        with CaptureQueriesContext(connection) as queries:
            send(program, [ANA | {"external_id": f"{n}-{i}"} for i in range(n)])
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_body_may_be_larger_than_a_form(program):
    answer = program.generic(
        "POST", BULK, json.dumps([ANA]) + " " * 5_000_000, content_type="application/json"
    )
    assert answer.json()["created"] == 1


def test_scopes_are_of_reading_and_of_writing(program):
    reader, writer = programs.program("leads:read"), programs.program("leads:write")
    assert (
        "leads:write"
        in is_problem(reader.post(ONE, ANA, content_type="application/json"), 403, "Forbidden")["detail"]
    )
    assert "leads:read" in is_problem(writer.get(ONE), 403, "Forbidden")["detail"]
    send(writer, ANA, ONE, 201)
    deal = writer.post("/api/v1/deals/?system=crm", {}, content_type="application/json")
    assert is_problem(deal, 403, "Forbidden")


def test_the_same_rows_with_the_same_key_are_answered_alike(program):
    first = send(program, [ANA], **{"Idempotency-Key": "k"})
    assert first["created"] == 1
    assert send(program, [ANA], **{"Idempotency-Key": "k"}) == first
    send(program, [ANA], "/api/v1/leads/bulk/?system=other", 422, **{"Idempotency-Key": "k"})
    assert Import.objects.count() == 1


def test_a_lead_that_came_back_is_handed_over_again(program, agreement):
    sales, marketing = (factories.party(agreement, one) for one in ("sales", "marketing"))
    pk = send(program, ANA, ONE, 201)["id"]
    HandOff.objects.update(handed_off_by=marketing.signatory)
    address = f"/api/v1/leads/{pk}/hand-over/"
    body = {"team": sales.team.slug, "by": marketing.signatory.email}
    early = program.post(address, body, content_type="application/json")
    assert is_problem(early, 409, "Conflict")["detail"] == "This lead is already with sales, and not closed."
    HandOff.objects.update(closed_as="recycled", closed_at=factories.NOON)
    rep = program.post(address, body | {"by": sales.signatory.email}, content_type="application/json")
    assert is_problem(rep, 403, "Forbidden")
    other = factories.user("Other Marketer", email="other@example.com")
    Membership.objects.create(user=other, team=marketing.team, role=Membership.Role.MEMBER)
    unknown = program.post(address, body | {"by": other.email}, content_type="application/json")
    refused = is_problem(unknown, 403, "Forbidden")
    assert refused["detail"] == "Other Marketer may not see this lead."
    stranger = program.post(
        address, body | {"owner": marketing.signatory.email}, content_type="application/json"
    )
    assert is_problem(stranger, 400, "Bad Request")["errors"][0]["at"] == "owner"
    made = program.post(address, body | {"owner": sales.signatory.email}, content_type="application/json")
    assert made.status_code == 201 and made.json()["number"] == 2
    assert made.json() == program.get(made["Location"]).json()
    assert made.json()["handed_off_by"] == marketing.signatory.email


@pytest.mark.django_db(transaction=True)
def test_the_same_lead_sent_by_many_at_once_is_one(agreement):
    secret = programs.token()[1]
    found = race(
        *[lambda: programs.client(secret).post(ONE, ANA, content_type="application/json") for _n in range(8)]
    )
    assert sorted(answer.status_code for answer in found) == [200] * 7 + [201]
    assert Lead.objects.count() == HandOff.objects.count() == 1
