"""The pages of custom measures: entered and read, what is late, forms of a draft, odd names, few questions."""

import datetime as dt
import html
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from agreements.models import MeasureValue, Membership
from agreements.table_files import escaped
from reports.closing import close_months, enter_and_close
from tests import factories
from tests.hostile_text import EXECUTES, HOSTILE_TEXTS, MARK
from tests.reports.promised_measures import (
    FEBRUARY,
    MARCH,
    NAME,
    NOW,
    director,
    entered,
    one_measure,
    two_measures,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return one_measure()


@pytest.fixture
def two():
    return two_measures()


def opened(user, path, **data):
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.force_login(user)
        return client.post(path, data) if data else client.get(path)


def test_a_director_enters_a_value_and_reads_it_in_chart_table_and_csv(version):
    page = reverse("reports:measures", args=["company"])
    who = director(version)
    assert "Enter the value" in opened(who, page).content.decode()
    assert "Enter the value" not in opened(director(version, "marketing"), page).content.decode()
    given = {"measure": NAME, "period_on": "2026-03-01", "value": "4.5"}
    answer = opened(who, reverse("reports:enter-value", args=["company"]), **given)
    assert answer.status_code == 302
    text = opened(factories.user("Vera", role="viewer"), page).content.decode()
    assert "was kept in March 2026: 4.5\xa0points, agreed is at least 4.5\xa0points." in text
    assert "entered by Director of Company Sales" in text
    key = text.split('data-chart="')[1].split('"')[0]
    csv = opened(who, f"{page}?format=csv&table={key}").content.decode()
    assert csv.splitlines() == ["month,value,agreed,outcome", "2026-03-01,4.5,4.5,met"]
    assert opened(who, f"{page}?format=csv&table=nothing").status_code == 404


def test_the_pages_say_what_is_late_and_who_may_void_what(two):
    page = reverse("reports:measures", args=["company"])
    who, other = director(two), director(two, "marketing")
    text = opened(who, page).content.decode()
    assert "2 measures wait for their values." in text and "February 2026 (too late to be judged)" in text
    given = {"measure": NAME, "period_on": "2026-02-01", "value": "4.5"}
    opened(who, reverse("reports:enter-value", args=["company"]), **given)
    close_months(now=NOW)
    assert "was missed in February 2026: no value came in time." in opened(who, page).content.decode()
    value = entered(two, "4.4")
    address = reverse("reports:void-value", args=[value.pk])
    assert (opened(who, address).status_code, opened(other, address).status_code) == (200, 403)
    assert address in opened(who, page).content.decode()
    entered(two, "5", name="Churn")
    assert address not in opened(who, page).content.decode()
    assert address in opened(other, page).content.decode()
    said = opened(who, address).content.decode()
    assert "ask a director of the other side (Company Marketing)" in said and "Why it was wrong" not in said
    assert opened(who, address, reason="mistyped").status_code == 422
    assert opened(other, address, reason="they mistyped it").status_code == 302
    assert MeasureValue.objects.get(pk=value.pk).voided_by == other


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"value": "much"}, "Enter"),
        ({"value": "4.55555"}, "4 decimal"),
        ({"value": ""}, "required"),
        ({"value": "4.5 points"}, "number"),
        ({"period_on": "2026-04-01"}, "valid choice"),
        ({"measure": "x" * 500}, "one of the measures"),
    ],
)
def test_what_cannot_be_a_value_is_said_in_the_form(version, given, complaint):
    data = {"measure": NAME, "period_on": "2026-03-01", "value": "4.5"} | given
    answer = opened(director(version), reverse("reports:enter-value", args=["company"]), **data)
    assert answer.status_code == 422
    assert complaint.lower() in answer.content.decode().lower() or "number" in answer.content.decode()
    assert not MeasureValue.objects.exists()


