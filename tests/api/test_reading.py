"""What programs read: which rows, which fields, page by page, and how little is asked of the database."""

from __future__ import annotations

import base64
import datetime as dt
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Deal, HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.query_counts import assert_same_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]
HOUR = dt.timedelta(hours=1)
LISTS = (
    *("leads", "hand-offs", "attempts", "deals", "imports"),
    *("agreements", "agreements/company/versions", "plans", "calendars"),
)
READ_WITH_LEADS = ("leads", "merges", "hand-offs", "attempts", "imports")


def given(agreement, n=1, **about):
    """Leads that were handed over, tried once and have a deal."""
    made = []
    for _n in range(n):
        lead = factories.lead(segment=about.pop("segment", None), **about)
        hand_off = hand_over(
            lead=lead,
            now=factories.NOON,
            at=factories.NOON,
            team=factories.party(agreement, "sales").team,
            owner=factories.party(agreement, "sales").signatory,
            by=factories.party(agreement, "marketing").signatory,
        )
        log_attempt(
            hand_off=hand_off,
            attempted_at=factories.NOON + HOUR,
            channel="call",
            outcome="no_answer",
            now=factories.NOON + HOUR,
            by=hand_off.owner,
            note="Call again",
        )
        Deal.objects.create(system="crm", external_id=lead.external_id, lead=lead, amount=Decimal("99.50"))
        made.append(hand_off)
    return made


