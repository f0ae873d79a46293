"""What every changing operation of the API is built on: one transaction, refusals, and the same request sent twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.module_loading import import_string
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.fields import refuse_unknown
from agreements.api.reading import Answering, ScopedSchema
from agreements.api.refusals import Refused

KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Up to 200 characters, new for each request and the same when it is sent again: for 24 hours that is "
    "answered as the first was, and nothing is done twice.",
)


class WritingSchema(ScopedSchema):
    """The description of an operation that changes something."""

    def get_override_parameters(self) -> list[Any]:
        return [KEY]


class Changing(Answering):
    """An address that only changes something: programs ask it, people have their pages."""

    is_for_programs = True
    schema = WritingSchema()


def once(request: Request, act: Callable[[], Response]) -> HttpResponse:
    """Act in one transaction and answer; what a service refuses is told in its sentence.

    Who is asked with `Idempotency-Key` and how answers are kept is the project's to say: see `settings.API_ONCE`.
    """

    def acted() -> Response:
        try:
            return act()
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from error

    answer: HttpResponse = import_string(settings.API_ONCE)(request, acted)
    return answer


def read_body(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """Return what the body says; each of its faults is told with the name of the member.

    What stands in the address instead would be passed over, as who it is done for: that is refused.
    """
    refuse_unknown(request.query_params, ())
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    given: dict[str, Any] = sent.validated_data
    return given
