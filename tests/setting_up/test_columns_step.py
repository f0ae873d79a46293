"""Where a file has no column for a field, one word can be said of all its rows; a preset says its own."""

from __future__ import annotations

import pytest

from leads.models import FollowUpAttempt, Lead, Upload
from tests.setting_up.sending import LEADS, answers, no_broker, one_connection, run_it, sent, try_it, typed  # noqa: F401

pytestmark = pytest.mark.django_db

ACTIVITIES = b"""Activity - Pipedrive System ID,Activity - Type,Activity - Marked as done time,Lead - ID
A1,Call,2026-03-02 10:00:00,L1
A2,Email,2026-03-02 11:00:00,L1
"""
CALLS = b"""Record ID,Activity date,Call outcome,Associated Contact IDs
A1,2026-03-02 10:00,Left voicemail,L1
A2,2026-03-02 11:00,Went well,L1
"""


@pytest.fixture(autouse=True)
def leads(site, no_broker, one_connection):  # noqa: F811 - they come first
    address = sent(site, LEADS)
    try_it(site, address)
    run_it(site, address)


def test_a_word_is_said_of_every_row_and_remembered(site):
    address = sent(site, ACTIVITIES, kind="attempts")
    page = site.get(f"{address}columns/")
    assert page.context["form"]["preset"].value() == "pipedrive"
    assert "A column is missing: Outcome." in page.text
    assert set(site.post(f"{address}columns/", typed(page)).context["form"].errors) == {"outcome"}
    wrong = site.post(f"{address}columns/", typed(page) | {"outcome": "=no_such"})
    assert set(wrong.context["form"].errors) == {"outcome"}
    site.post(f"{address}columns/", typed(page) | {"outcome": "=no_answer"})
    shown = site.get(f"{address}columns/")
    assert "All columns that are needed were found" in shown.text
    assert shown.context["form"]["outcome"].value() == "=no_answer"
    assert "2 would be new" in try_it(site, address).text
    run_it(site, address)
    found = FollowUpAttempt.objects.order_by("external_id").values_list("channel", "outcome")
    assert list(found) == [("call", "no_answer"), ("email", "no_answer")]

    again = sent(site, ACTIVITIES, kind="attempts")
    assert typed(site.get(f"{again}columns/"))["outcome"] == "=no_answer"
    assert "0 would be new, 0 updated, 0 rejected" in try_it(site, again).text


def test_a_preset_says_a_word_of_every_row_and_can_be_contradicted(site):
    address = sent(site, CALLS, kind="attempts")
    page = site.get(f"{address}columns/")
    form = page.context["form"]
    assert (form["preset"].value(), form["channel"].value()) == ("hubspot", "=call")
    assert "All columns that are needed were found" in page.text and "in every row: call" in page.text.lower()
    none = site.post(f"{address}columns/", typed(page) | {"channel": ""})
    assert set(none.context["form"].errors) == {"channel"}
    site.post(f"{address}columns/", typed(page) | {"channel": "=visit"})
    values = site.get(f"{address}values/").context["form"]
    asked = [line["field"].label for group in values.words() for line in group["open"]]
    assert asked == ["Went well"], "what the preset says of a word is no question"
    tried = try_it(site, address, **answers(site, address, **{"outcome:Went well": "connected"}))
    assert "2 would be new" in tried.text, (
        "one answer takes nothing away of what the preset says of other words"
    )
    run_it(site, address)
    found = FollowUpAttempt.objects.order_by("external_id").values_list("channel", "outcome")
    assert list(found) == [("visit", "voicemail"), ("visit", "connected")]


def test_another_preset_brings_its_own_words(site):
    address = sent(site, CALLS, kind="attempts")
    page = site.get(f"{address}columns/")
    site.post(f"{address}columns/", typed(page) | {"channel": "=visit"})
    site.post(f"{address}columns/", {"guess": "1", "preset": "hubspot"})
    assert typed(site.get(f"{address}columns/"))["channel"] == "=call"


def test_of_leads_the_origin_is_said_for_all(site):
    address = sent(site, b"external_id,qualified_at\nL7,2026-03-02\n")
    site.post(f"{address}columns/", typed(site.get(f"{address}columns/")) | {"origin": "=sales"})
    assert "1 would be new" in try_it(site, address).text
    run_it(site, address)
    assert Lead.objects.get(external_id="L7").origin == "sales"
    assert Upload.objects.latest("pk").said["defaults"] == {"origin": "sales"}
