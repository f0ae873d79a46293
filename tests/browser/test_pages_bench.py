"""The bench of pages sees what a browser weighs and paints; `make proof` prints it for a phone."""

import contextlib
import os

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from slaproject.bench import company, history, pages
from slaproject.bench.rows import Disagreement

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "100000"))


@pytest.fixture
def one_chromium(browser, monkeypatch):
    """The Chromium of the other tests: there is one loop of Playwright's in a process."""
    monkeypatch.setattr(pages, "opened_chromium", lambda _path: contextlib.nullcontext(browser))


@pytest.fixture
def quick(one_chromium, monkeypatch, transactional_db):
    """One page of few rows once, over a line without limits, in the database of the tests."""
    monkeypatch.setattr(company, "REPS", 5)
    monkeypatch.setattr(history, "TIDY", "ANALYZE")
    monkeypatch.setattr(pages, "own_database", contextlib.nullcontext)
    monkeypatch.setattr(pages, "RUNS", 1)
    monkeypatch.setattr(pages, "SLOWER", 1)
    monkeypatch.setattr(pages, "LINE", {**pages.LINE, "latency": 0, "downloadThroughput": -1})
    monkeypatch.setattr(pages, "PAGES", ("reports:waterfall",))


def test_a_page_is_weighed_and_its_paint_and_charts_are_timed(quick):
    rows = pages.run(leads=300)
    assert [row["name"].partition(":")[0] for row in rows] == ["waterfall, first"] * 2 + [
        "waterfall, again"
    ] * 2
    paint, chart, paint_again, _chart_again = rows
    assert "scripts 0 kB" in paint_again["name"] and "scripts 0 kB" not in paint["name"]
    assert 0 < chart["product"] <= paint["product"], "a chart is drawn by what the page brings"


def test_a_page_that_leads_elsewhere_is_not_timed(quick, monkeypatch):
    monkeypatch.setattr(pages, "PAGES", ("reports:home",))
    monkeypatch.setattr(pages, "_rows", lambda *_: pytest.fail("timed"))
    with pytest.raises(Disagreement, match="came to"):
        pages.run(leads=300)


def test_without_a_browser_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(pages, "chromium_path", lambda: None)
    with pytest.raises(CommandError, match=r"pages: none of chromium, .* is on the PATH"):
        call_command("bench", "pages")


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_pages_on_a_phone(one_chromium):
    rows = pages.run(leads=PROOF_LEADS)
    print("\n" + "\n".join(f"{row['name']}: {1 / row['product']:.2f} s" for row in rows))
    assert all(row["met"] for row in rows if "paint" in row["name"])
