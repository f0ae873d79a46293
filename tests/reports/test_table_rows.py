"""The rows of a table: headings, raw values and links, and nothing of a name is ever markup."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from reports.charts.description import Cell, Column, Table
from tests.hostile_text import HOSTILE_TEXTS

COLUMNS = (Column("of", "Of"), Column("n", "Leads"))


class Drawn(HTMLParser):
    """The elements of a table as a browser takes them, and its text."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(render_to_string("reports/_table.html", {"table": table}))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if data.strip():
            self.said.append(data)

    def each(self, tag: str, attribute: str) -> list[str | None]:
        return [attributes.get(attribute) for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("language", ["en", "pl"])
def test_raw_values_are_the_same_in_every_language(language):
    may = (Cell("May", "2026-05", "/a/?b=1&c=2"), Cell("1 234,5", Decimal("1234.50")))
    nothing = (Cell("–", None), Cell("2", 2.25))
    with translation.override(language):
        found = Drawn(Table("Caption", COLUMNS, (may, nothing), (Cell("Both", None), Cell("1 236", 1236))))
    assert found.each("data", "value") == ["2026-05", "1234.50", "", "2.25", "1236"]
    assert found.each("a", "href") == ["/a/?b=1&c=2"]
    assert found.each("th", "scope") == ["col", "col", "row", "row", "row"]
    assert found.said == ["Caption", "Of", "Leads", "May", "1 234,5", "–", "2", "Both", "1 236"]


def test_names_stay_text():
    rows = tuple((Cell(text, text, f"/of/?name={text}"), Cell(text, text)) for text in HOSTILE_TEXTS)
    found = Drawn(Table("Caption", COLUMNS, rows, rows[0]))
    tags = {"div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "data", "a"}
    assert {tag for tag, _attributes in found.elements} == tags
    assert len(found.each("td", "class")) == len(rows) + 1
    assert {name for _tag, attributes in found.elements for name in attributes} <= {
        "class", "tabindex", "role", "aria-label", "scope", "data-key", "value", "href",
    }  # fmt: skip
