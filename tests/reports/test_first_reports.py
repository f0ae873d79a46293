"""Report pages of companies with little or nothing yet."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from leads.services.hand_offs import hand_over
from reports import rollups
from tests import factories
from tests.api import programs
from tests.reports.answers import texts
from tests.reports.sample_month import NOW, fill_month, make_company

NAMES = ("waterfall", "speed", "depth", "recalibration")
MARCH = {"month": "2026-03"}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize("name", NAMES)
def test_stranger_is_sent_to_sign_in(client, db, name):
    answer = client.get(f"/{name}/?month=2026-03")
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", NAMES)
def test_product_without_data_says_how_to_bring_some_or_whom_to_ask(client, db, name):
    client.force_login(factories.user())
    answer = client.get(f"/{name}/")
    assert texts(answer, "h1") == ["No lead has been handed off yet."]
    assert "There is no administrator yet" in answer.text
    ada = factories.user("Ada <b>Nowak</b>", is_superuser=True)
    factories.user("Gone", is_superuser=True, is_active=False)
    asked = client.get(f"/{name}/").text
    assert "Who can bring them in: Ada &lt;b&gt;Nowak&lt;/b&gt;." in asked
    assert "/set-up/" not in asked
    client.force_login(ada)
    assert 'href="/set-up/"' in client.get(f"/{name}/").text


def test_before_anything_came_a_program_is_told_of_no_landing(db):
    factories.signed(factories.agreement(), goals={dt.date(2026, 3, 1): 100})
    program = programs.program("reports:read")
    asked = {"from": "2026-03-01", "to": "2026-04-01", "agreement": "company"}
    said = program.get("/api/v1/reports/landing/", asked).json()
    assert (said["goal"], said["actual"], said["landing"]) == (100, 0, None)
    gap = program.get("/api/v1/reports/gap/", asked).json()
    assert gap["segments"] == gap["sources"] == [] and gap["gap"] < 0


def test_figures_that_were_never_made_are_announced(client, db):
    company = make_company()
    fill_month(company)
    client.force_login(company.viewer)
    answer = client.get("/waterfall/", MARCH)
    assert "The figures have not been worked out yet" in answer.text


def test_depth_says_by_which_terms_history_is_judged(client, db):
    company = make_company()
    client.force_login(company.viewer)
    before, under = dt.datetime(2025, 12, 10, 9, tzinfo=dt.UTC), dt.datetime(2026, 1, 12, 9, tzinfo=dt.UTC)
    for at in (before, before, under):
        hand_over(lead=factories.lead(at), now=at, at=at, agreement=company.agreement)
    rollups.refresh(now=NOW, wait=True)
    year = client.get("/depth/", {"month": "2026-01", "by": "month"}).text
    assert (
        "Each hand-off is judged by what was agreed on its own day, also one that came in with a file."
        in year
    )
    assert "2 were handed off when nothing was agreed: they are drawn here, and judged by no goal." in year
    january = client.get("/depth/", {"month": "2026-01"}).text
    assert "when nothing was agreed" not in january
    alone = client.get("/depth/", {"month": "2025-12", "agreement": ""}).text
    assert "2 were handed off when nothing was agreed" in alone
    assert "Each hand-off is judged" not in alone
