"""What people are told ahead, or too late: each thing once, all of an hour in one mail, in their working hours.

A notice is a row with a unique key, made by whoever looks first. Its mail is sent under the lock of the row, which is
marked in the same transaction: a worker killed in between sends again at most the mail that was on its way.
"""

from __future__ import annotations

import datetime as dt
import logging
import zoneinfo
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.models import Agreement, Membership, Notice, Occurrence, Party, Review, Version
from agreements.services.ending import coming_ends

Kind = Notice.Kind
FIRST_HOUR, HOUR_AFTER = 8, 18
STILL_TOLD = dt.timedelta(days=30)
LOG = logging.getLogger(__name__)


def make_notices(*, now: dt.datetime) -> int:
    """Write down what is to be told now and was not yet; return how many. Twice at once it is told once."""
    wanted = [*_owed(now), *_announced(now)]
    before = Notice.objects.count()
    Notice.objects.bulk_create(wanted, ignore_conflicts=True)
    return Notice.objects.count() - before


def mail_notices(*, now: dt.datetime) -> int:
    """Send each person what waits for them, in one mail; return how many mails. Who is out of hours waits.

    A mail that cannot be sent leaves its notices waiting, and does not keep the others back.
    """
    waiting = get_user_model().objects.filter(notices__settled_at=None, notices__isnull=False, is_active=True)
    sent = 0
    for person in waiting.distinct().order_by("pk"):
        if is_working_hour(person, now):
            try:
                sent += _mail(person, now)
            except OSError:  # SMTPException is one
                LOG.exception("The notices of person %s could not be mailed.", person.pk)
    return sent


def is_working_hour(person: Any, now: dt.datetime) -> bool:
    """Whether it is Monday to Friday, 8 to 18, where this person is."""
    local = timezone.localtime(now, zoneinfo.ZoneInfo(person.time_zone))
    return local.weekday() < 5 and FIRST_HOUR <= local.hour < HOUR_AFTER


def _owed(now: dt.datetime) -> Iterator[Notice]:
    """What is due soon, and what is late, for who answers for it; a report attached by itself needs nobody."""
    in_team = Q(
        obligation__duty__person__memberships__team=F("obligation__from_party__team"),
        obligation__duty__person__is_active=True,
    )
    undelivered = Occurrence.objects.undelivered().filter(in_team, obligation__report="")
    undelivered = undelivered.select_related("obligation__duty", "obligation__version").distinct()
    soon = undelivered.filter(due_at__gte=now, due_at__lte=F("obligation__duty__remind_before") + now)
    late = undelivered.filter(due_at__lt=now, due_at__gt=now - STILL_TOLD)
    for kind, several in ((Kind.DUE_SOON, soon), (Kind.OVERDUE, late)):
        for one in several:
            obligation = one.obligation
            yield _notice(obligation.duty.person_id, obligation.version.agreement_id, kind, one.pk, now)


def _announced(now: dt.datetime) -> Iterator[Notice]:
    """Reviews and ends of the next 30 days, for directors and signatories: 30 days ahead, and again 7."""
    signed = Agreement.objects.filter(versions__state=Version.State.SIGNED).distinct()
    today = now.date()
    days: list[tuple[Agreement, str, int, dt.date]] = [
        (version.agreement, "end", version.pk, last + dt.timedelta(days=1))
        for version, last in coming_ends(signed, since=today - dt.timedelta(days=1))
    ]
    planned = Review.objects.planned().filter(
        agreement__in=signed, planned_on__gte=today - dt.timedelta(days=1)
    )
    days += [(one.agreement, "review", one.pk, one.planned_on) for one in planned.select_related("agreement")]
    people: dict[int, set[int]] = {}
    for agreement, what, pk, on in days:
        ahead = (on - now.astimezone(agreement.zone).date()).days
        if not 0 <= ahead <= 30:
            continue
        kind = Kind(f"{what}_in_{7 if ahead <= 7 else 30}")
        if agreement.pk not in people:
            people[agreement.pk] = told_of(agreement)
        for person_id in sorted(people[agreement.pk]):
            yield _notice(person_id, agreement.pk, kind, pk, now)


def told_of(agreement: Agreement) -> set[int]:
    """Return the ids of who is told of an agreement's dates: directors of its teams, and its signatories."""
    parties = Party.objects.filter(agreement=agreement)
    directors = Membership.objects.filter(
        team__in=parties.values("team"), role=Membership.Role.DIRECTOR, user__is_active=True
    )
    signatories = parties.filter(
        signatory__is_active=True, signatory__memberships__team=F("team")
    ).values_list("signatory_id", flat=True)
    return {*directors.values_list("user_id", flat=True), *(pk for pk in signatories if pk)}


def _notice(person_id: int | None, agreement_id: int, kind: Kind, about: int, now: dt.datetime) -> Notice:
    assert person_id is not None
    return Notice(person_id=person_id, agreement_id=agreement_id, kind=kind, about=about, made_at=now)


@transaction.atomic
def _mail(person: Any, now: dt.datetime) -> bool:
    waiting = list(
        Notice.objects.filter(person=person, settled_at=None)
        .select_related("agreement")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")
    )
    zone = zoneinfo.ZoneInfo(person.time_zone)
    with translation.override(person.language), timezone.override(zone):
        lines = [line for line in (_line(one) for one in waiting) if line]
        if lines:
            text = render_to_string("agreements/mail/notices.txt", {"person": person, "lines": lines})
            subject = _("%(first)s, and %(n)s more") if len(lines) > 1 else "%(first)s"
            subject = subject % {"first": _one_line(lines[0]), "n": len(lines) - 1}
            send_mail(subject, text, None, [person.email])
    Notice.objects.filter(pk__in=[one.pk for one in waiting]).update(settled_at=now)
    return bool(lines)


def _line(notice: Notice) -> str:
    """Say it as it is now; empty when there is nothing left to tell."""
    if notice.kind in (Kind.DUE_SOON, Kind.OVERDUE):
        return _line_of_owed(notice)
    if notice.kind in (Kind.REVIEW_IN_30, Kind.REVIEW_IN_7):
        review = Review.objects.planned().filter(pk=notice.about).first()
        said = {"name": notice.agreement.name, "day": _day(review.planned_on) if review else ""}
        return _("Review of “%(name)s” on %(day)s") % said if review else ""
    ends = dict(coming_ends([notice.agreement], since=dt.date.min))
    last = next((day for version, day in ends.items() if version.pk == notice.about), None)
    said = {"name": notice.agreement.name, "day": _day(last) if last else ""}
    return _("The last day of “%(name)s” is %(day)s: renew it, or let it end") % said if last else ""


def _line_of_owed(notice: Notice) -> str:
    found = Occurrence.objects.undelivered().filter(pk=notice.about).select_related("obligation").first()
    if found is None:
        return ""
    at = timezone.localtime(found.due_at)
    said = {"name": found.obligation.name, "at": f"{_day(at.date())}, {date_format(at, 'H:i')}"}
    if notice.kind == Kind.OVERDUE:
        return _("“%(name)s” was due on %(at)s") % said
    return _("“%(name)s” is due on %(at)s") % said


def _day(on: dt.date) -> str:
    return date_format(on, "D j M Y")


def _one_line(text: str) -> str:
    """A subject has no line breaks: Django refuses them."""
    return " ".join(text.split())[:150]
