"""How an agreement ends: cancelled by one party with notice, or renewed from the day after its end."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, Cancellation, Version
from agreements.services.deliveries import write_out
from agreements.services.drafting import begin_amendment, note
from agreements.services.reviewing import plan_reviews_of

if TYPE_CHECKING:
    from slaproject.accounts.models import User


def version_to_end(agreement: Agreement, today: dt.date) -> Version | None:
    """Return the signed version that governs today, or else the next one to come; None when there is neither."""
    ahead = agreement.versions.signed().filter(in_force__overlap=(today, None))
    return ahead.order_by("starts_on").first()


def coming_ends(agreements: Any, *, since: dt.date) -> list[tuple[Version, dt.date]]:
    """Return the last signed version of each of these agreements with its last day, where it has one since then."""
    last: dict[int, Version] = {}
    signed = Version.objects.signed().filter(agreement__in=agreements).exclude(in_force__isempty=True)
    for version in signed.select_related("agreement").order_by("starts_on"):
        last[version.agreement_id] = version
    ends = [(one, one.governs_until - dt.timedelta(days=1)) for one in last.values() if one.governs_until]
    return [(version, day) for version, day in ends if day >= since]


@transaction.atomic
def cancel_agreement(
    *, agreement: Agreement, ends_on: dt.date, condition: str, reason: str, now: dt.datetime, by: User
) -> Cancellation:
    """End the agreement from a day on: versions that govern it or later days end, open drafts are withdrawn.

    `condition` is the agreed one that applies, in the words of the agreement; "" for another. From that day on nothing
    is owed and no review is to be held; hand-offs from then on have no terms, those before keep theirs to their end.
    What was cancelled can be ended sooner. Raises ValidationError for a day gone by, and when no version is in force
    then or later.
    """
    # The agreement first, as whoever signs does: a signature under the next version comes before, or not at all.
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    today = now.astimezone(agreement.zone).date()
    if ends_on < today:
        raise ValidationError({"ends_on": _("An agreement does not end in the past. Choose today or later.")})
    ending = list(
        agreement.versions.signed()
        .filter(in_force__overlap=(ends_on, None))
        .order_by("starts_on")
        .select_for_update(of=("self",), no_key=True)  # work on their hand-offs needs their keys
    )
    if not ending:
        if Cancellation.objects.filter(version__agreement=agreement, ends_on__lte=ends_on).exists():
            raise ValidationError({"ends_on": _("This agreement was cancelled already.")})
        raise ValidationError(
            {"ends_on": _("Nothing is in force on that day or later: there is nothing to end.")}
        )
    first = ending[0]
    for version in ending:
        version.ended_on = max(ends_on, version.starts_on)
        version.save(update_fields=["ended_on"])
    for draft in agreement.versions.open().select_for_update(of=("self",)):
        moved = {"from": str(draft.state), "to": str(Version.State.WITHDRAWN)}
        draft.state = Version.State.WITHDRAWN
        draft.save(update_fields=["state"])
        note(draft, AgreementEvent.Kind.WITHDRAWN, now, by, moved)
    cancellation = Cancellation.objects.create(
        version=first, ends_on=ends_on, condition=condition, reason=reason, cancelled_at=now, cancelled_by=by
    )
    data = {"ends_on": ends_on.isoformat(), "by_agreed_condition": bool(condition)}
    note(first, AgreementEvent.Kind.CANCELLED, now, by, data)
    for version in ending:
        write_out(version, now)
    plan_reviews_of(agreement, now)
    return cancellation


@transaction.atomic
def begin_renewal(*, agreement: Agreement, now: dt.datetime, by: User) -> Version:
    """Begin the draft that goes on where the last signed version ends, as long as that one, with the same terms.

    Goals of months are those of the old version's own and are not copied beyond its end: new ones come from a plan.
    Raises ValidationError when the agreement has no end, and as `begin_amendment` does.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    last = agreement.versions.signed().exclude(in_force__isempty=True).order_by("starts_on").last()
    ends_on = last.governs_until if last is not None else None
    if last is None or ends_on is None:
        raise ValidationError(_("This agreement has no end: amend it instead."))
    today = now.astimezone(agreement.zone).date()
    version = begin_amendment(agreement=agreement, starts_on=max(ends_on, today), now=now, by=by)
    version.ends_on = _as_long_again(last.starts_on, ends_on, version.starts_on)
    version.save(update_fields=["ends_on"])
    note(version, AgreementEvent.Kind.RENEWED, now, by, {"version": last.number})
    return version


def _as_long_again(start: dt.date, end: dt.date, again: dt.date) -> dt.date:
    """Return the end of a span from `again` on as long as [start, end): in whole months where that is so."""
    between = relativedelta(end, start)
    if between.days:
        return again + (end - start)
    return again + relativedelta(years=between.years, months=between.months)
