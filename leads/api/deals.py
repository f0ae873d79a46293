"""Deals, as programs read them."""

from __future__ import annotations

from django.http import HttpResponse
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request

from agreements.api.filters import IdFilter, TextFilter, YesNoFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from leads.api.sending import DEAL, SentDeal, send_one, sends_one
from leads.models import Deal, Lead


class DealRow(serializers.Serializer):
    """An opportunity as the CRM knows it: open while `closed_at` is null."""

    id = serializers.IntegerField()
    system = serializers.CharField(help_text="The system that knows it by its `external_id`.")
    external_id = serializers.CharField()
    lead = serializers.IntegerField(source="lead_id", allow_null=True, help_text="Null: not known here.")
    lead_external_id = serializers.CharField(help_text="As the deal's system named the lead.")
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    is_date_only = serializers.BooleanField(help_text="Only the day is known.")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    is_won = serializers.BooleanField()
    origin = serializers.ChoiceField(
        choices=[("", "as its lead"), *Lead.Origin.choices],
        help_text="Of a deal whose lead is not known here.",
    )


class DealFilters(filters.FilterSet):
    """What the list of deals is filtered by."""

    lead = IdFilter()
    system = TextFilter()
    external_id = TextFilter()
    currency = TextFilter()
    is_open = YesNoFilter(field_name="closed_at", lookup_expr="isnull")
    is_won = YesNoFilter()
    closed_from = filters.DateFilter(field_name="closed_on", lookup_expr="gte")
    closed_before = filters.DateFilter(field_name="closed_on", lookup_expr="lt")


class Deals(Rows):
    """Deals with leads that the caller may know."""

    scope = Scope.DEALS
    writing_scope = Scope.WRITE_DEALS
    queryset = Deal.objects.all()
    serializer_class = DealRow
    filterset_class = DealFilters

    @sends_one("deals", SentDeal, DEAL)
    def post(self, request: Request) -> HttpResponse:
        """Create or update one deal; 201 if it is new. What cannot be taken is refused (422), saying why."""
        return send_one(request, "deals")


class OneDeal(One):
    """A deal with a lead that the caller may know."""

    scope = Scope.DEALS
    queryset = Deal.objects.all()
    serializer_class = DealRow
