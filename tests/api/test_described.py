"""The page that says what the API offers: the description that programs are given, in words."""

from __future__ import annotations

import pytest

from agreements.api.scopes import Scope
from slaproject.integrations.api_urls import urlpatterns
from slaproject.integrations.describing import operations
from tests import factories
from tests.api import programs

pytestmark = pytest.mark.django_db


def test_everybody_reads_what_every_operation_takes_and_answers():
    page = programs.person(factories.user("Viewer", role="viewer")).get("/integrations/api/")
    assert page.status_code == 200
    for operation in operations():
        assert f">{operation.method} {operation.path}</h2>" in page.text
    for scope in Scope.values:
        assert f"Scope: {scope}." in page.text
    assert "`" not in page.text  # the marks of Markdown are for the schema's readers


def test_every_address_without_an_id_stands_in_the_root(program):
    there = {
        one.name
        for one in urlpatterns
        if not one.pattern.regex.groups and hasattr(one.callback.view_class, "get")
    }
    told = program.get("/api/v1/").json()["addresses"]
    assert set(told) == there - {"root"} >= {"leads", "explore", "schema"}
    assert all(program.get(address).status_code != 404 for address in told.values())


def test_the_scope_of_reports_says_all_that_it_opens():
    label = str(Scope.REPORTS.label)
    for word in (
        "waterfall",
        "speed",
        "depth",
        "explore",
        "recalibration",
        "landing",
        "gap",
        "values of measures",
    ):
        assert word in label


def test_each_kind_of_value_is_said_in_words():
    by_key = {operation.key: operation for operation in operations()}
    hand_offs = by_key["hand-offs-list"]
    parameters = {one.name: one.kind for one in hand_offs.parameters}
    assert parameters["lead"] == "whole number" and parameters["is_open"] == "true or false"
    assert parameters["handed_off_from"] == "instant" and parameters["owner"] == "text"
    assert parameters["state"].startswith("several of: at_risk, ")
    fields = {one.name: one.kind for one in hand_offs.fields}
    assert fields["due_at"] == "instant or null" and fields["handed_off_on"] == "day"
    assert fields["state"].startswith("one of: ") and "overdue" in fields["state"]
    assert {one.name: one.kind for one in by_key["deals-list"].fields}[
        "amount"
    ] == "exact number, in text or null"
    explain = {one.name: one for one in by_key["calendars-explain"].parameters}
    assert explain["start"].is_required and not explain["end"].is_required
    assert {one.name for one in by_key["calendars-explain"].fields} >= {"business_seconds", "parts"}
