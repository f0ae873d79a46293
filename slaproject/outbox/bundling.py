"""What goes out together: all that waits for one person by one way becomes one message."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from slaproject.outbox.hearing import over_the_cap
from slaproject.outbox.models import Errand, Message
from slaproject.outbox.people import Reach, reach_of


def bundle_errands(*, now: dt.datetime) -> int:
    """Put what is to go out now into messages; return how many. Two at once take different errands."""
    due = Errand.objects.filter(message=None, send_at__lte=now)
    ways = list(due.order_by("person", "channel").values_list("person_id", "channel").distinct())
    reach = reach_of({person for person, _channel in ways}, now)
    return sum(_bundle(person, channel, reach[person], now) for person, channel in ways)


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
            person=person_id, channel=channel, is_test=False, made_at__gt=now - dt.timedelta(hours=1)
        )
        wait_until = over_the_cap(list(lately.values_list("made_at", flat=True)), now)
        if wait_until is not None:
            taken.update(send_at=reach.next_open(wait_until))
            return False
    message = Message.objects.create(person_id=person_id, channel=channel, made_at=now, try_at=now)
    taken.update(message=message)
    return True
