"""Plans, as programs read them: how many leads a quota needs, and what versions agreed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, JSONObject
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from agreements.api.fields import Shaped
from agreements.api.filters import IdFilter, TextFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from agreements.models import MonthGoal, Plan, Version
from agreements.models.commitments import behind_a_goal_of


class PlannedMonth(serializers.Serializer):
    """The leads that a plan needs in a month."""

    month_on = serializers.DateField(help_text="Its first day.")
    leads = serializers.IntegerField()


class PlannedSegment(serializers.Serializer):
    """What a plan rests on in one segment, and the leads that it needs there."""

    segment = serializers.CharField(help_text="Its slug.")
    share = serializers.CharField(help_text="Its part of the revenue from marketing, exact.")
    average_deal = serializers.CharField()
    close_rate = serializers.CharField()
    lead_value = serializers.CharField(help_text="What a lead is worth, rounded up to a cent.")
    leads = serializers.IntegerField()


class PlannedVersion(serializers.Serializer):
    """A version with goals that were made of a plan."""

    agreement = serializers.CharField(help_text="Its slug.")
    number = serializers.IntegerField()


class AgreedGoal(serializers.Serializer):
    """What a version agreed for a month."""

    agreement = serializers.CharField(help_text="Its slug.")
    version = serializers.IntegerField()
    segment = serializers.CharField(allow_null=True, help_text="Its slug; null for all leads.")
    month_on = serializers.DateField(help_text="Its first day.")
    goal = serializers.CharField(help_text="Leads, exact.")


@extend_schema_field(PlannedMonth(many=True))
class Months(Shaped):
    """The leads of each month, stored by its first day."""

    def to_representation(self, value: Mapping[str, int]) -> list[dict[str, Any]]:
        return [{"month_on": month, "leads": leads} for month, leads in sorted(value.items())]


@extend_schema_field(PlannedSegment(many=True))
class Segments(Shaped):
    """What the plan rests on in each segment, whose leads are stored beside it."""

    def to_representation(self, value: Mapping[str, Any]) -> list[dict[str, Any]]:
        inputs: Sequence[Mapping[str, str]] = value["inputs"]
        return [{**one, "leads": value["leads"][one["segment"]]} for one in inputs]


@extend_schema_field(PlannedVersion(many=True))
class Versions(serializers.Field):
    """Read as it is told."""


@extend_schema_field(AgreedGoal(many=True))
class Goals(serializers.Field):
    """Read as it is told."""


EXAMPLE = {
    "id": 4,
    "agreement": "company",
    "versions": [{"agreement": "company", "number": 1}],
    "starts_on": "2026-01-01",
    "ends_on": "2026-03-01",
    "quota": "50000.00",
    "currency": "EUR",
    "marketing_share": "0.4000",
    "average_deal": "500.00",
    "close_rate": "0.100000",
    "split": "equal",
    "cycle_days": 0,
    "customers": 40,
    "leads": 400,
    "months": [{"month_on": "2026-01-01", "leads": 200}, {"month_on": "2026-02-01", "leads": 200}],
    "segments": [],
    "created_at": "2025-12-01T09:00:00Z",
}


@extend_schema_serializer(examples=[OpenApiExample("Plan", EXAMPLE, response_only=True)])
class PlanRow(serializers.Serializer):
    """How many leads a quota needs: quota × share from marketing ÷ average deal ÷ close rate, rounded up once."""

    id = serializers.IntegerField()
    agreement = serializers.CharField(
        source="agreement.slug", allow_null=True, help_text="For which it was worked out."
    )
    versions = Versions(help_text="With goals that were made of it, those that the caller may read.")
    starts_on = serializers.DateField(help_text="The first day of the quota.")
    ends_on = serializers.DateField(help_text="The first day that the quota does not cover.")
    quota = serializers.DecimalField(max_digits=16, decimal_places=2)
    currency = serializers.CharField()
    marketing_share = serializers.DecimalField(max_digits=5, decimal_places=4)
    average_deal = serializers.DecimalField(
        max_digits=14, decimal_places=2, help_text="Over all; where there are segments, theirs decide."
    )
    close_rate = serializers.DecimalField(
        max_digits=7, decimal_places=6, help_text="Over all; where there are segments, theirs decide."
    )
    split = serializers.ChoiceField(
        choices=Plan.Split.choices, help_text="How the quota is spread over its months."
    )
    cycle_days = serializers.IntegerField(help_text="So many days before the quota the leads are needed.")
    customers = serializers.IntegerField(source="derivation.customers", help_text="Needed, rounded up.")
    leads = serializers.IntegerField(help_text="Needed in all.")
    months = Months(source="derivation.months", help_text="Needed in each month: with a cycle, earlier ones.")
    segments = Segments(source="by_segment", help_text="Empty for a plan over all leads.")
    created_at = serializers.DateTimeField()


AGREED = {
    "agreement": "company",
    "version": 1,
    "segment": None,
    "month_on": "2026-01-01",
    "goal": "200.00",
}


@extend_schema_serializer(
    examples=[OpenApiExample("Plan", EXAMPLE | {"goals": [AGREED]}, response_only=True)]
)
class PlanWithGoals(PlanRow):
    """A plan with what was agreed for it."""

    goals = Goals(
        help_text="By version, segment and month, as agreed in those versions that the caller may read."
    )


class PlanFilters(filters.FilterSet):
    """What the list of plans is filtered by: version 2 of an agreement is another one's 2 never."""

    agreement = TextFilter(help_text="For which they were worked out, or that has goals made of them.")
    version = IdFilter(help_text="The number of a version with goals made of them.")

    def filter_queryset(self, found: QuerySet[Any]) -> QuerySet[Any]:
        slug, number = (self.form.cleaned_data.get(name) for name in ("agreement", "version"))
        versions = Version.objects.visible_to(self.request.user)
        if slug is not None:
            versions = versions.filter(agreement__slug=slug)
        if number is not None:
            return found.filter(behind_a_goal_of(versions.filter(number=number)))
        return found.filter(Q(agreement__slug=slug) | behind_a_goal_of(versions))