def test_a_draft_gets_a_measure_by_form_and_says_it_in_a_sentence():
    draft = factories.draft(factories.agreement())
    who = director(draft)
    service = factories.team("Customer service", "service")
    Membership.objects.create(user=factories.user("Sam"), team=service, role="director")
    place = ["company", draft.number]
    typed = {
        "edits": 0,
        "name": "Hours until a complaint is answered",
        "party": factories.party(draft.agreement, "sales").pk,
        "direction": "at_most",
        "target": "4",
        "unit": "h",
        "period": "quarter",
    }
    said = opened(who, reverse("agreements:say-measure", args=place), **typed).content.decode()
    assert "at most 4\xa0h, every quarter." in said
    assert "4.01\xa0h misses it" in said
    assert opened(who, reverse("agreements:new-measure", args=place), **typed).status_code == 302
    listed = opened(who, reverse("agreements:draft-measures", args=place)).content.decode()
    assert "Hours until a complaint is answered" in listed
    again = opened(who, reverse("agreements:new-measure", args=place), **typed)
    assert (again.status_code, "measured already" in again.content.decode()) == (409, True)
    measure = draft.measures.get()
    path = reverse("agreements:edit-measure", args=[*place, measure.pk])
    assert 'value="4"' in opened(who, path).content.decode()
    assert opened(who, path, **(typed | {"target": "3.5"})).status_code == 302
    assert opened(who, path, **(typed | {"target": "3"})).status_code == 409  # of an older state
    page = opened(who, reverse("agreements:version", args=place)).content.decode()
    assert "at most 3.5\xa0h" in page
    opened(who, reverse("agreements:remove-measure", args=[*place, measure.pk]), sure="1")
    assert not draft.measures.exists()


@pytest.mark.parametrize("name", HOSTILE_TEXTS[:16])
def test_odd_names_are_text_wherever_they_stand(name):
    draft = factories.draft(factories.agreement())
    factories.measure(draft, name=name[:100], unit=name[:30])
    version = factories.sign(draft)
    enter_and_close(
        agreement=version.agreement, name=name[:100], period_on=MARCH, value=Decimal(4), now=NOW, by=None
    )
    who = director(version)
    for address in ("reports:measures", "reports:kept", "agreements:agreement"):
        answer = opened(who, reverse(address, args=["company"]))
        assert answer.status_code == 200
        text = answer.content.decode()
        assert not any(
            tag in text for tag in (f"<a {MARK}", f"<img {MARK}", f"<script>{EXECUTES}", f"<b {MARK}")
        )
    assert not escaped(name).startswith(("=", "+", "-", "@"))


def test_the_page_asks_no_more_for_twenty_values_than_for_two(version, django_assert_max_num_queries):
    who = director(version)
    page = reverse("reports:measures", args=["company"])
    counts = []
    for months in ([FEBRUARY, MARCH], [dt.date(2026, 1, 1)]):
        for month in months:
            entered(version, month=month)
        with django_assert_max_num_queries(60) as found:
            opened(who, page)
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_promise_over_the_months_is_shared_without_who_entered_it(version):
    entered(version)
    who = director(version, "marketing")
    page = reverse("reports:measures", args=["company"])
    answer = opened(who, page)
    ((section, _figure),) = answer.context["sections"]
    asked = {"subject": "measures", "chart": section.chart.key, "query": "agreement=company"}
    assert f'/shares/new/?{urlencode(asked)}"' in html.unescape(answer.text)
    made = opened(who, "/shares/new/", **asked, days="7")
    address = made.context["address"].removeprefix("http://testserver")
    with time_machine.travel(NOW, tick=False):
        shown = Client().get(address)
    assert shown.status_code == 200
    assert shown.context["shown"].about == f"{NAME} · Company"
    ((chart, figure),) = shown.context["charts"]
    assert chart.series == section.chart.series and figure["data"]
    ((of, text),) = shown.context["shown"].definitions
    assert of == NAME and "keeps it" in text and text in html.unescape(shown.text)
    assert "Director of" not in shown.text
    listed = opened(who, "/shares/").text
    assert f"{NAME} · Company" in listed and f'href="{page}#{section.chart.key}"' in listed
    gone = asked | {"chart": "promise-0"}
    assert opened(who, "/shares/new/", **gone, days="7").status_code == 404
