"""What goes out together: all that waits for one person by one way becomes one message."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from slaproject.outbox.hearing import over_the_cap
from slaproject.outbox.models import Errand, Message, SetAside
from slaproject.outbox.people import Reach, reach_of
from slaproject.outbox.setting_aside import do_each, left_alone


def bundle_errands(*, now: dt.datetime) -> int:
    """Put what is to go out now into messages; return how many. Two at once take different errands.

    Somebody for whom that cannot be done is set aside, and all others get theirs.
    """
    due = Errand.objects.filter(message=None, send_at__lte=now).exclude(
        person__in=left_alone(SetAside.Source.PERSON, now)
    )
    ways: dict[int, list[str]] = defaultdict(list)
    for person, channel in due.order_by("person", "channel").values_list("person_id", "channel").distinct():
        ways[person].append(channel)
    reach: dict[int, Reach] = {}
    reached = do_each(
        SetAside.Source.PERSON, list(ways), lambda some: reach.update(reach_of(some, now)), now=now
    )
    made: list[int] = []

    def bundle(people: Sequence[int]) -> None:
        for person in people:
            made.append(sum(_bundle(person, channel, reach[person], now) for channel in ways[person]))

    for person in reached:  # each in a transaction of its own: what is made stays made
        do_each(SetAside.Source.PERSON, [person], bundle, now=now)
    return sum(made)


@transaction.atomic
def _bundle(person_id: int, channel: str, reach: Reach, now: dt.datetime) -> bool:
    errands = Errand.objects.filter(message=None, send_at__lte=now, person=person_id, channel=channel)
    held = list(errands.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "is_at_once"))
    if not held:
        return False
    taken = Errand.objects.filter(pk__in=[pk for pk, _is_at_once in held])
    if (opens_at := reach.next_open(now)) > now:  # a worker that was away comes outside of hours
        taken.update(send_at=opens_at)
        return False
    if all(is_at_once for _pk, is_at_once in held):
        lately = Message.objects.filter(
            person=person_id,
            channel=channel,
            is_test=False,
            is_digest=False,
            made_at__gt=now - dt.timedelta(hours=1),
        )
        wait_until = over_the_cap(list(lately.values_list("made_at", flat=True)), now)
        if wait_until is not None:
            taken.update(send_at=reach.next_open(wait_until))
            return False
    message = Message.objects.create(person_id=person_id, channel=channel, made_at=now, try_at=now)
    taken.update(message=message)
    return True
