"""Leads, as programs read them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request

from agreements.api.filters import InstantFilter, TextFilter, YesNoFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from leads.api.sending import LEAD, SentLead, send_one, sends_one
from leads.models import Lead


class LeadRow(serializers.Serializer):
    """A person or company that may buy."""

    id = serializers.IntegerField()
    system = serializers.CharField(help_text="The system that knows it by its `external_id`.")
    external_id = serializers.CharField()
    origin = serializers.ChoiceField(choices=Lead.Origin.choices)
    source = serializers.CharField()
    campaign = serializers.CharField()
    segment = serializers.CharField(source="segment.slug", allow_null=True)
    qualified_at = serializers.DateTimeField()
    qualified_on = serializers.DateField(help_text="The local day of `qualified_at`.")
    is_qualified_date_only = serializers.BooleanField(help_text="Only the day is known.")
    created_at = serializers.DateTimeField(help_text="When it came to be known here.")
    name = serializers.CharField()
    company = serializers.CharField()
    job_title = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    country = serializers.CharField()
    merged_into = serializers.IntegerField(
        source="merged_into_id",
        allow_null=True,
        help_text="The lead that has its hand-offs and deals since the two were merged.",
    )


class LeadFilters(filters.FilterSet):
    """What the list of leads is filtered by."""

    system = TextFilter()
    external_id = TextFilter()
    email = TextFilter(lookup_expr="iexact")
    origin = filters.ChoiceFilter(choices=Lead.Origin.choices)
    source = TextFilter()
    campaign = TextFilter()
    segment = TextFilter(field_name="segment__slug")
    qualified_from = InstantFilter(field_name="qualified_at", lookup_expr="gte")
    qualified_before = InstantFilter(field_name="qualified_at", lookup_expr="lt")
    created_from = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_before = InstantFilter(field_name="created_at", lookup_expr="lt")
    is_qualified_date_only = YesNoFilter()


class Leads(Rows):
    """Leads that the caller may know; where `external_id` asks for them, also those that were merged into one."""

    scope = Scope.LEADS
    writing_scope = Scope.WRITE_LEADS
    queryset = Lead.objects.all()
    serializer_class = LeadRow
    filterset_class = LeadFilters
    orderings = {"id": "id", "qualified_at": "qualified_at", "created_at": "created_at"}

    def get_queryset(self) -> QuerySet[Lead]:
        """An id is asked for by who knows a lead by it: they are told where it went."""
        if "external_id" in self.request.query_params:
            return Lead.objects.told_to(self.request.user)
        return super().get_queryset()

    @sends_one("leads", SentLead, LEAD)
    def post(self, request: Request) -> HttpResponse:
        """Create or update one lead; 201 if it is new. What cannot be taken is refused (422), saying why."""
        return send_one(request, "leads")


class OneLead(One):
    """A lead that the caller may know, or one that was merged into such a lead: `merged_into` says into which."""

    scope = Scope.LEADS
    queryset = Lead.objects.all()
    serializer_class = LeadRow

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.told_to(self.request.user)
