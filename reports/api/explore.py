"""Any measure by up to two dimensions, as programs read it: the numbers of the explore page, and nobody's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.models import Segment, Team
from reports.api.reports import Report, ReportQuestion
from reports.periods import Period
from reports.readings.explored import NOT_OF_LEADS, TIMES, By, Explored, TooManyGroups
from reports.readings.explored_details import explore
from reports.readings.explored_measures import DEFAULT, MEASURES, Measure, Needs, Unit
from reports.readings.figures import Row
from reports.readings.goals import agreement_of
from reports.readings.numbers import number, share_json
from reports.readings.scope import CHANNELS, HOURS, OUTCOMES, Scope
from reports.shares import share

OF_NO_PERSON = [by.value for by in By if by is not By.REP]


class OfExploration(ReportQuestion):
    """What is measured, of which hand-offs, and by what."""

    team = serializers.SlugField(required=False, help_text="The slug of the team that received them.")
    country = serializers.CharField(
        required=False, allow_blank=True, help_text="Empty for leads without one."
    )
    channel = serializers.ChoiceField(
        choices=list(CHANNELS),
        required=False,
        help_text="Of the first attempt; `none`: of none at a known time.",
    )
    hour = serializers.ChoiceField(
        choices=list(HOURS), required=False, help_text="Of arrival; `unknown` where only the day is."
    )
    outcome = serializers.ChoiceField(
        choices=list(OUTCOMES), required=False, help_text="How it was closed; `open` while it is not."
    )
    measure = serializers.ChoiceField(choices=list(MEASURES), default=DEFAULT)
    by = serializers.ChoiceField(choices=OF_NO_PERSON, default=By.WEEK.value)
    split = serializers.ChoiceField(choices=OF_NO_PERSON, required=False, help_text="A second dimension.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given = super().validate(given)
        by, split = given["by"], given.get("split")
        if split == by or (by in TIMES and split in TIMES):
            raise ValidationError({"split": _("Another dimension, and of days, weeks and months only one.")})
        if MEASURES[given["measure"]].of_leads:
            for name in NOT_OF_LEADS:
                if name in given or name in (by, split):
                    raise ValidationError(
                        {
                            "measure": _(
                                "It counts leads before they are handed off: they have no %(by)s yet."
                            )
                            % {"by": name.value}
                        }
                    )
        return given


@extend_schema_field(
    {
        "description": "Lengths in seconds; a share by its parts; null where there is nothing to measure it by.",
        "oneOf": [
            {"type": "number"},
            {"type": "null"},
            {
                "type": "object",
                "properties": {"numerator": {"type": "number"}, "denominator": {"type": "number"}},
                "required": ["numerator", "denominator"],
                "additionalProperties": False,
            },
        ],
    }
)
class MeasuredField(serializers.JSONField):
    """A number, or the two parts of a share."""


class Number(serializers.Serializer):
    """A measured number, and on how many cases it rests."""

    value = MeasuredField()
    n = serializers.IntegerField()


class OneGroup(Number):
    """The number of one group. Days have ISO form, a week or month its first day; teams and segments their slug."""

    by = serializers.CharField(help_text="Its key by the first dimension, empty for none.")
    split = serializers.CharField(required=False, help_text="And by the second, where there is one.")


class Exploration(serializers.Serializer):
    """The groups that have a case: where `by` is time in its order, else with most cases first.

    Time without a second dimension has every bucket, also those without a case.
    """

    measure = serializers.CharField()
    unit = serializers.CharField(help_text=f"One of {', '.join(unit.value for unit in Unit)}.")
    currency = serializers.CharField(
        help_text="Of deals that of most of them, of value the agreement’s; else empty."
    )
    by = serializers.CharField()
    split = serializers.CharField(allow_null=True, help_text="Null: there is no second dimension.")
    as_of = serializers.DateTimeField()
    groups = OneGroup(many=True)
    total = Number()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add the two that Python has no names for."""
        days = {"from": serializers.DateField(), "to": serializers.DateField()}
        others: dict[str, serializers.Field] = super().get_fields()
        return days | others


EXAMPLE = {
    "from": "2026-03-01",
    "to": "2026-04-01",
    "measure": "in_time",
    "unit": "share",
    "currency": "",
    "by": "source",
    "split": None,
    "as_of": "2026-03-17T14:00:00Z",
    "groups": [{"by": "web", "value": {"numerator": 17, "denominator": 20}, "n": 20}],
    "total": {"value": {"numerator": 17, "denominator": 20}, "n": 20},
}


class ExplorationOf(Report):
    """Any measure of a span of days by up to two dimensions."""

    question = OfExploration
    narrowed_by = ("team", "country", "channel", "hour", "outcome")

    @extend_schema(
        operation_id="reports_explore",
        parameters=[OfExploration],
        responses=Exploration,
        examples=[OpenApiExample("by source", value=EXAMPLE, response_only=True)],
        tags=["reports"],
    )
    def get(self, request: Request) -> Response:
        scope, given = self.asked(request)
        try:
            return Response(_document(scope, given))
        except TooManyGroups as error:
            said = _("There are more than 5,000 groups: a filter makes them fewer.")
            raise ValidationError({"by": said}) from error


def _document(scope: Scope, given: dict[str, Any]) -> dict[str, Any]:
    key, by = given["measure"], By(given["by"])
    split = By(given["split"]) if "split" in given else None
    measure = MEASURES[key]
    found = explore(scope, measure, by, split)
    cells: Iterable[tuple[tuple[str, ...], Row]] = (
        found.cells.items() if split else (((one,), row) for one, row in found.first.items())
    )
    names = [_slugs(one) for one in (by, split) if one is not None]
    read = _reader(measure, scope.period)
    groups = [
        {
            **dict(
                zip(
                    ("by", "split"),
                    (name(part) for name, part in zip(names, parts, strict=True)),
                    strict=False,
                )
            ),
            **read(row),
        }
        for parts, row in cells
    ]
    groups.sort(
        key=lambda one: (one["by"] if by in TIMES else "", -one["n"], one["by"], one.get("split", ""))
    )
    return {
        "from": scope.period.start.isoformat(),
        "to": scope.period.end.isoformat(),
        "measure": key,
        "unit": measure.unit.value,
        "currency": _currency(measure, scope, found),
        "by": by.value,
        "split": split.value if split else None,
        "as_of": scope.moment.at.isoformat(),
        "groups": groups,
        "total": read(found.total),
    }


def _currency(measure: Measure, scope: Scope, found: Explored) -> str:
    if measure.needs is Needs.DEALS:
        return found.total["currency"] or ""
    agreement = agreement_of(scope) if measure.unit is Unit.VALUE else None
    return agreement.currency if agreement else ""


def _reader(measure: Measure, period: Period) -> Callable[[Row], dict[str, Any]]:
    def read(row: Row) -> dict[str, Any]:
        found = measure.read(period, row)
        if measure.unit is not Unit.SHARE:
            return {"value": number(found.value), "n": found.n}
        met = 0 if found.value is None else found.value * found.n
        return {"value": share_json(share(int(met), found.n)), "n": found.n}

    return read


def _slugs(by: By) -> Callable[[str], str]:
    named = {By.TEAM: Team, By.SEGMENT: Segment}.get(by)
    if named is None:
        return str
    slugs = {str(pk): slug for pk, slug in named._default_manager.values_list("pk", "slug")}
    return lambda key: slugs.get(key, key)
