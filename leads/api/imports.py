"""Imports, as programs read them: which files and rows came in, and what became of them."""

from __future__ import annotations

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from agreements.api.filters import InstantFilter, TextFilter, YesNoFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from leads.models import Import

EXAMPLE = {
    "id": 12,
    "kind": "leads",
    "system": "crm",
    "file_name": "leads-2026-03.csv",
    "started_at": "2026-03-04T12:00:00Z",
    "finished_at": "2026-03-04T12:00:02Z",
    "started_by": "ada@example.com",
    "rows": 120,
    "created": 100,
    "updated": 10,
    "unchanged": 8,
    "rejected": 2,
    "undoable_until": "2026-03-05T12:00:02Z",
    "undone_at": None,
    "undone_by": None,
}


@extend_schema_serializer(examples=[OpenApiExample("Import", EXAMPLE, response_only=True)])
class ImportRow(serializers.Serializer):
    """A file that was read, or rows that were sent; those sent one by one are one import a day."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Import.Kind.choices)
    system = serializers.CharField(help_text="Whose ids the rows have.")
    file_name = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True, help_text="Null: at work, or broken off.")
    started_by = serializers.CharField(
        source="started_by.email", allow_null=True, help_text="Null: by a command."
    )
    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    undoable_until = serializers.DateTimeField(
        allow_null=True, help_text="Null: for what no file brought there is no undo."
    )
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField(source="undone_by.email", allow_null=True)


class ImportFilters(filters.FilterSet):
    """What the list of imports is filtered by."""

    kind = filters.ChoiceFilter(choices=Import.Kind.choices)
    system = TextFilter()
    is_finished = YesNoFilter(field_name="finished_at", lookup_expr="isnull", exclude=True)
    is_undone = YesNoFilter(field_name="undone_at", lookup_expr="isnull", exclude=True)
    started_from = InstantFilter(field_name="started_at", lookup_expr="gte")
    started_before = InstantFilter(field_name="started_at", lookup_expr="lt")


class Imports(Rows):
    """All imports, for programs and administrators: those that were undone too."""

    scope = Scope.LEADS
    queryset = Import.objects.all()
    serializer_class = ImportRow
    filterset_class = ImportFilters
    orderings = {"id": "id", "started_at": "started_at"}


class OneImport(One):
    """An import, for programs and administrators."""

    scope = Scope.LEADS
    queryset = Import.objects.all()
    serializer_class = ImportRow
