"""What lists are filtered by: a value that cannot be understood is refused, and so is a parameter that nobody knows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from agreements.api.fields import refuse_unknown
from agreements.api.paging import PARAMETERS


@extend_schema_field(OpenApiTypes.INT64)
class IdFilter(filters.Filter):
    """The id of something."""

    field_class = forms.IntegerField


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(filters.ChoiceFilter):
    """`true` or `false`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], **more)

    def filter(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        return found if value in ("", None) else super().filter(found, value == "true")


class Filters(filters.DjangoFilterBackend):
    """Filters of a list, those of its `filterset_class`."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        kind = self.get_filterset_class(view, queryset)
        refuse_unknown(request.query_params, {*(kind.base_filters if kind else ()), *PARAMETERS, "fields"})
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found
