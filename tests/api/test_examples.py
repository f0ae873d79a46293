"""Each example of the description does what it says, in a company whose people and teams are named as in it."""

from __future__ import annotations

import datetime as dt
import json

import jsonschema
import pytest
import time_machine

from agreements.models import Membership
from leads.services import disputes, hand_offs, merging, pauses
from leads.services.attempts import log_attempt
from slaproject.integrations.api import whole_schema
from slaproject.webhooks.inlets import make_inlet
from tests import factories
from tests.api import programs
from tests.webhooks import sender

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]
NOW = factories.NOON + dt.timedelta(hours=1)
JSON = "application/json"


class Company:
    """The company of the examples; what a step needs before it is made as it is asked for."""

    def __init__(self) -> None:
        agreement = factories.agreement()
        sales, marketing = (factories.party(agreement, name) for name in ("sales", "marketing"))
        draft = factories.draft(agreement)
        draft.commitments.filter(kind="speed").update(pause_limit=dt.timedelta(days=7))
        factories.measure(draft, "Satisfaction")
        factories.sign(draft)
        self.agreement, self.team = agreement, sales.team
        assert sales.signatory is not None
        sales.signatory.email = "sales.director@example.com"
        sales.signatory.save()
        inside = factories.team("Inside Sales")
        role = Membership.Role
        self.rep, self.manager, self.marketer = (
            factories.user(name, email=f"{name}@example.com") for name in ("rep", "manager", "marketer")
        )
        for person, team, place in (
            (self.rep, sales.team, role.MEMBER),
            (self.rep, inside, role.MEMBER),
            (self.manager, sales.team, role.MANAGER),
            (self.marketer, marketing.team, role.MEMBER),
        ):
            Membership.objects.create(user=person, team=team, role=place)

    def hand_off(self, **about):
        return hand_offs.hand_over(
            lead=factories.lead(**about),
            now=factories.NOON,
            at=factories.NOON,
            team=self.team,
            owner=self.rep,
            by=self.marketer,
        )

    def rejected(self):
        hand_off = self.hand_off()
        terms = {"closed_as": "rejected", "reason": "wrong_contact", "at": NOW, "now": NOW, "by": self.rep}
        hand_offs.close(hand_off=hand_off, **terms)
        return hand_off

    def disputed(self):
        hand_off = self.rejected()
        disputes.dispute_rejection(hand_off=hand_off, words="It was right.", now=NOW, by=self.marketer)
        return hand_off

    def paused(self):
        hand_off, until = self.hand_off(), NOW + dt.timedelta(days=1)
        pauses.pause(hand_off=hand_off, until=until, reason="asked_later", now=NOW, by=self.rep)
        return hand_off

    def attempt(self):
        terms = {"channel": "call", "outcome": "no_answer", "now": factories.NOON, "by": self.rep}
        return log_attempt(hand_off=self.hand_off(), attempted_at=factories.NOON, **terms)

    def two_leads(self):
        """Both known to the sales director; the one that is absorbed has the id of the example."""
        made = [self.hand_off(pk=7).lead, factories.lead(pk=8)]  # not the next id there is: it may be 8
        terms = {"now": factories.NOON, "at": factories.NOON, "team": self.team, "owner": self.rep}
        hand_offs.hand_over(lead=made[1], by=self.marketer, **terms)
        return made

    def merge(self):
        survivor, absorbed = self.two_leads()
        return merging.merge_leads(
            survivor=survivor, absorbed=absorbed, now=NOW, by=self.manager, may_know=lambda lead: True
        )

    def value(self):
        entered = self.agreement.measure_values.create(
            party=factories.party(self.agreement, "sales"),
            name="Satisfaction",
            period_on=dt.date(2026, 1, 1),
            value=5,
            entered_at=factories.NOON,
        )
        return entered

    def inlet(self):
        by = factories.user("Ada", is_superuser=True, is_staff=True)
        self.inlet_made = make_inlet(name="CRM", system="crm", form="standard", now=NOW, by=by)[0]
        return self.inlet_made


