"""A lead goes back for the reasons that are agreed for it: offered, asked for, kept with their sentence, counted."""

from __future__ import annotations

import datetime as dt
import html

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.models import Version
from leads.models import HandOff
from leads.services.disputes import decide_dispute, dispute_rejection
from leads.services.hand_offs import close, reasons_for
from tests import factories
from tests.leads.people import START, browser, make_office

pytestmark = pytest.mark.django_db
NOW = START + dt.timedelta(hours=1)
OWN = "region\nother\nbudget: has no budget <b>this</b> year"


@pytest.fixture
def office(monkeypatch):
    sign = factories.sign

    def sign_with_reasons(version, **more):
        Version.objects.filter(pk=version.pk).update(rejection_reasons=OWN)
        version.refresh_from_db()
        return sign(version, **more)

    monkeypatch.setattr(factories, "sign", sign_with_reasons)
    return make_office()


def reject(hand_off, reason, text=""):
    return close(hand_off=hand_off, closed_as="rejected", reason=reason, reason_text=text, at=NOW, now=NOW)


def test_only_agreed_reasons_are_taken_and_an_own_one_is_kept_with_its_sentence(office):
    hand_off = office.hand_off(owner=office.kim)
    assert [one.word for one in reasons_for(hand_off)] == ["region", "other", "budget"]
    for reason in ("duplicate", "no_such", ""):
        with pytest.raises(ValidationError, match="reason"):
            reject(hand_off, reason)
    back = reject(hand_off, "budget", "Ask in May")
    assert (back.rejection_reason, back.rejection_label) == (
        "budget: Ask in May",
        "has no budget <b>this</b> year",
    )
    assert back.rejection_said == "has no budget <b>this</b> year: Ask in May"
    usual = reject(office.hand_off("Bo"), "region")
    assert (usual.rejection_label, usual.rejection_said) == ("", "not our region or language")


def test_a_lead_of_no_agreement_goes_back_for_the_usual_reasons(office):
    hand_off = office.hand_off()
    HandOff.objects.filter(pk=hand_off.pk).update(version=None, agreement=None)
    assert (
        reject(HandOff.objects.get(pk=hand_off.pk), "duplicate").rejection_said == "we have this lead already"
    )


def test_a_later_version_changes_nothing_of_what_was_handed_over_before(office):
    hand_off = office.hand_off()
    version = hand_off.version
    later = Version.objects.create(
        agreement=version.agreement,
        number=2,
        starts_on=START.date() + dt.timedelta(days=30),
        rejection_reasons="duplicate",
        created_at=START,
    )
    assert [one.word for one in reasons_for(hand_off)] == ["region", "other", "budget"]
    hand_off.re_dated_under = later
    assert [one.word for one in reasons_for(hand_off)] == ["duplicate"], "re-dated, it has the later terms"


def test_withdrawn_nothing_of_the_reason_stays(office):
    hand_off = reject(office.hand_off(owner=office.kim), "budget")
    dispute_rejection(hand_off=hand_off, words="They have", now=NOW)
    back = decide_dispute(hand_off=hand_off, outcome="withdrawn", now=NOW)
    assert (back.rejection_reason, back.rejection_label) == ("", "")


@time_machine.travel(NOW, tick=False)
def test_the_form_offers_what_is_agreed_and_the_figures_name_it(office):
    hand_off = office.hand_off(owner=office.kim)
    address = reverse("leads:reject", args=[hand_off.pk])
    page = browser(office.kim).get(address).content.decode()
    assert "has no budget &lt;b&gt;this&lt;/b&gt; year" in page and 'value="duplicate"' not in page
    browser(office.kim).post(address, {"reason": "duplicate", "text": ""})
    hand_off.refresh_from_db()
    assert hand_off.closed_at is None
    browser(office.kim).post(address, {"reason": "budget", "text": ""})
    hand_off.refresh_from_db()
    assert hand_off.closed_as == "rejected"
    shown = browser(office.kim).get(reverse("leads:lead", args=[hand_off.lead_id])).content.decode()
    assert "has no budget &lt;b&gt;this&lt;/b&gt; year" in shown
    home = html.unescape(browser(office.marketer).get("/marketing/", follow=True).content.decode())
    assert "1 × has no budget" in home
