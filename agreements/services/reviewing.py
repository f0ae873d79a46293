"""Reviews: planned by the agreed rhythm or by hand, agenda and minutes written by several, decisions carried on."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.due_days import Cadence, Rhythm
from agreements.models import Agreement, AgreementEvent, Decision, Review, Version
from agreements.services.deliveries import business_days_of

if TYPE_CHECKING:
    from slaproject.accounts.models import User

AHEAD = dt.timedelta(days=100)
# In the first week of a month the figures of the one before are complete, and not yet old.
DAY_OF_MONTH = 5


class MinutesChanged(ValidationError):
    """Somebody else wrote into the agenda or the minutes after the one who now saves had read them."""


def plan_reviews(*, now: dt.datetime) -> int:
    """Plan the reviews of the next 100 days by the rhythm of the versions in force; return how many changed.

    One that is ahead and no more wanted is taken back while nobody wrote into it; what was planned by hand stays.
    """
    changed = 0
    signed = Agreement.objects.filter(versions__state=Version.State.SIGNED).distinct()
    for agreement in signed.select_related("calendar").order_by("pk"):
        if _difference(agreement, now) != (set(), set()):
            changed += plan_reviews_of(agreement, now)
    return changed


@transaction.atomic
def plan_reviews_of(agreement: Agreement, now: dt.datetime) -> int:
    """Plan the reviews of one agreement."""
    _lock(agreement)
    missing, gone = _difference(agreement, now)
    Review.objects.filter(agreement=agreement, planned_on__in=gone).delete()
    for day in sorted(missing):
        _plan(agreement, day, now, None)
    return len(missing) + len(gone)


def _difference(agreement: Agreement, now: dt.datetime) -> tuple[set[dt.date], set[dt.date]]:
    today = now.astimezone(agreement.zone).date()
    is_business_day = business_days_of(agreement)
    wanted: set[dt.date] = set()
    for version in agreement.versions.signed().filter(in_force__overlap=(today, None)):
        start, end = max(today, version.starts_on), today + AHEAD
        end = min(end, version.governs_until or end)
        rhythm = _rhythm(version)
        if rhythm is not None:
            wanted |= set(rhythm.due_days(start, end, is_business_day))
    ahead = agreement.reviews.planned().filter(planned_on__gt=today)
    known = set(agreement.reviews.values_list("planned_on", flat=True))
    untouched = ahead.filter(is_by_rhythm=True, edits=0, decisions=None)
    return wanted - known, set(untouched.values_list("planned_on", flat=True)) - wanted


def _rhythm(version: Version) -> Rhythm | None:
    match version.review_rhythm:
        case Version.ReviewRhythm.MONTHLY:
            return Rhythm(Cadence.MONTHLY, day=DAY_OF_MONTH)
        case Version.ReviewRhythm.QUARTERLY:
            return Rhythm(Cadence.QUARTERLY, day=DAY_OF_MONTH)
        case Version.ReviewRhythm.YEARLY:
            return Rhythm(Cadence.YEARLY, day=DAY_OF_MONTH, month=version.starts_on.month)
    return None


@transaction.atomic
def plan_review(*, agreement: Agreement, planned_on: dt.date, now: dt.datetime, by: User | None) -> Review:
    """Plan a review by hand; ValidationError for a day gone by, or one that has a review already."""
    _lock(agreement)
    if planned_on < now.astimezone(agreement.zone).date():
        raise ValidationError({"planned_on": _("This day is over. Choose today or a later one.")})
    if agreement.reviews.filter(planned_on=planned_on).exists():
        raise ValidationError({"planned_on": _("A review is planned for that day already.")})
    return _plan(agreement, planned_on, now, by)


def _plan(agreement: Agreement, on: dt.date, now: dt.datetime, by: User | None) -> Review:
    review = Review.objects.create(agreement=agreement, planned_on=on, is_by_rhythm=by is None)
    _note(agreement, AgreementEvent.Kind.REVIEW_SCHEDULED, now, by, {"planned_on": on.isoformat()})
    return review


@transaction.atomic
def write_minutes(
    *,
    review: Review,
    minutes: str,
    edits: int,
    is_held: bool,
    now: dt.datetime,
    by: User,
    agenda: str | None = None,
    begun: str = "",
    standing: str = "",
) -> Review:
    """Save agenda and minutes, and, `is_held`, say that the review was held: from then on they stay as they are.

    Without an `agenda` that stays as it is; held without any, the review keeps the `standing` one. `edits` is the
    number of edits that the writer had seen, `begun` the `digest_of` the agenda. Raises MinutesChanged when there are
    more by now, or when another agenda, proposed meanwhile, would be replaced or kept for good unseen; and
    ValidationError when it was held already, or is to be held without a word.
    """
    _lock(review.agreement)
    found = Review.objects.select_for_update().get(pk=review.pk)
    if found.held_at is not None:
        raise ValidationError(_("This review was held: its minutes stay as they are."))
    given = as_kept(found.agenda if agenda is None else agenda), as_kept(minutes)
    is_other = given != (found.agenda, found.minutes)
    is_unseen = bool(begun and found.agenda) and digest_of(found.agenda) != begun
    is_settled = is_held if agenda is None else given[0] != found.agenda
    if (is_unseen and is_settled) or (found.edits != edits and is_other):
        raise MinutesChanged(_("Somebody else wrote meanwhile. Yours is not saved yet."))
    if is_held and not given[1]:
        raise ValidationError(_("Write what was said, in a sentence at least, before the review is closed."))
    if is_other:
        (found.agenda, found.minutes), found.edits = given, found.edits + 1
    if is_held:
        found.agenda = found.agenda or as_kept(standing)
        found.held_at, found.held_by = now, by
        data = {"planned_on": found.planned_on.isoformat(), "decisions": found.decisions.count()}
        _note(found.agreement, AgreementEvent.Kind.REVIEW_HELD, now, by, data)
    found.save()
    return found


@transaction.atomic
def propose_agenda(*, review: Review, agenda: str, instead_of: Collection[str]) -> bool:
    """Propose an agenda for a review that is still to be held; return whether it has it now and had not before.

    It takes the place of none, and of what was proposed before (`instead_of`); what people wrote stays.
    """
    _lock(review.agreement)
    waiting = Review.objects.planned().filter(pk=review.pk, agenda__in={"", *map(as_kept, instead_of)})
    return bool(waiting.exclude(agenda=as_kept(agenda)).update(agenda=as_kept(agenda)))


def as_kept(text: str) -> str:
    """Return an agenda or minutes as they are kept: lines end alike, with nothing around them."""
    return text.replace("\r\n", "\n").strip()


def digest_of(agenda: str) -> str:
    """Return what tells an agenda from another one, as it is kept: its SHA-256, in 64 digits."""
    return hashlib.sha256(as_kept(agenda).encode()).hexdigest()


@transaction.atomic
def decide(
    *, review: Review, text: str, owner: Any, due_on: dt.date, now: dt.datetime, by: User | None = None
) -> Decision:
    """Write a decision down; the same one sent twice counts once."""
    _lock(review.agreement)
    decision, is_new = Decision.objects.get_or_create(
        review=review, text=text, owner=owner, due_on=due_on, defaults={"made_at": now}
    )
    if is_new:
        data = {"decision": decision.pk, "owner": decision.owner_id, "due_on": due_on.isoformat()}
        _note(review.agreement, AgreementEvent.Kind.DECIDED, now, by, data)
    return decision


@transaction.atomic
def settle_decision(*, decision: Decision, now: dt.datetime, by: User | None = None) -> bool:
    """Say that what was decided is done; return whether nobody had said so before."""
    agreement = decision.review.agreement
    today = now.astimezone(agreement.zone).date()
    is_mine = bool(Decision.objects.filter(pk=decision.pk, done_on=None).update(done_on=today))
    if is_mine:
        _note(agreement, AgreementEvent.Kind.DECISION_DONE, now, by, {"decision": decision.pk})
    return is_mine


def _lock(agreement: Agreement) -> None:
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)


def _note(
    agreement: Agreement, kind: AgreementEvent.Kind, now: dt.datetime, by: User | None, data: dict[str, Any]
) -> None:
    AgreementEvent.objects.create(agreement=agreement, kind=kind, happened_at=now, actor=by, data=data)
