"""The checklist says what the database has, step by step, from nothing to the waterfall."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from agreements.models import Membership, Scenario, Team
from agreements.services.calendars import company_calendar
from leads.services.hand_offs import hand_over
from reports import rollups
from slaproject.setting_up.steps import State, checklist
from tests import factories
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

NAMES = ["business hours", "teams and people", "the plan", "the agreement", "leads", "the waterfall"]


def states():
    return [step.state for step in checklist().steps]


def test_an_empty_installation_begins_with_its_hours(site):
    found = checklist()
    assert [step.name for step in found.steps] == NAMES
    assert states() == [State.NEXT, *[State.OPEN] * 5]
    assert found.finding == "None of the 6 steps is done yet; begin with business hours."
    page = site.get("/set-up/")
    assert found.finding in page.text
    for step in found.steps:
        assert f'href="{step.address}"' in page.text


def test_every_step_is_done_when_the_database_has_it(ada):
    company_calendar()  # whoever needs hours gets those that stand in; nobody has entered them
    assert states()[0] is State.NEXT
    factories.calendar(is_default=False)
    assert states()[0] is State.NEXT

    agreement = factories.agreement()
    marketing = factories.party(agreement, Team.Function.MARKETING)
    Membership.objects.filter(team=marketing.team).delete()
    assert states()[1] is State.OPEN, "nobody is in marketing"
    outsider = factories.user("Left long ago", is_active=False)
    Membership.objects.create(user=outsider, team=marketing.team)
    assert states()[1] is State.OPEN
    Membership.objects.create(user=marketing.signatory, team=marketing.team, role=Membership.Role.DIRECTOR)
    assert states() == [State.NEXT, State.DONE, *[State.OPEN] * 4]
    assert checklist().finding == "1 of 6 steps is done; next: business hours."

    Scenario.objects.create(author=ada, name="Bold", saved_at=factories.NOON)
    assert states()[2] is State.DONE

    draft = factories.draft(agreement, goals={dt.date(2026, 3, 1): 100})
    assert states()[3] is State.OPEN
    assert "Go on with the draft" in [step.action for step in checklist().steps]

    hand_over(lead=factories.lead(), now=factories.NOON, at=factories.NOON)
    assert states()[4:] == [State.DONE, State.OPEN]
    rollups.refresh(now=factories.NOON, wait=True)
    assert states()[5] is State.OPEN, "no goal is in force"

    factories.sign(draft)
    assert states()[3:] == [State.DONE] * 3
    assert checklist().steps[5].address == f"{reverse('reports:waterfall')}?month=2026-03"


def test_company_that_really_works_nine_to_five_in_utc_says_so_and_is_done(site):
    company_calendar()
    shown = site.get("/set-up/hours/")
    assert "not entered yet" in shown.text
    said = {key: shown.context["form"][key].value() or "" for key in shown.context["form"].fields}
    assert site.post("/set-up/hours/", said).status_code == 302
    assert states()[0] is State.DONE


def test_checklist_asks_as_often_whatever_there_is(site):
    def add_rows():
        for number in range(20):
            factories.calendar(f"Office {number}")
            hand_over(lead=factories.lead(), now=factories.NOON, at=factories.NOON)
        rollups.refresh(now=factories.NOON, wait=True)

    hand_over(lead=factories.lead(), now=factories.NOON, at=factories.NOON)
    rollups.refresh(now=factories.NOON, wait=True)
    assert_same_queries(lambda: site.get("/set-up/"), add_rows=add_rows)
