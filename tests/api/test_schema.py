"""The description of the API: every operation is in it and in the permission matrix, and answers are as it says."""

from __future__ import annotations

import datetime as dt
import re

import jsonschema
import pytest
import time_machine
from django.urls import get_resolver

from agreements.models import MeasureValue
from leads.models import Deal, Import
from leads.services.merging import merge_leads
from reports import rollups
from slaproject.integrations.api import whole_schema
from tests import factories
from tests.api import programs
from tests.api.test_plans import agreed_plan
from tests.api.test_reading import given
from tests.permissions.matrix import MATRIX

pytestmark = pytest.mark.django_db
LATER = factories.NOON + dt.timedelta(days=2)
# What is given out, and what stands for nothing, is not described.
NOT_DESCRIBED = {"api:schema", "api:nothing"}


def operations():
    return {
        (path, method.upper()): operation
        for path, found in whole_schema()["paths"].items()
        for method, operation in found.items()
    }


def declared():
    """Each path of the permission matrix that belongs to the API, with its methods."""
    patterns = {
        f"api:{pattern.name}": f"/{resolver.pattern}{pattern.pattern}"
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "namespace", "") == "api"
        for pattern in resolver.url_patterns
    }
    assert patterns
    named = {
        name: re.sub(r"<\w+:(\w+)>", r"{\1}", address).replace("{pk}", "{id}")
        for name, address in patterns.items()
    }
    rows = [row for row in MATRIX if row.url_name in named and row.url_name not in NOT_DESCRIBED]
    return {(named[row.url_name], method) for row in rows for method in row.methods}


def test_every_operation_is_described_and_has_its_row_of_permissions():
    assert set(operations()) == declared()


