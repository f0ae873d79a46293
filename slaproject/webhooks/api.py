"""The door at which programs' webhooks come in: what is signed and can be read is stored, and acknowledged then."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from agreements.api.refusals import TooLarge
from leads.api.sending import LEAD
from slaproject.integrations.pace import take_turn
from slaproject.webhooks.bodies import MOST_BYTES, NotRead, read_body
from slaproject.webhooks.receiving import Sent, inlet_of, keep, known_by, public_address

TIMES_FASTER = 10  # a CRM tells of a thousand contacts at once, and each is cheap to store
STORED, KNOWN = "stored", "known"
HEADERS = [
    OpenApiParameter(
        "webhook-id",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="The event’s own: up to 200 printable ASCII characters without a full stop. Sent again with the "
        "same id and body it is acknowledged, and nothing is done twice.",
    ),
    OpenApiParameter(
        "webhook-timestamp",
        int,
        OpenApiParameter.HEADER,
        required=True,
        description="When it is sent, in seconds since 1970: at most 300 away from now.",
    ),
    OpenApiParameter(
        "webhook-signature",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="`v1,` and the base64 of the HMAC-SHA-256, by the secret, of id, timestamp and body with full "
        "stops between; several with spaces between them.",
    ),
]


class Told(serializers.Serializer):
    """What happened, as Standard Webhooks words it. HubSpot and Salesforce send their own words instead."""

    type = serializers.CharField(help_text="Begins with `lead.` or `deal.`; any other is passed over.")
    timestamp = serializers.DateTimeField(help_text="When it happened: of each field the latest counts.")
    data = serializers.JSONField(help_text="The fields of a lead or deal, or a list of up to 100 of these.")


class KeptAs(serializers.Serializer):
    """That it is here."""

    id = serializers.CharField(help_text="The webhook’s id; HubSpot’s have one that is made of their events.")
    result = serializers.ChoiceField(choices=[STORED, KNOWN], help_text="Whether it came for the first time.")


class Signed(BaseAuthentication):
    """A program shows by its signature that it has the secret of the address; `request.auth` is the inlet."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        sent = request._request
        length = sent.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and int(length) > MOST_BYTES:
            raise TooLarge
        key = request.parser_context["kwargs"]["key"]
        address = public_address(sent, sent.get_full_path())
        signed = Sent(str(sent.method), address, request.headers, sent.body)
        inlet = inlet_of(key, signed, now=timezone.now())
        if inlet is None:
            raise AuthenticationFailed(
                _("It is not signed by a secret of this address, or was sent more than five minutes ago.")
            )
        return inlet.integration, inlet

    def authenticate_header(self, request: Request) -> str:
        return 'Signature realm="webhooks"'


class Pace(BaseThrottle):
    """Ask each address to keep its pace; what is not signed rightly uses nothing up."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.turn = take_turn(f"inlet {request.auth.pk}", now=timezone.now(), faster=TIMES_FASTER)
        request._request.turn = self.turn
        return self.turn.is_given

    def wait(self) -> float:
        return self.turn.wait


@method_decorator(cache_control(private=True, no_store=True), name="dispatch")
class Webhook(APIView):
    """Take a webhook, signed as Standard Webhooks says, or as HubSpot does: stored (202), or known already (200).

    Which of both is said of each address. HubSpot signs by `X-HubSpot-Signature-v3` and `X-HubSpot-Request-Timestamp`
    instead of the three headers here, and gives no id: its webhooks are known by the events in them.

    A worker takes what it says soon after. Rows that cannot be taken are listed for administrators, with the reason.
    At most 1 MiB of JSON, 20 levels deep, and a hundred webhooks a second.
    """

    authentication_classes = [Signed]
    permission_classes: list[Any] = []  # who has the secret may
    throttle_classes = [Pace]

    @extend_schema(
        operation_id="webhooks_receive",
        tags=["webhooks"],
        auth=[{}],  # type: ignore[list-item] # no token is asked for; it takes what OpenAPI has there
        parameters=HEADERS,
        request=Told,
        responses={200: KeptAs, 202: KeptAs},
        examples=[
            OpenApiExample(
                "A lead",
                {"type": "lead.changed", "timestamp": "2026-03-02T09:10:00Z", "data": LEAD},
                request_only=True,
            ),
            OpenApiExample(
                "Stored", {"id": "evt_1", "result": STORED}, response_only=True, status_codes=["202"]
            ),
        ],
    )
    def post(self, request: Request, key: str) -> Response:
        body = request._request.body
        try:
            said = read_body(body)
        except NotRead as reason:
            raise ParseError(str(reason)) from None
        message_id, digest = known_by(request.auth, request.headers, body, said)
        is_new = keep(inlet=request.auth, message_id=message_id, digest=digest, body=body, now=timezone.now())
        return Response(
            {"id": message_id, "result": STORED if is_new else KNOWN}, status=202 if is_new else 200
        )
