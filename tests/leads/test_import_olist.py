"""Olist's marketing funnel, as it was published and as two spreadsheets saved it again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db.models import Count

from leads.intake.runs import ImportOptions, ImportResult, run_import
from leads.models import Deal, HandOff, Lead
from tests.leads.importing import NOW, whole_tables

BASE = Path(__file__).resolve().parents[2]
OLIST = BASE.parent / "shared" / "data" / "olist"
MAPPINGS = Path(__file__).resolve().parent / "mappings"
LEADS = "olist_marketing_qualified_leads_dataset.csv"
DEALS = "olist_closed_deals_dataset.csv"
VARIANTS = ("ddmmyyyy", "mdyyyy")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not OLIST.is_dir(), reason="../shared/data/olist is not here"),
]


def take(kind: str, name: str, source: str = "olist") -> ImportResult:
    options = ImportOptions(
        source=source, mapping=MAPPINGS / f"olist_{kind}.toml", time_zone="America/Sao_Paulo"
    )
    return run_import(kind=kind, stream_or_path=OLIST / name, options=options, now=NOW)


def days(source: str) -> dict[str, dt.date]:
    return dict(HandOff.objects.filter(lead__system=source).values_list("lead__external_id", "handed_off_on"))


def test_leads_and_deals_come_in_once():
    assert take("leads", LEADS).created == 8000
    assert take("deals", DEALS).created == 842
    before = whole_tables()
    for kind, name, rows in (("leads", LEADS, 8000), ("deals", DEALS, 842)):
        again = take(kind, name)
        assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, rows, 0)
    assert whole_tables() == before
    assert Deal.objects.filter(is_won=True, lead__isnull=False).count() == 842
    assert not Lead.objects.exclude(origin="marketing").exists()
    by_source = dict(Lead.objects.values_list("source").annotate(Count("pk")))
    assert by_source["organic_search"] == 2296
    found = HandOff.objects.order_by("handed_off_on").values_list("handed_off_on", flat=True)
    assert (found.first(), found.last()) == (dt.date(2017, 6, 14), dt.date(2018, 5, 31))
    assert not HandOff.objects.filter(is_date_only=False).exists()
    assert not HandOff.objects.exclude(state="no_clock").exists()


def test_the_files_that_spreadsheets_saved_again_say_the_same_days():
    take("leads", LEADS)
    assert len(days("olist")) == 8000
    for variant, deals in zip(VARIANTS, (842, 380), strict=True):
        leads_file = f"variants/olist_marketing_qualified_leads_{variant}.csv"
        deals_file = f"variants/olist_closed_deals_{variant}.csv"
        again = take("leads", leads_file)
        assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 8000, 0)
        assert take("leads", leads_file, source=variant).created == 8000
        assert days(variant) == days("olist")
        assert take("deals", deals_file, source=variant).created == deals
        assert Deal.objects.filter(system=variant, lead__isnull=False, is_won=True).count() == deals
