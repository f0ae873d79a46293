"""Editions: a closed month frozen once, drawn from its snapshot alone, corrected by the next one, acknowledged."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.urls import reverse

from agreements.models import (
    AgreementEvent,
    CalendarRevision,
    Evaluation,
    MonthResult,
    Party,
    Review,
    Strike,
    Team,
)
from agreements.services.keeping import agree_action, diagnose_strike
from leads.models import Deal, FollowUpAttempt, HandOff, Lead
from leads.services.attempts import log_attempt
from reports import editions
from reports.charts.celebrated import kept_in_edition
from reports.charts.description import Cell, Column, Table
from reports.charts.stored import chart_as_json, chart_of_json, table_as_json, table_of_json
from reports.closing import close_months
from reports.edition_differences import differences
from reports.editions import acknowledge, make_edition, make_editions, sha256_of
from reports.models import Acknowledgement, Edition, EditionWords
from reports.pages.editions import edition_page
from reports.plotly_figures import figure
from reports.tasks import make_editions as make_editions_task
from tests import factories
from tests.reports.sample_month import MARCH, make_month

pytestmark = pytest.mark.django_db

APRIL_20 = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    """The sample month, closed and frozen: made once, each test takes back what it does."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_month(goal=44)
        close_months(now=APRIL_20)
        make_editions(now=APRIL_20)
        yield made
        transaction.set_rollback(True)


def march() -> Edition:
    return Edition.objects.get(month_on=MARCH, number=1)


def result() -> MonthResult:
    return MonthResult.objects.select_related("agreement").get(month_on=MARCH)


def director(function: str):
    found = Party.objects.get(team__function=function).signatory
    assert found is not None
    return found


def close_again(now: dt.datetime) -> int:
    close_months(now=now)
    return make_editions(now=now)


def log_late(at: dt.datetime, now: dt.datetime) -> None:
    """Log an attempt on a hand-off that had none, made at `at` and told only at `now`."""
    waiting = HandOff.objects.filter(first_attempt_at=None, closed_at=None).order_by("pk").first()
    assert waiting is not None
    log_attempt(hand_off=waiting, attempted_at=at, channel="call", outcome="no_answer", now=now)


def figures_of(body: str) -> list[str]:
    """The figures of a page: each chart's JSON and each cell of a table; and each definition."""
    return re.findall(
        r'<script[^>]*application/json">(.*?)</script>|<data[^>]*>(.*?)</data>|<dd>(.*?)</dd>',
        body,
        re.DOTALL,
    )


def test_a_closed_month_is_frozen_once_however_often_it_is_asked_for(company):
    edition = march()
    assert edition.as_of == APRIL_20
    assert edition.sha256 == sha256_of(edition.snapshot)
    assert make_editions(now=APRIL_20 + DAY) == 0
    make_editions_task()
    assert Edition.objects.filter(month_on=MARCH).count() == 1
    event = AgreementEvent.objects.get(kind="edition_made", data__month="2026-03")
    assert event.data == {"month": "2026-03", "edition": 1, "sha256": edition.sha256}


def test_it_says_what_was_judged_and_what_was_agreed(company):
    edition = march()
    judged = Evaluation.objects.filter(month__month_on=MARCH)
    shown = [one for side in edition.snapshot["sides"] for one in side["promises"]]
    assert sorted(one["outcome"] for one in shown) == sorted(one.outcome for one in judged)
    assert [one["key"] for one in edition.snapshot["charts"]] == ["waterfall", "speed", "depth"]
    assert any(
        "First attempt within" in said for side in edition.snapshot["terms"] for said in side["sentences"]
    )
    assert (
        len(edition.snapshot["strikes"]) == Strike.objects.filter(evaluation__month__month_on=MARCH).count()
    )
    assert edition.snapshot["next"] == "For April 2026 no goal is signed yet."
    assert edition.snapshot["judged"] == edition.snapshot["found"]


def test_only_a_warning_looks_like_one(company, client):
    client.force_login(company.viewer)
    said = march().snapshot["further"]
    body = client.get(reverse("reports:edition", args=[march().pk])).text
    assert said and all(one in unescape(body) for one in said)
    assert "◍" not in body
    flagged = result()
    flagged.watermelon, flagged.revenue, flagged.revenue_goal = "revenue", Decimal(1000), Decimal(4500)
    found, _texts = editions.snapshot(result=flagged, at=APRIL_20, now=APRIL_20)
    assert len(found["watermelons"]) == 1
    assert found["further"] == [*found["watermelons"], *said]


def test_a_stored_chart_is_drawn_as_the_living_one(company):
    for stored in march().snapshot["charts"]:
        chart = chart_of_json(stored)
        again = json.loads(json.dumps(chart_as_json(chart)))
        assert again == stored
        assert figure(chart, as_of="", file="x") == figure(chart_of_json(again), as_of="", file="x")


