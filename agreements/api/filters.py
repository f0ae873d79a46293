"""What lists are filtered by: a value that cannot be understood is refused, and so is a parameter that nobody knows."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from agreements.api.fields import refuse_unknown
from agreements.api.paging import LARGEST_ID, PARAMETERS


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1, "maximum": LARGEST_ID})
class IdFilter(filters.Filter):
    """The id of something."""

    field_class = forms.IntegerField

    def __init__(self, **more: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **more)


@extend_schema_field({"type": "string", "minLength": 1})
class TextFilter(filters.CharFilter):
    """A text, as it stands there."""


class Instant(IsoDateTimeField):
    """An instant, in UTC: PostgreSQL takes fewer offsets than Python reads."""

    default_error_messages = {
        "invalid": gettext_lazy(
            "An instant, as in 2026-03-02T08:50:00Z. In an address a + of an offset is written %%2B."
        )
    }

    def to_python(self, value: Any) -> dt.datetime | None:
        found: dt.datetime | None = super().to_python(value)
        try:
            return found and found.astimezone(dt.UTC)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class InstantFilter(filters.IsoDateTimeFilter):
    """An instant, whatever its offset."""

    field_class = Instant


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(filters.ChoiceFilter):
    """`true` or `false`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], **more)

    def filter(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        return found if value in ("", None) else super().filter(found, value == "true")


class Filters(filters.DjangoFilterBackend):
    """Filters of a list, those of its `filterset_class`; one without a value is refused like an unknown one."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        kind = self.get_filterset_class(view, queryset)
        known = list(kind.base_filters) if kind else []
        several = [
            name for name in known if isinstance(kind.base_filters[name], filters.MultipleChoiceFilter)
        ]
        refuse_unknown(request.query_params, {*known, *PARAMETERS, "fields"}, several)
        if empty := [name for name in known if "" in request.query_params.getlist(name)]:
            raise ValidationError(dict.fromkeys(empty, _("Give it a value, or leave it out.")))
        asked = frozenset(name for name in known if name in request.query_params)
        if kind is None or not asked:
            return queryset
        chosen = narrowed(kind, asked)(data=request.query_params, queryset=queryset, request=request)
        if not chosen.is_valid():
            raise translate_validation(chosen.errors)
        found: QuerySet[Any] = chosen.qs
        return found


@lru_cache(maxsize=500)
def narrowed(kind: type[filters.FilterSet], names: frozenset[str]) -> type[filters.FilterSet]:
    """Return the set with these filters alone: a request copies every filter of its set, and makes a form of them."""
    narrow: Any = type(kind.__name__, (kind,), {})
    narrow.base_filters = {name: one for name, one in kind.base_filters.items() if name in names}
    return narrow  # type: ignore[no-any-return]
