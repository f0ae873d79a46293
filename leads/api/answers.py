"""Hand-offs and attempts as they are once something was done with them, and whether one still is as it was read."""

from __future__ import annotations

from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.fields import read_rows, written
from agreements.api.reading import etag_of
from agreements.api.refusals import Changed
from agreements.api.rendering import Renderer
from leads.api.attempts import AttemptRow
from leads.api.hand_offs import HandOffRow
from leads.models import FollowUpAttempt, HandOff, Lead

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of `hand-offs/ID/`, or of the last step: if the hand-off is no longer as it was then, "
    "nothing is done (412). Taken too as a proxy that compresses makes it: `W/` and the tag.",
)


def refuse_changed(request: Request, hand_off: HandOff) -> None:
    """Refuse what was decided on another state of the hand-off than it is in, where `If-Match` says on which."""
    shown = request.headers.get("If-Match")
    if shown is None:
        return
    # In the order of the services: what they find is what was compared.
    Lead.objects.select_for_update(no_key=True).get(pk=hand_off.lead_id)
    HandOff.objects.select_for_update().get(pk=hand_off.pk)
    # A proxy that compresses answers makes their tags weak; what they are made of is the content before that.
    known = {one.removeprefix("W/") for one in parse_etags(shown)}
    if not {etag_of(Renderer().render(as_it_is(hand_off.pk).data)), "*"} & known:
        raise Changed


def as_it_is(pk: int) -> Response:
    """Answer with a hand-off as it is now."""
    fields = HandOffRow._declared_fields
    (row,) = read_rows(HandOff.objects.filter(pk=pk), fields)
    return Response(written(row, fields))


def attempt_as_it_is(pk: int) -> dict[str, Any]:
    """Return what is said of an attempt."""
    fields = AttemptRow._declared_fields
    (row,) = read_rows(FollowUpAttempt.objects.filter(pk=pk), fields)
    return written(row, fields)
