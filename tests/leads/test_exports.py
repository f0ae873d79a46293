"""Lists as files: what the page lists, for whom it lists it, and fit to be imported again."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from agreements.models import Segment
from agreements.table_files import unescaped
from leads.exports.of_leads import LEAD_HEADINGS
from leads.intake.mapping import FIELDS
from leads.models import Deal, FollowUpAttempt, HandOff, Lead
from leads.services.attempts import log_attempt, void_attempt
from leads.services.hand_offs import close
from tests.leads.exported import as_rows, hostile_rows, sheet_rows
from tests.leads.importing import NOW, counts, file_of, take, whole_tables
from tests.leads.people import HOUR, START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make_office()


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def file(user, name, query="", form="csv", status=200):
    answer = browser(user).get(f"{reverse(f'leads:{name}')}?format={form}{query}")
    assert answer.status_code == status, answer.status_code
    return answer


def round_trip(office, count, tmp_path):
    """Import hostile rows, give them out as both files, and take the first in again."""
    Segment.objects.create(name="=Énterprise", slug="enterprise")
    rows = hostile_rows(
        count,
        owners=(office.kim.email, office.rob.name),
        teams=(office.team.slug, office.other_team.name),
        segments=("=Énterprise",),
    )
    first = take("leads", file_of(",".join(FIELDS["leads"]), rows), source="crm", time_zone="Asia/Kathmandu")
    assert counts(first) == (count, 0, 0, 0), first.reasons[:3]
    before = whole_tables()
    given = file(office.admin, "leads", "&system=crm&sort=oldest")
    assert list(as_rows(given)[0]) == list(LEAD_HEADINGS)

    again = take("leads", given.content, source="crm", time_zone="Asia/Kathmandu")
    assert counts(again) == (0, 0, count, 0), again.reasons[:3]
    assert whole_tables() == before

    path = tmp_path / "leads.csv"
    path.write_bytes(given.content)
    out = io.StringIO()
    call_command("import", "leads", path, source="crm", time_zone="Asia/Kathmandu", stdout=out)
    assert f'"unchanged": {count}' in out.getvalue() and whole_tables() == before

    elsewhere = take("leads", given.content, source="copy", time_zone="Asia/Kathmandu")
    assert counts(elsewhere) == (count, 0, 0, 0), elsewhere.reasons[:3]
    copied = as_rows(file(office.admin, "leads", "&system=copy&sort=oldest"))
    key = lambda row: row["external_id"]  # noqa: E731
    mine = sorted(as_rows(given), key=key)
    assert [row | {"system": "crm"} for row in sorted(copied, key=key)] == mine

    headings, *sheet = sheet_rows(file(office.admin, "leads", "&system=crm&sort=oldest", form="xlsx"))
    told = [dict(zip(headings, row, strict=True)) for row in sheet]
    for row, cells in zip(told, as_rows(given), strict=True):
        for name, cell in cells.items():
            said = "" if row[name] is None else str(row[name])
            assert unescaped(said) == unescaped(cell), name


def test_leads_come_back_as_they_were(office, tmp_path):
    round_trip(office, 120, tmp_path)


@pytest.mark.proof
def test_ten_thousand_leads_come_back_as_they_were(office, tmp_path, monkeypatch):
    monkeypatch.setattr("leads.views.files.AT_ONCE", 10_000)  # the worker would write the same file
    round_trip(office, 10_000, tmp_path)
    print("N = 10,000 rows, seed 7")


def test_a_lead_that_nobody_handed_over_stays_so(office):
    lead = office.new_lead("New One")
    given = file(office.marketer, "leads", "&stage=new")
    assert [row["handed_off_at"] for row in as_rows(given)] == [""]
    assert counts(take("leads", given.content, source=lead.system)) == (0, 0, 1, 0)
    assert not HandOff.objects.exists()


def test_a_file_has_what_its_reader_may_see_of_what_is_asked_for(office):
    office.hand_off("Kim's One", owner=office.kim, source="web")
    office.hand_off("Kim's Other", owner=office.kim, source="fair")
    office.hand_off("Rob's", owner=office.rob, source="web")

    def names(user, query=""):
        return {row["name"] for row in as_rows(file(user, "leads", query))}

    assert names(office.kim) == {"Kim's One", "Kim's Other"}
    assert names(office.kim, "&source=web") == {"Kim's One"}
    assert names(office.manager, "&source=web") == {"Kim's One", "Rob's"}
    assert names(office.kim, "&page=7&q=other") == {"Kim's Other"}
    assert names(office.other) == set()
    for kind in ("hand-offs", "attempts", "deals"):
        assert as_rows(file(office.other, "leads", f"&list={kind}")) == []


def test_what_is_not_understood_has_no_file(office):
    office.hand_off("Ana", owner=office.kim)
    answer = file(office.kim, "leads", "&month=never")
    assert answer.headers["Content-Type"].startswith("text/html") and "never" in answer.text
    assert file(office.manager, "queue", "&owner=99999").headers["Content-Type"].startswith("text/html")
    file(office.kim, "leads", "&list=passwords", status=404)


def test_what_belongs_to_the_leads_is_given_out_too(office):
    hand_off = office.hand_off("Ana Sample", owner=office.kim, company="=Bakery", system="crm")
    log_attempt(
        hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome="no_answer",
        note="line one\r\n=line two", by=office.kim, now=NOW,
    )  # fmt: skip
    undone = log_attempt(
        hand_off=hand_off, attempted_at=START + HOUR, channel="email", outcome="sent", by=office.kim, now=NOW
    )
    void_attempt(attempt=undone, now=NOW, by=office.kim)
    for number, (won, closed_at) in enumerate(((True, START), (False, START), (False, None))):
        Deal.objects.create(
            system="crm", external_id=f"D{number}", lead=hand_off.lead, lead_external_id=hand_off.lead.external_id,
            is_won=won, closed_at=closed_at, closed_on=closed_at and closed_at.date(), amount="-12.50", currency="EUR",
        )  # fmt: skip
    Deal.objects.create(system="crm", external_id="of nobody known")

    (row,) = as_rows(file(office.kim, "leads", "&list=hand-offs"))
    assert row["lead_external_id"] == hand_off.lead.external_id and row["name"] == "Ana Sample"
    assert row["company"] == "'=Bakery" and row["owner"] == office.kim.email and row["attempts"] == "1"
    assert row["handed_off_at"] == "2026-03-02T10:00:00Z" and row["allowance_seconds"] == str(4 * 3600)
    (attempt,) = as_rows(file(office.kim, "leads", "&list=attempts"))
    assert list(attempt)[: len(FIELDS["attempts"]) - 2] == list(FIELDS["attempts"])[:-2]
    assert (attempt["note"], attempt["by"], attempt["automated"]) == (
        "line one\n'=line two",
        office.kim.email,
        "no",
    )
    given = file(office.kim, "leads", "&list=attempts").content
    assert (attempt["system"], attempt["lead_system"]) == ("sla", "crm")
    for source in ("crm", "sla", "elsewhere"):  # each row says whose ids it has
        assert counts(take("attempts", given, source=source)) == (0, 0, 1, 0)
    assert FollowUpAttempt.objects.filter(voided_at=None).count() == 1
    deals = as_rows(file(office.kim, "leads", "&list=deals"))
    assert list(deals[0])[: len(FIELDS["deals"]) - 2] == list(FIELDS["deals"])[:-2]
    assert [deal["won"] for deal in deals] == ["yes", "no", ""] and deals[0]["amount"] == "-12.50"
    given = file(office.admin, "leads", "&list=deals")
    assert len(as_rows(given)) == 4
    assert len(as_rows(file(office.admin, "leads", "&list=deals&q=ana"))) == 3
    assert counts(take("deals", given.content, source="crm")) == (0, 0, 4, 0)


def test_the_lists_of_work_are_files_too(office):
    late = office.hand_off("Late One", owner=office.kim, at=START - 72 * HOUR)
    office.hand_off("Of Nobody", at=START)
    office.hand_off("Rob's", owner=office.rob, at=NOW - HOUR)
    close(hand_off=office.hand_off("Lost", owner=office.kim), closed_as="lost", at=NOW, now=NOW)

    queue = as_rows(file(office.kim, "queue"))
    assert [(row["group"], row["name"]) for row in queue] == [
        ("Overdue", "Late One"), ("Not taken by anybody yet", "Of Nobody"),
    ]  # fmt: skip
    assert {row["name"] for row in as_rows(file(office.manager, "queue", "&owner=team"))} == {
        "Late One", "Rob's", "Of Nobody",
    }  # fmt: skip
    team = [(row["list"], row["name"]) for row in as_rows(file(office.manager, "team"))]
    assert ("Overdue", "Late One") in team and ("With nobody", "Of Nobody") in team
    board = as_rows(file(office.manager, "board"))
    assert ("Kim Ito", "Late One") in [(row["person"], row["name"]) for row in board]
    assert board[0]["why"] and board[0]["due_at"] == late.due_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    mine = as_rows(file(office.marketer, "handed-over"))
    assert {row["name"] for row in mine} == {"Late One", "Of Nobody", "Rob's", "Lost"}
    assert file(office.kim, "handed-over", status=403)
    assert sheet_rows(file(office.kim, "queue", form="xlsx"))[0][0] == "group"


def test_pages_lead_to_their_files(office):
    office.hand_off("Ana", owner=office.kim, at=START - 72 * HOUR)
    page = browser(office.kim).get(reverse("leads:leads") + "?q=an&page=1").text
    assert "?q=an&amp;list=hand-offs&amp;format=xlsx" in page
    for user, name in ((office.kim, "queue"), (office.manager, "team"), (office.manager, "board"),
                       (office.marketer, "handed-over")):  # fmt: skip
        assert "format=xlsx" in browser(user).get(reverse(f"leads:{name}")).text, name


@pytest.mark.parametrize("kind", ["leads", "hand-offs", "attempts", "deals"])
def test_as_many_queries_for_many_rows(office, kind):
    def more():
        for number in range(10):
            hand_off = office.hand_off(f"Ana {number} {Lead.objects.count()}", owner=office.kim)
            log_attempt(
                hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome="no_answer", now=NOW
            )
            Deal.objects.create(system="crm", external_id=str(Lead.objects.count()), lead=hand_off.lead)

    more()
    client = browser(office.kim)
    address = f"{reverse('leads:leads')}?format=csv&list={kind}"
    assert_same_queries(lambda: client.get(address), add_rows=more)


def test_days_alone_stay_days(office):
    take("leads", "external_id,qualified_at\nL1,2026-02-02\n", source="crm", time_zone="Pacific/Auckland")
    (row,) = as_rows(file(office.admin, "leads"))
    assert (row["qualified_at"], row["handed_off_at"]) == ("2026-02-02", "2026-02-02")
    assert dt.date.fromisoformat(row["qualified_at"]) == Lead.objects.get().qualified_on
