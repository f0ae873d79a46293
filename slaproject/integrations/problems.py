"""What the API answers when something is wrong: problem details of RFC 9457, whatever was asked for."""

from __future__ import annotations

import codecs
import http
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant
from rest_framework.views import set_rollback

from agreements.api.bodies import said_once
from agreements.api.refusals import TooLarge

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class BodyParser(JSONParser):
    """JSON that says each thing once; one that is nested deeper than anybody means is no JSON either."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            text = codecs.getreader(encoding)(stream).read()
            return json.loads(text, parse_constant=strict_constant, object_pairs_hook=said_once)
        except ValueError as error:
            raise exceptions.ParseError(f"JSON parse error - {error}") from error
        except RecursionError as error:
            raise exceptions.ParseError(_("This is nested too deeply.")) from error


def problem(error: Exception, context: Mapping[str, Any]) -> JsonResponse:
    """Return the problem that this error is. An error that nobody foresaw is logged, and told as no more than that."""
    set_rollback()
    known = _known(error)
    request = context["request"]
    if known is None:
        got_request_exception.send(sender=None, request=request._request)
        logger.error("API %s %s failed", request.method, request.path, exc_info=error)
        known = exceptions.APIException(_("Something went wrong here. It has been noted."))
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": http.HTTPStatus(known.status_code).phrase,
        "status": known.status_code,
        "detail": "",
        "instance": request.path,
    }
    if isinstance(known, exceptions.ValidationError):
        body["errors"] = list(_faults(known.detail))
        body["detail"] = " ".join(one["detail"] for one in body["errors"])
    else:
        body["detail"] = str(known.detail)
    headers = {}
    if challenge := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return JsonResponse(body, status=known.status_code, content_type=MEDIA_TYPE, headers=headers)


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, (SuspiciousOperation, UnreadablePostError)):
        return exceptions.ParseError()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*error.args[:1])
    return error if isinstance(error, exceptions.APIException) else None


def _faults(detail: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Lay out what is wrong with what was sent, each with the name of the parameter or member."""
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            yield from _faults(below, f"{at}.{name}" if at else str(name))
    elif isinstance(detail, list):
        for below in detail:
            yield from _faults(below, at)
    else:
        yield {"at": at, "detail": str(detail)}
