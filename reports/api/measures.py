"""Values of custom measures, as programs read and enter them: by the services, rights and sentences of the page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.fields import Person, Sent, read_rows, written
from agreements.api.filters import TextFilter, YesNoFilter
from agreements.api.reading import Rows
from agreements.api.scopes import Scope
from agreements.api.writing import KEY, Changing, once, read_body
from agreements.models import Agreement, MeasureValue
from agreements.services.measure_values import VoidedBy, is_other_side, measure_of, voided_by
from reports.api.reports import FIRST, LAST
from reports.closing import enter_and_close, void_and_close
from reports.pages.measures import parties_entering

FOR_WHOM = (
    "The person for whom this is done, by their e-mail address: what they may not do is refused. Without it, the "
    "program does it itself."
)
EXAMPLE = {
    "name": "Satisfaction",
    "period_on": "2026-02-01",
    "value": "4.6",
    "by": "sales.director@example.com",
}
ANSWER = {
    "id": 3,
    "party": "inside-sales",
    **{name: EXAMPLE[name] for name in ("name", "period_on", "value")},
}


class ValueRow(serializers.Serializer):
    """What a custom measure came to in one period. It is never changed; one that was wrong has `voided_at`."""

    id = serializers.IntegerField()
    agreement = serializers.CharField(source="agreement.slug")
    party = serializers.CharField(source="party.team.slug", help_text="The team that promises.")
    name = serializers.CharField(help_text="What is measured.")
    period_on = serializers.DateField(help_text="The first day of the period.")
    value = serializers.DecimalField(max_digits=14, decimal_places=4)
    entered_at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField()


class ValueFilters(filters.FilterSet):
    """What the list of values is filtered by."""

    name = TextFilter()
    period_from = filters.DateFilter(field_name="period_on", lookup_expr="gte")
    period_before = filters.DateFilter(field_name="period_on", lookup_expr="lt")
    is_voided = YesNoFilter(field_name="voided_at", lookup_expr="isnull", exclude=True)


class Entered(Sent):
    """What a measure came to in a period that is over."""

    name = serializers.CharField(max_length=100, help_text="The measure, as the version names it.")
    period_on = serializers.DateField(help_text="The first day of the month or quarter.")
    value = serializers.DecimalField(max_digits=14, decimal_places=4)
    by = Person(required=False, help_text=FOR_WHOM)

    def validate_period_on(self, day: dt.date) -> dt.date:
        if not FIRST <= day <= LAST:
            raise serializers.ValidationError(_("Days lie between 1971 and 2100."))
        return day


class Voided(Sent):
    """Why a value is wrong."""

    reason = serializers.CharField(max_length=200)
    by = Person(required=False, help_text=FOR_WHOM)


class MeasureValues(Rows):
    """The values entered for the custom measures of an agreement, those that were voided too."""

    scope = Scope.REPORTS
    writing_scope = Scope.MEASURES
    queryset = MeasureValue.objects.all()
    serializer_class = ValueRow
    filterset_class = ValueFilters

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(agreement=self.agreement())

    def agreement(self) -> Agreement:
        return get_object_or_404(Agreement.objects.visible_to(self.request.user), slug=self.kwargs["slug"])

    @extend_schema(
        operation_id="measure_values_enter",
        parameters=[KEY],
        request=Entered,
        responses={201: ValueRow},
        examples=[
            OpenApiExample("Entered", EXAMPLE, request_only=True),
            OpenApiExample("Done", ANSWER, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request, slug: str) -> HttpResponse:
        """Enter what a measure came to in a period that is over; the month is judged by it at once."""
        return once(request, self.enter)

    def enter(self) -> Response:
        agreement = self.agreement()
        given = read_body(Entered, self.request)
        person = given.pop("by", None)
        if person is not None:
            measure = measure_of(agreement, given["name"], given["period_on"])
            entering = parties_entering(agreement, person)
            if not entering or (measure is not None and measure.party_id not in entering):
                raise PermissionDenied(
                    _("Values are entered by the managers and directors of the party that promises.")
                )
        made = enter_and_close(
            agreement=agreement, **given, now=timezone.now(), by=person or self.request.user
        )
        return _as_it_is(made.pk, 201)


class VoidValue(Changing):
    """Void a value that is wrong. Once its month is closed, only for a director of the other side."""

    scope = Scope.MEASURES

    @extend_schema(
        operation_id="measure_values_void",
        tags=["measure-values"],
        request=Voided,
        responses=ValueRow,
        examples=[
            OpenApiExample("Voided", {"reason": "February's file was counted twice."}, request_only=True),
            OpenApiExample("Done", ANSWER, response_only=True),
        ],
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        return once(request, lambda: self.void(request, pk))

    def void(self, request: Request, pk: int) -> Response:
        seen = MeasureValue.objects.visible_to(request.user)
        value = get_object_or_404(seen.select_related("agreement", "party__team", "entered_by"), pk=pk)
        given, now = read_body(Voided, request), timezone.now()
        person = given.get("by")
        if person is not None:
            is_own = voided_by(value.agreement, [value], now=now)[value.pk] is VoidedBy.OWN_SIDE
            speaks = value.party_id in parties_entering(value.agreement, person)
            if not speaks and (is_own or not is_other_side(value, person)):
                raise PermissionDenied(
                    _(
                        "Values are voided by the managers and directors of the party that promises, and once the "
                        "month is closed by a director of the other side."
                    )
                )
        void_and_close(value=value, reason=given["reason"], now=now, by=person or request.user)
        return _as_it_is(pk)


def _as_it_is(pk: int, status: int = 200) -> Response:
    fields = ValueRow._declared_fields
    (row,) = read_rows(MeasureValue.objects.filter(pk=pk), fields)
    return Response(written(row, fields), status=status)
