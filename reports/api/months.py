"""What the page of a month's waterfall says besides, as programs read it: its landing, and where its gap comes from."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.models import Commitment
from reports.api.documents import OfDays, Share
from reports.api.reports import Days, OfWaterfall, Report
from reports.periods import month_of
from reports.readings.breakdown import gap_report
from reports.readings.landing import landing_report


class OfMonth(Days):
    """One whole month of all leads."""

    measure = serializers.ChoiceField(
        choices=Commitment.Measure.choices, required=False, help_text="Else the agreed one."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given = super().validate(given)
        month = month_of(given["from"])
        if given["from"] != month.start:
            raise ValidationError({"from": _("The first day of a month.")})
        if given["to"] != month.end:
            raise ValidationError({"to": _("The first day of the next month.")})
        return given


class OfLanding(OfMonth, OfWaterfall):
    """One whole month of all leads, or of those of one segment, source or campaign."""


class MonthSoFar(OfDays):
    """How a month stands at the end of the day of `as_of`: leads, or money where the measure is value."""

    as_of = serializers.DateTimeField()
    measure = serializers.ChoiceField(choices=Commitment.Measure.choices)
    goal_to_date = serializers.FloatField(allow_null=True, help_text="Null: no goal was agreed.")
    actual = serializers.FloatField()
    gap = serializers.FloatField(allow_null=True, help_text="`actual` less `goal_to_date`.")


class Projected(serializers.Serializer):
    """Where the month is projected to end, in whole leads or units of money, never below what has come."""

    projected = serializers.IntegerField()
    low = serializers.IntegerField(help_text="Where the interval begins.")
    high = serializers.IntegerField(help_text="Where the interval ends.")
    interval_percent = serializers.IntegerField(
        help_text="Of so many months in a hundred it holds the end: 80."
    )
    checked_months = serializers.IntegerField(help_text="Past months that corrected the interval’s width.")


class LandingAnswer(MonthSoFar):
    """Where a month stands and will end, and what is needed on each day that is left."""

    goal = serializers.FloatField(allow_null=True, help_text="Of the whole month.")
    remaining_days = serializers.IntegerField()
    remaining_business_days = serializers.IntegerField(allow_null=True)
    needed_per_remaining_day = serializers.FloatField(
        allow_null=True,
        help_text="To reach the goal; 0 once it is reached, null without days left or a goal.",
    )
    needed_per_remaining_business_day = serializers.FloatField(allow_null=True)
    landing = Projected(
        allow_null=True,
        help_text="Null: for a month that is over or has not begun, `as_of` an earlier instant, before three business "
        "days were seen, of qualified leads, with two filters, and of value by source or campaign.",
    )


class Part(serializers.Serializer):
    """What a segment or source brought, against its own goal to date where it has one."""

    goal_to_date = serializers.FloatField(allow_null=True)
    actual = serializers.FloatField()
    gap = serializers.FloatField(allow_null=True)
    share_of_actual = Share()


class SegmentPart(Part):
    """A segment's part."""

    segment = serializers.CharField(help_text="Its slug; empty for leads without one.")


class SourcePart(Part):
    """A source's part."""

    source = serializers.CharField(help_text="Empty for leads without one.")


class GapAnswer(MonthSoFar):
    """Where a month's leads, and its gap, come from."""

    segments = SegmentPart(many=True, help_text="The largest shortfall first, then those without a goal.")
    sources = SourcePart(many=True, help_text="What brought most first.")


SO_FAR = {
    "from": "2026-03-01",
    "to": "2026-04-01",
    "as_of": "2026-03-15T23:00:00+00:00",
    "measure": "handed_off",
    "goal_to_date": 60,
    "actual": 50,
    "gap": -10,
}
LANDING = {
    **SO_FAR,
    "goal": 124,
    "remaining_days": 16,
    "remaining_business_days": 12,
    "needed_per_remaining_day": 4.625,
    "needed_per_remaining_business_day": 6.166666666666667,
    "landing": {"projected": 104, "low": 95, "high": 114, "interval_percent": 80, "checked_months": 12},
}
PART = {
    "goal_to_date": 60,
    "actual": 50,
    "gap": -10,
    "share_of_actual": {"numerator": 50, "denominator": 50},
}
GAP = {
    **SO_FAR,
    "segments": [{"segment": "executive", **PART}],
    "sources": [{"source": "web", **PART, "goal_to_date": None, "gap": None}],
}


class LandingOf(Report):
    """Where one month stands, where it is projected to end, and what is needed on each day that is left."""

    question = OfLanding

    @extend_schema(
        operation_id="reports_landing",
        parameters=[OfLanding],
        responses=LandingAnswer,
        tags=["reports"],
        examples=[OpenApiExample("Landing", LANDING, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        scope, given = self.asked(request)
        return Response(landing_report(scope, measure=given.get("measure")).as_json())


class GapOf(Report):
    """Where one month's leads, and its gap to the goal, come from: by segment and by source."""

    question = OfMonth

    @extend_schema(
        operation_id="reports_gap",
        parameters=[OfMonth],
        responses=GapAnswer,
        tags=["reports"],
        examples=[OpenApiExample("Gap", GAP, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        scope, given = self.asked(request)
        return Response(gap_report(scope, measure=given.get("measure")).as_json())
