"""Due dates of obligations are written out ahead; deliveries are added; a duty is handed on."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.due_days import due_instant
from agreements.local_time import start_of_local_day
from agreements.models import (
    Agreement,
    AgreementEvent,
    DeliveredContent,
    Delivery,
    Duty,
    Obligation,
    Occurrence,
    Version,
)
from agreements.services.calendars import company_calendar
from agreements.services.drafting import note

if TYPE_CHECKING:
    from slaproject.accounts.models import User

HORIZON = dt.timedelta(days=60)
DAY = dt.timedelta(days=1)
BY_ITSELF = "by itself"


def business_days_of(agreement: Agreement) -> Callable[[dt.date], bool]:
    """Return whether a day of the agreement's zone has any opening time in its calendar, or else the company's."""
    calendar = (agreement.calendar or company_calendar()).latest_revision().compiled()
    zone, known = agreement.zone, dict[dt.date, bool]()

    def is_business_day(on: dt.date) -> bool:
        if on not in known:
            start, end = start_of_local_day(on, zone), start_of_local_day(on + DAY, zone)
            known[on] = calendar.elapsed(start, end) > dt.timedelta(0)
        return known[on]

    return is_business_day


def write_out_due_dates(*, now: dt.datetime) -> int:
    """Write out when what is owed falls due, 60 days ahead; return how many dates were added or taken back.

    What has fallen due stays, also where the version ends on that day. A date ahead that was moved (new business hours)
    or has gone (the version ends sooner) is taken back while nothing was delivered for it. Called twice it changes
    nothing the second time.
    """
    changed = 0
    owing = Version.objects.signed().exclude(obligations=None).select_related("agreement__calendar")
    for version in owing.distinct().order_by("pk"):
        if _difference(version, now) != ([], []):
            changed += write_out(version, now)
    return changed


@transaction.atomic
def write_out(version: Version, now: dt.datetime) -> int:
    """Write out the dates of one version."""
    Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    version = Version.objects.select_related("agreement__calendar").get(pk=version.pk)
    missing, gone = _difference(version, now)
    Occurrence.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Occurrence.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing) + len(gone)


def _difference(version: Version, now: dt.datetime) -> tuple[list[Occurrence], list[Occurrence]]:
    """Return the occurrences that are missing, and those ahead that are wanted no more."""
    zone = version.agreement.zone
    is_business_day = business_days_of(version.agreement)
    missing: list[Occurrence] = []
    gone: list[Occurrence] = []
    for obligation in version.obligations.prefetch_related("occurrences__deliveries"):
        known = {one.due_on: one for one in obligation.occurrences.all()}
        waiting = [one for one in known.values() if not one.deliveries.all()]
        # Later business hours move neither what has fallen due nor what was delivered ahead.
        past = max((one.nominal_on for one in known.values() if one.due_at <= now), default=dt.date.min)
        delivered = {one.nominal_on for one in known.values() if one.deliveries.all()}
        wanted = {
            due_on: nominal_on
            for due_on, nominal_on in obligation.rhythm.dates(
                version.starts_on, _end_of_dates(version, now), is_business_day
            ).items()
            if nominal_on > past and nominal_on not in delivered
        }
        for due_on, nominal_on in wanted.items():
            due_at = due_instant(due_on, obligation.due_time, zone)
            if due_on not in known and _is_owed(version, due_at):
                missing.append(
                    Occurrence(obligation=obligation, due_on=due_on, nominal_on=nominal_on, due_at=due_at)
                )
        gone += [one for one in waiting if one.due_at > now and one.due_on not in wanted]
    return missing, gone


def _end_of_dates(version: Version, now: dt.datetime) -> dt.date:
    """Return the first day for which no dates are written out: beyond the horizon, or beyond the version."""
    horizon = timezone.localtime(now + HORIZON, version.agreement.zone).date()
    return min(horizon, version.governs_until or horizon)


def _is_owed(version: Version, at: dt.datetime) -> bool:
    """Whether it falls due only after all have signed."""
    return version.signed_at is not None and at > version.signed_at


def _is_over(version: Version, on: dt.date) -> bool:
    """Whether the version governs that day no more: it was superseded or cancelled before."""
    return version.governs_until is not None and on >= version.governs_until


@dataclass(frozen=True, slots=True)
class Content:
    """What is delivered: words, a file, or a report of this product."""

    text: str = ""
    file_name: str = ""
    file: bytes | None = None
    report_address: str = ""

    @property
    def sha256(self) -> str:
        """The hash of the parts, each after its length, so that none can pass for a piece of another."""
        digest = hashlib.sha256()
        parts = [self.text.encode(), self.file_name.encode(), self.file or b"", self.report_address.encode()]
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


@transaction.atomic
def deliver(
    *,
    occurrence: Occurrence,
    content: Content,
    key: str,
    now: dt.datetime,
    by: User | None,
    as_of: dt.datetime | None = None,
) -> tuple[Delivery, bool]:
    """Note that something was delivered for this due date; return it, and whether it is new.

    The same form sent twice counts once. Raises ValidationError when there is nothing in it, or when the version ended
    before the date fell due.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=occurrence.obligation.version.agreement_id)
    version = Version.objects.get(pk=occurrence.obligation.version_id)
    found = Occurrence.objects.filter(pk=occurrence.pk).first()
    if found is None or (found.due_at > now and _is_over(version, found.due_on)):
        raise ValidationError(_("This date is owed no more: the agreement changed meanwhile."))
    known = Delivery.objects.filter(occurrence=found, key=key).first()
    if known is not None:
        return known, False
    if not (content.text or content.file or content.report_address):
        raise ValidationError(_("Write something, or choose a file."))
    delivery = Delivery.objects.create(
        occurrence=found,
        delivered_at=now,
        delivered_by=by,
        key=key,
        report_address=content.report_address,
        as_of=as_of,
        content_sha256=content.sha256,
    )
    DeliveredContent.objects.create(
        delivery=delivery, text=content.text, file_name=content.file_name, file=content.file
    )
    data = {
        "obligation": found.obligation_id,
        "due_on": found.due_on.isoformat(),
        "in_time": now <= found.due_at,
        "sha256": delivery.content_sha256,
    }
    AgreementEvent.objects.create(
        agreement_id=version.agreement_id,
        version=version,
        kind=AgreementEvent.Kind.DELIVERED,
        happened_at=now,
        actor=by,
        data=data,
    )
    return delivery, True


