"""Events go out to programs: each is claimed, sent and marked, tried again for three days, then parked.

It is done as messages are delivered (`outbox.delivery`), with the same checks of where it goes. First the claim: one
try more and the time of the next are written, and committed. Then, under the lock of the row, it is sent and marked:
whoever is killed in between leaves one that waits for its next try, and only what was on its way can come twice, with
the same id. An outlet that did not take one is left alone for that round, so that it keeps the others waiting once.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from slaproject.outbox.channels.posting import Refused, post
from slaproject.outbox.faults import fault_of, whence
from slaproject.webhooks import signing
from slaproject.webhooks.models import Dispatch, Outlet
from slaproject.webhooks.told import content_of

LOG = logging.getLogger(__name__)
State = Dispatch.State
PAUSES = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=4),
    dt.timedelta(hours=8),
    dt.timedelta(hours=13),
    dt.timedelta(hours=19),
    dt.timedelta(hours=25),
)
MOST_TRIES = len(PAUSES) + 1
AFTER_THE_LAST = dt.timedelta(minutes=1)


def next_try(tries: int, now: dt.datetime) -> dt.datetime | None:
    """Return when to try again after so many tries; None: it is parked."""
    return now + PAUSES[tries - 1] if tries <= len(PAUSES) else None


def dispatch_next(*, now: dt.datetime, left_alone: Collection[int] = ()) -> tuple[bool, int | None]:
    """Send what has waited longest, but for outlets left alone; return whether there was one, and whose failed."""
    with transaction.atomic():
        waiting = Dispatch.objects.filter(state=State.WAITING, try_at__lte=now).exclude(outlet__in=left_alone)
        found = waiting.select_for_update(skip_locked=True).order_by("try_at", "pk").first()
        if found is None:
            return False, None
        if found.tries >= MOST_TRIES:
            found.fault = found.fault or _("Its worker ended while it was sent.")
            _end(found, State.PARKED, now)
            return True, None
        found.tries += 1
        found.try_at = next_try(found.tries, now) or now + AFTER_THE_LAST
        found.save(update_fields=["tries", "try_at"])
    is_taken = send_claimed(found.pk, tries=found.tries, now=now)
    return True, None if is_taken else found.outlet_id


@transaction.atomic
def send_claimed(pk: int, *, tries: int, now: dt.datetime) -> bool:
    """Send what was claimed by this try, and mark what became of it; False when the other side did not take it."""
    # Not skipped where it is locked: somebody who looks for what waits may hold it for a moment, and leaves it alone.
    claimed = Dispatch.objects.filter(pk=pk, state=State.WAITING, tries=tries)
    one = claimed.select_for_update(of=("self",)).select_related("outlet").first()
    if one is None:
        return True
    try:
        with transaction.atomic():
            _send(one, now)
    except Exception as error:
        one.fault = fault_of(error)
        LOG.warning(
            "Webhook %s to outlet %s was not sent: %s, at %s", pk, one.outlet_id, one.fault, whence(error)
        )
        if isinstance(error, Refused) or next_try(tries, now) is None:
            _end(one, State.PARKED, now)
        else:
            one.save(update_fields=["fault"])
        return False
    one.fault = ""
    _end(one, State.SENT, now)
    return True


def _send(one: Dispatch, now: dt.datetime) -> None:
    outlet = one.outlet
    if outlet.closed_at is not None:
        raise Refused(_("The address is closed."))
    content = content_of(one, now=now)
    if content is None:
        raise Refused(_("What it was about is there no more."))
    body = json.dumps(content).encode()
    post(outlet.url, body, headers_of(outlet, f"msg_{one.pk}", int(now.timestamp()), body))


def headers_of(outlet: Outlet, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign a body, by each secret that serves: also those of keys that the site had before."""
    secrets = signing.secrets_of([outlet.salt, outlet.older_salt])
    by = " ".join(signing.signature(secret, message_id, at, body) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": by}


def _end(one: Dispatch, state: str, now: dt.datetime) -> None:
    one.state, one.ended_at = state, now
    one.save(update_fields=["state", "ended_at", "fault"])


def send_again(*, dispatch: Dispatch, now: dt.datetime) -> bool:
    """Send a parked one again, with as many tries as a new one; return whether it was parked, at an open address."""
    parked = Dispatch.objects.filter(pk=dispatch.pk, state=State.PARKED, outlet__closed_at=None)
    return bool(parked.update(state=State.WAITING, ended_at=None, tries=0, try_at=now, fault=""))
