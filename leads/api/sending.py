"""Leads and deals that programs send, one or up to ten thousand: written by the engine of the imports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.json import strict_constant

from agreements.api.bodies import said_once
from agreements.api.fields import Sent, refuse_unknown
from agreements.api.refusals import NotTaken, TooLarge
from agreements.api.scopes import Scope
from agreements.api.writing import KEY, Changing, once
from agreements.models import Agreement
from agreements.time_zones import validate_time_zone
from leads.intake.context import Clock
from leads.intake.faults import CannotImport
from leads.intake.runs import ImportOptions
from leads.intake.sent_rows import CREATED, REJECTED, UNCHANGED, UPDATED, Became, counts, take_rows

MOST_ROWS = 10_000
MOST_BYTES = 10_000_000
LEAD = {
    "external_id": "L-1",
    "qualified_at": "2026-03-02T08:50:00Z",
    "handed_off_at": "2026-03-02T09:10:00Z",
    "name": "Ana Sample",
    "company": "Sample Bakery",
    "source": "web",
    "origin": "marketing",
    "owner": "rep@example.com",
}
DEAL = {
    "external_id": "D-1",
    "lead_external_id": "L-1",
    "closed_at": "2026-03-04T10:00:00Z",
    "amount": "1200.00",
    "currency": "EUR",
    "won": True,
}


class SentLead(serializers.Serializer):
    """A lead, known by its id in the system it comes from. What is missing or empty says nothing: that stays."""

    external_id = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Its id in the system it comes from. Without one it is known by its `email`, else its `phone`, else "
        "its `name` and `company` together, and the answer has an id made of that, as in `email:ana@example.com`.",
    )
    qualified_at = serializers.CharField(
        required=False, help_text="An instant, or a day alone. One of this and `handed_off_at` is needed."
    )
    handed_off_at = serializers.CharField(
        required=False,
        help_text="Without it, handed off when it qualified. Later than the end of its last hand-off: a new one.",
    )
    name = serializers.CharField(required=False, max_length=200)
    company = serializers.CharField(required=False, max_length=200)
    job_title = serializers.CharField(required=False, max_length=200)
    email = serializers.CharField(required=False, max_length=320)
    phone = serializers.CharField(required=False, max_length=64)
    country = serializers.CharField(required=False, max_length=64)
    source = serializers.CharField(required=False, max_length=100)
    campaign = serializers.CharField(required=False, max_length=150)
    segment = serializers.CharField(required=False, help_text="Its name or slug.")
    origin = serializers.CharField(required=False, help_text="`marketing` (the usual) or `sales`.")
    owner = serializers.CharField(required=False, help_text="Name or e-mail address; kept also if unknown.")
    team = serializers.CharField(required=False, help_text="Name or slug of the receiving team.")


class SentDeal(serializers.Serializer):
    """A deal as its system knows it. What is missing or empty says nothing: that stays."""

    external_id = serializers.CharField(
        required=False, max_length=200, help_text="Without it, that of its lead."
    )
    lead_external_id = serializers.CharField(required=False, max_length=200)
    lead_email = serializers.CharField(
        required=False, help_text="Of a lead that has no id in its system, instead of `lead_external_id`."
    )
    lead_phone = serializers.CharField(
        required=False, help_text="Likewise, of one that came without an e-mail."
    )
    closed_at = serializers.CharField(
        required=False, help_text="An instant, or a day alone; none while open."
    )
    amount = serializers.CharField(required=False)
    currency = serializers.CharField(required=False, help_text="Three letters.")
    won = serializers.BooleanField(required=False)
    origin = serializers.CharField(required=False, help_text="Of a deal whose lead is not known here.")


class SendingOptions(Sent):
    """Whose ids they have, and what is to be known of all."""

    system = serializers.CharField(max_length=64, help_text="The system whose ids these are.")
    agreement = serializers.SlugField(required=False, help_text="Under which the hand-offs fall.")
    clock = serializers.ChoiceField(
        choices=[Clock.NONE.value, Clock.HANDED_OFF.value, Clock.NOW.value],
        required=False,
        help_text="Which hand-offs get a clock. Without it, those younger than one business day, from the hand-off.",
    )
    time_zone = serializers.CharField(
        required=False, validators=[validate_time_zone], help_text="Of instants without an offset."
    )

    def validate_agreement(self, slug: str) -> str:
        """Return the slug; ValidationError when no agreement has it."""
        if not Agreement.objects.filter(slug=slug).exists():
            raise ValidationError(_("There is no agreement “%(slug)s”.") % {"slug": slug})
        return slug


class RowAnswer(serializers.Serializer):
    """What became of a row."""

    row = serializers.IntegerField(help_text="Counted from 1.")
    external_id = serializers.CharField()
    id = serializers.IntegerField(allow_null=True, help_text="Its id here; null if it was rejected.")
    result = serializers.ChoiceField(choices=[CREATED, UPDATED, UNCHANGED, REJECTED])
    reason = serializers.CharField(help_text="Why it was rejected, or why another row counts.")


class RowsAnswer(serializers.Serializer):
    """What became of all rows, and of each."""

    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = RowAnswer(many=True)


class WholeArray(BaseParser):
    """A JSON array, up to so many bytes."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return _json(_read(stream))


