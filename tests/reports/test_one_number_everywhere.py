"""A month's figure is one number wherever it is read: page, chart, table, CSV, workbook, API, mail, edition and PDF.

In random worlds it is the number that a slow recomputation says (tests/oracles). `make proof` reads PROOF_N worlds.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from math import isclose
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from agreements.models import Agreement
from leads.services.sweep import sweep_clocks
from reports import rollups
from reports.charts.description import Cell, Chart
from reports.closing import close_months
from reports.edition_documents import as_pdf
from reports.editions import make_editions
from reports.models import Edition
from reports.pages.digests import Digest, month_of_week, progress_digest, weekly_digest
from reports.pages.editions import edition_page
from reports.periods import Period
from reports.readings.goals import goal_promise
from reports.readings.scope import build_scope
from reports.readings.tables import flat_rows
from tests import factories
from tests.leads.exported import sheet_rows
from tests.oracles.report_goals import FIGURES
from tests.oracles.report_world import Question
from tests.reports.answers import first, rows_of
from tests.worlds.comparison import different
from tests.worlds.generator import MEASURES, make_world
from tests.worlds.loader import Loader

N, SEED = 2, 20_300_101
PROOF_N = int(os.environ.get("PROOF_N", "300"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
PROOF_PART = 25
A_MONTH_ON = dt.timedelta(days=32)
MAIN_CHARTS = {"waterfall": ("waterfall",), "speed": ("speed", "in-time"), "depth": ("depth",)}


class Outlets:
    """One agreement's month in one world, read wherever it is shown; each difference is kept with where it was."""

    def __init__(self, loader: Loader, slug: str, month: date, measure: str, seen: Counter[str]) -> None:
        self.loader, self.seen = loader, seen
        self.agreement: Agreement = loader.agreements[slug]
        self.month, self.measure = month, measure
        self.question = Question(
            starts_on=month,
            ends_on=(month + A_MONTH_ON).replace(day=1),
            as_of=loader.now,
            by="week",
            agreement=slug,
            measure=measure,
        )
        self.expected = {name: FIGURES[name](loader.world, self.question) for name in MAIN_CHARTS}
        self.browser = Client()
        self.person = factories.user(is_superuser=True)
        self.browser.force_login(self.person)

    def differences(self) -> Iterator[str]:
        """Read the pages with their charts, tables and files, and the API, of all three reports."""
        for name in MAIN_CHARTS:
            yield from self._of_api(name)
            yield from self._of_page(name)

    def _asked(self, name: str) -> dict[str, str]:
        of_report = {"measure": self.measure} if name == "waterfall" else {"by": "week"}
        return {"agreement": self.agreement.slug, **of_report}

    def _of_api(self, name: str) -> Iterator[str]:
        days = {"from": self.question.starts_on.isoformat(), "to": self.question.ends_on.isoformat()}
        answer = self.browser.get(f"/api/v1/reports/{name}/?{urlencode(self._asked(name) | days)}")
        assert answer.status_code == 200, answer.text
        self.seen["documents"] += 1
        yield from different(answer.json(), self.expected[name], f"api {name}")

    def _of_page(self, name: str) -> Iterator[str]:
        address = f"/{name}/?{urlencode(self._asked(name) | {'month': f'{self.month:%Y-%m}'})}"
        page = self.browser.get(address)
        assert page.status_code == 200
        rows = flat_rows(name, self._expected_on(name, page.text))
        for key in MAIN_CHARTS[name]:
            if f'data-chart="{key}"' not in page.text:
                self.seen["empty charts"] += 1
                continue
            block = first(rf'(<figure class="chart" data-chart="{key}".*?</figure>)', page.text)
            yield from self._rows(f"table of {key}", table_of(block), rows)
            yield from drawn_differences(name, block, rows)
        yield from self._rows(f"{name}.csv", rows_of(self.browser.get(f"{address}&format=csv")), rows)
        headings, *sheet = sheet_rows(self.browser.get(f"{address}&format=xlsx"))
        cells = [dict(zip_longest(headings, row)) for row in sheet]  # empty cells at the end are left out
        yield from self._rows(f"{name}.xlsx", cells, rows)

    def _expected_on(self, name: str, page: str) -> dict[str, Any]:
        """What the page is to show: a goal in revenue stands against revenue alone, whatever was asked for."""
        shown = self.measure
        if name == "waterfall":
            choice = first(r'(<select class="form-select" id="measure".*?</select>)', page)
            shown = first(r'<option value="([a-z_]+)" selected', choice)
            assert (shown == self.measure) == (f'value="{self.measure}"' in choice)
            self.seen["by the agreed measure instead"] += shown != self.measure
        if shown == self.measure:
            return self.expected[name]
        return FIGURES[name](self.loader.world, replace(self.question, measure=shown))

    def _rows(self, where: str, said: list[dict[str, Any]], expected: list[dict[str, Any]]) -> Iterator[str]:
        if len(said) != len(expected):
            yield f"{where}: {len(said)} rows for {len(expected)}"
        for number, (one, other) in enumerate(zip(said, expected, strict=False)):
            for key in one.keys() & other.keys():
                self.seen["cells"] += 1
                if not is_same(one[key], other[key]):
                    yield f"{where} {number} {key}: {one[key]!r} for {other[key]!r}"

    def mail_differences(self) -> Iterator[str]:
        """Read what a manager is mailed at night and on Monday; nothing where these are about another month."""
        today = self.loader.now.astimezone(self.agreement.zone).date()
        monday = today - dt.timedelta(days=today.weekday())
        if self.month == today.replace(day=1):
            found = progress_digest(self.agreement, day=today, now=self.loader.now)
            yield from self._progress(found)
        if self.month == month_of_week(monday):
            found = weekly_digest(self.agreement, monday=monday, now=self.loader.now)
            yield from self._numbers(found)

    def _progress(self, digest: Digest | None) -> Iterator[str]:
        if digest is not None:
            self.seen["mails"] += 1
            yield from self._chart("mail's chart", digest.chart, self.question)

    def _chart(self, where: str, chart: Chart, question: Question) -> Iterator[str]:
        """Compare the table of a chart that knows no address: of a waterfall by the agreed measure."""
        measure = agreed_measure(question, self.loader.agreements)
        asked = replace(question, measure=measure, by=grain_of(chart, question))
        rows = [
            {column.key: cell.value for column, cell in zip(chart.table.columns, row, strict=True)}
            for row in chart.table.rows
        ]
        yield from self._rows(where, rows, flat_rows(chart.key, FIGURES[chart.key](self.loader.world, asked)))

    def edition_differences(self) -> Iterator[str]:
        """Close what is over, and read the month's edition as it is kept, on its page and in its PDF."""
        close_months(now=self.loader.now)
        make_editions(now=self.loader.now)
        edition = Edition.objects.filter(agreement=self.agreement, month_on=self.month).first()
        if edition is None:
            return
        self.seen["editions"] += 1
        asked = replace(self.question, as_of=edition.as_of)
        page = edition_page(edition, user=self.person)
        shown = self.browser.get(f"/editions/{edition.pk}/").text
        for chart in page.charts:
            if chart.key in DRAWN:
                yield from self._chart(f"edition's {chart.key}", chart, asked)
                block = first(rf'(<figure class="chart" data-chart="{chart.key}".*?</figure>)', shown)
                kept = [[str_of(cell) for cell in row] for row in chart.table.rows]
                if [list(row.values()) for row in table_of(block)] != kept:
                    yield f"edition's page does not show the {chart.key} that is kept"
        sheets = " ".join(
            sheet.extract_text() for sheet in PdfReader(io.BytesIO(as_pdf(page, paper="a4"))).pages
        )
        set_in_type = "".join(sheets.split())
        for side in page.snapshot["sides"]:
            for promise in side["promises"]:
                figure = promise["figure"].split(",")[0]
                self.seen["figures in PDFs"] += 1
                if (
                    promise["figure"] not in html.unescape(shown)
                    or "".join(figure.split()) not in set_in_type
                ):
                    yield f"edition's {promise['title']}: {promise['figure']!r} is not on its page and in its PDF"

    def _numbers(self, digest: Digest | None) -> Iterator[str]:
        if digest is None or digest.numbers is None:
            return
        self.seen["mails"] += 1
        speed, depth = self.expected["speed"]["total"], self.expected["depth"]["total"]
        month = [row[2].value for row in digest.numbers.rows]
        wanted = [
            speed["average"],
            speed["median"],
            share(speed["in_time"]),
            speed["open"],
            speed["open_overdue"],
            depth["judged"]["average"],
            share(depth["judged"]["worked"]),
        ]
        for number, (said, other) in enumerate(zip(month, wanted, strict=True)):
            if not is_same(said, other):
                yield f"mail's number {number}: {said!r} for {other!r}"


