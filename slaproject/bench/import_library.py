"""The yardstick of `manage.py bench import`: leads by django-import-export, in bulk and with what is known cached."""

from __future__ import annotations

import datetime as dt
from typing import Any

from import_export.fields import Field
from import_export.instance_loaders import CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import CachedForeignKeyWidget, DateTimeWidget
from tablib import Dataset

from agreements.models import Segment
from leads.models import Lead
from slaproject.bench.rows import Disagreement

MOMENT = "%Y-%m-%dT%H:%M:%S%z"


class LeadResource(ModelResource):
    """A lead as its documentation has it: found by its id, created in batches."""

    qualified_at = Field(attribute="qualified_at", column_name="qualified_at", widget=DateTimeWidget(MOMENT))
    segment = Field(
        attribute="segment", column_name="segment", widget=CachedForeignKeyWidget(Segment, "slug")
    )

    class Meta:
        model = Lead
        import_id_fields = ("external_id",)
        fields = (
            *("external_id", "qualified_at", "origin", "source", "campaign", "segment", "name", "company"),
            *("job_title", "email", "phone", "country"),
        )
        instance_loader_class = CachedInstanceLoader
        use_bulk = True
        batch_size = 1_000
        skip_diff = True

    def __init__(self, system: str, now: dt.datetime) -> None:
        super().__init__()
        self._system, self._now = system, now

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Fill in what every lead of this import has."""
        instance.system, instance.created_at = self._system, self._now
        instance.qualified_on = instance.qualified_at.date()


def import_with_library(text: str, *, system: str, now: dt.datetime) -> None:
    """Import the leads of a CSV; Disagreement when some did not come."""
    data = Dataset().load(text, format="csv")
    result = LeadResource(system, now).import_data(data, use_transactions=True, raise_errors=True)
    if result.totals["new"] != len(data):
        raise Disagreement(f"the library created {result.totals} of {len(data)} rows")
