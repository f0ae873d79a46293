"""The admin: every page of every model opens, and nothing that is typed into it ends in a server error."""

from __future__ import annotations

import copy
import datetime as dt
import html
import re
from decimal import Decimal
from itertools import cycle, product
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agreement, BusinessCalendar, Commitment, MonthGoal, Plan, Version
from agreements.services.planning import store_plan
from leads.models import AttemptNote, Deal, FollowUpAttempt, HandOff, Import, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports.models import Acknowledgement
from tests import factories
from tests.factories import NOON

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
IDS = [model._meta.label_lower for model in MODELS]
HOSTILE = [
    "",
    "\0",
    "x\0y",
    "<script>alert(1)</script>",
    "😀 한글",
    "-1",
    "9" * 40,
    "1e400",
    "NaN",
    "-5 00:00:00",
    "99999999 days",
    "0001-01-01",
    "9999-12-31",
    "2026-03-02",
    "[]",
    "null",
    "{",
    '{"tz": "UTC", "weekly": 5}',
    r'{"tz": "\u0000", "weekly": {"mon": [["09:00", "17:00"]]}}',
    r'{"mon": "\ud800"}',
    '{"mon": -1}',
    "x" * 20_000,
]
SHARP = ["\0", "9" * 40, "0001-01-01", r'{"mon": "\ud800"}']
SEARCHES = [
    "?q=%00",
    "?q=%25",
    "?p=99999999999999999999",
    "?o=999",
    "?o=%00",
    "?state__exact=x",
    "?pk=%00",
    "?password__startswith=a",
    "?_facets=True",
    "?_to_field=nothing",
    "?qualified_on__year=99999",
    "?qualified_on__year=2026&qualified_on__month=2&qualified_on__day=31",
    "?handed_off_on__year=9999&handed_off_on__month=12&handed_off_on__day=31",
    "?team__id__exact=x",
    "?segment__id__exact=99999999999999999999",
    "?source=%00",
    "?is_automated__exact=2",
]


def make_rows() -> SimpleNamespace:
    """A row of nearly every model, with a version that is signed and one that is not."""
    agreement = factories.agreement()
    marketing = factories.party(agreement, "marketing")
    assert marketing.signatory is not None
    marketing.signatory.is_superuser = marketing.signatory.is_staff = True
    marketing.signatory.save()
    signed = factories.signed(agreement, goals={dt.date(2026, 3, 1): 100})
    draft = factories.draft(agreement, starts_on=dt.date(2026, 6, 1), goals={dt.date(2026, 6, 1): 120})
    plan = store_plan(
        quota=Decimal(5000),
        starts_on=dt.date(2026, 3, 1),
        ends_on=dt.date(2026, 4, 1),
        marketing_share=Decimal(1),
        average_deal=Decimal(100),
        close_rate=Decimal("0.5"),
        currency="EUR",
        now=NOON,
        agreement=agreement,
    )
    segment = factories.segment("Executives")
    lead = factories.lead(NOON - dt.timedelta(hours=3), segment=segment)
    hand_off = hand_over(lead=lead, at=NOON - dt.timedelta(hours=2), now=NOON, agreement=agreement)
    attempt = log_attempt(
        hand_off=hand_off,
        attempted_at=NOON - dt.timedelta(hours=1),
        channel="call",
        outcome="no_answer",
        now=NOON,
        by=marketing.signatory,
        note="Call again",
    )
    Deal.objects.create(system="crm", external_id="D-1", lead=lead)
    Import.objects.create(
        system="crm", kind="leads", file_name="leads.csv", started_at=NOON, rows=1, created=1
    )
    calendar = factories.calendar(name="Warehouse")
    Acknowledgement.objects.create(
        edition=factories.edition(agreement),
        party=marketing,
        person=marketing.signatory,
        acknowledged_at=NOON,
    )
    return SimpleNamespace(
        agreement=agreement,
        marketing=marketing,
        signed=signed,
        draft=draft,
        plan=plan,
        lead=lead,
        hand_off=hand_off,
        attempt=attempt,
        calendar=calendar,
        segment=segment,
    )


