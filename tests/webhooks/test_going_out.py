"""Events go out to programs: those that were asked for, once each, signed, without names, until they are taken."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import pytest
from django.db import connection

from agreements.models import AgreementEvent
from agreements.services.signing import sign_version
from leads.models import HandOffEvent
from leads.services.attempts import log_attempt
from leads.services.sweep import sweep_clocks
from slaproject.outbox.channels import posting
from slaproject.outbox.models import GoalLook
from slaproject.webhooks import dispatching, outlets, renewing, signing, tasks, told
from slaproject.webhooks.models import Dispatch, Outlet
from tests import factories
from tests.outbox.office import HOUR, MINUTE, NINE, office
from tests.outbox.test_posting import taker  # noqa: F401
from tests.races import race

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
ALL = Outlet.Subject.values


@pytest.fixture
def here():
    return office()


def outlet(*subjects, url="https://hooks.example.com/in", name="Warehouse"):
    by = factories.user("Administrator", is_superuser=True, is_staff=True)
    return outlets.make_outlet(name=name, url=url, subjects=subjects or ALL, now=NINE, by=by)[0]


def send_all(now):
    """Have a worker send what waits; return which outlets did not take one."""
    left_alone, is_more = set(), True
    while is_more:
        is_more, failed = dispatching.dispatch_next(now=now, left_alone=left_alone)
        left_alone |= {failed} - {None}
    return left_alone


def types(of=None):
    """What goes out, in order."""
    found = Dispatch.objects.filter(**({"outlet": of} if of else {})).order_by("pk")
    return [told.content_of(one, now=NINE)["type"] for one in found]


def a_life(here):
    """A hand-off that is overdue, and tried too late."""
    hand_off = here.given(name="Ana Secret", email="ana.secret@example.com")
    sweep_clocks(now=NINE + 4 * HOUR + MINUTE)
    hand_off.refresh_from_db()
    log_attempt(
        hand_off=hand_off,
        attempted_at=NINE + 5 * HOUR,
        now=NINE + 5 * HOUR,
        by=here.rep,
        channel="call",
        outcome="no_answer",
    )
    return hand_off


def test_each_outlet_is_told_of_what_it_asked_for_and_of_nothing_else(here):
    by_subject = {
        subject: outlet(subject, name=subject) for subject in ("hand_off", "attempt", "overdue", "goal")
    }
    closed = outlet(name="closed")
    outlets.close_outlet(outlet=closed, now=NINE, by=closed.made_by)
    a_life(here)
    assert types(by_subject["hand_off"]) == ["hand_off.handed_off", "hand_off.missed"]
    assert types(by_subject["attempt"]) == ["attempt.attempted"]
    assert types(by_subject["overdue"]) == ["overdue.overdue"]
    assert types(by_subject["goal"]) == types(closed) == []


def test_the_trigger_and_the_words_know_the_same_events():
    with connection.cursor() as cursor:
        for kind in HandOffEvent.Kind.values:
            cursor.execute("SELECT webhooks_subject_of(%s)", [kind])
            assert cursor.fetchone() == (told.SUBJECT_OF_LEAD.get(kind),), kind


def test_agreements_are_told_of_once_they_are_signed_and_drafts_never(here):
    to = outlet("agreement")
    sides = [factories.party(here.agreement, one) for one in ("marketing", "sales")]
    draft = factories.draft(here.agreement, starts_on=dt.date(2026, 6, 1))
    about = {"agreement": here.agreement, "version": draft, "happened_at": NINE}
    for kind in sorted(set(AgreementEvent.Kind.values) - set(told.OF_AGREEMENTS) - {"re_dated"}):
        AgreementEvent.objects.create(kind=kind, actor=here.manager, **about)
    assert types(to) == []
    for side in sides:
        sign_version(version=draft, signer=side.signatory, now=NINE)
    sent = {
        one["type"]: one["data"] for one in (told.content_of(one, now=NINE) for one in to.dispatches.all())
    }
    assert set(sent) == {"agreement.superseded", "agreement.in_force"}
    in_force = sent["agreement.in_force"]
    assert in_force["agreement"] == "company" and in_force["version"] == 2
    for kind in set(told.OF_AGREEMENTS) - {"re_dated"}:
        AgreementEvent.objects.create(kind=kind, actor=here.manager, **about)
    assert set(types(to)) >= {f"agreement.{kind}" for kind in told.OF_AGREEMENTS if kind != "re_dated"}


def test_a_goal_is_told_of_when_it_changes(here):
    to = outlet("goal")
    for day, standing, is_at_risk in (
        (2, "on_pace", False),
        (3, "behind", False),
        (4, "behind", False),
        (5, "behind", True),
        (6, "on_pace", True),
        (9, "", True),
        (10, "ahead", False),
    ):
        GoalLook.objects.create(
            agreement=here.agreement,
            looked_on=dt.date(2026, 3, day),
            standing=standing,
            is_at_risk=is_at_risk,
        )
    days = [told.content_of(one, now=NINE)["data"]["day"][-2:] for one in to.dispatches.order_by("pk")]
    assert days == ["03", "05", "06", "10"]
    # A new month begins anew.
    GoalLook.objects.create(agreement=here.agreement, looked_on=dt.date(2026, 4, 1), standing="on_pace")
    assert to.dispatches.count() == 4


def test_history_is_told_to_nobody(here):
    outlet()
    here.given(NINE)
    event = HandOffEvent.objects.get()
    Dispatch.objects.all().delete()
    for kind, age, n in (("handed_off", 25, 0), ("attempted", 25, 0), ("overdue", 25, 1), ("closed", 200, 0)):
        HandOffEvent.objects.create(
            hand_off=event.hand_off, kind=kind, happened_at=NINE, recorded_at=NINE + age * HOUR
        )
        assert Dispatch.objects.filter(made_at=NINE + age * HOUR).count() == n, kind
        Dispatch.objects.all().delete()


def test_what_is_sent_is_signed_and_names_nobody(here, taker):  # noqa: F811
    to = outlet(url=taker.url)
    hand_off = a_life(here)
    renewing.renew_secret(of=to, number="1", by=to.made_by)
    assert not send_all(NINE + DAY)
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"sent"}
    to.refresh_from_db()
    assert len(taker.taken) == 4
    for _path, headers, body in taker.taken:
        at, message_id = int(headers["webhook-timestamp"]), headers["webhook-id"]
        assert at == int((NINE + DAY).timestamp())
        for salt in (to.salt, to.older_salt):
            by = [signing.secret_of(salt)]
            assert signing.is_signed(headers["webhook-signature"], by, message_id, at, body)
        assert b"ecret" not in body and b"@" not in body
    said = json.loads(taker.taken[0][2])
    assert said["type"] == "hand_off.handed_off" and said["timestamp"] == NINE.isoformat()
    assert said["data"]["id"] == hand_off.pk and said["data"]["lead_external_id"] == hand_off.lead.external_id
    assert len({headers["webhook-id"] for _path, headers, _body in taker.taken}) == 4


def test_an_id_that_says_who_the_lead_is_stays_here(here):
    outlet("hand_off")
    hand_off = here.given(external_id="email:ana.secret@example.com")
    told_of = [told.content_of(one, now=NINE) for one in Dispatch.objects.all()]
    assert {one["data"]["lead"] for one in told_of} == {hand_off.lead_id}
    assert {one["data"]["lead_external_id"] for one in told_of} == {""}


def test_it_is_tried_for_three_days_with_growing_pauses_then_parked_and_sent_again(here, taker):  # noqa: F811
    outlet("overdue", url=taker.url)
    a_life(here)
    taker.answer = 500
    now, tried = NINE + DAY, []
    while Dispatch.objects.get().state == "waiting":
        assert send_all(now)
        tried.append(now)
        assert dispatching.dispatch_next(now=now) == (False, None)
        now = Dispatch.objects.get().try_at
    pauses = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert pauses == sorted(pauses) and len(set(pauses)) == len(pauses)
    assert dt.timedelta(days=2, hours=23) < tried[-1] - tried[0] <= dt.timedelta(days=3)
    parked = Dispatch.objects.get()
    assert parked.state == "parked" and "500" in parked.fault
    ids = {headers["webhook-id"] for _path, headers, _body in taker.taken}
    taker.answer = 204
    assert dispatching.send_again(dispatch=parked, now=now)
    assert not dispatching.send_again(dispatch=parked, now=now)
    assert not send_all(now) and Dispatch.objects.get().state == "sent"
    assert {headers["webhook-id"] for _path, headers, _body in taker.taken} == ids


def test_an_outlet_that_takes_nothing_keeps_no_other_waiting(here, taker):  # noqa: F811
    for _n in range(5):
        here.given()
    bad = outlet("overdue", url=taker.url.replace("/hook", "/redirects"), name="bad")
    good = outlet("overdue", url=taker.url, name="good")
    sweep_clocks(now=NINE + 5 * HOUR)
    sends = posting.post

    def post(url, body, headers):
        if "redirects" in url:
            raise posting.NotTaken("no")
        sends(url, body, headers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatching, "post", post)
        assert send_all(NINE + 5 * HOUR) == {bad.pk}
    assert set(good.dispatches.values_list("state", flat=True)) == {"sent"}
    assert sorted(bad.dispatches.values_list("tries", flat=True)) == [0, 0, 0, 0, 1]


def test_a_redirect_is_not_followed(here, taker):  # noqa: F811
    outlet("overdue", url=taker.url)
    taker.answer = 302
    a_life(here)
    assert send_all(NINE + DAY)
    assert len(taker.taken) == 1 and "302" in Dispatch.objects.get().fault


def test_a_name_that_leads_into_the_own_network_by_now_is_not_connected_to(here, monkeypatch):
    outlet("overdue")
    a_life(here)

    def connect(*_given, **_more):
        raise AssertionError("it connects")

    monkeypatch.setattr(posting.socket, "create_connection", connect)
    for number in ("169.254.169.254", "127.0.0.1", "10.0.0.1", "::1", "fe80::1"):
        found = [(2, 1, 6, "", (number, 443))]
        monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_a, found=found, **_k: found)
        Dispatch.objects.update(state="waiting", ended_at=None, tries=0, try_at=NINE)
        send_all(NINE + DAY)
        parked = Dispatch.objects.get()
        assert parked.state == "parked" and "private network" in parked.fault, number


def test_what_is_gone_or_closed_meanwhile_is_parked(here, taker):  # noqa: F811
    to = outlet("goal", url=taker.url)
    look = GoalLook.objects.create(agreement=here.agreement, looked_on=NINE.date(), standing="behind")
    look.delete()
    send_all(NINE + DAY)
    assert "no more" in Dispatch.objects.get().fault
    GoalLook.objects.create(agreement=here.agreement, looked_on=NINE.date(), standing="behind")
    assert outlets.close_outlet(outlet=to, now=NINE, by=to.made_by)
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"parked"} and not taker.taken
    assert not dispatching.send_again(dispatch=Dispatch.objects.last(), now=NINE)


def test_what_ends_its_worker_each_time_is_parked(here):
    outlet("overdue")
    a_life(here)
    Dispatch.objects.update(tries=dispatching.MOST_TRIES)
    assert dispatching.dispatch_next(now=NINE + DAY) == (True, None)
    assert "worker ended" in Dispatch.objects.get().fault


def test_after_another_key_of_the_site_each_secret_that_a_program_has_still_signs(here, settings):
    to = outlet("overdue")
    before = signing.secrets_of([to.salt])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    given = renewing.renew_secret(of=to, number=str(to.secret_number), by=to.made_by)
    to.refresh_from_db()
    sent = dispatching.headers_of(to, "msg_1", 5, b"{}")["webhook-signature"]
    assert signing.shown(signing.secret_of(to.salt)) == given
    for secret in [*before, signing.secret_of(to.salt)]:
        assert signing.is_signed(sent, [secret], "msg_1", 5, b"{}")
    assert not signing.is_signed(sent, [b"other"], "msg_1", 5, b"{}")


def test_the_task_sends_what_waits(here, taker):  # noqa: F811
    to = outlet(url=taker.url)
    outlets.ask_for_test(outlet=to, now=NINE)
    tasks.send_outgoing()
    assert json.loads(taker.taken[0][2])["type"] == "test"


@pytest.mark.django_db(transaction=True)
def test_of_workers_at_once_one_sends_it(here, taker):  # noqa: F811
    outlet("hand_off", url=taker.url)
    for _n in range(12):
        here.given()
    results = race(*[lambda: send_all(NINE + DAY)] * 4)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert len(taker.taken) == 12, list(Dispatch.objects.exclude(state="sent").values("state", "fault"))
    assert len({headers["webhook-id"] for _path, headers, _body in taker.taken}) == 12
    assert set(Dispatch.objects.values_list("state", "tries")) == {("sent", 1)}
