"""Work on a demo's database while its servers die: `load` hands leads over and logs attempts until its input ends,
each as often as it takes; `differences` tells what is lost, doubled or not as it would be worked out.
"""

from __future__ import annotations

import datetime as dt
import heapq
import json
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import django
from django.db import InterfaceError, OperationalError, connection

Answer = TypeVar("Answer")
SYSTEM = "outages"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALLOWANCE = dt.timedelta(seconds=15)


def firmly(step: Callable[[], Answer]) -> Answer:
    """Take a step that may be taken twice until the database has answered."""
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.2)


def begin() -> None:
    """A company whose clocks run day and night, with a quarter of a minute to the first attempt."""
    from agreements.models import Team
    from tests import factories
    from tests.outbox.office import office

    here = office(SYSTEM, allowance=ALLOWANCE)
    always = factories.calendar("Always", weekly={day: [["00:00", "24:00"]] for day in DAYS})
    Team.objects.filter(pk=here.sales.pk).update(calendar=always)
    people = {name: getattr(here, name).pk for name in ("rep", "marketer")}
    print(json.dumps({"team": here.sales.pk, **people}), flush=True)


def load(told: dict[str, int], acknowledged: Path) -> None:
    """Write each id into the file once the database has said that what it stands for is there."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from agreements.models import Team
    from leads.models import HandOff, Lead
    from leads.services.attempts import log_attempt
    from leads.services.hand_offs import hand_over
    from tests import factories

    team = firmly(partial(Team.objects.get, pk=told["team"]))
    rep, marketer = (
        firmly(partial(get_user_model().objects.get, pk=told[name])) for name in ("rep", "marketer")
    )
    is_over = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        is_over.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    waiting: list[tuple[float, int]] = []

    def hand_one_over(name: str) -> int:
        if (made := HandOff.objects.filter(lead__company=name).first()) is not None:
            return made.pk
        now = timezone.now()
        if (lead := Lead.objects.filter(company=name).first()) is None:
            lead = factories.lead(now, company=name)
        return hand_over(lead=lead, at=now, now=now, team=team, owner=rep, by=marketer).pk

    def try_one(hand_off: int, key: str) -> None:
        now = timezone.now()
        log_attempt(
            hand_off=HandOff.objects.get(pk=hand_off),
            attempted_at=None,
            channel="call",
            outcome="no_answer",
            now=now,
            by=rep,
            key=key,
        )

    with acknowledged.open("a") as file:
        while not is_over.is_set():
            name = f"{SYSTEM} {uuid.uuid4()}"
            made = firmly(partial(hand_one_over, name))
            file.write(f"lead {name}\n")
            heapq.heappush(waiting, (time.monotonic() + (5 if made % 3 else 25), made))
            while waiting and waiting[0][0] < time.monotonic():
                key = str(uuid.uuid4())
                hand_off = heapq.heappop(waiting)[1]
                firmly(partial(try_one, hand_off, key))
                file.write(f"attempt {key}\n")
            file.flush()
            time.sleep(0.05)


def differences(acknowledged: Path) -> dict[str, object]:
    """Say what was counted, and under "wrong" what is lost, doubled or otherwise than worked out.

    A hand-off that was tried late is told to be missed; to be overdue only if a sweep came before the attempt did.
    """
    from django.utils import timezone

    from leads.models import FollowUpAttempt, HandOff, HandOffEvent
    from leads.services.facts import state_now
    from slaproject.outbox.models import Alert, Arrival

    wrong: list[str] = []
    said = [line.split(" ", 1) for line in acknowledged.read_text().splitlines()]
    leads = [value for what, value in said if what == "lead"]
    keys = [value for what, value in said if what == "attempt"]
    held = HandOff.objects.filter(lead__company__startswith=f"{SYSTEM} ").select_related("lead")
    offs = {one.pk: one for one in held}
    of_lead = Counter(one.lead.company for one in offs.values())
    wrong += [f"{name} was handed over {of_lead[name]} times" for name in leads if of_lead[name] != 1]
    wrong += [f"{name} was handed over twice" for name, n in of_lead.items() if n > 1]
    attempts = list(FollowUpAttempt.objects.filter(hand_off__in=offs))
    by_key = Counter(one.external_id for one in attempts)
    wrong += [f"attempt {key} is there {by_key[key]} times" for key in keys if by_key[key] != 1]
    events = Counter(HandOffEvent.objects.filter(hand_off__in=offs).values_list("hand_off", "kind"))
    missed = HandOffEvent.objects.filter(hand_off__in=offs, kind="missed")
    missed_from = dict(missed.values_list("hand_off", "data__from"))
    tried = Counter(one.hand_off_id for one in attempts)
    alerted = Counter(Alert.objects.filter(kind="overdue", place="owner").values_list("hand_off", flat=True))
    now, overdue, before_a_sweep = timezone.now(), 0, 0
    for pk, one in offs.items():
        assert one.due_at is not None
        is_late = (one.first_attempt_at or now) > one.due_at
        overdue += is_late
        if one.state != (state := state_now(one, now=now)):
            wrong.append(f"{pk} is {one.state}, not {state}")
        is_missed = is_late and one.first_attempt_at is not None
        is_swept = is_late and missed_from.get(pk, "overdue") == "overdue"
        before_a_sweep += is_late and not is_swept
        told = {"handed_off": 1, "attempted": tried[pk], "missed": is_missed, "overdue": is_swept}
        for kind, expected in told.items():
            if events[pk, kind] != expected:
                wrong.append(f"{pk} {kind} told {events[pk, kind]} times, not {int(expected)}")
        if alerted[pk] > 1:
            wrong.append(f"{pk}: its owner was alerted {alerted[pk]} times")
    if waiting := Arrival.objects.count():
        wrong.append(f"{waiting} arrivals are not read yet")
    return {
        "leads": len(leads),
        "attempts": len(keys),
        "overdue": overdue,
        "tried_before_a_sweep": before_a_sweep,
        "wrong": wrong,
    }


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "begin":
        begin()
    elif sys.argv[1] == "load":
        load(json.loads(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(json.dumps(differences(Path(sys.argv[2]))), flush=True)
