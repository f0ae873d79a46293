"""Naming what an agreement rests on, and taking it away: at any time, since it is no part of what is signed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, Support

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST_SUPPORTS = 20


@transaction.atomic
def name_support(
    *,
    agreement: Agreement,
    supporter: Agreement | None,
    name: str,
    reference: str,
    ends_on: dt.date | None,
    is_signed: bool,
    now: dt.datetime,
    by: User,
) -> Support:
    """Say that an agreement rests on another, or on a document outside; the same named again is the one there is.

    Raises ValidationError for neither or both, for a circle, and beyond MOST_SUPPORTS.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    if (supporter is None) == (not name):
        raise ValidationError(_("Choose an agreement, or write which document it is: one of the two."))
    same: dict[str, Any] = {"supporter": supporter, "name": name}
    if (known := agreement.supports.filter(**same).first()) is not None:
        return known
    if agreement.supports.count() >= MOST_SUPPORTS:
        raise ValidationError(
            _("An agreement names %(n)s supporting ones at most."), params={"n": MOST_SUPPORTS}
        )
    document = (
        {"reference": reference, "ends_on": ends_on, "is_signed": is_signed} if supporter is None else {}
    )
    try:
        with transaction.atomic():
            made = Support.objects.create(agreement=agreement, **same, **document, named_at=now, named_by=by)
    except IntegrityError as error:
        raise ValidationError(
            {"supporter": _("This one rests on the agreement itself, directly or by others.")}
        ) from error
    _note(made, AgreementEvent.Kind.SUPPORT_NAMED, now, by)
    return made


@transaction.atomic
def remove_support(*, support: Support, now: dt.datetime, by: User) -> None:
    """Take a supporting agreement away; nothing happens when somebody else was quicker."""
    Agreement.objects.select_for_update(no_key=True).get(pk=support.agreement_id)
    found = Support.objects.filter(pk=support.pk).first()
    if found is not None:
        _note(found, AgreementEvent.Kind.SUPPORT_REMOVED, now, by)
        found.delete()


def _note(support: Support, kind: AgreementEvent.Kind, now: dt.datetime, by: User) -> None:
    """Note an agreement of the product by its slug, of a document outside only that it is one: words may be erased."""
    supporter = support.supporter
    data = {"support": support.pk, "agreement": supporter.slug if supporter is not None else None}
    AgreementEvent.objects.create(
        agreement_id=support.agreement_id, kind=kind, happened_at=now, actor=by, data=data
    )
