"""Maven's opportunities: won, lost and open ones, with amounts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from leads.intake.faults import CannotImport
from leads.intake.mapping import combined, mapping_from, read_mapping
from leads.intake.runs import ImportOptions, run_import
from leads.models import Deal, Lead
from tests.leads.importing import NOW, counts

BASE = Path(__file__).resolve().parents[2]
MAVEN = BASE.parent / "shared" / "data" / "maven_crm"
MAPPINGS = Path(__file__).resolve().parent / "mappings"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not MAVEN.is_dir(), reason="../shared/data/maven_crm is not here"),
]


def take(kind: str, name: str, **options):
    mapping = options.pop("mapping", MAPPINGS / f"maven_{kind}.toml")
    given = ImportOptions(source="maven", mapping=mapping, **options)
    return run_import(kind=kind, stream_or_path=MAVEN / name, options=given, now=NOW)


def test_opportunities_come_in_with_what_was_won():
    assert counts(take("deals", "sales_pipeline.csv")) == (8800, 0, 0, 0)
    won = Deal.objects.filter(is_won=True)
    assert won.count() == 4238
    assert won.aggregate(total=Sum("amount"))["total"] == Decimal(10_005_534)
    assert Deal.objects.filter(closed_at__isnull=True).count() == 1589 + 500
    assert counts(take("deals", "sales_pipeline.csv")) == (0, 0, 8800, 0)


def test_years_of_two_digits_need_their_order_said():
    file = "variants/sales_pipeline_ddmmyy.csv"
    with pytest.raises(CannotImport, match="order"):
        take("deals", file)
    take("deals", "sales_pipeline.csv")
    mapping = combined(
        read_mapping(MAPPINGS / "maven_deals.toml", "deals"),
        mapping_from({"dates": {"order": "dmy"}}, "deals", "order"),
    )
    assert counts(take("deals", file, mapping=mapping)) == (0, 0, 8800, 0)


def test_opportunities_that_were_never_engaged_are_no_leads(tmp_path):
    errors = tmp_path / "errors.csv"
    assert counts(take("leads", "sales_pipeline.csv", errors=errors)) == (8300, 0, 0, 500)
    assert len(errors.read_text(encoding="utf-8").splitlines()) == 501
    assert Lead.objects.filter(company="").count() == 1088
