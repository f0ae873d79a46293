"""What every reading operation of the API is built on: rights, fields, pages, and answers that are told to be known."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from agreements.api.fields import chosen_fields, read_rows, refuse_unknown, writer_of, written
from agreements.api.filters import Filters
from agreements.api.paging import Described, asked_page
from agreements.api.scopes import Scope, scope_of

ETAG_DIGITS = 32


class ScopedSchema(AutoSchema):
    """The description of an operation that asks for a scope."""

    def get_description(self) -> str:
        return f"{super().get_description()}\n\nScope: `{scope_of(self.view, self.method)}`."


class ReadingSchema(ScopedSchema):
    """The description of an operation that reads rows."""

    def get_override_parameters(self) -> list[Any]:
        return [fields_of(self.view.serializer_class)] if self.method == "GET" else []


def fields_of(serializer: type[Serializer]) -> OpenApiParameter:
    """Describe `fields=`, with the names there are."""
    return OpenApiParameter(
        "fields",
        str,
        many=True,
        enum=list(serializer._declared_fields),
        style="form",
        explode=False,
        description="Only these fields, with commas between them.",
    )


def etag_of(content: bytes) -> str:
    """Return what an answer is known by."""
    return f'"{hashlib.sha256(content).hexdigest()[:ETAG_DIGITS]}"'


class Answering(APIView):
    """Answers in UTC, with an ETag: who shows it again with `If-None-Match` is told in a line that nothing changed."""

    scope: Scope
    schema = ScopedSchema()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(dt.UTC):
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            if not isinstance(answer, Response) or answer.status_code != 200 or request.method == "POST":
                return answer
            answer.render()
        etag = etag_of(answer.content)
        answer.headers["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=answer) or answer


class Rows(Answering, ListAPIView):
    """A list of what the caller may see: of `queryset`, in one of the `orderings`, of which the first is the usual."""

    orderings: dict[str, str] = {"id": "id"}
    filter_backends = [Filters]
    pagination_class = Described
    schema = ReadingSchema()

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[no-any-return]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.filter_queryset(self.get_queryset())
        asked = request.query_params
        page, fields = (
            asked_page(asked, self.orderings, found.model),
            chosen_fields(asked, self.serializer_class),
        )
        place = (page.column, "id")
        rows = read_rows(page.cut(found), fields, place)
        following = None
        if len(rows) > page.limit:
            rows = rows[: page.limit]
            last = dict(zip(place, rows[-1][len(fields) :], strict=True))
            following = replace_query_param(request.build_absolute_uri(), "cursor", page.cursor_after(last))
        headers = {"Link": f'<{following}>; rel="next"'} if following else None
        return Response({"next": following, "results": list(map(writer_of(fields), rows))}, headers=headers)


class One(Answering, RetrieveAPIView):
    """One thing that the caller may see; a foreign one is not there."""

    schema = ReadingSchema()

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[no-any-return]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_unknown(request.query_params, ["fields"])
        fields = chosen_fields(request.query_params, self.serializer_class)
        wanted = {self.lookup_field: kwargs[self.lookup_url_kwarg or self.lookup_field]}
        rows = read_rows(self.get_queryset().filter(**wanted), fields)
        if not rows:
            raise NotFound
        return Response(written(rows[0], fields))
