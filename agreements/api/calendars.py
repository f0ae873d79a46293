"""Business calendars, as programs read them, and due times with the hours that were counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.fields import refuse_unknown
from agreements.api.reading import Answering, One, Rows
from agreements.api.scopes import Scope
from agreements.models import BusinessCalendar, CalendarRevision
from agreements.opening_hours import Reason
from agreements.spans import Kind

FIRST, LAST = dt.datetime(1971, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
LONGEST = dt.timedelta(days=366)


class CalendarRow(serializers.Serializer):
    """Whose business hours: of its revisions the newest, which serves new hand-offs."""

    slug = serializers.CharField()
    name = serializers.CharField()
    is_default = serializers.BooleanField(help_text="The company's.")
    country = serializers.CharField(help_text="Of its public holidays; empty for none.")
    subdivision = serializers.CharField()
    revision = serializers.IntegerField()
    revised_at = serializers.DateTimeField()
    holidays_to = serializers.DateField(
        allow_null=True, help_text="The first day of which public holidays are not known yet."
    )


class CalendarWithHours(CalendarRow):
    """A calendar with its hours, holidays written out."""

    hours = serializers.DictField(help_text="tz, weekly, holidays, holidays_every_year, breaks, overrides.")
    holiday_names = serializers.DictField(child=serializers.CharField(), help_text="By day.")


def with_newest(found: QuerySet[BusinessCalendar]) -> QuerySet[BusinessCalendar]:
    """Read with calendars what their newest revision says; one without any revision has no hours and is left out."""
    newest = CalendarRevision.objects.filter(calendar=OuterRef("pk")).order_by("-number")
    columns = {
        "revision": "number",
        "revised_at": "created_at",
        "holidays_to": "holidays_to",
        "hours": "definition",
        "holiday_names": "holiday_names",
    }
    read = {name: Subquery(newest.values(column)[:1]) for name, column in columns.items()}
    return found.filter(revisions__number=1).annotate(**read)


class _Open:
    """Everybody who is let in may know the hours."""

    scope = Scope.CALENDARS

    def get_queryset(self) -> QuerySet[BusinessCalendar]:
        return with_newest(BusinessCalendar.objects.all())


class Calendars(_Open, Rows):
    """All business calendars."""

    queryset = BusinessCalendar.objects.all()
    serializer_class = CalendarRow


class OneCalendar(_Open, One):
    """A business calendar with its hours."""

    queryset = BusinessCalendar.objects.all()
    serializer_class = CalendarWithHours
    lookup_field = "slug"


def within_reach(instant: dt.datetime) -> None:
    """Refuse instants that no file may have either."""
    if not FIRST <= instant < LAST:
        raise serializers.ValidationError(_("Instants lie between 1971 and 2100."))


class Question(serializers.Serializer):
    """From when on, and for how much business time or until when: one of the two."""

    start = serializers.DateTimeField(validators=[within_reach])
    end = serializers.DateTimeField(validators=[within_reach], required=False)
    seconds = serializers.IntegerField(
        min_value=1, max_value=366 * 86_400, required=False, help_text="Business time that is to pass."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("end" in given) == ("seconds" in given):
            raise ValidationError(_("Give either an end or seconds."))
        return given


class Part(serializers.Serializer):
    """A stretch of time that is open, closed or paused, and why."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    holiday = serializers.CharField(help_text="Its name, if it is one and has one.")
    business_seconds = serializers.IntegerField(help_text="Counted from the start to the end of this part.")


class Explanation(serializers.Serializer):
    """What was counted: parts that follow each other without a gap."""

    calendar = serializers.CharField()
    revision = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(allow_null=True, help_text="Null: there is no due time.")
    business_seconds = serializers.IntegerField()
    parts = Part(many=True)


class ExplainCalendar(Answering):
    """When so much business time has passed from an instant on, or how much passes until another one."""

    scope = Scope.CALENDARS

    @extend_schema(
        operation_id="calendars_explain", parameters=[Question], responses=Explanation, tags=["calendars"]
    )
    def get(self, request: Request, slug: str) -> Response:
        calendar = get_object_or_404(BusinessCalendar, slug=slug, revisions__number=1)
        asked = Question(data=request.query_params.dict())
        refuse_unknown(request.query_params, asked.fields)
        asked.is_valid(raise_exception=True)
        start, seconds = asked.validated_data["start"], asked.validated_data.get("seconds")
        revision = calendar.latest_revision()
        end = asked.validated_data.get("end")
        if seconds is not None:
            end = revision.compiled().due(start, dt.timedelta(seconds=seconds))
        if end is None or end - start > LONGEST:
            raise ValidationError({"seconds" if seconds else "end": _("This is more than a year away.")})
        return Response(explained(revision, start, end))


def explained(
    revision: CalendarRevision,
    start: dt.datetime,
    end: dt.datetime | None,
    pauses: Sequence[tuple[dt.datetime, dt.datetime]] = (),
) -> dict[str, Any]:
    """Lay out what is counted from start to end."""
    counted, parts = 0.0, []
    for stretch in revision.compiled().explain(start, end, pauses) if end is not None else ():
        if stretch.kind is Kind.OPEN:
            counted += stretch.span.length.total_seconds()
        is_named = stretch.reason is Reason.HOLIDAY and stretch.on is not None
        parts.append(
            {
                "start": stretch.span.start,
                "end": stretch.span.end,
                "kind": stretch.kind.value,
                "reason": stretch.reason.value,
                "holiday": revision.holiday_names.get(f"{stretch.on:%Y-%m-%d}", "") if is_named else "",
                "business_seconds": int(counted),
            }
        )
    return {
        "calendar": revision.calendar.slug,
        "revision": revision.number,
        "start": start,
        "end": end,
        "business_seconds": int(counted),
        "parts": parts,
    }
