"""Reports by the API: the documents of the command, for what the caller may read."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reports import rollups
from reports.readings import explored, groups
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.api.test_reading import given

pytestmark = pytest.mark.django_db
REPORTS = ("waterfall", "speed", "depth", "recalibration")
MARCH = {"from": "2026-03-01", "to": "2026-04-01"}
LATER = factories.NOON + dt.timedelta(days=2)


@pytest.fixture(autouse=True)
def handed_over():
    agreement = factories.agreement()
    factories.signed(agreement, goals={dt.date(2026, 3, 1): 100})
    given(agreement, 3)
    rollups.refresh(now=LATER, wait=True)
    return agreement


def printed(report, *more):
    out = StringIO()
    call_command("report", report, "--from", MARCH["from"], "--to", MARCH["to"], *more, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    "more", [{}, {"agreement": "company"}, {"source": "web", "as_of": "2026-03-05T00:00:00Z"}]
)
def test_a_report_is_what_the_command_prints(report, more):
    program = programs.program("reports:read")
    with time_machine.travel(LATER, tick=False):
        said = program.get(f"/api/v1/reports/{report}/", MARCH | more)
        options = [text for name, value in more.items() for text in (f"--{name.replace('_', '-')}", value)]
        assert said.json() == printed(report, *options)
    if report == "waterfall" and more.get("agreement"):
        assert said.json()["summary"]["actual"] == 3 and said.json()["goal"] == 100


def test_buckets_and_measures_are_chosen():
    program = programs.program("reports:read")
    with time_machine.travel(LATER, tick=False):
        assert program.get("/api/v1/reports/speed/", MARCH | {"by": "month"}).json() == printed(
            "speed", "--by", "month"
        )
        assert program.get("/api/v1/reports/waterfall/", MARCH | {"measure": "net"}).json() == printed(
            "waterfall", "--measure", "net"
        )


@pytest.mark.parametrize("report", ["speed", "depth"])
def test_groups_are_those_of_the_command_and_never_people(report):
    program = programs.program("reports:read")
    with time_machine.travel(LATER, tick=False):
        said = program.get(f"/api/v1/reports/{report}/", MARCH | {"group": "source"}).json()
        assert said == printed(report, "--group", "source")
        assert sum(one["handed_off"] for one in said["groups"]) == said["total"]["handed_off"] == 3
        assert program.get(f"/api/v1/reports/{report}/", MARCH | {"group": "rep"}).status_code == 400


def test_the_days_of_attempts_are_those_of_the_command_where_they_are_asked_for():
    program = programs.program("reports:read")
    with time_machine.travel(LATER, tick=False):
        said = program.get("/api/v1/reports/depth/", MARCH | {"attempt_days": "true"}).json()
        assert said == printed("depth", "--attempt-days")
        assert said["attempt_days"] == [{"k": 1, "n": 3, "days": [3, *[0] * 10], "median": 0}]
        assert "attempt_days" not in program.get("/api/v1/reports/depth/", MARCH).json()
        for report, value in (("depth", "maybe"), ("speed", "true")):
            refused = program.get(f"/api/v1/reports/{report}/", MARCH | {"attempt_days": value})
            assert is_problem(refused, 400, "Bad Request")["errors"][0]["at"].startswith("attempt_days")


@pytest.mark.parametrize("report", ["speed", "depth"])
@pytest.mark.parametrize("group", ["source", "hour"])  # as stored, and as counted
def test_too_many_groups_are_refused_rather_than_left_out(report, group, monkeypatch):
    for module in (groups, explored):
        monkeypatch.setattr(module, "MOST_GROUPS", 0)
    with time_machine.travel(LATER, tick=False):
        answer = programs.program("reports:read").get(f"/api/v1/reports/{report}/", MARCH | {"group": group})
        assert is_problem(answer, 400, "Bad Request")["errors"][0]["at"].startswith("group")
        with pytest.raises(CommandError, match="a filter makes them fewer"):
            printed(report, "--group", group)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"to": ""}, "to"),
        ({"to": "2026-03-01"}, "to"),
        ({"to": "2036-03-01"}, "to"),
        ({"from": "0001-01-01"}, "to"),
        ({"from": "soon"}, "from"),
        ({"segment": "nobody"}, ""),
        ({"source": "nothing"}, ""),
        ({"source": "\0"}, "source"),
        ({"as_of": "2090-01-01T00:00:00Z"}, ""),
        ({"as_of": "0001-01-01T00:00:00+14:00"}, "as_of"),
        ({"owner": "somebody"}, "owner"),
        ({"agreement": "x y"}, "agreement"),
    ],
)
def test_what_no_report_can_be_made_of_is_said(report, asked, at):
    answer = programs.program().get(f"/api/v1/reports/{report}/", MARCH | asked)
    assert answer.status_code == 400, answer.text
    assert at in [one["at"] for one in answer.json()["errors"]]


@pytest.mark.parametrize("report", [*REPORTS, "landing", "gap"])
def test_of_an_agreement_that_may_not_be_read_there_is_no_report(report):
    factories.draft(factories.agreement("unsigned"))
    program = programs.program()
    for slug in ("unsigned", "no-such-agreement"):
        assert program.get(f"/api/v1/reports/{report}/", MARCH | {"agreement": slug}).status_code == 404
    assert programs.program("leads:read").get(f"/api/v1/reports/{report}/", MARCH).status_code == 403
