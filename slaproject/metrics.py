"""What a monitor outside asks, as Prometheus reads it: how far background work is behind, and what was given up.

Numbers alone, no names: it needs the key that is set as METRICS_KEY, and is not there where none is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from leads.models import ChangedDay, Export, Upload
from reports.models import FigureCheck, FigureState
from slaproject.accounts.models import WantedLink
from slaproject.heartbeat.models import Heartbeat
from slaproject.outbox.models import Arrival, Errand, Message, SetAside
from slaproject.webhooks.models import Dispatch, Incoming

QUEUES: dict[
    str, tuple[type[Any], str, str]
] = {  # by name: the rows, when one was put there, and set aside for good
    "messages": (Message, "made_at", Message.State.PARKED),
    "webhooks_in": (Incoming, "received_at", Incoming.State.FAILED),
    "webhooks_out": (Dispatch, "made_at", Dispatch.State.PARKED),
}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with every metric of now: 404 where no key is set, 401 to who does not show it."""
    if not settings.METRICS_KEY:
        raise Http404
    shown = request.headers.get("Authorization", "")
    if not constant_time_compare(shown, f"Bearer {settings.METRICS_KEY}"):
        return HttpResponse(
            "The key is missing or wrong: Authorization: Bearer …\n",
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": "Bearer"},
        )
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Background(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Background(Collector):
    """The work in the background as it stands at `now`. Ages are in seconds; what never was has none."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Read the metrics, a query or two for each subject."""
        yield from self._figures()
        yield from self._check()
        heartbeats = GaugeMetricFamily(
            "sla_heartbeat_age_seconds", "Since a process was known to be alive.", labels=["name"]
        )
        # By the database's clock alone: one of the web's hosts that is behind would see the dead alive.
        seen = Heartbeat.objects.order_by("name").values_list("name", Now() - F("seen_at"))
        for name, age in seen:
            heartbeats.add_metric([name], max(age.total_seconds(), 0.0))
        yield heartbeats
        yield from self._queues()

    def _figures(self) -> Iterator[Metric]:
        state = FigureState.objects.first()
        if state is not None and state.complete_at is not None:
            age = self._age(state.complete_at)
            yield GaugeMetricFamily("sla_figures_age_seconds", "Since the stored figures were complete.", age)
        is_at_work = state is not None and state.is_at_work
        yield GaugeMetricFamily(
            "sla_figures_refresh_seconds",
            "Since a refresh began that has not ended; 0 where none has.",
            self._age(state.started_at) if state is not None and state.started_at and is_at_work else 0,
        )
        waiting = ChangedDay.objects.aggregate(days=Count("day_on", distinct=True), first=Min("changed_at"))
        yield GaugeMetricFamily("sla_changed_days", "Days that wait for being counted anew.", waiting["days"])
        yield GaugeMetricFamily(
            "sla_changed_day_wait_seconds",
            "Since the first change that waits; 0 where none does.",
            self._age(waiting["first"]) if waiting["first"] else 0,
        )

    def _check(self) -> Iterator[Metric]:
        """What the latest check found: its months were all looked at at one instant."""
        latest = FigureCheck.objects.values_list("checked_at", flat=True).first()
        if latest is None:
            return
        wrong = sum(one.wrong for one in FigureCheck.objects.filter(checked_at=latest))
        yield GaugeMetricFamily(
            "sla_figures_wrong", "Facts and figures that the latest check had to put right.", wrong
        )
        yield GaugeMetricFamily(
            "sla_figures_check_age_seconds", "Since figures were last checked.", self._age(latest)
        )

    def _queues(self) -> Iterator[Metric]:
        rows = GaugeMetricFamily(
            "sla_queue_rows", "What waits, and what was given up.", labels=["queue", "state"]
        )
        wait = GaugeMetricFamily(
            "sla_queue_wait_seconds", "Since the oldest that is due was put there.", labels=["queue"]
        )
        for name, (model, put_at, given_up) in QUEUES.items():
            every: QuerySet[Any] = model._default_manager.filter(state__in=("waiting", given_up))
            found = every.aggregate(
                waiting=Count("pk", filter=Q(state="waiting")),
                given_up=Count("pk", filter=Q(state=given_up)),
                oldest=Min(F(put_at), filter=Q(state="waiting", try_at__lte=self._now)),
            )
            rows.add_metric([name, "waiting"], found["waiting"])
            rows.add_metric([name, str(given_up)], found["given_up"])
            wait.add_metric([name], self._wait(found["oldest"]))
        for name, state, n in self._untold():
            rows.add_metric([name, state], n)
        for name, put in (
            (
                "errands",
                Errand.objects.filter(message=None, send_at__lte=self._now).aggregate(at=Min("send_at")),
            ),
            ("links", WantedLink.objects.aggregate(at=Min("wanted_at"))),
        ):
            wait.add_metric([name], self._wait(put["at"]))
        yield rows
        yield wait

    def _untold(self) -> Iterator[tuple[str, str, int]]:
        """What nobody was told of yet, or could be told of, and what files came to nothing."""
        arrivals = Arrival.objects.aggregate(all=Count("pk"), tried=Count("pk", filter=Q(tries__gt=0)))
        yield "arrivals", "waiting", arrivals["all"]
        yield "arrivals", "failing", arrivals["tried"]
        yield "set_aside", "failing", SetAside.objects.count()
        yield "errands", "waiting", Errand.objects.filter(message=None).count()
        yield "links", "waiting", WantedLink.objects.count()
        not_made = [Export.State.FAILED, Export.State.UNPLACED]
        yield "exports", "failed", Export.objects.filter(state__in=not_made).count()
        yield "uploads", "failed", Upload.objects.filter(state=Upload.State.FAILED).count()

    def _wait(self, since: dt.datetime | None) -> float:
        return self._age(since) if since else 0

    def _age(self, at: dt.datetime) -> float:
        return max((self._now - at).total_seconds(), 0.0)