class _Planned:
    """Plans, with those versions that the caller may read."""

    scope = Scope.AGREEMENTS
    queryset = Plan.objects.all()
    request: Any

    def get_queryset(self) -> QuerySet[Any]:
        readable = Version.objects.visible_to(self.request.user)
        goals = MonthGoal.objects.filter(commitment__version__in=readable)
        made = goals.filter(plan=OuterRef(OuterRef("pk")), commitment__version=OuterRef("pk"))
        versions = readable.filter(Exists(made)).order_by("agreement__slug", "number")
        agreed = goals.filter(plan=OuterRef("pk")).order_by(
            "commitment__version__agreement__slug",
            "commitment__version__number",
            F("commitment__segment__slug").asc(nulls_first=True),
            "month_on",
        )
        found = super().get_queryset()  # type: ignore[misc]
        return found.annotate(  # type: ignore[no-any-return]
            by_segment=JSONObject(inputs="segments", leads=KeyTransform("segments", "derivation")),
            versions=ArraySubquery(
                versions.values(said=JSONObject(agreement="agreement__slug", number="number"))
            ),
            goals=ArraySubquery(
                agreed.values(
                    said=JSONObject(
                        agreement="commitment__version__agreement__slug",
                        version="commitment__version__number",
                        segment="commitment__segment__slug",
                        month_on="month_on",
                        goal=Cast("goal", CharField()),
                    )
                )
            ),
        )


class Plans(_Planned, Rows):
    """Plans behind the goals that the caller may read, and a person's own."""

    serializer_class = PlanRow
    filterset_class = PlanFilters
    orderings = {"id": "id", "created_at": "created_at"}


class OnePlan(_Planned, One):
    """A plan behind a goal that the caller may read, with what was agreed for it."""

    serializer_class = PlanWithGoals
