"""Inlets: made and closed; what failed there is tried again."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from slaproject.accounts.models import User
from slaproject.integrations.tokens import new_integration
from slaproject.webhooks import signing
from slaproject.webhooks.models import Incoming, Inlet

logger = logging.getLogger(__name__)


@transaction.atomic
def make_inlet(
    *,
    name: str,
    system: str,
    form: str,
    now: dt.datetime,
    by: Any,
    stage: str = "",
    signature: str = Inlet.Signature.STANDARD,
    secret: str = "",
    integration: User | None = None,
    key: uuid.UUID | None = None,
) -> tuple[Inlet, str]:
    """Return a new inlet and its secret, which is shown this once; ValidationError for a form sent twice.

    Without an integration one is made, of the same name. `secret` is the one by which the program signs, where it does
    so in its own way: nothing is shown then.
    """
    salt = signing.new_salt()
    is_standard = signature == Inlet.Signature.STANDARD
    try:
        with transaction.atomic():
            inlet = Inlet.objects.create(
                key=(key or uuid.uuid4()).hex,
                integration=integration or new_integration(name),
                name=name,
                system=system,
                form=form,
                stage=stage,
                signature=signature,
                salt=salt,
                sealed="" if is_standard else signing.sealed(secret.encode()),
                made_at=now,
                made_by=by,
            )
    except IntegrityError as error:
        if "key" not in str(error):
            raise
        refusal = _("This address is made already. Its secret was shown once; if it is lost, make a new one.")
        raise ValidationError(refusal) from error
    logger.info("inlet %s made by %s for integration %s", inlet.pk, by.pk, inlet.integration_id)
    return inlet, signing.shown(signing.secret_of(salt)) if is_standard else ""


def take_secret(*, inlet: Inlet, secret: str, number: str, by: Any) -> bool:
    """Let a secret that the program gave serve beside the one before; False if `number` is not the present one's."""
    salt = signing.new_salt()
    present = Inlet.objects.filter(pk=inlet.pk, signature=Inlet.Signature.HUBSPOT)
    is_first = number == str(inlet.secret_number) and bool(
        present.filter(secret_number=inlet.secret_number).update(
            salt=salt,
            older_salt=F("salt"),
            sealed=signing.sealed(secret.encode()),
            older_sealed=F("sealed"),
            secret_number=F("secret_number") + 1,
        )
    )
    if is_first:
        logger.info("inlet %s was given a new secret by %s", inlet.pk, by.pk)
    return is_first


def close_inlet(*, inlet: Inlet, now: dt.datetime, by: Any) -> bool:
    """Refuse from now on what comes in there; return whether it was open."""
    is_first = bool(Inlet.objects.filter(pk=inlet.pk, closed_at=None).update(closed_at=now))
    if is_first:
        logger.info("inlet %s closed by %s", inlet.pk, by.pk)
    return is_first


def try_again(*, incoming: Incoming, now: dt.datetime) -> bool:
    """Give a failed webhook to the worker again; return whether it had failed."""
    failed = Incoming.objects.filter(pk=incoming.pk, state=Incoming.State.FAILED)
    return bool(failed.update(state=Incoming.State.WAITING, ended_at=None, try_at=now, tries=0))
