"""Hostile text in the files of reports comes back as text: no cell is a formula or a link, no header is one's own."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from itertools import cycle

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from agreements.models import Agreement, Segment, Team
from agreements.table_files import FORMULA_STARTS, unescaped
from leads.models import Lead
from reports import rollups
from reports.charts.description import Cell, Column, Table
from reports.charts.stored import table_as_json
from tests import factories
from tests.agreements.test_table_files import CALLS
from tests.hostile_text import HOSTILE_TEXTS
from tests.reports.sample_month import NOW

TEXTS = [" ".join(text.split())[:60] for text in (*CALLS, *HOSTILE_TEXTS)]
AT_ONCE = 40
MONTH = {"month": "2026-03", "agreement": "company"}
DAYS = {"first": "2026-03-01", "last": "2026-03-31", "agreement": "company"}
OF_SOURCES = (
    *(("/explore/", DAYS | {"by": by}) for by in ("source", "campaign", "country")),
    ("/waterfall/", MONTH | {"table": "sources"}),
    *((f"/{name}/", MONTH | {"group": "source", "table": "groups"}) for name in ("speed", "depth")),
    ("/depth/", MONTH | {"group": "source", "table": "spacing"}),
)
NAMED = (
    ("/explore/", DAYS | {"by": "team", "split": "segment"}),
    ("/explore/", DAYS | {"by": "week", "split": "campaign"}),
    ("/speed/", MONTH | {"group": "segment", "table": "groups"}),
    ("/agreements/company/simulator/", {"allowance_0": "4", "allowance_1": "0"}),
)
HEADERS = {
    *(
        "Cache-Control",
        "Content-Disposition",
        "Content-Language",
        "Content-Length",
        "Content-Security-Policy",
    ),
    *(
        "Content-Type",
        "Cross-Origin-Opener-Policy",
        "Expires",
        "Permissions-Policy",
        "Referrer-Policy",
        "Vary",
    ),
    *("X-Content-Type-Options", "X-Frame-Options"),
}
PARTS = {
    *("[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml"),
    *("xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/theme/theme1.xml", "xl/sharedStrings.xml"),
    "xl/worksheets/sheet1.xml",
}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def texts_of(client, address: str, asked: dict[str, str]) -> set[str]:
    """Ask for both files, see that nothing in them is more than text, and return the texts, the same in both."""
    plain = client.get(address, asked | {"format": "csv"})
    book = client.get(address, asked | {"format": "xlsx"})
    for answer, form in ((plain, "csv"), (book, "xlsx")):
        assert answer.status_code == 200
        assert set(answer.headers) <= HEADERS
        assert re.fullmatch(rf'attachment; filename="[\w-]+\.{form}"', answer.headers["Content-Disposition"])
    rows = list(csv.reader(io.StringIO(plain.content.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in FORMULA_STARTS and not re.fullmatch(r"-[\d.]+", cell)]
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        assert set(parts.namelist()) <= PARTS
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert (
        b"<f>" not in sheet
        and b"<f " not in sheet
        and b"hyperlink" not in sheet.lower().split(b"<sheetdata>")[0]
    )
    written = {
        str(cell.value)
        for row in load_workbook(io.BytesIO(book.content)).active
        for cell in row
        if cell.value
    }
    said = {unescaped(cell) for cell in cells}
    assert {text for text in said if text in TEXTS} == {text for text in written if text in TEXTS}
    return said


def test_all_texts_stand_in_the_files_of_groups(client, company):
    client.force_login(company.admin)
    leads = list(Lead.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(TEXTS), AT_ONCE):
        some = TEXTS[start : start + AT_ONCE]
        for lead, text in zip(leads, cycle(some), strict=False):
            Lead.objects.filter(pk=lead).update(source=text, campaign=text, country=text)
        rollups.rebuild()
        for address, asked in OF_SOURCES:
            found = texts_of(client, address, asked)
            if address == "/explore/":
                assert set(some) <= found, address
            else:
                assert set(some) & found, address


@pytest.mark.parametrize("start", range(0, len(TEXTS), 50))
def test_so_do_names_of_teams_segments_and_agreements(client, company, start):
    client.force_login(company.admin)
    for model in (Agreement, Segment, Team):
        for row, text in zip(model.objects.order_by("pk"), TEXTS[start:] + TEXTS, strict=False):
            model.objects.filter(pk=row.pk).update(name=text)
    for address, asked in NAMED:
        texts_of(client, address, asked)


def test_so_do_the_tables_that_an_edition_froze(client, company):
    client.force_login(company.admin)
    rows = tuple((Cell(text, text), Cell("1", 1)) for text in TEXTS)
    table = Table("Rates", (Column("name", "Name"), Column("rate", "Rate")), rows)
    frozen = factories.edition(company.agreement, rates=table_as_json(table))
    assert set(TEXTS) <= texts_of(client, reverse("reports:edition", args=[frozen.pk]), {})
