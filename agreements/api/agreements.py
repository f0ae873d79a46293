"""Agreements and their versions, as programs read them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from rest_framework import serializers

from agreements.api.fields import Word
from agreements.api.filters import TextFilter
from agreements.api.reading import One, Rows
from agreements.api.scopes import Scope
from agreements.models import Agreement, Version


class AgreementRow(serializers.Serializer):
    """A written agreement between teams. What it says stands in its versions."""

    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Agreement.Kind.choices)
    level = Word(Agreement.Level)
    parent = serializers.CharField(source="parent.slug", allow_null=True, help_text="What it inherits from.")
    segment = serializers.CharField(source="segment.slug", allow_null=True)
    time_zone = serializers.CharField(help_text="Its days, weeks and months are read in this zone.")
    currency = serializers.CharField()
    calendar = serializers.CharField(
        source="calendar.slug", allow_null=True, help_text="For teams without one. Null: the company's."
    )


class AgreementFilters(filters.FilterSet):
    """What the list of agreements is filtered by."""

    kind = filters.ChoiceFilter(choices=Agreement.Kind.choices)
    parent = TextFilter(field_name="parent__slug")
    segment = TextFilter(field_name="segment__slug")


class Agreements(Rows):
    """Agreements that the caller may read: those signed once, and to who writes them also the new ones."""

    scope = Scope.AGREEMENTS
    queryset = Agreement.objects.all()
    serializer_class = AgreementRow
    filterset_class = AgreementFilters


class OneAgreement(One):
    """An agreement that the caller may read."""

    scope = Scope.AGREEMENTS
    queryset = Agreement.objects.all()
    serializer_class = AgreementRow
    lookup_field = "slug"


class VersionRow(serializers.Serializer):
    """The text and the terms of an agreement for a span of days."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Version.State.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="The first day that it does not cover.")
    ended_on = serializers.DateField(
        allow_null=True, help_text="The day from which it was superseded, or on which the agreement ended."
    )
    reach = serializers.ChoiceField(choices=Version.Reach.choices)
    review_rhythm = serializers.ChoiceField(choices=Version.ReviewRhythm.choices)
    summary = serializers.CharField()
    signed_at = serializers.DateTimeField(allow_null=True)
    text_sha256 = serializers.CharField(help_text="Of the signed text in UTF-8; empty for a draft.")


class VersionWithText(VersionRow):
    """A version with every promise in it."""

    signed_text = serializers.CharField(
        help_text="Everything that was signed: JSON, byte for byte. Empty for a draft."
    )


class VersionFilters(filters.FilterSet):
    """What the list of versions is filtered by."""

    state = filters.MultipleChoiceFilter(choices=Version.State.choices)
    in_force_on = filters.DateFilter(field_name="in_force", lookup_expr="contains")


class _OfAgreement:
    """Versions of the agreement in the address; of one that may not be read there are none, as of one that is not."""

    scope = Scope.AGREEMENTS
    queryset = Version.objects.all()
    request: Any
    kwargs: dict[str, Any]

    def get_queryset(self) -> QuerySet[Any]:
        readable = Agreement.objects.visible_to(self.request.user)
        agreement = get_object_or_404(readable.only("pk"), slug=self.kwargs["slug"])
        return super().get_queryset().filter(agreement=agreement)  # type: ignore[misc, no-any-return]


class Versions(_OfAgreement, Rows):
    """The versions of an agreement: those signed, and to who writes them also drafts."""

    serializer_class = VersionRow
    filterset_class = VersionFilters


class OneVersion(_OfAgreement, One):
    """A version of an agreement, with its text as it was signed."""

    serializer_class = VersionWithText
    lookup_field = "number"