@pytest.fixture(scope="module")
def _rows(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_rows()
        transaction.set_rollback(True)


@pytest.fixture
def rows(_rows, db, monkeypatch):
    """The rows, made once: what a test changes is taken back."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    return copy.deepcopy(_rows)


@pytest.fixture
def page(client, rows):
    client.force_login(rows.marketing.signatory)
    client.raise_request_exception = True
    return client


def address(model, what: str, *arguments) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=arguments)


def typed(answer) -> dict[str, object]:
    """What the form of a page would send if nobody touched it."""
    form = answer.context["adminform"].form
    formsets = [inline.formset for inline in answer.context["inline_admin_formsets"]]
    sent: dict[str, object] = {}
    for each in [form, *(f.management_form for f in formsets), *(f for s in formsets for f in s.forms)]:
        for bound in each:
            values = bound.value()
            data = bound.field.widget
            if hasattr(data, "decompress"):
                parts = data.decompress(values)
                sent |= {f"{bound.html_name}_{i}": "" if p is None else p for i, p in enumerate(parts)}
            elif isinstance(values, (list, tuple)):
                sent[bound.html_name] = [getattr(value, "pk", value) for value in values]
            elif values not in (None, False):
                sent[bound.html_name] = bound.field.prepare_value(values)
    return sent


def complaints(answer) -> str:
    """Everything a form that came back complains about."""
    assert answer.status_code == 200, answer.status_code
    return html.unescape(" ".join(str(messages) for messages in answer.context["errors"]))


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_every_page_opens(page, model):
    assert page.get(address(model, "changelist")).status_code == 200
    may_add = admin.site._registry[model].has_add_permission(page.get("/admin/").wsgi_request)
    assert page.get(address(model, "add")).status_code == (200 if may_add else 403)
    for row in model._default_manager.all():
        assert page.get(address(model, "change", row.pk)).status_code == 200
        assert page.get(address(model, "history", row.pk)).status_code == 200
        assert page.get(address(model, "delete", row.pk)).status_code in (200, 403)
    for pk in ("99999999999999999999999", "abc", "-1"):
        assert page.get(address(model, "change", pk), follow=True).status_code in (200, 403, 404)


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_odd_searches_and_filters_do_no_harm(page, model):
    for search in SEARCHES:
        assert page.get(address(model, "changelist") + search).status_code in (200, 302, 400), search


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.proof)], ids=["some", "every"])
@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_nothing_that_is_typed_is_a_server_error(page, rows, model, every):
    places = [address(model, "add")]
    if row := model._default_manager.order_by("-pk").first():
        places.append(address(model, "change", row.pk))
    for place in places:
        form = page.get(place)
        if form.status_code != 200 or not form.context.get("adminform"):
            continue
        sent = typed(form)
        fixed = {name: sent[name] for name in sent if name.endswith("_FORMS")}
        names = sorted(sent.keys() - fixed.keys())
        one_of_each = {re.sub(r"\d+", "", name): name for name in names}.values()  # of the rows below a form
        for name, value in product(names, HOSTILE) if every else zip(one_of_each, cycle(SHARP)):
            assert page.post(place, sent | {name: value}).status_code < 500, (name, value)
        for value in HOSTILE if every else SHARP:
            assert page.post(place, dict.fromkeys(sent, value) | fixed).status_code < 500, value
        assert page.post(place, {}).status_code < 500


def test_signed_agreement_keeps_its_time_zone(page, rows):
    place = address(Agreement, "change", rows.agreement.pk)
    answer = page.post(place, typed(page.get(place)) | {"time_zone": "Asia/Seoul"})
    assert "its time zone and currency stay" in complaints(answer)
    assert 'value="Asia/Seoul"' in answer.text, "what was typed is kept"
    rows.agreement.refresh_from_db()
    assert rows.agreement.time_zone == "UTC"


def promise(rows, version, **more):
    return {
        "version": version.pk,
        "party": rows.marketing.pk,
        "kind": "share_worked",
        "share": "0.5",
        "profile": "calendar_days",
        "measure": "handed_off",
        "tolerance": "0.1",
        "at_risk_share": "0.75",
        "window": "14 00:00:00",
        "weekday_weights": "{}",
        "month_goals-TOTAL_FORMS": "0",
        "month_goals-INITIAL_FORMS": "0",
    } | more


def test_promise_is_not_added_to_a_signed_version(page, rows):
    before = Commitment.objects.count()
    answer = page.post(address(Commitment, "add"), promise(rows, rows.signed))
    assert "is signed: its terms cannot be changed" in complaints(answer)
    assert Commitment.objects.count() == before


@pytest.mark.parametrize(
    "part,complaint",
    [
        ({"allowance": "400 00:00:00"}, "A year is the most."),
        ({"window": "99999999 00:00:00"}, "A year is the most."),
        ({"weekday_weights": "[]x"}, "valid JSON"),
        ({"weekday_weights": "[1]"}, "a number for mon to sun"),
        ({"weekday_weights": '{"someday": 1}'}, "a number for mon to sun"),
        ({"weekday_weights": r'{"mon": "\u0000"}'}, "A weight is a number"),
        ({"weekday_weights": '{"mon": -1}'}, "A weight is a number"),
        ({"weekday_weights": '{"mon": true}'}, "A weight is a number"),
        ({"weekday_weights": '{"mon": [1]}'}, "A weight is a number"),
        ({"weekday_weights": "{}", "profile": "weights"}, "needs a weight above zero"),
        ({"weekday_weights": '{"mon": 0}', "profile": "weights"}, "needs a weight above zero"),
    ],
)
def test_promise_that_no_report_could_read_is_refused(page, rows, part, complaint):
    answer = page.post(address(Commitment, "add"), promise(rows, rows.draft, **part))
    assert complaint in complaints(answer)


def test_promise_by_weekday_weights_is_taken(page, rows):
    weights = {"weekday_weights": '{"mon": 1, "tue": 0.5}', "profile": "weights"}
    assert page.post(address(Commitment, "add"), promise(rows, rows.draft, **weights)).status_code == 302


def month_goals(page, rows, *goals, of="draft"):
    commitment = getattr(rows, of).commitments.get(kind="mql_goal")
    sent = promise(rows, getattr(rows, of), kind="mql_goal", share="")
    for number, (month_on, goal) in enumerate(goals):
        sent |= {f"month_goals-{number}-month_on": month_on, f"month_goals-{number}-goal": goal}
        sent |= {f"month_goals-{number}-commitment": commitment.pk, f"month_goals-{number}-id": ""}
    sent["month_goals-TOTAL_FORMS"] = len(goals)
    return page.post(address(Commitment, "change", commitment.pk), sent)


@pytest.mark.parametrize(
    "goals,complaint",
    [
        ([("2026-07-02", "5")], "month_goal_on_first_day"),
        ([("2026-05-01", "5")], "the version does not cover the month"),
        ([("2026-07-01", "-5")], "month_goal_not_negative"),
        ([("2026-07-01", "5"), ("2026-07-01", "6")], "duplicate"),
        ([("2026-06-01", "5")], "already"),
    ],
)
def test_goal_of_an_impossible_month_is_refused(page, rows, goals, complaint):
    assert complaint in complaints(month_goals(page, rows, *goals))
    assert MonthGoal.objects.filter(commitment__version=rows.draft).count() == 1


def test_goal_of_a_signed_version_is_not_changed(page, rows):
    assert month_goals(page, rows, ("2026-04-01", "5"), of="signed").status_code == 403


def test_draft_with_a_goal_at_the_end_of_time_can_be_signed(page, rows):
    month_goals(page, rows, ("9999-12-01", "5"))
    factories.sign(rows.draft)
    assert Version.objects.get(pk=rows.draft.pk).is_signed


def test_signed_version_is_not_deleted(page, rows):
    assert page.post(address(Version, "delete", rows.signed.pk), {"post": "yes"}).status_code == 403
    page.post(
        address(Version, "changelist"),
        {"action": "delete_selected", "_selected_action": rows.signed.pk, "post": "yes"},
    )
    assert Version.objects.filter(pk=rows.signed.pk).exists()


PLAN = {
    "agreement": "",
    "starts_on": "2026-03-01",
    "ends_on": "2026-06-01",
    "quota": "5000",
    "currency": "EUR",
    "marketing_share": "1",
    "average_deal": "100",
    "close_rate": "0.5",
    "split": "equal",
    "cycle_days": "0",
}


@pytest.mark.parametrize(
    "part",
    [
        {"marketing_share": "0"},
        {"close_rate": "1.2"},
        {"close_rate": "0"},
        {"average_deal": "0"},
        {"quota": "-1"},
        {"ends_on": "2026-02-01"},
        {"starts_on": "2026-03-02"},
        {"ends_on": "2026-06-15"},
        {"cycle_days": "20000"},
        {"starts_on": "0001-01-01", "ends_on": "0001-02-01", "cycle_days": "90"},
        {"quota": "99999999999999", "average_deal": "0.01", "close_rate": "0.000001"},
        {"currency": "e\0"},
    ],
)
def test_plan_that_cannot_be_is_refused(page, part):
    assert complaints(page.post(address(Plan, "add"), PLAN | part)).strip()
    assert Plan.objects.count() == 1


def test_plan_is_added(page):
    assert page.post(address(Plan, "add"), PLAN).status_code == 302
    assert Plan.objects.latest("pk").leads == 100


@pytest.mark.parametrize(
    "definition,complaint",
    [
        ("[]", "required"),
        ("[5]", "an object with tz and weekly"),
        ("{}", "required"),
        ('{"tz": "UTC", "weekly": {}}', "never opens"),
        ('{"tz": "Mars/Base", "weekly": {"mon": [["09:00", "17:00"]]}}', "unknown time zone"),
        ('{"tz": "UTC", "weekly": {"mon": [["17:00", "17:00"]]}}', "is not before"),
    ],
)
def test_hours_with_faults_are_refused(page, rows, definition, complaint):
    place = admin_add_revision()
    answer = page.post(place, {"calendar": rows.calendar.pk, "definition": definition, "note": ""})
    assert complaint in complaints(answer)


def admin_add_revision() -> str:
    return reverse("admin:agreements_calendarrevision_add")


def test_hours_of_a_country_without_known_holidays_are_refused(page, rows):
    BusinessCalendar.objects.filter(pk=rows.calendar.pk).update(country="ZZ")
    hours = '{"tz": "UTC", "weekly": {"mon": [["09:00", "17:00"]]}}'
    answer = page.post(admin_add_revision(), {"calendar": rows.calendar.pk, "definition": hours, "note": ""})
    assert "No public holidays are known" in complaints(answer)


def calendar_form(calendar, **more):
    return {"name": calendar.name, "slug": calendar.slug, "country": "", "subdivision": ""} | more


def test_company_calendar_is_replaced_and_never_missing(page, rows):
    company = BusinessCalendar.objects.company()
    answer = page.post(address(BusinessCalendar, "change", company.pk), calendar_form(company))
    assert "Make another calendar the company's" in complaints(answer)
    empty = BusinessCalendar.objects.create(name="Empty", slug="empty")
    answer = page.post(address(BusinessCalendar, "change", empty.pk), calendar_form(empty, is_default="on"))
    assert "hours first" in complaints(answer)
    place = address(BusinessCalendar, "change", rows.calendar.pk)
    assert page.post(place, calendar_form(rows.calendar, is_default="on")).status_code == 302
    assert BusinessCalendar.objects.company() == rows.calendar


def test_agreement_with_a_calendar_without_hours_has_its_reports(page, rows):
    rows.agreement.calendar = BusinessCalendar.objects.create(name="Empty", slug="empty")
    rows.agreement.save()
    assert page.get("/waterfall/?month=2026-03").status_code == 200


LEAD = {
    "external_id": "L-1",
    "origin": "marketing",
    "qualified_at_0": "2026-03-04",
    "qualified_at_1": "08:00",
}


def test_lead_entered_twice_is_refused(page):
    assert page.post(address(Lead, "add"), LEAD).status_code == 302
    assert "already" in complaints(page.post(address(Lead, "add"), LEAD))
    assert Lead.objects.filter(external_id="L-1").count() == 1


@pytest.mark.parametrize("day", ["0001-01-01", "1970-12-31", "2026-03-05", "9999-12-31"])
def test_lead_of_an_impossible_day_is_refused(page, day):
    assert complaints(page.post(address(Lead, "add"), LEAD | {"qualified_at_0": day})).strip()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_deal_of_an_impossible_day_is_refused(page, day):
    deal = {
        "system": "crm",
        "external_id": "D-2",
        "closed_at_0": day,
        "closed_at_1": "00:00",
        "closed_on": day,
    }
    assert "The year is not between" in complaints(page.post(address(Deal, "add"), deal))


def test_lead_is_not_handed_over_twice(page, rows):
    answer = page.post(address(HandOff, "add"), {"lead": rows.lead.pk})
    assert "already with sales" in complaints(answer)
    assert HandOff.objects.count() == 1


@pytest.mark.parametrize(
    "day,complaint", [("0001-01-01", "The year"), ("2026-03-05", "in the future"), ("9999-12-31", "The year")]
)
def test_lead_is_not_handed_over_at_an_impossible_time(page, day, complaint):
    sent = {"lead": factories.lead().pk, "handed_off_at_0": day, "handed_off_at_1": "09:00"}
    assert complaint in complaints(page.post(address(HandOff, "add"), sent))


@pytest.mark.parametrize(
    "day,complaint",
    [
        ("2026-03-05", "in the future"),
        ("2026-03-03", "before the hand-off"),
        ("0001-01-01", "before the hand-off"),
        ("9999-12-31", "in the future"),
    ],
)
def test_attempt_at_an_impossible_time_is_refused(page, rows, day, complaint):
    sent = {
        "hand_off": rows.hand_off.pk,
        "attempted_at_0": day,
        "attempted_at_1": "11:30",
        "channel": "call",
        "outcome": "connected",
        "note_text": "typed with care",
    }
    answer = page.post(address(FollowUpAttempt, "add"), sent)
    assert complaint in complaints(answer)
    assert "typed with care" in answer.text
    assert FollowUpAttempt.objects.count() == AttemptNote.objects.count() == 1


def test_attempt_is_voided_once(page, rows):
    sent = {"action": "void", "_selected_action": rows.attempt.pk}
    assert "Voided: 1." in page.post(address(FollowUpAttempt, "changelist"), sent, follow=True).text
    assert "Voided: 0." in page.post(address(FollowUpAttempt, "changelist"), sent, follow=True).text


def test_two_promises_of_the_same_kind_in_one_form_are_refused(page, rows):
    sent = {
        "agreement": rows.agreement.pk,
        "number": 9,
        "starts_on": "2026-09-01",
        "ends_on": "",
        "reach": Version.Reach.NEW_ONLY,
        "summary": "",
        "commitments-TOTAL_FORMS": 2,
        "commitments-INITIAL_FORMS": 0,
    }
    for number in range(2):
        terms = {k: v for k, v in promise(rows, rows.draft).items() if not k.startswith("month_goals")}
        terms["version"] = ""
        sent |= {f"commitments-{number}-{name}": value for name, value in terms.items()}
    assert "already" in complaints(page.post(address(Version, "add"), sent))
    assert not Version.objects.filter(number=9).exists()
