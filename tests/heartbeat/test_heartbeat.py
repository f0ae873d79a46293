from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from slaproject.celery import app
from slaproject.heartbeat.models import Heartbeat
from slaproject.heartbeat.services import record_heartbeat
from slaproject.heartbeat.tasks import beat_heartbeat

SENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EXECUTED = SENT + timedelta(seconds=3)


def seen() -> dict[str, datetime]:
    return dict(Heartbeat.objects.values_list("name", "seen_at"))


@pytest.mark.django_db
def test_beat_and_worker_are_seen_when_they_worked_not_when_they_were_asked():
    record_heartbeat(sent_at=SENT, executed_at=EXECUTED)
    record_heartbeat(sent_at=SENT, executed_at=EXECUTED)
    assert seen() == {"beat": SENT, "worker": EXECUTED}


@pytest.mark.django_db
def test_late_task_moves_no_heartbeat_back():
    record_heartbeat(sent_at=SENT, executed_at=EXECUTED)
    record_heartbeat(sent_at=SENT - timedelta(minutes=5), executed_at=EXECUTED + timedelta(seconds=1))
    assert seen() == {"beat": SENT, "worker": EXECUTED + timedelta(seconds=1)}
    fresh = Heartbeat.objects.fresh(EXECUTED + timedelta(seconds=60), within=timedelta(seconds=60))
    assert [heartbeat.name for heartbeat in fresh] == ["worker"]


@pytest.mark.django_db
def test_a_clock_that_is_ahead_keeps_nobody_alive_longer_than_the_database_says():
    ahead = datetime.now(UTC) + timedelta(hours=3)
    Heartbeat.objects.create(name="worker", seen_at=ahead)  # written by a release that believed it
    record_heartbeat(sent_at=ahead, executed_at=ahead)
    assert all(seen_at <= datetime.now(UTC) + timedelta(minutes=1) for seen_at in seen().values())
    first = seen()
    record_heartbeat(sent_at=SENT, executed_at=EXECUTED)
    assert seen() == first


@pytest.mark.django_db
def test_task_takes_the_time_of_sending_from_its_argument():
    beat_heartbeat(SENT.timestamp())
    assert seen()["beat"] == SENT


def test_every_entry_of_the_schedule_names_a_task_that_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_what_may_take_long_waits_in_a_queue_that_can_have_a_worker_of_its_own():
    app.loader.import_default_modules()
    tasks = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    longer = {task.name for task in tasks if (task.time_limit or 0) > settings.CELERY_TASK_TIME_LIMIT}
    assert longer == {name for name, way in settings.CELERY_TASK_ROUTES.items() if way == {"queue": "bulk"}}
    assert {queue.name for queue in settings.CELERY_TASK_QUEUES} == {app.conf.task_default_queue, "bulk"}
