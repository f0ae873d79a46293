"""The fields for how much of a goal each weekday is to bring, where a draft's goal line goes by weekday weights."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TypedNumberField
from agreements.models import Commitment
from agreements.services.draft_values import Value
from agreements.services.faults import WEIGHT_KEYS

MOST_DECIMALS = 12


def weight_fields(kept: Mapping[str, Value]) -> dict[str, forms.Field]:
    """Return a field for each weekday, by key; one that was kept with more decimals may stay as it is."""
    fields: dict[str, forms.Field] = {}
    for place, key in enumerate(WEIGHT_KEYS):
        field = TypedNumberField(
            label=WEEKDAYS[place],
            required=False,
            decimal_places=max(MOST_DECIMALS, _decimals(kept.get(key))),
            error_messages={"max_decimal_places": _("A weight has at most %(max)s decimals.")},
        )
        field.widget.attrs["placeholder"] = "0"
        fields[key] = field
    return fields


def settle_weights(form: forms.BaseForm, given: dict[str, Any]) -> None:
    """Make an empty weight 0 where the goal line goes by weights; where it does not, drop what stands there."""
    is_by_weekday = given.get("counting-0-profile") == Commitment.Profile.WEIGHTS
    for key in WEIGHT_KEYS:
        if not is_by_weekday:
            form.errors.pop(key, None)
            given[key] = None
        elif key not in form.errors and given.get(key) is None:
            given[key] = Decimal(0)


def _decimals(kept: Value) -> int:
    exponent = kept.as_tuple().exponent if isinstance(kept, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0
