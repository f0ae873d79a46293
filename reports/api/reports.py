"""Reports, as programs read them: the documents that `manage.py report` prints, by the same readings as the pages.

Figures of a person are no matter of the API: there is no filter by owner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api import scopes
from agreements.api.fields import refuse_unknown
from agreements.api.reading import Answering
from agreements.models import Agreement, Commitment
from reports.api.document_examples import DEPTH, RECALIBRATION, SPEED, WATERFALL
from reports.api.documents import DepthAnswer, RecalibrationAnswer, SpeedAnswer, WaterfallAnswer
from reports.periods import Grain, Period
from reports.readings.attempt_days import attempt_days_of
from reports.readings.depth import depth_report
from reports.readings.groups import OF_NO_PERSON, Group, depth_by_group, speed_by_group
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import Scope, build_scope
from reports.readings.speed import speed_report
from reports.readings.waterfall import waterfall_report

LONGEST = dt.timedelta(days=3 * 366)
FIRST, LAST = dt.date(1971, 1, 1), dt.date(2100, 12, 31)


class Days(serializers.Serializer):
    """Which days, of which agreement, as seen when."""

    agreement = serializers.SlugField(required=False, help_text="And those below it. Else all hand-offs.")
    as_of = serializers.DateTimeField(required=False, help_text="What happened after this is left out.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add the two that Python has no names for."""
        days = {
            "from": serializers.DateField(help_text="The first day."),
            "to": serializers.DateField(help_text="The first day after the period, three years on at most."),
        }
        others: dict[str, serializers.Field] = super().get_fields()
        return days | others

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        start, end = given["from"], given["to"]
        if not FIRST <= start < end <= LAST or end - start > LONGEST:
            raise ValidationError({"to": _("A day after the first one, within three years of it.")})
        return given


class ReportQuestion(Days):
    """Which days, and which hand-offs."""

    segment = serializers.CharField(
        required=False, allow_blank=True, help_text="Its slug; empty for leads without one."
    )
    source = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="Empty for leads without one."
    )
    campaign = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="Empty for leads without one."
    )


class ByGrain(ReportQuestion):
    """A report in buckets."""

    by = serializers.ChoiceField(choices=[grain.value for grain in Grain], default=Grain.DAY.value)
    group = serializers.ChoiceField(
        choices=[group.value for group in OF_NO_PERSON],
        required=False,
        help_text="Also of each group for itself, as `groups`, teams and segments by their slugs.",
    )


class OfDepth(ByGrain):
    """Depth in buckets, and on which business day the attempts came."""

    attempt_days = serializers.BooleanField(
        default=False,
        help_text="Also how many k-th attempts came on which business day after the hand-off, as `attempt_days`: "
        "`days` from 0 on, the last with what came later, up to the connection; the last `k` with all further ones.",
    )


class OfWaterfall(ReportQuestion):
    """A waterfall, by another measure than the agreed one if it is named."""

    measure = serializers.ChoiceField(choices=Commitment.Measure.choices, required=False)


def described(
    question: type[ReportQuestion], name: str, document: type[serializers.Serializer], example: dict[str, Any]
) -> Any:
    """Describe an operation with its document, which is that of `manage.py report`."""
    answer = OpenApiResponse(
        document, description=f"The document of `manage.py report {name}`; lengths in seconds."
    )
    return extend_schema(
        operation_id=f"reports_{name}",
        parameters=[question],
        responses=answer,
        examples=[OpenApiExample(name, example, response_only=True)],
        tags=["reports"],
    )


class Report(Answering):
    """A report of a period. `narrowed_by` names the filters that it takes besides those of every report."""

    scope = scopes.Scope.REPORTS
    question: type[Days] = ReportQuestion
    narrowed_by: tuple[str, ...] = ()

    def asked(self, request: Request) -> tuple[Scope, dict[str, Any]]:
        """Read what is asked for; of an agreement that the caller may not read there is no report."""
        question = self.question(data=request.query_params.dict())
        refuse_unknown(request.query_params, question.fields)
        question.is_valid(raise_exception=True)
        given = question.validated_data
        agreement = None
        if "agreement" in given:
            agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=given["agreement"])
        try:
            scope = build_scope(
                period=Period(given["from"], given["to"]),
                now=timezone.now(),
                agreement=agreement,
                segment=given.get("segment"),
                source=given.get("source"),
                campaign=given.get("campaign"),
                **{name: given.get(name) for name in self.narrowed_by},
                as_of=given.get("as_of"),
            )
        except DjangoValidationError as error:
            raise ValidationError(error.messages) from error
        return scope, given


def groups_asked(
    read: Callable[[Scope, Group], list[dict[str, Any]]], scope: Scope, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is said of each group, where groups are asked for; 400 for too many of them."""
    if "group" not in given:
        return {}
    try:
        return {"groups": read(scope, Group(given["group"]))}
    except DjangoValidationError as error:
        raise ValidationError({"group": error.messages}) from error


class WaterfallOf(Report):
    """The cumulative goal against what was handed off, day by day."""

    question = OfWaterfall

    @described(OfWaterfall, "waterfall", WaterfallAnswer, WATERFALL)
    def get(self, request: Request) -> Response:
        scope, given = self.asked(request)
        return Response(waterfall_report(scope, measure=given.get("measure")).as_json())


class SpeedOf(Report):
    """Business time from hand-off to first attempt, in buckets and in total."""

    question = ByGrain

    @described(ByGrain, "speed", SpeedAnswer, SPEED)
    def get(self, request: Request) -> Response:
        scope, given = self.asked(request)
        document = speed_report(scope, Grain(given["by"])).as_json()
        return Response(document | groups_asked(speed_by_group, scope, given))


class DepthOf(Report):
    """Attempts on hand-offs that have not connected, in buckets and in total."""

    question = OfDepth

    @described(OfDepth, "depth", DepthAnswer, DEPTH)
    def get(self, request: Request) -> Response:
        scope, given = self.asked(request)
        document = depth_report(scope, Grain(given["by"])).as_json()
        if given["attempt_days"]:
            document["attempt_days"] = [row.as_json() for row in attempt_days_of(scope)]
        return Response(document | groups_asked(depth_by_group, scope, given))


class RecalibrationOf(Report):
    """The rates that a plan rests on, as measured."""

    @described(ReportQuestion, "recalibration", RecalibrationAnswer, RECALIBRATION)
    def get(self, request: Request) -> Response:
        scope, _given = self.asked(request)
        return Response(recalibration_report(scope).as_json())
