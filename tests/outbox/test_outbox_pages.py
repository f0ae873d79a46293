"""The pages: one's own notices, one's own choices, the messages for administrators, the link in a mail."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from slaproject.outbox.models import Address, Alert, Message, Preference
from slaproject.outbox.unsubscribing import token_for
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.outbox.office import HOUR, NINE, office, tick
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
LATE = NINE + 4 * HOUR + dt.timedelta(minutes=1)


@pytest.fixture
def here():
    return office()


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_bell_counts_what_is_unread_and_the_page_says_it(here):
    here.given(name="Ana Sample", company="Bakery")
    tick(LATE)
    client = signed_in(here.rep)
    page = client.get("/notices/")
    assert "Notices: 2 unread" in page.text and "Overdue: Ana Sample · Bakery was due by" in page.text
    assert "You are told because it is your lead." in page.text
    assert '<span class="bell-count">2</span>' in client.get("/account/").text
    assert '<span class="bell-count">2</span>' in client.get("/notices/bell/").text
    overdue = Alert.objects.get(person=here.rep, kind="overdue")
    answer = client.post(reverse("outbox:open", args=[overdue.pk]))
    assert answer["Location"] == reverse("leads:lead", args=[overdue.hand_off.lead_id])
    assert '<span class="bell-count">1</span>' in client.get("/notices/").text
    assert "Overdue" not in client.get("/notices/?show=unread").text
    client.post("/notices/read/")
    assert "You have read all your notices" in client.get("/notices/").text
    assert "bell-count" not in client.get("/notices/bell/").text


def test_a_notice_about_what_one_may_not_see_any_more_says_nothing_of_it(here):
    hand_off = here.given(name="Secret Lead")
    tick(LATE)
    type(hand_off).objects.filter(pk=hand_off.pk).update(owner=here.director)
    page = signed_in(here.rep).get("/notices/")
    assert "Secret" not in page.text and "do not see any more" in page.text
    alert = Alert.objects.filter(person=here.rep).first()
    assert signed_in(here.rep).post(reverse("outbox:open", args=[alert.pk]))["Location"] == "/notices/"


@pytest.mark.parametrize("typed", HOSTILE_TEXTS[::9])
def test_what_was_typed_into_a_name_is_text_on_the_page(here, typed):
    here.given(name=typed[:100])
    tick(LATE)
    page = signed_in(here.rep).get("/notices/").text
    assert typed[:100] not in page or "<" not in typed[:100]


def test_as_many_queries_for_many_notices_as_for_few(here):
    factories.draft(here.agreement, starts_on=dt.date(2026, 6, 1))
    client = signed_in(here.rep)

    def add(n=8):
        for _n in range(n):
            here.given()
        tick(LATE, deliver=False)

    add(2)
    assert_same_queries(lambda: client.get("/notices/"), add_rows=add)
    boss = signed_in(factories.user("Boss", is_superuser=True))
    Message.objects.create(person=here.rep, channel="mail", made_at=NINE, try_at=NINE)

    def add_messages():
        for _n in range(10):
            person = factories.user()
            Message.objects.create(person=person, channel="mail", made_at=NINE, try_at=NINE)

    assert_same_queries(lambda: boss.get("/notices/deliveries/"), add_rows=add_messages)


def form_of(client) -> dict[str, str]:
    form = client.get("/notices/preferences/").context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_what_is_chosen_is_kept_and_what_is_usual_is_not(here):
    client = signed_in(here.rep)
    sent = form_of(client)
    client.post("/notices/preferences/", sent)
    assert not Preference.objects.exists()
    client.post("/notices/preferences/", sent | {"mine-mail": "daily"})
    assert list(Preference.objects.values_list("subject", "channel", "rhythm")) == [("mine", "mail", "daily")]
    assert form_of(client)["mine-mail"] == "daily"
    client.post("/notices/preferences/", sent)
    assert not Preference.objects.exists()


def test_mails_about_signing_cannot_be_ended(here):
    client = signed_in(here.rep)
    answer = client.post("/notices/preferences/", form_of(client) | {"signing-mail": "never"})
    assert answer.status_code == 200 and not Preference.objects.exists()
    Client().post(reverse("outbox:unsubscribe", args=[token_for(here.rep.pk, ["signing", "mine"])]))
    assert list(Preference.objects.values_list("subject", "rhythm")) == [("mine", "never")]


@pytest.mark.parametrize(
    "channel,url",
    [
        ("chat", "https://evil.example.com/hook"),
        ("webhook", "http://example.com/"),
        ("webhook", "https://127.0.0.1/"),
        ("webhook", "https://localhost/"),
        ("webhook", "https://[::1]/"),
        ("webhook", "https://169.254.169.254/latest/meta-data"),
        ("webhook", "javascript:alert(1)"),
    ],
)
def test_an_address_that_nothing_is_sent_to_is_refused_where_it_is_typed(here, channel, url):
    client = signed_in(here.rep)
    answer = client.post("/notices/preferences/", form_of(client) | {channel: url})
    assert answer.status_code == 200 and answer.context["form"].errors[channel]
    assert not Address.objects.exists()


def test_the_link_in_a_mail_ends_such_mails_in_one_click_without_a_session_or_token(here):
    link = reverse("outbox:unsubscribe", args=[token_for(here.rep.pk, ["mine", "team"])])
    stranger = Client(enforce_csrf_checks=True)
    assert "End these mails" in stranger.get(link).text
    assert not Preference.objects.exists(), "looking changes nothing"
    answer = stranger.post(link, {"List-Unsubscribe": "One-Click"})
    assert "No more mails about this" in answer.text
    assert set(Preference.objects.values_list("subject", "channel", "rhythm")) == {
        ("mine", "mail", "never"),
        ("team", "mail", "never"),
    }
    assert here.rep.email not in answer.text
    for wrong in (link[:-2] + "x/", reverse("outbox:unsubscribe", args=["nonsense"])):
        assert stranger.post(wrong).status_code == 404


def test_an_administrator_sees_what_is_parked_and_sends_it_again(here):
    boss = signed_in(factories.user("Boss", is_superuser=True))
    parked = Message.objects.create(
        person=here.rep,
        channel="mail",
        state="parked",
        fault="<b>gone</b>",
        made_at=NINE,
        try_at=NINE,
        ended_at=NINE,
        tries=7,
    )
    page = boss.get("/notices/deliveries/")
    assert "1 message could not be sent" in page.text and "&lt;b&gt;gone" in page.text
    boss.post(reverse("outbox:replay", args=[parked.pk]))
    parked.refresh_from_db()
    assert (parked.state, parked.tries) == ("waiting", 0)
    assert "parked" not in boss.get("/notices/deliveries/?state=parked").context["shown"].object_list
    assert signed_in(here.rep).get("/notices/deliveries/").status_code == 403


def test_the_button_of_a_way_sends_a_test_by_it(here):
    client = signed_in(here.rep)
    said = [
        client.post(f"/notices/preferences/test/{way}/", follow=True).text for way in ("mail", "mail", "chat")
    ]
    assert "A test is on its way. It is there within a minute." in said[0]
    assert "Wait a minute before the next." in said[1] and "Save an address first." in said[2]
    assert client.post("/notices/preferences/test/app/").status_code == 404
    assert list(Message.objects.values_list("channel", "is_test")) == [("mail", True)]
