"""What the API writes is what the framework's renderer writes, byte by byte."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer

from agreements.api.fields import read_rows, written
from agreements.api.rendering import Renderer
from agreements.models import Agreement
from leads.api.leads import LeadRow
from leads.models import HandOff, Lead
from tests import factories

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
INSTANTS = st.datetimes(timezones=st.sampled_from([dt.UTC, zoneinfo.ZoneInfo("UTC")]))
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.decimals(-(10**9), 10**9, places=2).map(Decimal),
        TEXTS,
        st.dates(),
        INSTANTS,
        st.uuids(),
    ),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner) | st.tuples(inner, inner),
    max_leaves=20,
)


class Made(models.TextField):  # type: ignore[type-arg]
    """Not what stands in the database."""

    def from_db_value(self, value: str, _expression: Any, _connection: Any) -> str:
        return f"{value} made"


@given(VALUES.filter(lambda value: value is not None))
def test_every_value_is_written_as_the_framework_writes_it(value: Any) -> None:
    assert Renderer().render(value) == JSONRenderer().render(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"at": dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.UTC)},
        {"at": dt.datetime(2026, 3, 1, 9, 30, 0, 120, tzinfo=dt.UTC)},
        {"at": dt.datetime(2026, 3, 1, 9, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Warsaw"))},
        {"at": dt.datetime(2026, 3, 1, 9, 30)},  # noqa: DTZ001
        "a line\u2028 and\u2029 </script> & \x00 \x1f \x7f \ufeff é 😀",
        _("leads"),
        [ErrorDetail("so", code="why"), Lead.Origin.MARKETING, HandOff.State.OVERDUE],
        dt.timedelta(hours=1, microseconds=5),
        {1: "a key that is no text"},
        2**64,
        -(2**63) - 1,
        0.1,
        1 / 3,
    ],
)
def test_so_are_the_odd_ones(value: Any) -> None:
    assert Renderer().render(value) == JSONRenderer().render(value)


def test_half_a_character_is_refused_by_both() -> None:
    for renderer in (Renderer(), JSONRenderer()):
        with pytest.raises(UnicodeEncodeError):
            renderer.render({"name": "\ud83d"})


def test_an_indent_is_kept() -> None:
    rows = [{"id": 1, "name": "Ana"}]
    written = Renderer().render(rows, "application/json; indent=2", {})
    assert written == JSONRenderer().render(rows, "application/json; indent=2", {})
    assert b"\n" in written and json.loads(written) == rows


@pytest.mark.django_db
def test_rows_are_read_as_models_would_be() -> None:
    lead = factories.lead(name="Ana", qualified_at=dt.datetime(2026, 3, 1, 9, 30, 0, 120, tzinfo=dt.UTC))
    fields = {"qualified_at": LeadRow._declared_fields["qualified_at"], "id": LeadRow._declared_fields["id"]}
    (row,) = read_rows(Lead.objects.order_by("pk"), fields, ("id", "name"))
    assert row == (lead.qualified_at, lead.pk, lead.pk, "Ana")
    assert row[0].tzinfo is dt.UTC
    assert written(row, fields) == {"qualified_at": lead.qualified_at, "id": lead.pk}
    assert read_rows(Lead.objects.none(), fields) == []


@pytest.mark.django_db
def test_a_value_that_its_field_makes_is_made_by_it() -> None:
    agreement = factories.agreement()
    found = Agreement.objects.annotate(own=Value("x", output_field=Made()))
    assert read_rows(found, {}, ("own", "slug")) == [("x made", agreement.slug)]