def test_what_changes_afterwards_changes_nothing_of_it(company, client):
    edition = march()
    client.force_login(company.viewer)
    address = reverse("reports:edition", args=[edition.pk])
    before = client.get(address).content.decode()
    Lead.objects.update(name="Somebody Else", source="elsewhere", origin="sales")
    HandOff.objects.filter(closed_at=None).update(handed_off_on=dt.date(2026, 3, 31))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # past every guard
    FollowUpAttempt.objects.all().update(attempted_at=APRIL_20)
    Deal.objects.update(amount=1)
    Team.objects.update(name=Concat(Value("Renamed "), F("slug")))
    CalendarRevision.objects.update(definition={"tz": "Asia/Tokyo", "weekly": {"sun": [["00:00", "24:00"]]}})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    after = client.get(address).content.decode()
    assert len(figures_of(before)) > 60
    assert figures_of(after) == figures_of(before)
    assert "Somebody Else" not in after


def test_no_one_changes_or_deletes_it(company):
    edition = march()
    for change in (
        lambda: Edition.objects.filter(pk=edition.pk).update(number=7),
        lambda: Edition.objects.filter(pk=edition.pk)._raw_delete(Edition.objects.db),
        lambda: EditionWords.objects.filter(pk=edition.pk).update(texts=["other"]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_words_of_people_stand_apart_and_can_be_erased(company):
    strike = Strike.objects.filter(evaluation__month__month_on=MARCH).first()
    boss = strike.responsible
    given = {"strike": strike, "now": APRIL_20, "by": boss}
    diagnose_strike(responsible=boss, diagnosis="Kim was ill", make_up_plan="Call Lee", **given)
    agree_action(action="Ask <b>Kim</b>", owner=boss, due_on=dt.date(2026, 5, 1), **given)
    log_late(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC), APRIL_20 + DAY)
    assert close_again(APRIL_20 + DAY) == 1
    edition = Edition.objects.get(month_on=MARCH, number=2)
    assert "Kim was ill" not in json.dumps(edition.snapshot)
    (said,) = [one for one in edition_page(edition, user=company.viewer).strikes if one["diagnosis"]]
    assert (said["diagnosis"], said["actions"][0]["action"]) == ("Kim was ill", "Ask <b>Kim</b>")
    EditionWords.objects.filter(pk=edition.pk).delete()
    erased = edition_page(edition, user=company.viewer).strikes
    assert {one["diagnosis"] for one in erased} <= {"(erased)", ""}


def test_a_correction_makes_the_next_edition_once_and_says_what_is_different(company, client):
    log_late(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC), APRIL_20 + DAY)
    assert close_again(APRIL_20 + DAY) == 1
    assert close_again(APRIL_20 + 2 * DAY) == 0
    second = Edition.objects.get(month_on=MARCH, number=2)
    changed = second.snapshot["changed"]
    assert changed == differences(march().snapshot, second.snapshot)
    assert {"Speed on average", "Share tried in time"} & {one["where"] for one in changed}
    client.force_login(company.viewer)
    body = client.get(reverse("reports:edition", args=[second.pk])).content.decode()
    assert "What is different from the edition before" in body
    assert (
        "took the place of this one"
        in client.get(reverse("reports:edition", args=[march().pk])).content.decode()
    )


def test_what_merely_happens_later_corrects_nothing(company):
    log_late(APRIL_20 + DAY, APRIL_20 + DAY)
    close_months(now=APRIL_20 + 2 * DAY)
    assert Evaluation.objects.filter(month__month_on=MARCH, corrected_at__isnull=False).exists()
    assert make_editions(now=APRIL_20 + 2 * DAY) == 0


def test_a_month_closed_long_ago_gets_no_first_edition(company):
    assert make_edition(result=result(), now=APRIL_20 + DAY) is None
    past = MonthResult.objects.create(
        agreement=company.agreement,
        month_on=dt.date(2025, 11, 1),
        version=result().version,
        closed_at=APRIL_20 - 40 * DAY,
    )
    assert make_edition(result=past, now=APRIL_20) is None


def test_a_month_that_cannot_be_read_does_not_keep_the_others(company, monkeypatch):
    def fail(**_given):
        raise RuntimeError

    monkeypatch.setattr(editions, "make_edition", fail)
    assert make_editions(now=APRIL_20) == 0


def test_an_edition_made_before_definitions_were_kept_says_so(company, client):
    old = factories.edition(company.agreement, month_on=dt.date(2025, 12, 1))
    client.force_login(company.viewer)
    body = client.get(reverse("reports:edition", args=[old.pk])).text
    assert "made before definitions were kept" in body
    assert reverse("agreements:version", args=[company.agreement.slug, 1]) in body
    assert "made before definitions" not in client.get(reverse("reports:edition", args=[march().pk])).text


