"""The page on the data itself: each fault with its rows, for whom may know them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from leads.models import HandOff
from leads.readings.quality import read_quality, rows_of
from leads.views import quality
from tests import factories
from tests.leads.importing import NOW, take
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture
def ada():
    return factories.user("Ada Nowak", is_staff=True, is_superuser=True)


def found(user: Any) -> dict[str, tuple[int, list[str]]]:
    """Every fault that there is: how often, and its rows."""
    read = read_quality(user, now=NOW, today=TODAY)
    return {one.key: (one.count, [row.text for row in one.shown]) for one in read.findings if one.count}


def test_good_data_has_nothing_to_be_told_of(ada):
    take("leads", "external_id,qualified_at,name,owner\n1,2026-03-02T09:00:00Z,Ann,ada nowak\n")
    assert found(ada) == {}
    assert read_quality(ada, now=NOW, today=TODAY).sentence.startswith("Nothing is wrong")


def test_attempts_before_the_hand_off_and_clocks_that_differ(ada):
    take("leads", "external_id,handed_off_at,name,owner\n1,2026-03-02T09:00:00Z,Ann,ada nowak\n")
    lines = ["e,1,2026-03-02T08:50:00Z,call,no_answer", "f,1,2026-03-01T08:50:00Z,call,no_answer"]
    take("attempts", "external_id,lead_external_id,attempted_at,channel,outcome\n" + "\n".join(lines) + "\n")
    assert found(ada) == {"early": (1, ["Ann"]), "clocks": (1, ["Ann"])}


def test_outcomes_that_the_channel_cannot_have_are_kept_and_remarked(ada):
    take("leads", "external_id,handed_off_at,name,owner\n1,2026-03-02T09:00:00Z,Ann,ada nowak\n")
    lines = ["a,1,2026-03-02T10:00:00Z,call,sent", "b,1,2026-03-02T11:00:00Z,email,sent"]
    result = take(
        "attempts", "external_id,lead_external_id,attempted_at,channel,outcome\n" + "\n".join(lines)
    )
    assert (result.created, result.rejected) == (2, 0)
    assert [one for one in result.notes if "channel cannot have" in one] == [
        "1 attempt has an outcome that its channel cannot have, as a call that was sent; it is kept as it came."
    ]
    assert HandOff.objects.get().attempts == 2
    assert found(ada) == {"impossible": (1, ["Ann"])}
    (one,) = (one for one in read_quality(ada, now=NOW, today=TODAY).findings if one.key == "impossible")
    assert one.shown[0].detail == "call · sent, by import"


def test_owners_who_are_missing_or_unknown(ada):
    take("leads", "external_id,qualified_at,name,owner\n1,2026-03-02,Ann,\n2,2026-03-02,Bo,A Stranger\n")
    assert found(ada) == {"nobodys": (1, ["Ann"]), "strangers": (1, ["Bo"])}
    HandOff.objects.update(closed_as="won", closed_at=NOW)
    assert found(ada) == {}


def test_what_was_handed_over_before_it_qualified_and_what_has_no_segment(ada):
    factories.segment("Executives")
    heading = "external_id,qualified_at,handed_off_at,name,owner,segment\n"
    take(
        "leads",
        heading
        + "1,2026-03-02T09:00:00Z,2026-03-02T08:00:00Z,Ann,ada nowak,executives\n"
        + "2,2026-03-02T09:00:00Z,,Bo,ada nowak,\n",
    )
    assert found(ada) == {"unqualified": (1, ["Ann"]), "unsegmented": (1, ["Bo"])}


def test_deals_that_wait_for_their_lead(ada):
    heading = "external_id,lead_external_id,closed_at,won\n"
    lines = ["d1,1,2026-02-20,yes", "d2,2,,no", "d3,3,2025-02-20,yes", "d4,,2026-02-20,no"]
    take("deals", heading + "\n".join(lines) + "\n", source="crm")
    assert found(ada) == {"leadless": (2, ["d1", "d2"])}, "not what closed long ago, nor what names no lead"
    rows = list(rows_of("leadless", ada, today=TODAY))
    assert [row.detail for row in rows] == ["waits for “1” of crm", "waits for “2” of crm"]
    sales = factories.team("Sales")
    director = factories.user("Sales Director")
    sales.memberships.create(user=director, role="director")
    assert found(director) == {}
    take(
        "leads",
        "external_id,qualified_at,owner\n1,2026-02-01,ada nowak\n2,2026-02-01,ada nowak\n",
        source="crm",
    )
    assert found(ada) == {}


def test_a_source_that_was_regular_and_fell_silent(ada):
    days = [("web", day, 1) for day in range(1, 20)] + [("fair", day, 2) for day in range(1, 9)]
    lines = [
        f"{source}{day},2026-02-{day:02},{source},ada nowak" for source, day, _more in days
    ] + ["late,2026-03-03,api,ada nowak"]  # fmt: skip
    take("leads", "external_id,qualified_at,source,owner\n" + "\n".join(lines) + "\n")
    assert found(ada) == {"silent": (1, ["web"])}


def test_leads_that_are_likely_the_same(ada):
    lines = [
        "1,2026-03-02,Ann,ann@example.com,+48 600 100 200", "2,2026-03-02,Anne,ANN@example.com,",
        "3,2026-03-02,Bo,bo@example.com,+48 600-100-200", "4,2026-03-02,Cy,,12", "5,2026-03-02,Di,,12",
        "6,2025-03-02,Old,bo@example.com,",
    ]  # fmt: skip
    take(
        "leads",
        "external_id,qualified_at,name,email,phone,owner\n" + "\n".join(f"{one},ada nowak" for one in lines),
    )
    assert found(ada) == {"same-address": (1, ["Ann, Anne"]), "same-phone": (1, ["Ann, Bo"])}


@time_machine.travel(NOW, tick=False)
def test_the_page_tells_of_each_fault_with_its_rows(ada):
    lines = [f"{n},2026-03-02,Name {n}" for n in range(60)]
    take("leads", "external_id,qualified_at,name\n" + "\n".join(lines) + "\n")
    site = Client()
    site.force_login(ada)
    shown = site.get("/data-quality/").text
    assert "The first 50" in shown and "10 more are not shown here." in shown
    assert "Name 7" in shown


def file_rows(site: Client, key: str, form: str = "csv") -> list[dict[str, str]]:
    answer = site.get("/data-quality/", {"finding": key, "format": form})
    assert answer.status_code == 200 and f'filename="{key}-2026-03-04.csv"' in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@time_machine.travel(NOW, tick=False)
def test_all_rows_of_each_fault_are_a_file_with_the_rights_of_the_page(ada):
    sales, _other = factories.team("Sales"), factories.team("Other")
    director, rep = factories.user("Sales Director"), factories.user("Rep")
    sales.memberships.create(user=director, role="director")
    sales.memberships.create(user=rep, role="member")
    lines = [
        f"{n},2026-03-02,Name {n:03},p{n % 60}@example.com,{'sales' if n < 70 else 'other'}"
        for n in range(120)
    ]
    lines.append("f,2026-03-02,=1+1,f@example.com,other")
    take("leads", "external_id,qualified_at,name,email,team\n" + "\n".join(lines) + "\n")
    site, other = Client(), Client()
    site.force_login(ada)
    other.force_login(director)
    counted = found(ada)
    assert counted["nobodys"][0] == 121 and counted["same-address"][0] == 60
    shown = site.get("/data-quality/").text
    for key, (count, texts) in counted.items():
        rows = file_rows(site, key)
        assert len(rows) == count, key
        assert {row["what"].removeprefix("'") for row in rows} >= set(texts), "the page shows some of these"
        assert all(row["address"].startswith("/") for row in rows)
        assert f"?finding={key}&amp;format=csv" in shown and f"?finding={key}&amp;format=xlsx" in shown
    assert "'=1+1" in {row["what"] for row in file_rows(site, "nobodys")}, "no formula"
    pairs = {row["what"]: row["detail"] for row in file_rows(site, "same-address")}
    assert pairs["Name 000, Name 060"] == "2 leads"
    assert len(file_rows(other, "nobodys")) == found(director)["nobodys"][0] == 70
    assert len(file_rows(other, "same-address")) == found(director)["same-address"][0] == 10
    book = load_workbook(io.BytesIO(site.get("/data-quality/?finding=nobodys&format=xlsx").content))
    assert book.active.max_row == 122
    assert file_rows(site, "strangers") == []
    for unknown in ("?format=csv", "?format=csv&finding=no-such", "?format=xlsx&finding=__class__"):
        assert site.get(f"/data-quality/{unknown}").status_code == 404
    third = Client()
    third.force_login(rep)
    assert third.get("/data-quality/?finding=nobodys&format=csv").status_code == 403
    with CaptureQueriesContext(connection) as asked:
        file_rows(site, "nobodys")
    assert len(asked) <= 10


def test_a_director_is_told_of_what_they_may_know(ada):
    sales, other = factories.team("Sales"), factories.team("Other")
    director = factories.user("Sales Director")
    sales.memberships.create(user=director, role="director")
    heading = "external_id,qualified_at,name,team\n"
    take("leads", f"{heading}1,2026-03-02,Ann,{sales.slug}\n2,2026-03-02,Bo,{other.slug}\n")
    assert found(director) == {"nobodys": (1, ["Ann"])}
    assert found(ada)["nobodys"][0] == 2
    site = Client()
    site.force_login(director)
    shown = site.get("/data-quality/").text
    assert 'href="/data-quality/"' in shown


def test_queries_do_not_grow_with_rows(ada):
    def fill(first: int, last: int) -> None:
        lines = [f"{n},2026-03-02,N{n % 7},a{n % 5}@example.com,600100{n % 5}" for n in range(first, last)]
        take("leads", "external_id,qualified_at,name,email,phone\n" + "\n".join(lines) + "\n")

    fill(0, 12)
    assert_same_queries(
        lambda: read_quality(ada, now=NOW, today=TODAY), add_rows=lambda: fill(12, 80), at_most=40
    )


def test_old_data_is_left_alone(ada):
    take("leads", f"external_id,qualified_at,name\n1,{TODAY - dt.timedelta(days=120)},Ann\n")
    assert found(ada) == {}


@time_machine.travel(NOW, tick=False)
def test_a_file_ends_after_so_many_rows_and_its_name_says_so(ada, monkeypatch):
    monkeypatch.setattr(quality, "AT_ONCE", 3)
    take("leads", "external_id,qualified_at,name\n" + "".join(f"{n},2026-03-02,Name {n}\n" for n in range(4)))
    site = Client()
    site.force_login(ada)
    answer = site.get("/data-quality/?finding=nobodys&format=csv")
    assert 'filename="nobodys-first-3-2026-03-04.csv"' in answer["Content-Disposition"]
    assert len(answer.content.decode().splitlines()) == 4
    assert site.get("/data-quality/").text.count("A file ends after 3 rows") == 1, "said where there are more"