def test_it_is_given_out_as_openapi_3_1():
    answer = programs.program().get("/api/v1/schema/")
    said = answer.json()
    assert said["openapi"] == "3.1.0" and said["info"]["version"] == "1"
    assert said["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    for (path, method), operation in operations().items():
        about = f"{method} {path}"
        assert operation["description"], about
        answers = set(operation["responses"])
        assert answers & {"200", "201"} and {"400", "401", "403", "404", "406", "429"} <= answers, about
        if method != "GET":
            assert {"409", "413", "415", "422"} <= answers, about
            names = {one["name"] for one in operation["parameters"]}
            assert names & {"Idempotency-Key", "webhook-id"}, about
            sent = operation["requestBody"]["content"]["application/json"]
            validator = jsonschema.Draft202012Validator(
                sent["schema"] | {"components": whole_schema()["components"]}
            )
            for example in sent["examples"].values():
                validator.validate(example["value"])


def test_answers_are_as_they_are_described():
    agreement = factories.agreement()
    plan = agreed_plan(agreement)
    came_in = Import.objects.create(kind="leads", system="crm", started_at=factories.NOON)
    factories.calendar("Warehouse")
    (hand_off,) = given(agreement)
    MeasureValue.objects.create(
        agreement=agreement,
        party=factories.party(agreement, "sales"),
        name="Satisfaction",
        period_on=dt.date(2026, 2, 1),
        value=5,
        entered_at=factories.NOON,
    )
    (double,) = given(agreement)
    merge = merge_leads(
        survivor=hand_off.lead,
        absorbed=double.lead,
        now=factories.NOON,
        by=hand_off.owner,
        may_know=lambda lead: True,
    )
    ids = {
        "plans": plan.pk,
        "imports": came_in.pk,
        "merges": merge.pk,
        "leads": hand_off.lead_id,
        "hand-offs": hand_off.pk,
        "attempts": hand_off.follow_up_attempts.first().pk,
        "deals": hand_off.lead.deals.first().pk,
    }
    filled = {"agreements": "company", "calendars": "warehouse"}
    days = {"from": "2026-03-01", "to": "2026-04-01"}
    question = {"/api/v1/calendars/{slug}/explain/": {"start": "2026-03-06T16:00:00Z", "seconds": 7200}}
    program = programs.program()
    schema = whole_schema()
    for (path, method), operation in operations().items():
        if method != "GET":
            continue  # what these answer is told in the tests of each
        kind = path.split("/")[3]
        address = path.replace("{id}", str(ids.get(kind))).replace("{slug}", filled.get(kind, ""))
        asked = days if kind == "reports" else question.get(path)
        answer = program.get(address.replace("{number}", "1"), asked)
        assert answer.status_code == 200, path
        said = answer.json()
        assert said.get("results") != [], path
        of = operation["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator(of | {"components": schema["components"]}).validate(said)
        whole = said["results"][0] if "results" in said else said
        described = of
        while "$ref" in described:
            described = schema["components"]["schemas"][described["$ref"].rsplit("/", 1)[1]]
            described = described["properties"].get("results", {}).get("items", described)
        if kind != "reports":  # in these a part may be null, or not asked for: see below
            assert set(whole) == set(described["properties"]), path


def members(schema, schemas, said, at=""):
    """Each object in an answer by its place, with the members that it has, those described, and those required."""
    if said is None:
        return
    for way in ("allOf", "oneOf", "anyOf"):
        for one in schema.get(way, ()):
            if one != {"type": "null"}:
                yield from members(one, schemas, said, at)
    if "$ref" in schema:
        yield from members(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, said, at)
    elif "items" in schema:
        for one in said:
            yield from members(schema["items"], schemas, one, f"{at}[]")
    elif "properties" in schema:
        yield at, set(said), set(schema["properties"]), set(schema.get("required", ()))
        for name, value in said.items():
            yield from members(schema["properties"].get(name, {}), schemas, value, f"{at}.{name}")


@pytest.mark.parametrize(
    ("report", "more", "places"),
    [
        ("waterfall", {}, {"", ".days[]", ".summary", ".summary.share_of_target"}),
        (
            "speed",
            {"group": "source"},
            {"", ".goal", ".buckets[].in_time", ".total", ".groups[].not_yet_due"},
        ),
        (
            "depth",
            {"group": "source", "attempt_days": "true"},
            {
                ".buckets[].judged.worked",
                ".total.at_least[]",
                ".groups[].spacing",
                ".attempt_days[]",
                ".goal",
            },
        ),
        ("recalibration", {}, {".same_month.close_rate", ".cohort.close_rate_interval", ".cycle_days"}),
        ("landing", {"agreement": "company"}, {""}),
        ("gap", {"agreement": "company"}, {".sources[].share_of_actual"}),
    ],
)
def test_reports_have_every_member_that_is_described_and_no_other(report, more, places):
    agreement = factories.agreement()
    factories.signed(agreement, goals={dt.date(2026, 3, 1): 100})
    given(agreement, 3, source="web")
    Deal.objects.update(is_won=True, closed_at=LATER, closed_on=LATER.date(), currency="EUR")
    rollups.refresh(now=LATER, wait=True)
    schema = whole_schema()
    asked = {"from": "2026-03-01", "to": "2026-04-01", **more}
    with time_machine.travel(LATER, tick=False):
        said = programs.program().get(f"/api/v1/reports/{report}/", asked).json()
        plain = programs.program().get(f"/api/v1/reports/{report}/", dict(list(asked.items())[:2])).json()
    operation = schema["paths"][f"/api/v1/reports/{report}/"]["get"]
    of = operation["responses"]["200"]["content"]["application/json"]["schema"]
    for document in (said, plain):
        jsonschema.Draft202012Validator(of | {"components": schema["components"]}).validate(document)
    found = list(members(of, schema["components"]["schemas"], said))
    for at, has, described, _required in found:
        assert has == described, at
    assert places <= {at for at, *_sets in found}
    for at, has, described, required in members(of, schema["components"]["schemas"], plain):
        assert required <= has <= described, at
        assert described - required <= {"groups", "attempt_days"}, at


def test_no_answer_is_described_as_an_object_of_anything():
    for (path, method), operation in operations().items():
        for status, answer in operation["responses"].items():
            for about in answer.get("content", {}).values():
                assert about["schema"].get("additionalProperties") != {}, (path, method, status)


def test_refusals_are_as_they_are_described():
    schema = whole_schema()
    problem = {"$ref": "#/components/schemas/Problem", "components": schema["components"]}
    program = programs.program()
    for address in ("/api/v1/leads/?limit=x", "/api/v1/leads/0/", "/api/v1/no/"):
        jsonschema.Draft202012Validator(problem).validate(program.get(address).json())
