"""Attempts, as programs read them."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import serializers

from agreements.api.filters import IdFilter, InstantFilter, TextFilter, YesNoFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from leads.models import FollowUpAttempt


class AttemptRow(serializers.Serializer):
    """One try to reach a lead. It is never changed; one that was undone has `voided_at`."""

    id = serializers.IntegerField()
    hand_off = serializers.IntegerField(source="hand_off_id")
    lead = serializers.IntegerField(source="hand_off.lead_id")
    system = serializers.CharField(help_text="The system that knows it by its `external_id`.")
    external_id = serializers.CharField()
    attempted_at = serializers.DateTimeField()
    attempted_on = serializers.DateField()
    is_date_only = serializers.BooleanField(help_text="Only the day is known: it takes no part in speed.")
    channel = serializers.ChoiceField(choices=FollowUpAttempt.Channel.choices)
    outcome = serializers.ChoiceField(choices=FollowUpAttempt.Outcome.choices)
    is_automated = serializers.BooleanField()
    by = serializers.CharField(source="by.email", allow_null=True)
    by_name = serializers.CharField(help_text="Of somebody who has no account here.")
    note = serializers.CharField(source="note.text", allow_null=True)
    logged_at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField()


class AttemptFilters(filters.FilterSet):
    """What the list of attempts is filtered by."""

    hand_off = IdFilter()
    lead = IdFilter(field_name="hand_off__lead")
    system = TextFilter()
    external_id = TextFilter()
    channel = filters.MultipleChoiceFilter(choices=FollowUpAttempt.Channel.choices)
    outcome = filters.MultipleChoiceFilter(choices=FollowUpAttempt.Outcome.choices)
    by = TextFilter(field_name="by__email", lookup_expr="iexact")
    is_automated = YesNoFilter()
    is_voided = YesNoFilter(field_name="voided_at", lookup_expr="isnull", exclude=True)
    attempted_from = InstantFilter(field_name="attempted_at", lookup_expr="gte")
    attempted_before = InstantFilter(field_name="attempted_at", lookup_expr="lt")
    logged_from = InstantFilter(field_name="logged_at", lookup_expr="gte")
    logged_before = InstantFilter(field_name="logged_at", lookup_expr="lt")


class Attempts(Rows):
    """Attempts on leads that the caller may know, those that were undone too."""

    scope = Scope.LEADS
    queryset = FollowUpAttempt.objects.all()
    serializer_class = AttemptRow
    filterset_class = AttemptFilters
    orderings = {"id": "id", "attempted_at": "attempted_at", "logged_at": "logged_at"}


class OneAttempt(One):
    """An attempt on a lead that the caller may know."""

    scope = Scope.LEADS
    queryset = FollowUpAttempt.objects.all()
    serializer_class = AttemptRow