def rows(client, address, **asked):
    answer = client.get(f"/api/v1/{address}/", asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_a_lead_is_read_with_what_is_known_of_it(program):
    segment = factories.segment("Executive")
    lead = factories.lead(name="Ana", company="Bakery", email="ana@bakery.example", segment=segment)
    (said,) = rows(program, "leads")
    assert said == program.get(f"/api/v1/leads/{lead.pk}/").json()
    assert (said["id"], said["name"], said["segment"]) == (lead.pk, "Ana", "executive")
    assert said["qualified_at"] == "2026-03-04T12:00:00Z" and said["qualified_on"] == "2026-03-04"
    assert said["system"] == "test" and said["origin"] == "marketing"


def test_a_hand_off_is_read_with_its_terms_its_clock_and_its_facts(program, agreement):
    (hand_off,) = given(agreement)
    (said,) = rows(program, "hand-offs")
    assert said == program.get(f"/api/v1/hand-offs/{hand_off.pk}/").json()
    expected = {
        "lead": hand_off.lead_id,
        "lead_external_id": hand_off.lead.external_id,
        "agreement": "company",
        "version": 1,
        "team": hand_off.team.slug,
        "owner": hand_off.owner.email,
        "allowance_seconds": 4 * 3600,
        "due_at": "2026-03-04T16:00:00Z",
        "state": "met",
        "first_attempt_business_seconds": 3600,
        "attempts": 1,
        "closed_as": "",
        "stopped_early": False,
    }
    assert {name: said[name] for name in expected} == expected


def test_attempts_and_deals_are_read_with_the_lead_that_they_are_about(program, agreement):
    (hand_off,) = given(agreement)
    (attempt,) = rows(program, "attempts")
    assert attempt == program.get(f"/api/v1/attempts/{attempt['id']}/").json()
    assert (attempt["hand_off"], attempt["lead"]) == (hand_off.pk, hand_off.lead_id)
    assert (attempt["by"], attempt["note"]) == (hand_off.owner.email, "Call again")
    (deal,) = rows(program, "deals")
    assert deal == program.get(f"/api/v1/deals/{deal['id']}/").json()
    assert (deal["lead"], deal["amount"], deal["is_won"]) == (hand_off.lead_id, "99.50", False)


def test_signed_versions_are_read_and_drafts_by_those_who_write_them(program, agreement):
    factories.draft(agreement, starts_on=dt.date(2026, 6, 1))
    factories.draft(factories.agreement("unsigned"))
    assert [one["slug"] for one in rows(program, "agreements")] == ["company"]
    one = program.get("/api/v1/agreements/company/").json()
    assert (one["level"], one["kind"], one["parent"]) == ("corporate", "internal", None)
    assert [one["number"] for one in rows(program, "agreements/company/versions")] == [1]
    version = program.get("/api/v1/agreements/company/versions/1/").json()
    signed = agreement.versions.get(number=1)
    assert version["signed_text"] == signed.signed_text and version["text_sha256"] == signed.text_sha256
    director = programs.person(factories.party(agreement, "sales").signatory)
    assert [one["number"] for one in rows(director, "agreements/company/versions")] == [1, 2]
    assert rows(director, "agreements/company/versions", in_force_on="2026-07-01", state="signed")
    assert not rows(director, "agreements/company/versions", in_force_on="2025-07-01")
    for address in (
        "agreements/unsigned/versions/",
        "agreements/company/versions/2/",
        "agreements/unsigned/",
    ):
        assert program.get(f"/api/v1/{address}").status_code == 404


def test_a_calendar_is_read_with_its_newest_hours(program):
    factories.calendar("Warehouse", tz="Europe/Warsaw")
    said = program.get("/api/v1/calendars/warehouse/").json()
    assert (said["revision"], said["hours"]["tz"], said["is_default"]) == (1, "Europe/Warsaw", False)
    listed = next(one for one in rows(program, "calendars") if one["slug"] == "warehouse")
    assert "hours" not in listed and listed["revised_at"] == "2026-03-04T12:00:00Z"


def test_a_calendar_says_when_so_much_business_time_has_passed(program):
    factories.calendar("Warehouse", tz="UTC", holidays=["2026-03-09"])
    address = "/api/v1/calendars/warehouse/explain/"
    # Friday 16:00, over a weekend and a holiday on Monday.
    said = program.get(address, {"start": "2026-03-06T16:00:00Z", "seconds": 7200}).json()
    assert said["end"] == "2026-03-10T10:00:00Z" and said["business_seconds"] == 7200
    assert {one["reason"] for one in said["parts"]} == {"weekly", "holiday"}
    assert said["parts"][0] == {
        "start": "2026-03-06T16:00:00Z",
        "end": "2026-03-06T17:00:00Z",
        "kind": "open",
        "reason": "weekly",
        "holiday": "",
        "business_seconds": 3600,
    }
    assert [one["end"] for one in said["parts"][:-1]] == [one["start"] for one in said["parts"][1:]]
    until = program.get(address, {"start": "2026-03-06T16:00:00Z", "end": "2026-03-10T10:00:00Z"}).json()
    assert until == said


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({}, "start"),
        ({"start": "2026-03-06"}, ""),
        ({"start": "soon", "seconds": 1}, "start"),
        ({"start": "0001-01-01T00:00:00+14:00", "seconds": 1}, "start"),
        ({"start": "9999-12-31T23:59:59-14:00", "seconds": 1}, "start"),
        ({"start": "2026-03-06T16:00:00Z", "seconds": 0}, "seconds"),
        ({"start": "2026-03-06T16:00:00Z", "seconds": "9" * 5000}, "seconds"),
        ({"start": "2026-03-06T16:00:00Z", "seconds": 366 * 86_400}, "seconds"),
        ({"start": "2026-03-06T16:00:00Z", "end": "2099-03-06T16:00:00Z"}, "end"),
        ({"start": "2026-03-06T16:00:00Z", "end": "2026-03-06T16:00:00Z", "seconds": 1}, "non_field_errors"),
    ],
)
def test_what_a_calendar_cannot_answer_is_said(program, asked, at):
    factories.calendar("Warehouse")
    answer = program.get("/api/v1/calendars/warehouse/explain/", asked)
    assert answer.status_code == 400, answer.text
    assert at == "" or at in [one["at"] for one in answer.json()["errors"]]


