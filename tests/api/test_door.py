"""Who is let in, at what pace, and how every refusal is told."""

from __future__ import annotations

import datetime as dt
import http
import logging
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from slaproject.integrations import pace
from slaproject.integrations.models import Pace
from tests import factories
from tests.api import programs
from tests.races import race

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"


class Body(serializers.Serializer):
    number = serializers.IntegerField()
    inner = serializers.ListField(child=serializers.IntegerField(), required=False)


class Echo(APIView):
    """Takes a body, so that bodies can be wrong."""

    scope = "leads:read"

    def get(self, request):
        raise ZeroDivisionError("a secret")

    def post(self, request):
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(body.data)


urlpatterns = [path("api/v1/echo/", Echo.as_view())]
PROBLEM = {"type", "title", "status", "detail", "instance"}


def is_problem(answer, status: int, title: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert set(said) - {"errors"} == PROBLEM
    assert (said["status"], said["title"], said["type"]) == (status, title, "about:blank")
    assert said["detail"]
    return said


def test_without_a_token_or_a_session_nobody_is_let_in():
    answer = Client().get(ROOT)
    said = is_problem(answer, 401, "Unauthorized")
    assert said["instance"] == ROOT
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_who_is_signed_in_reads_and_no_more():
    browser = programs.person(factories.user("Rep"))
    assert browser.get(ROOT).json()["you"] == {"name": "Rep", "scopes": []}
    is_problem(browser.post(ROOT), 403, "Forbidden")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.user("Another"))
    is_problem(strict.post(ROOT), 403, "Forbidden")


def test_a_session_and_a_token_together_are_the_token():
    both = programs.person(factories.user("Rep"))
    both.defaults["HTTP_AUTHORIZATION"] = f"Bearer {programs.token()[1]}"
    assert both.get(ROOT).json()["you"]["name"] == "CRM"


def test_a_token_has_no_pages():
    token, secret = programs.token()
    program = programs.client(secret)
    assert program.get("/leads/").status_code == 302
    assert programs.person(token.integration).get("/leads/").status_code == 403
    is_problem(programs.person(token.integration).get(ROOT), 403, "Forbidden")


@pytest.mark.urls("tests.api.test_door")
def test_what_a_token_was_not_made_for_is_refused_and_named():
    assert programs.program("leads:read").post(
        "/api/v1/echo/", {"number": 1}, content_type="application/json"
    ).json() == {"number": 1}
    said = is_problem(programs.program("deals:read").post("/api/v1/echo/"), 403, "Forbidden")
    assert "leads:read" in said["detail"]


@pytest.mark.parametrize(
    "address",
    [
        *("/api/v1/no/such/", "/api/v1/leads", "/api/v1/%00/", "/api/v1/schema/x"),
        *("/api/v1/agreements/a%0Ab/versions/", "/api/v1/leads/%0A", "/api/v1/%0A"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_nothing_is_told_as_a_problem_too(address, method):
    answer = programs.program().generic(method, address)
    if method == "HEAD":
        assert answer.status_code == 404
    else:
        is_problem(answer, 404, "Not Found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_refused_with_those_there_are(method):
    answer = programs.program().generic(method, ROOT)
    is_problem(answer, 405, "Method Not Allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS" or "GET" in answer["Allow"]


def test_only_json_is_given_out():
    is_problem(programs.program().get(ROOT, headers={"Accept": "text/csv"}), 406, "Not Acceptable")


HOSTILE_BODIES = [
    (b"{", "application/json", 400, "Bad Request"),
    (b"", "application/json", 400, "Bad Request"),
    (b"\xff\xfe", "application/json", 400, "Bad Request"),
    (b'{"number": NaN}', "application/json", 400, "Bad Request"),
    (b"[1]", "application/json", 400, "Bad Request"),
    (b'"x"', "application/json", 400, "Bad Request"),
    (b"null", "application/json", 400, "Bad Request"),
    (b'{"number": "\\ud800"}', "application/json", 400, "Bad Request"),
    (b"[" * 100_000, "application/json", 400, "Bad Request"),
    (b"number=1", "application/x-www-form-urlencoded", 415, "Unsupported Media Type"),
    (b"<number/>", "application/xml", 415, "Unsupported Media Type"),
    (b"{}", "application/json; charset=no-such", 400, "Bad Request"),
    (b"9" * 3_000_000, "application/json", 413, http.HTTPStatus(413).phrase),
]


@pytest.mark.urls("tests.api.test_door")
@pytest.mark.parametrize(
    ("body", "kind", "status", "title"),
    HOSTILE_BODIES,
    ids=[f"{one[0][:12]!r} {one[1]}" for one in HOSTILE_BODIES],
)
def test_a_body_that_cannot_be_read_is_told_as_a_problem(body, kind, status, title):
    answer = programs.program().generic("POST", "/api/v1/echo/", body, content_type=kind)
    is_problem(answer, status, title)


@pytest.mark.urls("tests.api.test_door")
def test_each_fault_of_what_was_sent_is_named():
    sent = {"number": "x", "inner": [1, "y"]}
    answer = programs.program().post("/api/v1/echo/", sent, content_type="application/json")
    said = is_problem(answer, 400, "Bad Request")
    assert [one["at"] for one in said["errors"]] == ["number", "inner.1"]


@pytest.mark.urls("tests.api.test_door")
def test_what_nobody_foresaw_is_logged_and_tells_nothing(caplog):
    program = programs.program()
    program.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        said = is_problem(program.get("/api/v1/echo/"), 500, "Internal Server Error")
    assert "secret" not in str(said)
    assert "ZeroDivisionError" in caplog.text


def test_the_pace_is_kept_and_told():
    program = programs.program()
    with time_machine.travel(factories.NOON, tick=False) as clock:
        first = program.get(ROOT)
        assert first["RateLimit-Policy"] == '"caller";q=50;w=5'
        assert first["RateLimit"] == '"caller";r=49;t=1'
        left = [program.get(ROOT)["RateLimit"] for _n in range(49)]
        assert left[-1] == '"caller";r=0;t=5'
        refused = program.get(ROOT)
        is_problem(refused, 429, "Too Many Requests")
        assert refused["Retry-After"] == "1"
        assert refused["RateLimit"] == '"caller";r=0;t=5'
        # Somebody else's pace is their own.
        assert programs.program().get(ROOT).status_code == 200
        clock.shift(dt.timedelta(milliseconds=100))
        assert program.get(ROOT).status_code == 200
        assert program.get(ROOT).status_code == 429
        clock.shift(dt.timedelta(seconds=60))
        assert program.get(ROOT)["RateLimit"] == '"caller";r=49;t=1'


def test_the_pace_is_counted_in_a_table_that_waits_for_no_disk():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'integrations_pace'")
        assert cursor.fetchone() == ("u",)


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_no_more_are_taken_than_the_burst():
    ask = [lambda: [pace.take_turn("token 1", now=factories.NOON).is_given for _n in range(15)]] * 6
    assert sum(sum(found) for found in race(*ask)) == pace.BURST
    assert Pace.objects.get().free_at == factories.NOON + pace.WINDOW
