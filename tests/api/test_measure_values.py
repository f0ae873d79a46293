"""Values of custom measures that programs enter: as on the page, by the same rights, judged at once."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from agreements.models import Evaluation, MeasureValue
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
ADDRESS = "/api/v1/agreements/company/measure-values/"
VALUE = {"name": "Satisfaction of customers", "period_on": "2026-03-01", "value": "4.6"}


@pytest.fixture(autouse=True)
def version():
    draft = factories.draft(factories.agreement())
    draft.commitments.filter(kind="mql_goal").delete()
    factories.measure(draft)
    made = factories.sign(draft)
    with time_machine.travel(NOW, tick=False):
        yield made


def post(program, body, address=ADDRESS):
    return program.post(address, body, content_type="application/json")


def test_a_value_is_entered_judged_read_and_voided(program, version):
    answer = post(program, VALUE)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["value"], said["party"], said["voided_at"]) == ("4.6000", "company-sales", None)
    assert program.get(ADDRESS, {"name": VALUE["name"]}).json()["results"] == [said]
    assert Evaluation.objects.get(promise="custom", subject=VALUE["name"]).outcome == "met"
    again = is_problem(post(program, VALUE), 409, "Conflict")
    assert again["detail"].startswith("This period has a value already.")
    made = MeasureValue.objects.get()
    assert str(made.entered_by) == "CRM"
    voided = post(program, {"reason": "Counted twice"}, f"/api/v1/measure-values/{made.pk}/void/")
    # Its month is closed with its only value: voiding it is the other side's to agree to.
    assert "ask a director of the other side" in is_problem(voided, 409, "Conflict")["detail"]
    other = factories.party(version.agreement, "marketing").signatory
    body = {"reason": "Counted twice", "by": other.email}
    voided = post(program, body, f"/api/v1/measure-values/{made.pk}/void/")
    assert voided.status_code == 200 and voided.json()["void_reason"] == "Counted twice", voided.text
    assert program.get(ADDRESS, {"is_voided": "false"}).json()["results"] == []


def test_who_does_not_promise_it_enters_no_value(program, version):
    marketing = factories.party(version.agreement, "marketing").signatory
    stranger = factories.user("Stranger")
    for person in (marketing, stranger):
        said = is_problem(post(program, VALUE | {"by": person.email}), 403, "Forbidden")
        assert (
            said["detail"] == "Values are entered by the managers and directors of the party that promises."
        )
    sales = factories.party(version.agreement, "sales").signatory
    assert post(program, VALUE | {"by": sales.email}).status_code == 201
    value = MeasureValue.objects.get()
    assert value.entered_by == sales
    refused = post(program, {"reason": "x", "by": stranger.email}, f"/api/v1/measure-values/{value.pk}/void/")
    assert is_problem(refused, 403, "Forbidden")


def test_a_value_of_an_agreement_never_signed_is_not_there(program):
    draft = factories.draft(factories.agreement("unsigned"))
    sales = factories.party(draft.agreement, "sales")
    value = MeasureValue.objects.create(
        agreement=draft.agreement,
        party=sales,
        name=factories.measure(draft).name,
        period_on=dt.date(2026, 2, 1),
        value=4,
        entered_at=NOW,
        entered_by=sales.signatory,
    )
    body = {"reason": "Counted twice", "by": sales.signatory.email}
    is_problem(post(program, body, f"/api/v1/measure-values/{value.pk}/void/"), 404, "Not Found")
    value.refresh_from_db()
    assert value.voided_at is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "Churn"}, 409),
        ({"period_on": "2026-03-02"}, 409),
        ({"period_on": "2026-04-01"}, 409),
        ({"period_on": "0001-01-01"}, 400),
        ({"period_on": "9999-12-31"}, 400),
        ({"period_on": "9999-12-01"}, 400),
        ({"period_on": "February"}, 400),
        ({"value": "many"}, 400),
        ({"value": "NaN"}, 400),
        ({"value": "1e400"}, 400),
        ({"value": "0.00001"}, 400),
        ({"value": None}, 400),
        ({"name": "\0"}, 400),
        ({"unit": "points"}, 400),
    ],
)
def test_a_value_that_cannot_be_is_refused(program, change, status):
    answer = post(program, VALUE | change)
    assert answer.status_code == status, answer.text
    assert answer["Content-Type"] == "application/problem+json"
    assert not MeasureValue.objects.exists()


def test_it_needs_its_scope(version):
    said = is_problem(post(programs.program("reports:read"), VALUE), 403, "Forbidden")
    assert "measures:write" in said["detail"]
    assert post(programs.program("measures:write"), VALUE).status_code == 201
    assert programs.program("measures:write").get(ADDRESS).status_code == 403
