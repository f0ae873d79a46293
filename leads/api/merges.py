"""Merges of leads, as programs read them."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import serializers

from agreements.api.filters import IdFilter, InstantFilter, YesNoFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from leads.models import Merge


class MergeRow(serializers.Serializer):
    """One lead that was taken into another; one that was undone has `undone_at`."""

    id = serializers.IntegerField()
    survivor = serializers.IntegerField(source="survivor_id", help_text="The lead that goes on.")
    absorbed = serializers.IntegerField(
        source="absorbed_id", help_text="The lead that was taken into it: see its `merged_into`."
    )
    made_at = serializers.DateTimeField(help_text="For 30 days from then on it can be undone.")
    by = serializers.CharField(source="by.email")
    reason = serializers.CharField()
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField(source="undone_by.email", allow_null=True)


class MergeFilters(filters.FilterSet):
    """What the list of merges is filtered by."""

    survivor = IdFilter()
    absorbed = IdFilter()
    is_undone = YesNoFilter(field_name="undone_at", lookup_expr="isnull", exclude=True)
    made_from = InstantFilter(field_name="made_at", lookup_expr="gte")
    made_before = InstantFilter(field_name="made_at", lookup_expr="lt")


class Merges(Rows):
    """Merges into leads that the caller may know, those that were undone too."""

    scope = Scope.LEADS
    queryset = Merge.objects.all()
    serializer_class = MergeRow
    filterset_class = MergeFilters
    orderings = {"id": "id", "made_at": "made_at"}


class OneMerge(One):
    """A merge into a lead that the caller may know."""

    scope = Scope.LEADS
    queryset = Merge.objects.all()
    serializer_class = MergeRow
