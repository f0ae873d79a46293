"""Secrets of inlets and outlets alike: a new one serves beside the one before, until that is ended."""

from __future__ import annotations

import logging
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from slaproject.webhooks import signing
from slaproject.webhooks.models import Inlet, WithSecret

logger = logging.getLogger(__name__)
WAS_RENEWED = _("A new secret was made meanwhile. It was shown once; if it is lost, make another.")
OLDER_ENDED = _("The older secret of %(name)s serves no more.")


def renew_secret(*, of: WithSecret, number: str, by: Any) -> str | None:
    """Return a new secret, beside which the one before goes on serving; None if `number` is not the present one's."""
    salt = signing.new_salt()
    present = type(of)._default_manager.filter(pk=of.pk)
    if number != str(of.secret_number) or not present.filter(secret_number=of.secret_number).update(
        salt=salt, older_salt=F("salt"), secret_number=F("secret_number") + 1
    ):
        return None
    logger.info("%s %s got a new secret by %s", of._meta.model_name, of.pk, by.pk)
    return signing.shown(signing.secret_of(salt))


def end_older_secret(*, of: WithSecret, by: Any) -> bool:
    """End the secret before the present one, and keep nothing of it; return whether there was one."""
    known = type(of)._default_manager.filter(pk=of.pk)
    kept = ("older_salt", "older_sealed") if isinstance(of, Inlet) else ("older_salt",)
    is_first = bool(known.exclude(older_salt="").update(**dict.fromkeys(kept, "")))
    if is_first:
        logger.info("the older secret of %s %s ended by %s", of._meta.model_name, of.pk, by.pk)
    return is_first
