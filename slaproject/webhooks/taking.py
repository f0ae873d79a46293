"""Webhooks that came in are taken: claimed in batches, merged by object, written by the engine of the imports, marked.

First the claim: one try more and the time of the next are written, and committed. Then, in one transaction, the objects
are locked, what is new of them is written, and the webhooks are marked: whoever is killed in between leaves webhooks
that wait for their next try. A batch in which something goes wrong is taken one by one, so that nothing keeps the
others back; what ends its worker each time fails like any other.

What could not be taken may only have come too early. It is tried again when its object's next webhook was taken.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport
from leads.intake.identity import ID_LIMIT
from leads.intake.runs import ImportOptions
from leads.intake.sent_rows import REJECTED, take_rows
from leads.intake.values import clean
from slaproject.outbox.faults import fault_of, whence
from slaproject.webhooks.adapters import ADAPTERS
from slaproject.webhooks.changes import Change, Fields, Unreadable, merged, values, what_is_new
from slaproject.webhooks.models import Incoming, Inlet, RefusedRow, RemoteObject
from slaproject.webhooks.signing import TOLERANCE_SECONDS

LOG = logging.getLogger(__name__)
State = Incoming.State
BATCH = 100
LEASE = dt.timedelta(minutes=5)
PAUSES = (dt.timedelta(minutes=1), dt.timedelta(minutes=10))
MOST_TRIES = len(PAUSES) + 1
AHEAD = dt.timedelta(seconds=TOLERANCE_SECONDS)
KINDS = ("leads", "deals")  # in this order: a deal finds its lead
Key = tuple[int, str, str]


def take_next(*, now: dt.datetime) -> bool:
    """Take the webhooks that have waited longest; return whether there were any."""
    claimed = _claim(now)
    if claimed:
        _take(claimed, now)
    return claimed is not None


@transaction.atomic
def _claim(now: dt.datetime) -> list[int] | None:
    """Count a try of the next ones and return their ids, none where the next was tried too often; None: none wait."""
    waiting = Incoming.objects.filter(state=State.WAITING, try_at__lte=now).order_by("try_at", "pk")
    found = list(waiting.select_for_update(skip_locked=True)[:BATCH])
    if not found:
        return None
    if found[0].tries >= MOST_TRIES:
        _fail(found[0], [RefusedRow(reason=_("Its worker ended each time that it was taken."))], now)
        return []
    # What did not go well before is taken alone: it may be what kills the worker.
    ids = [one.pk for one in (found[:1] if found[0].tries else found) if one.tries == found[0].tries]
    Incoming.objects.filter(pk__in=ids).update(tries=F("tries") + 1, try_at=now + LEASE)
    return ids


class _EachAlone(Exception):
    """Something of a batch was refused: nothing of it is kept."""


def _take(ids: Sequence[int], now: dt.datetime) -> None:
    try:
        with transaction.atomic():
            mine = Incoming.objects.filter(pk__in=ids, state=State.WAITING, try_at=now + LEASE)
            webhooks = list(
                mine.select_related("inlet").select_for_update(of=("self",)).order_by("received_at", "pk")
            )
            taken = _Taking(webhooks, now)
            taken.go()
            if taken.refused and len(webhooks) > 1:
                raise _EachAlone
            for one in webhooks:
                if one.pk in taken.refused:
                    _fail(one, taken.refused[one.pk], now)
            _end(webhooks, taken.refused, now)
            taken.wake_others()
    except Exception as error:
        if len(ids) == 1:
            _put_off(ids[0], error, now)
            return
    else:
        return
    for pk in ids:
        _take([pk], now)


def _end(webhooks: Sequence[Incoming], refused: Collection[int], now: dt.datetime) -> None:
    """Note that these were taken, but for those refused. What they said stands in the leads now, and goes here."""
    ids = [one.pk for one in webhooks if one.pk not in refused]
    RefusedRow.objects.filter(incoming__in=ids).delete()
    Incoming.objects.filter(pk__in=ids).update(state=State.DONE, ended_at=now, body="")


def _fail(webhook: Incoming, reasons: list[RefusedRow], now: dt.datetime) -> None:
    """Note why a webhook was not taken, or not as a whole."""
    RefusedRow.objects.filter(incoming=webhook).delete()
    for one in reasons:
        one.incoming = webhook
    RefusedRow.objects.bulk_create(reasons)
    Incoming.objects.filter(pk=webhook.pk).update(state=State.FAILED, ended_at=now)


def _put_off(pk: int, error: Exception, now: dt.datetime) -> None:
    """Try again later what ended in a fault of ours, a few times."""
    LOG.error("Webhook %s was not taken: %s, at %s", pk, fault_of(error), whence(error))
    with transaction.atomic():
        webhook = Incoming.objects.select_for_update().filter(pk=pk, state=State.WAITING).first()
        if webhook is None:
            return
        if webhook.tries >= MOST_TRIES:
            reason = _("Something went wrong here: %s. The log says more.") % fault_of(error)
            _fail(webhook, [RefusedRow(reason=reason)], now)
            return
        webhook.try_at = now + PAUSES[max(webhook.tries, 1) - 1]
        webhook.save(update_fields=["try_at"])


@dataclass(slots=True)
class _Said:
    """What webhooks say of one object, and which of them do."""

    by: list[Incoming] = field(default_factory=list)
    changes: list[tuple[Change, str, int]] = field(default_factory=list)


class _Taking:
    """Webhooks on their way into leads and deals, in one transaction; `refused` are rows by the id of the webhook."""

    def __init__(self, webhooks: Sequence[Incoming], now: dt.datetime) -> None:
        self._webhooks = webhooks
        self._now = now
        self._inlets = {one.inlet_id: one.inlet for one in webhooks}
        self._said: dict[Key, _Said] = defaultdict(_Said)
        self._moved: list[Key] = []
        self.refused: dict[int, list[RefusedRow]] = defaultdict(list)

    def go(self) -> None:
        """Read, lock, merge and write."""
        for webhook in self._webhooks:
            self._read(webhook)
        objects = self._locked()
        for inlet_id, inlet in sorted(self._inlets.items()):
            for kind in KINDS:
                self._write(
                    inlet, kind, [one for one in objects if (one.inlet_id, one.kind) == (inlet_id, kind)]
                )

    def wake_others(self) -> None:
        """Have those tried again that failed over an object of which more is known now."""
        others = RefusedRow.objects.filter(
            incoming__inlet__in=self._inlets, external_id__in=[key for _inlet, _kind, key in self._moved]
        ).exclude(incoming__in=[one.pk for one in self._webhooks])
        moved = set(self._moved)
        ids = [
            pk
            for pk, *key in others.values_list("incoming", "incoming__inlet", "kind", "external_id")
            if tuple(key) in moved
        ]
        failed = Incoming.objects.filter(pk__in=ids, state=State.FAILED)
        failed.update(state=State.WAITING, ended_at=None, try_at=self._now, tries=0)

    def _read(self, webhook: Incoming) -> None:
        try:
            changes = ADAPTERS[webhook.inlet.form].changes(json.loads(webhook.body))
        except Unreadable as reason:
            self._refuse(webhook, "", "", str(reason))
            return
        for place, change in enumerate(changes):
            change = replace(change, external_id=clean(change.external_id)[:ID_LIMIT])
            if not change.external_id:
                self._refuse(webhook, change.kind, "", _without_an_id(change.kind))
            elif change.occurred_at > webhook.received_at + AHEAD:
                self._refuse(
                    webhook, change.kind, change.external_id, _("It says that it will happen later.")
                )
            else:
                said = self._said[webhook.inlet_id, change.kind, change.external_id]
                said.by.append(webhook)
                said.changes.append((change, webhook.message_id, place))

    def _locked(self) -> list[RemoteObject]:
        """Return the objects as they are known, held until the transaction ends; always in the same order."""
        keys = sorted(self._said)
        RemoteObject.objects.bulk_create(
            [RemoteObject(inlet_id=inlet, kind=kind, external_id=key) for inlet, kind, key in keys],
            ignore_conflicts=True,
        )
        held = RemoteObject.objects.filter(
            inlet__in=self._inlets, external_id__in=[key for _inlet, _kind, key in keys]
        ).order_by("inlet_id", "kind", "external_id")
        return [one for one in held.select_for_update(of=("self",)) if _key_of(one) in self._said]

    def _write(self, inlet: Inlet, kind: str, objects: list[RemoteObject]) -> None:
        """Write what is new of objects of one kind, and remember what was taken."""
        adapter = ADAPTERS[inlet.form]
        rows: list[tuple[RemoteObject, Fields, dict[str, Any]]] = []
        known: list[RemoteObject] = []
        for one in objects:
            fields: Fields = one.fields
            for change, message_id, place in self._said[_key_of(one)].changes:
                fields = merged(fields, change, message_id, place)
            if fields == one.fields and one.is_taken:
                continue
            row = adapter.row(kind, values(fields), inlet.stage)
            if row is None:
                one.fields = fields
                known.append(one)
                continue
            before = adapter.row(kind, values(one.fields), inlet.stage) if one.is_taken else None
            new = what_is_new(row, before) if kind == "leads" else row
            rows.append((one, fields, {"external_id": one.external_id, **new}))
        for (one, fields, _row), reason in zip(rows, self._reasons(inlet, kind, rows), strict=True):
            if reason:
                for webhook in self._said[_key_of(one)].by:
                    self._refuse(webhook, kind, one.external_id, reason)
                continue
            one.fields, one.is_taken = fields, True
            known.append(one)
            self._moved.append(_key_of(one))
        RemoteObject.objects.bulk_update(known, ["fields", "is_taken"])

    def _reasons(
        self, inlet: Inlet, kind: str, rows: list[tuple[RemoteObject, Fields, dict[str, Any]]]
    ) -> list[str]:
        """Write rows, and return of each why it was rejected: nothing of those that were taken."""
        if not rows:
            return []
        options = ImportOptions(source=inlet.system, started_by_id=inlet.integration_id)
        sent = [row for _object, _fields, row in rows]
        try:
            became = take_rows(kind=kind, rows=sent, options=options, now=self._now, is_one=True)
        except CannotImport as error:
            return [str(error)] * len(rows)
        return [one.reason if one.result == REJECTED else "" for one in became]

    def _refuse(self, webhook: Incoming, kind: str, external_id: str, reason: str) -> None:
        self.refused[webhook.pk].append(RefusedRow(kind=kind, external_id=external_id, reason=reason[:500]))


def _without_an_id(kind: str) -> str:
    if kind == "leads":
        return _("external_id: empty, and there is no e-mail address to know the lead by")
    return _("external_id: empty")


def _key_of(one: RemoteObject) -> Key:
    return one.inlet_id, one.kind, one.external_id