def test_a_due_time_says_which_hours_it_counted(program, agreement):
    (hand_off,) = given(agreement)
    said = program.get(f"/api/v1/hand-offs/{hand_off.pk}/explain/").json()
    assert (said["start"], said["end"]) == ("2026-03-04T12:00:00Z", "2026-03-04T16:00:00Z")
    assert said["business_seconds"] == 4 * 3600
    other = program.get(f"/api/v1/hand-offs/{hand_off.pk}/explain/", {"of": "outcome"}).json()
    assert other["end"] is None and other["parts"] == []
    assert program.get(f"/api/v1/hand-offs/{hand_off.pk}/explain/", {"of": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("address", "asked", "n"),
    [
        ("leads", {"source": "web"}, 3),
        ("leads", {"source": "fair"}, 1),
        ("leads", {"email": "ANA@bakery.example"}, 1),
        ("leads", {"qualified_from": "2026-03-04T12:00:00Z"}, 4),
        ("leads", {"qualified_from": "2026-03-04T12:00:01Z"}, 0),
        (
            "leads",
            {"qualified_from": "2026-03-04T13:00:00+01:00", "qualified_before": "2026-03-04T12:00:01Z"},
            4,
        ),
        ("leads", {"segment": "executive"}, 1),
        ("leads", {"is_qualified_date_only": "true"}, 0),
        ("hand-offs", {"state": ["met", "overdue"]}, 3),
        ("hand-offs", {"state": "overdue"}, 0),
        ("hand-offs", {"is_open": "true"}, 2),
        ("hand-offs", {"is_open": "false"}, 1),
        ("hand-offs", {"closed_as": "lost"}, 1),
        ("hand-offs", {"is_free": "true"}, 0),
        ("hand-offs", {"agreement": "company", "due_before": "2026-03-04T16:00:01Z"}, 3),
        ("attempts", {"channel": "call", "outcome": ["no_answer", "sent"]}, 3),
        ("attempts", {"is_voided": "true"}, 0),
        ("attempts", {"is_voided": "false"}, 3),
        ("deals", {"is_won": "true"}, 0),
        ("deals", {"is_open": "true"}, 3),
    ],
)
def test_lists_are_filtered(program, agreement, address, asked, n):
    given(agreement, 2)
    given(agreement, segment=factories.segment("Executive"), email="ana@bakery.example")
    factories.lead(source="fair")
    HandOff.objects.filter(pk=HandOff.objects.first().pk).update(closed_as="lost", closed_at=factories.NOON)
    answer = program.get(f"/api/v1/{address}/?{urlencode(asked, doseq=True)}")
    assert len(answer.json()["results"]) == n, answer.text


HOSTILE = (
    "\0",
    "x" * 5000,
    "-1",
    "9" * 30,
    "9" * 5000,
    "1e400",
    "NaN",
    "null",
    "[]",
    "0001-01-01",
    "9999-12-31",
    "é😀",
)


@pytest.mark.parametrize("address", LISTS)
def test_no_parameter_ends_in_a_server_error_and_none_is_ignored(program, agreement, address):
    from slaproject.integrations.api import whole_schema

    path = f"/api/v1/{address.replace('company', '{slug}')}/"
    names = [
        one["name"] for one in whole_schema()["paths"][path]["get"]["parameters"] if one["in"] == "query"
    ]
    assert {"fields", "limit", "cursor", "ordering"} <= set(names)
    for name in names:
        for value in HOSTILE:
            answer = program.get(f"/api/v1/{address}/", {name: value})
            assert answer.status_code in (200, 400), f"{name}={value[:20]}: {answer.status_code}"
            if answer.status_code == 400:
                assert [one["at"] for one in answer.json()["errors"]][0] == name
    answer = program.get(f"/api/v1/{address}/", {"stage": "x"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["at"] == "stage"


@pytest.mark.parametrize("name", ["is_open", "is_free"])
def test_yes_and_no_are_these_words_alone(program, name):
    for value in ("maybe", "True", "1", "yes"):
        assert program.get("/api/v1/hand-offs/", {name: value}).status_code == 400


def test_only_the_fields_that_were_asked_for_are_read(program, agreement):
    given(agreement)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert rows(program, "hand-offs", fields="id,state")[0].keys() == {"id", "state"}
    assert "due_at" not in queries[-1]["sql"] and "accounts_user" not in queries[-1]["sql"]
    assert program.get(f"/api/v1/leads/{Lead.objects.get().pk}/", {"fields": "name"}).json() == {"name": ""}
    for wrong in ("", "id,", "id,secret", "lead__name", "id;state"):
        answer = program.get("/api/v1/hand-offs/", {"fields": wrong})
        assert answer.status_code == 400 and answer.json()["errors"][0]["at"] == "fields", wrong


@pytest.mark.parametrize("ordering", ["id", "-id", "qualified_at", "-qualified_at"])
def test_pages_follow_each_other_while_rows_come_and_go(program, ordering):
    # Many of one instant, as an import of days brings them.
    for n in range(11):
        factories.lead(factories.NOON + HOUR * (n // 5), external_id=f"{n:02}")
    sign = -1 if ordering.startswith("-") else 1
    column = ordering.removeprefix("-")
    expected = sorted(Lead.objects.all(), key=lambda one: (getattr(one, column), one.pk))[::sign]
    seen, address = [], f"/api/v1/leads/?limit=3&ordering={ordering}&fields=external_id"
    while address:
        answer = program.get(address)
        page = answer.json()
        seen += [one["external_id"] for one in page["results"]]
        address = page["next"]
        assert answer.has_header("Link") == (address is not None)
        # What comes and goes on pages that were read already moves nothing.
        Lead.objects.filter(external_id=seen[0]).delete()
        if len(seen) == 3:
            factories.lead(
                factories.NOON - HOUR if sign == 1 else factories.NOON + 9 * HOUR,
                pk=1_000_000_000 if sign == -1 else -5,
            )
    assert seen == [one.external_id for one in expected]


def test_a_cursor_serves_its_list_in_its_order_alone(program):
    for n in range(3):
        factories.lead(external_id=f"{n}")
    following = program.get("/api/v1/leads/?limit=1&ordering=qualified_at").json()["next"]
    assert program.get(following).status_code == 200
    assert program.get(following.replace("ordering=qualified_at", "ordering=id")).status_code == 400
    for cursor in (
        "x",
        "W10",
        "e30",
        "W251bGwsMSwxXQ",
        "WyJpZCIsIjEiLCIxIl0",
        "W" * 999,
        "WyJpZCIsMSwxZTQwMF0",
    ):
        assert program.get("/api/v1/leads/", {"cursor": cursor}).status_code == 400, cursor


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_no_more_of_the_database_for_many_rows(program, agreement, address):
    given(agreement)

    def more():
        given(agreement, 5)
        for n in range(5):
            factories.calendar(f"Calendar {n}")
            factories.signed(factories.agreement(f"other-{n}"))
        factories.signed(agreement, starts_on=dt.date(2026, 8, 1))

    n = assert_same_queries(lambda: rows(program, address), add_rows=more)
    assert n <= 4  # the token, its pace, the rows; and the agreement of versions


def test_a_person_reads_by_their_session_what_they_may_know(agreement):
    (hand_off,) = given(agreement)
    assert len(rows(programs.person(hand_off.owner), "leads")) == 1
    stranger = programs.person(factories.user("Viewer", role="viewer"))
    assert rows(stranger, "leads") == rows(stranger, "hand-offs") == rows(stranger, "deals") == []
    assert len(rows(stranger, "agreements")) == 1


@pytest.mark.parametrize("address", ["leads", "calendars", "agreements/company"])
def test_what_did_not_change_is_not_sent_again(program, agreement, address):
    first = program.get(f"/api/v1/{address}/")
    assert first["ETag"].startswith('"')
    again = program.get(f"/api/v1/{address}/", headers={"If-None-Match": f'"x", {first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "RateLimit" in again
    if address == "leads":
        factories.lead()
        assert program.get("/api/v1/leads/", headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert program.head(f"/api/v1/{address}/").status_code == 200


def test_instants_are_in_utc_whatever_the_zone_of_who_asks(agreement):
    (hand_off,) = given(agreement)
    hand_off.owner.time_zone = "Asia/Seoul"
    hand_off.owner.save()
    (said,) = rows(programs.person(hand_off.owner), "leads", qualified_from="2026-03-04T12:00:00")
    assert said["qualified_at"] == "2026-03-04T12:00:00Z"
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        *[(name, "leads:read") for name in READ_WITH_LEADS],
        *[(f"{name}/1", "leads:read") for name in READ_WITH_LEADS],
        ("hand-offs/1/explain", "leads:read"),
        ("deals", "deals:read"),
        ("deals/1", "deals:read"),
        ("agreements", "agreements:read"),
        ("agreements/company", "agreements:read"),
        ("agreements/company/versions", "agreements:read"),
        ("agreements/company/versions/1", "agreements:read"),
        ("plans", "agreements:read"),
        ("plans/1", "agreements:read"),
        ("reports/speed", "reports:read"),
        ("calendars", "calendars:read"),
        ("calendars/office", "calendars:read"),
        ("calendars/office/explain", "calendars:read"),
    ],
)
def test_each_address_asks_for_its_scope(address, scope):
    everything = {"leads:read", "deals:read", "agreements:read", "calendars:read", "reports:read"}
    assert programs.program(scope).get(f"/api/v1/{address}/").status_code != 403
    refused = programs.program(*sorted(everything - {scope})).get(f"/api/v1/{address}/")
    assert refused.status_code == 403 and scope in refused.json()["detail"]


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2026-03-04T12:00:00+22:27", 200),
        ("0204-08-24T08:28:56.77-21:33", 200),
        ("0001-01-01T00:00:00+23:59", 400),
        ("9999-12-31T23:59:59-23:59", 400),
    ],
)
def test_every_offset_is_read_and_no_instant_is_too_far_off(program, instant, status):
    assert program.get("/api/v1/leads/", {"created_from": instant}).status_code == status
    cursor = base64.urlsafe_b64encode(json.dumps(["created_at", instant, 1]).encode()).decode()
    assert program.get("/api/v1/leads/", {"ordering": "created_at", "cursor": cursor}).status_code == status


@pytest.mark.parametrize("name", ["source", "created_from", "is_qualified_date_only", "origin"])
def test_a_filter_without_a_value_is_refused(program, name):
    said = program.get("/api/v1/leads/", {name: ""}).json()
    assert said["errors"] == [{"at": name, "detail": "Give it a value, or leave it out."}]


@pytest.mark.parametrize(
    ("address", "at"),
    [
        ("leads/?system=a&system=crm", "system"),
        ("leads/?limit=1&limit=200", "limit"),
        ("leads/?fields=id&fields=name", "fields"),
        ("hand-offs/?owner=a@example.com&owner=b@example.com", "owner"),
        ("reports/waterfall/?from=2026-03-01&from=2026-02-01&to=2026-04-01", "from"),
    ],
)
def test_of_two_values_none_is_passed_over(program, agreement, address, at):
    said = is_problem(program.get(f"/api/v1/{address}"), 400, "Bad Request")
    assert said["errors"] == [{"at": at, "detail": "This is there more than once: give one value."}]
    several = program.get("/api/v1/hand-offs/?state=overdue&state=running&closed_as=won&closed_as=lost")
    assert several.status_code == 200


def test_an_offset_that_the_address_took_for_a_blank_is_explained(program):
    answer = program.get("/api/v1/leads/?created_from=2026-03-02T00:00:00+02:00")
    assert "a + of an offset is written %2B" in is_problem(answer, 400, "Bad Request")["detail"]
