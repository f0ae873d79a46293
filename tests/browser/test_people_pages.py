"""Pages of accounts and people on a phone, light and dark; what their scripts do; a form that outlives its session."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from slaproject.accounts.models import User
from slaproject.embedded.sample_accounts import SAMPLE_PASSWORD
from tests.browser.looks import width_of
from tests.permissions.scene import make_scene

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def scene(transactional_db):
    return make_scene()


def test_pages_of_people_are_accessible_and_fit_a_phone(scene, open_context, sign_in, assert_accessible):
    User.objects.filter(pk=scene.own["person"]).update(name="W" * 150)
    invited = User.objects.get(name="invited")
    own = scene.own
    pages = {
        "administrator": [
            *(reverse(name) for name in ("account", "change-password", "people", "invite-person")),
            reverse("people") + "?q=nobody",
            reverse("person", args=[invited.pk]),
            reverse("person", args=[own["person"]]),
        ],
        "rep": [reverse("people")],
        "": [
            *(reverse(name) for name in ("reset-password", "reset-password-sent")),
            reverse("invitation", args=[own["invited_uid"], own["invited_token"]]),
            reverse("invitation", args=[own["invited_uid"], "dead"]),
        ],
    }
    for visitor, addresses in pages.items():
        context = open_context(viewport=PHONE)
        if visitor:
            sign_in(context, scene.people[visitor])
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            assert width_of(page) <= PHONE["width"], address
            assert_accessible(page)
        if visitor == "administrator":
            page.goto(reverse("invite-person"))
            with page.expect_navigation():
                page.get_by_role("button", name="Invite").click()
            assert page.locator("[aria-invalid=true]").count() == 3
            assert_accessible(page)


def test_a_phone_says_what_the_instants_of_the_list_are(scene, open_context, sign_in):
    context = open_context(viewport=PHONE)
    sign_in(context, scene.people["administrator"])
    page = context.new_page()
    page.goto(reverse("people") + "?state=all")
    assert not page.get_by_role("columnheader", name="Last here").is_visible()
    label = "cells => cells.map(cell => [cell.innerText, getComputedStyle(cell, '::before').content])"
    for said, before in page.locator(".people-table td:last-child").evaluate_all(label):
        is_word = said in ("account closed", "invited, not here yet")
        assert before == ("none" if is_word else '"Last here: "'), said


def test_a_form_outlives_its_session(scene, open_context, live_server, settings):
    settings.DEMO = True
    User.objects.create_user("mia@acme.example", SAMPLE_PASSWORD, name="Mia", role="viewer")
    page = open_context(viewport=PHONE).new_page()
    page.goto("/sign-in/?next=/account/")
    page.get_by_role("button", name="Fill in: Mia").click()
    assert page.evaluate("document.activeElement.type") == "submit"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("Name").fill("Mia who wrote this")
    Session.objects.all().delete()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert page.get_by_text("What you wrote is kept.").is_visible()
    page.get_by_role("button", name="Fill in: Mia").click()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_label("Name").input_value() == "Mia who wrote this"