def safe_name(name: str) -> str:
    """Return the name of a file as it may be offered again: no folders, no control or direction characters."""
    name = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in name if unicodedata.category(char)[0] != "C" and char not in '"<>:|?*;%')
    kept = " ".join(kept.split()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 100 - len(ending)] or 'file'}.{ending}"
    return kept[:100] or "file"


@transaction.atomic
def hand_on_duty(*, obligation: Obligation, person: Any, now: dt.datetime, by: User) -> Duty:
    """Have somebody of the owing team answer for an obligation from now on, in later drafts too where it is the same.

    Raises ValidationError for a person who has no part in that team.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=obligation.version.agreement_id)
    team = obligation.from_party.team
    if person is not None and not team.memberships.taking_part().filter(user=person).exists():
        raise ValidationError(
            _("%(name)s does not belong to %(team)s."), params={"name": str(person), "team": team.name}
        )
    duty, _is_new = Duty.objects.select_for_update().get_or_create(obligation=obligation)
    was = duty.person_id
    if was == (person.pk if person else None):
        return duty
    duty.person = person
    duty.save(update_fields=["person"])
    Duty.objects.filter(
        obligation__version__in=obligation.version.agreement.versions.open(),
        obligation__name=obligation.name,
        obligation__from_party=obligation.from_party,
        person_id=was,
    ).update(person=person)
    note(
        obligation.version,
        AgreementEvent.Kind.DUTY_HANDED_ON,
        now,
        by,
        {"obligation": obligation.pk, "from": was, "to": person.pk if person else None},
    )
    return duty
