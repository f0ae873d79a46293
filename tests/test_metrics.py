"""What a monitor is told: nothing without the key, and with it how far the work in the background is behind."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from leads.models import ChangedDay, Export, Upload
from reports.models import FigureCheck, FigureState
from slaproject.accounts.link_mails import want_link
from slaproject.heartbeat.services import record_heartbeat
from slaproject.outbox.models import Alert, Arrival, Errand, Message, SetAside
from tests import factories

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
KEY = "sample-key"


@pytest.fixture(autouse=True)
def at_noon(monkeypatch, settings, db):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    settings.METRICS_KEY = KEY


def told(client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith(
        "text/plain; version=0.0.4"
    )
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def ago(**span: float) -> dt.datetime:
    return NOW - dt.timedelta(**span)


def test_without_a_key_there_is_nothing_and_a_wrong_one_is_refused(client, settings):
    for shown in (
        {},
        {"Authorization": "Bearer other"},
        {"Authorization": KEY},
        {"Authorization": "Bearer ü"},
    ):
        answer = client.get("/metrics", headers=shown)
        assert answer.status_code == 401 and "sla_" not in answer.text
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    settings.METRICS_KEY = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_new_site_has_zeros_and_no_ages(client):
    metrics = told(client)
    assert metrics[("sla_figures_refresh_seconds",)] == metrics[("sla_changed_days",)] == 0
    assert metrics[("sla_queue_rows", "messages", "waiting")] == 0
    assert ("sla_figures_age_seconds",) not in metrics and ("sla_figures_wrong",) not in metrics


def test_the_refresh_its_lag_and_what_waits_for_it(client):
    FigureState.objects.create(complete_at=ago(seconds=70), started_at=ago(seconds=30))
    for day, minutes in ((2, 4), (2, 3), (3, 1)):
        ChangedDay.objects.create(day_on=dt.date(2026, 3, day), changed_at=ago(minutes=minutes))
    metrics = told(client)
    assert metrics[("sla_figures_age_seconds",)] == 70
    assert metrics[("sla_figures_refresh_seconds",)] == 30
    assert metrics[("sla_changed_days",)] == 2
    assert metrics[("sla_changed_day_wait_seconds",)] == 240


def test_what_the_latest_check_put_right(client):
    for hours, wrong in ((30, 7), (6, 2), (6, 1)):
        FigureCheck.objects.create(
            month_on=dt.date(2026, 2, 1),
            checked_at=ago(hours=hours),
            hand_offs=5,
            figures=50,
            wrong_hand_offs=0,
            wrong_figures=wrong,
        )
    metrics = told(client)
    assert metrics[("sla_figures_wrong",)] == 3
    assert metrics[("sla_figures_check_age_seconds",)] == 6 * 3600


def test_queues(client):
    person = factories.user()
    of = {"person": person, "channel": "mail", "try_at": ago(minutes=1)}
    Message.objects.create(**of, made_at=ago(minutes=9))
    Message.objects.create(**of | {"try_at": NOW + dt.timedelta(hours=1)}, made_at=ago(hours=5))
    Message.objects.create(**of, made_at=ago(hours=9), state="parked", ended_at=NOW)
    metrics = told(client)
    assert metrics[("sla_queue_rows", "messages", "waiting")] == 2
    assert metrics[("sla_queue_rows", "messages", "parked")] == 1
    assert metrics[("sla_queue_wait_seconds", "messages")] == 540
    assert metrics[("sla_queue_rows", "webhooks_in", "failed")] == 0
    assert metrics[("sla_queue_wait_seconds", "webhooks_out")] == 0


def test_heartbeats_are_as_old_as_the_database_says(client):
    seen = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)  # hours after what this host takes for now
    record_heartbeat(sent_at=seen, executed_at=seen + dt.timedelta(seconds=100))
    metrics = told(client)
    assert 300 <= metrics[("sla_heartbeat_age_seconds", "beat")] < 400
    assert 200 <= metrics[("sla_heartbeat_age_seconds", "worker")] < 300


def test_what_nobody_was_told_of(client):
    person = factories.user()
    exported = {"kind": "leads", "form": "csv", "by": person, "asked_at": NOW, "ended_at": NOW}
    for state in ("failed", "unplaced", "refused"):
        Export.objects.create(**exported, state=state)
    Arrival.objects.all().delete()
    for tries in (0, 0, 3):
        Arrival.objects.create(source="lead", row_id=tries, tries=tries)
    SetAside.objects.create(source="goal", row_id=1, tried_at=ago(minutes=9), try_at=NOW, fault="ValueError")
    alert = Alert.objects.create(
        person=person, kind="overdue", about=1, subject="mine", place="owner", happened_at=NOW, made_at=NOW
    )
    for channel, minutes in (("mail", 7), ("chat", -60)):
        Errand.objects.create(
            alert=alert, person=person, channel=channel, is_at_once=True, send_at=ago(minutes=minutes)
        )
    want_link(person_id=person.pk, site="https://sla.example.com/", now=ago(minutes=2))
    Upload.objects.create(kind="leads", by=person, state="failed", size=1, created_at=NOW, changed_at=NOW)
    metrics = told(client)
    rows = {
        ("arrivals", "waiting"): 3,
        ("arrivals", "failing"): 1,
        ("set_aside", "failing"): 1,
        ("errands", "waiting"): 2,
        ("links", "waiting"): 1,
        ("exports", "failed"): 2,
        ("uploads", "failed"): 1,
    }
    assert {key: metrics[("sla_queue_rows", *key)] for key in rows} == rows
    assert metrics[("sla_queue_wait_seconds", "errands")] == 420
    assert metrics[("sla_queue_wait_seconds", "links")] == 120