# What stands in the address of a changing operation before its example is sent.
BEFORE = {
    "leads_send": None,
    "leads_send_many": None,
    "leads_hand_over": lambda company: factories.lead().pk,
    "leads_merge": lambda company: company.two_leads()[0].pk,
    "merges_undo": lambda company: company.merge().pk,
    "hand_offs_accept": lambda company: company.hand_off().pk,
    "hand_offs_assign": lambda company: company.hand_off().pk,
    "hand_offs_reject": lambda company: company.hand_off().pk,
    "hand_offs_log_attempt": lambda company: company.hand_off().pk,
    "hand_offs_pause": lambda company: company.hand_off().pk,
    "hand_offs_resume": lambda company: company.paused().pk,
    "hand_offs_next_touch": lambda company: company.hand_off().pk,
    "hand_offs_close": lambda company: company.hand_off().pk,
    "hand_offs_agree": lambda company: company.rejected().pk,
    "hand_offs_dispute": lambda company: company.rejected().pk,
    "hand_offs_decide": lambda company: company.disputed().pk,
    "hand_offs_rate": lambda company: company.hand_off().pk,
    "attempts_undo": lambda company: company.attempt().pk,
    "deals_send": None,
    "deals_send_many": None,
    "measure_values_enter": lambda company: company.agreement.slug,
    "measure_values_void": lambda company: company.value().pk,
    "webhooks_receive": lambda company: company.inlet().key,
}


def changing():
    """Each changing operation by its name, with its path."""
    return {
        operation["operationId"]: (path, operation)
        for path, by_method in whole_schema()["paths"].items()
        for method, operation in by_method.items()
        if method != "get"
    }


def answered_examples():
    """Each example of an answer to a reading operation, with its address and the schema that it shall keep."""
    for path, by_method in whole_schema()["paths"].items():
        answer = by_method.get("get", {}).get("responses", {}).get("200", {})
        content = answer.get("content", {}).get(JSON, {})
        for example in content.get("examples", {}).values():
            yield path, content["schema"], example["value"]


def test_the_example_of_what_is_read_is_as_described_and_lacks_nothing():
    components, tried = whole_schema()["components"], set()
    for path, schema, example in answered_examples():
        jsonschema.Draft202012Validator(schema | {"components": components}).validate(example)
        described = components["schemas"][schema["$ref"].rsplit("/", 1)[1]]["properties"]
        whole = example
        if "results" in described:
            (whole,) = example["results"]
            row = described["results"]["items"]["$ref"].rsplit("/", 1)[1]
            described = components["schemas"][row]["properties"]
        assert set(whole) == set(described), path
        tried.add(path)
    named = (
        "plans",
        "plans/{id}",
        "imports",
        "imports/{id}",
        "reports/waterfall",
        "reports/speed",
        "reports/depth",
        "reports/recalibration",
        "reports/explore",
        "reports/landing",
        "reports/gap",
    )
    assert {f"/api/v1/{name}/" for name in named} <= tried


def test_every_changing_operation_is_tried():
    assert set(BEFORE) == set(changing())


@pytest.mark.parametrize("name", BEFORE)
def test_the_example_of_an_operation_is_done_and_answered_as_described(name):
    path, operation = changing()[name]
    content = operation["requestBody"]["content"][JSON]
    with time_machine.travel(NOW, tick=False):
        company, program = Company(), programs.program()
        filled = BEFORE[name](company) if BEFORE[name] else ""
        address = (
            path.replace("{id}", str(filled)).replace("{slug}", str(filled)).replace("{key}", str(filled))
        )
        (example,) = content["examples"].values()
        body = json.dumps(example["value"]).encode()
        headers = {}
        if name == "webhooks_receive":
            headers = sender.headers(company.inlet_made, body, at=int(NOW.timestamp()))
        system = "?system=crm" if "send" in name else ""
        answer = program.post(address + system, body, content_type=JSON, headers=headers)
    assert 200 <= answer.status_code < 300, answer.text
    described = operation["responses"][str(answer.status_code)]
    of = described["content"][JSON]["schema"] | {"components": whole_schema()["components"]}
    jsonschema.Draft202012Validator(of).validate(answer.json())
    for header, said in described["headers"].items():
        assert header in answer or not said.get("required"), header
