"""An edition on paper: two sheets of A4 or Letter, drawn from its snapshot; hostile texts stand there as texts."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest
from django.db import transaction
from django.urls import reverse
from pypdf import PdfReader

from reports import edition_documents
from reports.charts.description import Cell, Mark
from reports.charts.stored import chart_of_json, table_of_json
from reports.closing import close_months
from reports.edition_documents import as_pdf
from reports.editions import make_editions
from reports.models import Edition
from reports.pages.editions import edition_page
from reports.svg_figures import svg
from tests.hostile_text import HOSTILE_TEXTS, KEPT_OF_CHART, KEPT_OF_EDITION, put_into
from tests.reports.sample_month import MARCH, make_month

pytestmark = pytest.mark.django_db

APRIL_20 = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
SHEETS = {"a4": (595, 842), "letter": (612, 792)}


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_month(goal=44)
        close_months(now=APRIL_20)
        make_editions(now=APRIL_20)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def page(company):
    return edition_page(Edition.objects.get(month_on=MARCH), user=company.viewer)


def sheets_of(pdf: bytes) -> list[str]:
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize("paper", SHEETS)
def test_it_is_two_sheets_that_say_what_the_page_says(company, client, page, paper):
    client.force_login(company.viewer)
    answer = client.get(reverse("reports:edition-document", args=[page.edition.pk, paper]))
    assert answer["Content-Type"] == "application/pdf"
    box = PdfReader(io.BytesIO(answer.content)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == SHEETS[paper]
    first, second = sheets_of(answer.content)
    assert page.snapshot["finding"] in first
    for side in page.snapshot["sides"]:
        for promise in side["promises"]:
            assert promise["figure"].split(",")[0] in first
    assert "Goal 44" in first  # in the drawing
    assert page.snapshot["rates_finding"][:40] in second
    assert "1 / 2" in first and "2 / 2" in second


def test_another_paper_is_not_there(company, client, page):
    client.force_login(company.viewer)
    assert client.get(f"/editions/{page.edition.pk}/a5.pdf").status_code == 404


@pytest.mark.parametrize("paper", SHEETS)
def test_hostile_texts_in_every_place_stand_there_as_texts_on_two_sheets(page, paper):
    payloads = [text.replace("\0", "") for text in HOSTILE_TEXTS]
    assert len(payloads) >= 150
    stolen = put_into(page.snapshot, iter(payloads * 20), kept=KEPT_OF_EDITION)
    charts = tuple(
        chart_of_json(put_into(one, iter(payloads * 9), kept=KEPT_OF_CHART))
        for one in page.snapshot["charts"]
    )
    line = dict.fromkeys(("who", "diagnosis", "action", "owner", "result", "note"), payloads[7] * 9)
    many = [
        {"team": text, "title": text, "state": text, "until": text, **line, "diagnosis": text, "actions": []}
        for text in payloads
    ]
    definitions, agenda = table_of_json(stolen["definitions"]), stolen["agenda"]
    full = replace(
        page,
        snapshot=stolen,
        charts=charts,
        strikes=many,
        carried=many,
        definitions=definitions,
        agenda=agenda,
    )
    pdf = as_pdf(full, paper=paper)
    read = PdfReader(io.BytesIO(pdf))
    assert len(read.pages) == 2
    assert all("/Annots" not in sheet for sheet in read.pages)  # no link
    for forbidden in (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/URI"):
        assert forbidden not in pdf


def test_every_value_of_a_chart_is_in_the_drawing(page):
    for chart in page.charts:
        root = fromstring(svg(chart))
        names = [element.tag.rpartition("}")[2] for element in root.iter()]
        bars = [one for one in chart.series if one.mark in (Mark.BARS, Mark.OUTLINED)]
        drawn = sum(value is not None for one in bars for value in one.values)
        assert names.count("rect") == drawn + len(chart.shaded)
        lines = [one for one in chart.series if one not in bars and one.mark is not Mark.BAND]
        points = {
            len((one.get("points") or "").split()) for one in root.iter() if one.tag.endswith("polyline")
        }
        for one in lines:
            n = sum(value is not None for value in one.values)
            assert (3 * n - 2 if one.mark is Mark.STEP else n) in points


@pytest.mark.parametrize("paper", SHEETS)
def test_a_month_with_as_much_as_there_is_room_for_stays_on_two_sheets(page, paper):
    promise = {
        "mark": "✖",
        "title": "MQL goal · Executives of the north",
        "word": "missed",
        "figure": "4 of 11",
    }
    clause = "A person who may decide, has a budget, and asked for a call. " * 300
    side = {
        **page.snapshot["sides"][0],
        "promises": [promise] * 20,
        "consequence": clause,
        "has_missed": True,
    }
    definitions = replace(
        page.definitions,
        rows=(
            *((Cell(f"Segment {n}", f"q{n}"), Cell(clause, clause)) for n in range(18)),
            *page.definitions.rows,
        ),
    )
    line = {**page.strikes[0], "diagnosis": clause, "actions": []}
    full = replace(
        page,
        snapshot={**page.snapshot, "sides": [side, side], "further": page.snapshot["further"] * 2},
        definitions=definitions,
        strikes=[line] * 12,
        changed=[{"of": "Speed", "where": "March", "before": "2 h", "after": "3 h"}] * 30,
    )
    first, second = sheets_of(as_pdf(full, paper=paper))
    assert "Segment 0: A person who may decide" in first
    assert "and 11 more, on the page" in first  # of 25 definitions 14 are set
    assert page.snapshot["rates_finding"][:40] in second


def test_an_edition_made_before_definitions_were_kept_says_so_on_paper(page):
    first, _second = sheets_of(as_pdf(replace(page, definitions=None), paper="a4"))
    assert "made before definitions were kept" in first


def test_a_sheet_of_few_promises_and_no_chart_is_set_too(page):
    bare = replace(page, charts=(), snapshot={**page.snapshot, "sides": [], "terms": []})
    assert len(sheets_of(as_pdf(bare, paper="a4"))) == 2


def test_what_there_is_no_room_for_is_counted():
    said = edition_documents._few(["x" * 500] * 14)
    assert (len(said), said[-1]) == (11, "and 4 more, on the page")


def test_promises_that_have_no_room_on_paper_are_counted(page):
    side = page.snapshot["sides"][0]
    many = {**side, "promises": side["promises"][:1] * 20}
    said = edition_documents._side(many)["promises"]
    assert (len(said), said[-1]["title"]) == (15, "and 6 more, on the page")
    assert (
        "and 6 more, on the page"
        in sheets_of(as_pdf(replace(page, snapshot={**page.snapshot, "sides": [many]}), paper="a4"))[0]
    )