def agreed_measure(question: Question, agreements: dict[str, Agreement]) -> str:
    """The measure of the goal in force at the end of what was seen; hand-offs where none is agreed."""
    assert question.agreement is not None
    agreement = agreements[question.agreement]
    scope = build_scope(
        period=Period(question.starts_on, question.ends_on),
        now=timezone.now(),
        agreement=agreement,
        as_of=question.as_of,
    )
    promise = goal_promise(scope)
    return str(promise.measure) if promise else "handed_off"


def grain_of(chart: Chart, question: Question) -> str:
    """Whether a chart without an address has the month by days or by weeks."""
    days = (question.ends_on - question.starts_on).days
    return "day" if len(chart.table.rows) == days else "week"


def share(of: dict[str, int]) -> Fraction | None:
    """A share as one number."""
    return Fraction(of["numerator"], of["denominator"]) if of["denominator"] else None


def str_of(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def is_same(said: Any, expected: Any) -> bool:
    """Whether a cell, as text or number, is the exact value, but for how many digits a float has."""
    if expected in (None, ""):
        return said in (None, "")
    if isinstance(expected, date):
        return str(said)[:10] == expected.isoformat()
    if isinstance(expected, int | Fraction | Decimal | float):
        return said not in (None, "") and isclose(float(said), float(expected), rel_tol=1e-9, abs_tol=1e-9)
    return str(said) == str(expected)


def table_of(block: str) -> list[dict[str, str]]:
    """The raw values of a chart's table, by the keys of its columns."""
    keys = re.findall(r'data-key="([^"]+)"', block)
    body = first(r"<tbody>(.*?)</tbody>", block)
    return [
        dict(zip(keys, map(html.unescape, re.findall(r'<data value="([^"]*)"', row)), strict=True))
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]


DRAWN = {
    "waterfall": {"Goal": "goal_cumulative", "Actual": "actual_cumulative"},
    "speed": {"Average to the first attempt": "average"},
    "depth": {"Average attempts": "average"},
}


def drawn_differences(name: str, block: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Compare what the chart draws."""
    figure = json.loads(first(r'<script type="application/json">(.*?)</script>', block))
    for series, key in DRAWN[name].items():
        for trace in figure["data"]:
            if trace.get("name") == series:
                for number, (said, row) in enumerate(zip(trace["y"], rows, strict=True)):
                    if not is_same(said, row[key]):
                        yield f"chart {name} {series} {number}: {said!r} for {row[key]!r}"


def months_of(loader: Loader, slug: str, random: Random) -> list[date]:
    """A closed month and one under way, of those in which something of the world happened."""
    today = loader.now.astimezone(loader.agreements[slug].zone).date()
    this = today.replace(day=1)
    return [this, (this - dt.timedelta(days=1)).replace(day=1)]


def differences_of(seed: int, seen: Counter[str]) -> list[str]:
    """Load a world, and read a month of each of its agreements everywhere."""
    world, random = make_world(seed), Random(f"everywhere {seed}")
    found: list[str] = []
    with transaction.atomic(), time_machine.travel(world.now, tick=False):
        loader = Loader(world)
        loader.load()
        sweep_clocks(now=world.now)
        rollups.refresh(now=world.now, wait=True)
        seen["worlds"] += 1
        for slug in sorted(world.agreements):
            for month in months_of(loader, slug, random):
                measure = random.choice(MEASURES[1:]) or "handed_off"
                outlets = Outlets(loader, slug, month, measure, seen)
                where = f"{seed} {slug} {month:%Y-%m} {measure}"
                for differences in (
                    outlets.differences,
                    outlets.mail_differences,
                    outlets.edition_differences,
                ):
                    found += [f"{where}: {one}" for one in differences()]
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_a_figure_is_one_number_everywhere():
    seen: Counter[str] = Counter()
    found = [one for seed in range(SEED, SEED + N) for one in differences_of(seed, seen)]
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
    assert seen["cells"] > 1000 and min(seen["mails"], seen["editions"], seen["figures in PDFs"]) >= 1, seen


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, PROOF_PART))
def test_a_figure_is_one_number_everywhere_in_many_worlds(start):
    seen: Counter[str] = Counter()
    end = min(start + PROOF_PART, PROOF_SEED + PROOF_N)
    found = [one for seed in range(start, end) for one in differences_of(seed, seen)]
    print(f"one number everywhere: seeds {start} to {end - 1}, {len(found)} differences, {dict(seen)}")
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