def test_each_side_acknowledges_once(company):
    edition, marketing = march(), director("marketing")
    (made,) = acknowledge(edition=edition, now=APRIL_20, by=marketing)
    assert (made.party.team.function, made.person) == ("marketing", marketing)
    assert acknowledge(edition=edition, now=APRIL_20, by=marketing) == []
    assert acknowledge(edition=edition, now=APRIL_20, by=company.viewer) == []
    event = AgreementEvent.objects.get(kind="edition_acknowledged")
    assert (event.actor, event.data["edition"], event.data["sha256"]) == (marketing, 1, edition.sha256)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acknowledgement.objects.all().update(person=company.admin)


def test_a_replaced_edition_is_acknowledged_no_more(company, client):
    log_late(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC), APRIL_20 + DAY)
    close_again(APRIL_20 + DAY)
    with pytest.raises(ValidationError, match="took the place"):
        acknowledge(edition=march(), now=APRIL_20 + DAY, by=director("sales"))
    client.force_login(director("sales"))
    assert client.post(reverse("reports:acknowledge-edition", args=[march().pk])).status_code == 409


def test_the_page_shows_meeting_and_acknowledgements(company, client):
    review = Review.objects.create(
        agreement=company.agreement, planned_on=dt.date(2026, 4, 6), minutes="We talked about <speed>."
    )
    client.force_login(director("sales"))
    address = reverse("reports:edition", args=[march().pk])
    body = client.get(address).content.decode()
    assert "We talked about &lt;speed&gt;." in body
    assert reverse("agreements:review", args=[company.agreement.slug, review.pk]) in body
    client.post(reverse("reports:acknowledge-edition", args=[march().pk]))
    body = client.get(address).content.decode()
    assert f"Waits for {Team.objects.get(function='marketing').name}." in body
    assert "acknowledge/" not in body
    kept = kept_in_edition(march().snapshot)
    assert "well done" in kept and kept in unescape(body)
    listed = client.get(reverse("reports:editions", args=[company.agreement.slug])).content.decode()
    assert f"not acknowledged yet by {Team.objects.get(function='marketing').name}" in listed


def test_its_rates_lead_to_what_goal_they_would_mean(company, client):
    client.force_login(director("marketing"))
    body = client.get(reverse("reports:edition", args=[march().pk])).text
    address = f"{reverse('reports:recalibration')}?agreement={company.agreement.slug}&month=2026-03#draft"
    assert address in unescape(body)
    assert 'id="draft"' in client.get(address).text


def test_an_edition_gives_its_tables_as_files(company, client):
    client.force_login(company.viewer)
    address = reverse("reports:edition", args=[march().pk])
    lines = client.get(f"{address}?table=waterfall&format=csv").content.decode().splitlines()
    assert len(lines) == 32
    lines = client.get(f"{address}?table=definitions&format=csv").content.decode().splitlines()
    assert lines[0].endswith("of,definition")
    assert any(line.startswith("depth,") and "Automated messages are no attempts." in line for line in lines)
    assert client.get(f"{address}?table=nothing&format=csv")["Content-Disposition"].endswith('1-rates.csv"')


@pytest.mark.parametrize("page", ["list", "one"])
def test_more_of_it_needs_no_more_queries(company, client, page, django_assert_max_num_queries):
    client.force_login(company.viewer)
    name, of = ("editions", company.agreement.slug) if page == "list" else ("edition", march().pk)
    address = reverse(f"reports:{name}", args=[of])
    client.get(address)
    first = march()
    for number in range(2, 12):
        Edition.objects.create(
            agreement=first.agreement,
            month_on=MARCH,
            number=number,
            as_of=APRIL_20,
            made_at=APRIL_20,
            form=1,
            snapshot=first.snapshot,
            sha256=first.sha256,
        )
    with django_assert_max_num_queries(17):
        client.get(address)


def test_what_another_company_made_is_not_there(company, client):
    other = factories.agreement("other")
    factories.draft(other)
    edition = march()
    Edition.objects.create(
        agreement=other,
        month_on=MARCH,
        number=1,
        as_of=APRIL_20,
        made_at=APRIL_20,
        form=1,
        snapshot=edition.snapshot,
        sha256=edition.sha256,
    )
    seen = Edition.objects.visible_to(company.viewer)
    assert not seen.filter(agreement=other).exists()
    assert seen.filter(pk=edition.pk).exists()


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "//evil.example/", "https://evil.example/", "data:x", "/\\evil.example"],
)
def test_a_stored_table_leads_to_pages_of_this_site_alone(address):
    def stored(leads_to):
        cell = Cell("January", "2026-01", leads_to)
        return table_as_json(Table("Months", (Column("month", "Month"),), ((cell,),), (cell,)))

    assert (
        table_of_json(stored("/waterfall/?month=2026-01")).rows[0][0].address == "/waterfall/?month=2026-01"
    )
    found = table_of_json(stored(address))
    assert (found.rows[0][0], found.total[0]) == (Cell("January", "2026-01"), Cell("January", "2026-01"))
