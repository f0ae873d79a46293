"""Report pages whose address is wrong: what means nothing is named and left out, and does no harm."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from leads.services.hand_offs import hand_over
from reports import rollups
from tests import factories
from tests.reports.sample_month import NOW, make_company

NAMES = ("waterfall", "speed", "depth", "recalibration")
MARCH = {"month": "2026-03"}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture(scope="module")
def reader(django_db_setup, django_db_blocker):
    """Someone who looks at a company that has one hand-off: what is told here does not depend on how many there are."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = make_company()
        at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        hand_over(lead=factories.lead(at), now=NOW, at=at, owner=company.kim, agreement=company.agreement)
        rollups.refresh(now=NOW, wait=True)
        yield company.viewer
        transaction.set_rollback(True)


@pytest.fixture
def viewer(client, db, reader):
    client.force_login(reader)
    return client


@pytest.mark.parametrize(
    "month",
    [
        "2026-13",
        "0001-01",
        "9999-12",
        "1989-12",
        "2101-01",
        "March",
        "2026-3",
        "-1",
        "9" * 400,
        "2026-03\0",
        "２０２６-03",
        "2026-03-01",
        "<script>",
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_month_that_is_none_is_named_and_todays_shown(viewer, name, month):
    answer = viewer.get(f"/{name}/", {"month": month})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert 'value="2026-03"' in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "part",
    [
        {"segment": "nobody"},
        {"segment": "exe\0"},
        {"segment": "x" * 10_000},
        {"source": "nowhere"},
        {"source": "\0"},
        {"source": "9" * 300},
        {"owner": "1"},
        {"by": "century"},
        {"by": "\0"},
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_filter_that_names_nothing_is_said_and_left_out(viewer, name, part):
    answer = viewer.get(f"/{name}/", MARCH | part)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert 'class="chips"' not in answer.text


@pytest.mark.parametrize("slug", ["nobody", "\0", "x" * 10_000, "Company"])
def test_agreement_that_is_not_there_is_a_404(viewer, slug):
    assert viewer.get("/waterfall/", {"agreement": slug}).status_code == 404


@pytest.mark.parametrize(
    "part", [{"format": "xml"}, {"table": "../../etc"}, {"x": "y"}, {"format": "csv", "table": "\r\nX: y"}]
)
def test_parts_that_mean_nothing_do_no_harm(viewer, part):
    answer = viewer.get("/waterfall/", MARCH | part)
    assert answer.status_code == 200
    if "format" in part and part["format"] == "csv":
        assert answer.headers["Content-Disposition"] == 'attachment; filename="waterfall-2026-03.csv"'