class Lines(BaseParser):
    """One JSON object a line."""

    media_type = "application/x-ndjson"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        lines = [(number, line) for number, line in enumerate(_read(stream).split("\n"), 1) if line.strip()]
        if len(lines) > MOST_ROWS:
            raise _too_many()
        return [_json(line, number) for number, line in lines]


def sends_one(kind: str, sent: type[serializers.Serializer], example: dict[str, Any]) -> Any:
    """Describe the sending of one lead or deal."""
    return extend_schema(
        operation_id=f"{kind}_send",
        tags=[kind],
        parameters=[SendingOptions, KEY],
        request=sent,
        responses={200: RowAnswer, 201: RowAnswer},
        examples=[
            OpenApiExample("One", example, request_only=True),
            OpenApiExample("Done", _created(example), response_only=True, status_codes=["201"]),
        ],
    )


def sends_many(kind: str, sent: type[serializers.Serializer], example: dict[str, Any]) -> Any:
    """Describe the sending of many leads or deals."""
    done = {
        "rows": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "results": [_created(example)],
    }
    return extend_schema(
        operation_id=f"{kind}_send_many",
        tags=[kind],
        parameters=[SendingOptions],
        request={"application/json": sent(many=True), "application/x-ndjson": sent},
        responses=RowsAnswer,
        examples=[
            OpenApiExample("Many", example, request_only=True, media_type="application/json"),
            OpenApiExample("Done", done, response_only=True),
        ],
    )


def _created(example: dict[str, Any]) -> dict[str, Any]:
    return {"row": 1, "external_id": example["external_id"], "id": 7, "result": "created", "reason": ""}


class Many(Changing):
    """Rows of one kind, all in one transaction."""

    parser_classes = [WholeArray, Lines]
    kind: str

    def send(self, request: Request) -> HttpResponse:
        return once(request, lambda: self.act(request))

    def act(self, request: Request) -> Response:
        options, rows = options_of(request), request.data
        if not isinstance(rows, list):
            raise ParseError(_("An array of objects is needed, or one object a line."))
        if len(rows) > MOST_ROWS:
            raise _too_many()
        became = _taken(self.kind, rows, options, is_one=False)
        results = [one.as_dict() for one in became]
        return Response({"rows": len(rows), **counts(became), "results": results})


class ManyLeads(Many):
    """Create or update up to 10,000 leads and hand them over, in one transaction: each row is answered for.

    Rows that cannot be taken are rejected with their reason, and the others are written all the same. At most 10 MB.
    The answer counts `rows`, `created`, `updated`, `unchanged` and `rejected`, and has these fields of each in
    `results`.
    """

    scope = Scope.WRITE_LEADS
    kind = "leads"

    @sends_many("leads", SentLead, LEAD)
    def post(self, request: Request) -> HttpResponse:
        return self.send(request)


class ManyDeals(Many):
    """Create or update up to 10,000 deals, in one transaction: each row is answered for. At most 10 MB.

    The answer counts `rows`, `created`, `updated`, `unchanged` and `rejected`, and has these fields of each in
    `results`.
    """

    scope = Scope.WRITE_DEALS
    kind = "deals"

    @sends_many("deals", SentDeal, DEAL)
    def post(self, request: Request) -> HttpResponse:
        return self.send(request)


def send_one(request: Request, kind: str) -> HttpResponse:
    """Create or update one lead or deal: 201 if it is new; what cannot be taken is refused (422), saying why."""

    def act() -> Response:
        options, row = options_of(request), request.data
        if not isinstance(row, dict):
            raise ParseError(_("An object is needed."))
        (became,) = _taken(kind, [row], options, is_one=True)
        if became.result == REJECTED:
            raise NotTaken(became.reason)
        return Response(became.as_dict(), status=201 if became.result == CREATED else 200)

    return once(request, act)


def options_of(request: Request) -> ImportOptions:
    """Read what is said of all rows in the address."""
    asked = SendingOptions(data=request.query_params.dict())
    refuse_unknown(request.query_params, asked.fields)
    asked.is_valid(raise_exception=True)
    said = asked.validated_data
    return ImportOptions(
        source=said["system"],
        agreement=said.get("agreement"),
        clock=said.get("clock", Clock.RECENT),
        time_zone=said.get("time_zone"),
        started_by_id=request.user.pk,
    )


def _taken(kind: str, rows: Sequence[Any], options: ImportOptions, *, is_one: bool) -> list[Became]:
    try:
        return take_rows(kind=kind, rows=rows, options=options, now=timezone.now(), is_one=is_one)
    except CannotImport as error:
        raise ValidationError(str(error)) from error


def _read(stream: Any) -> str:
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TooLarge
    try:
        return str(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ParseError(_("This is not UTF-8.")) from error


def _json(text: str, line: int | None = None) -> Any:
    try:
        return json.loads(text, parse_constant=strict_constant, object_pairs_hook=said_once)
    except RecursionError as error:
        raise ParseError(_("This is nested too deeply.")) from error
    except ValueError as error:
        where = _("Line %s is no JSON.") % line if line else _("This is no JSON.")
        raise ParseError(f"{where} {error}") from error


def _too_many() -> TooLarge:
    return TooLarge(_("At most %s rows are taken in one request.") % MOST_ROWS)
