"""The API's own addresses: where everything is, what it is described by, and nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

RESOURCES = (
    "leads",
    "merges",
    "hand-offs",
    "attempts",
    "deals",
    "imports",
    "agreements",
    "plans",
    "calendars",
    "waterfall",
    "speed",
    "depth",
    "explore",
    "landing",
    "gap",
    "recalibration",
)


class You(serializers.Serializer):
    """Who asks, and what for."""

    name = serializers.CharField(help_text="The integration, or the person at the browser.")
    scopes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Those of the token; none for a person, who reads what they may.",
    )


class RootAnswer(serializers.Serializer):
    """Where everything is."""

    addresses = serializers.DictField(child=serializers.URLField(), help_text="Address by resource.")
    you = You()


class Root(APIView):
    """Where everything is, and as whom one is known here."""

    @extend_schema(operation_id="root", tags=["root"], responses=RootAnswer)
    def get(self, request: Request) -> Response:
        addresses = {name: reverse(f"api:{name}", request=request) for name in (*RESOURCES, "schema")}
        scopes = request.auth.scopes if request.auth is not None else []
        return Response({"addresses": addresses, "you": {"name": str(request.user), "scopes": scopes}})


class Schema(APIView):
    """The description of the API, by OpenAPI 3.1."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(whole_schema())


class Nothing(APIView):
    """Any other address below the API's: there is nothing, by whatever method."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound(_("There is nothing at this address. All addresses end with a slash."))


@cache
def whole_schema() -> Any:
    """Return the description of every operation; in English, and laid out once a process."""
    with translation.override("en"):
        return SchemaGenerator().get_schema(request=None, public=True)
