"""Outlets: made, tested, given a new secret while the old one still signs, closed."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from slaproject.webhooks import signing
from slaproject.webhooks.models import Dispatch, Outlet

logger = logging.getLogger(__name__)
BETWEEN_TESTS = dt.timedelta(seconds=10)


def make_outlet(
    *, name: str, url: str, subjects: Sequence[str], now: dt.datetime, by: Any, key: uuid.UUID | None = None
) -> tuple[Outlet, str]:
    """Return a new outlet and its secret, which is shown this once; ValidationError for a form sent twice."""
    try:
        with transaction.atomic():
            outlet = Outlet.objects.create(
                key=key or uuid.uuid4(),
                name=name,
                url=url,
                subjects=sorted(subjects),
                salt=signing.new_salt(),
                made_at=now,
                made_by=by,
            )
    except IntegrityError as error:
        if "key" not in str(error):
            raise
        refusal = _("This address is made already. Its secret was shown once; if it is lost, make a new one.")
        raise ValidationError(refusal) from error
    logger.info("outlet %s made by %s", outlet.pk, by.pk)
    return outlet, signing.shown(signing.secret_of(outlet.salt))


def ask_for_test(*, outlet: Outlet, now: dt.datetime) -> Dispatch:
    """Put a test on its way; ValidationError right after another, or to a closed address."""
    with transaction.atomic():
        held = Outlet.objects.select_for_update().get(pk=outlet.pk)
        if held.closed_at is not None:
            raise ValidationError(_("The address is closed."))
        tests = Dispatch.objects.filter(outlet=held, source=Dispatch.Source.TEST)
        if tests.filter(made_at__gt=now - BETWEEN_TESTS).exists():
            raise ValidationError(_("A test was just sent. Wait a moment."))
        return Dispatch.objects.create(
            outlet=held, source=Dispatch.Source.TEST, row_id=0, made_at=now, try_at=now
        )


@transaction.atomic
def close_outlet(*, outlet: Outlet, now: dt.datetime, by: Any) -> bool:
    """Send nothing more there, and park what waits; return whether it was open."""
    is_first = bool(Outlet.objects.filter(pk=outlet.pk, closed_at=None).update(closed_at=now))
    if is_first:
        waiting = Dispatch.objects.filter(outlet=outlet, state=Dispatch.State.WAITING)
        waiting.update(state=Dispatch.State.PARKED, ended_at=now, fault=_("The address is closed."))
        logger.info("outlet %s closed by %s", outlet.pk, by.pk)
    return is_first
