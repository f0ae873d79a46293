"""Documents of signed versions: kept once, told of in the chain, and mailed to those whom they bind."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.models import (
    Agreement,
    AgreementEvent,
    DocumentMail,
    Membership,
    SignedDocument,
    Version,
)


@transaction.atomic
def keep_document(*, version: Version, pdf: bytes, head: AgreementEvent, now: dt.datetime) -> SignedDocument:
    """Keep the document of a signed version; the one that is kept already is returned instead."""
    Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    kept = SignedDocument.objects.filter(version=version).first()
    if kept is not None:
        return kept
    document = SignedDocument.objects.create(
        version=version,
        made_at=now,
        pdf=pdf,
        bytes=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        head_position=head.position,
        head_sha256=head.sha256,
    )
    AgreementEvent.objects.create(
        agreement_id=version.agreement_id,
        version=version,
        kind=AgreementEvent.Kind.DOCUMENT_MADE,
        happened_at=now,
        data={"document": document.pk, "sha256": document.sha256, "bytes": document.bytes},
    )
    return document


def receivers(document: SignedDocument) -> QuerySet[Any]:
    """Who gets the document by mail and has not yet: signatories and directors of its parties."""
    people = get_user_model().objects
    teams = document.version.agreement.parties.values("team")
    leading = Membership.objects.taking_part().filter(team__in=teams, role=Membership.Role.DIRECTOR)
    return (
        people.filter(
            Q(pk__in=document.version.signatures.values("signer")) | Q(pk__in=leading.values("user"))
        )
        .filter(is_active=True)
        .exclude(role="integration")
        .exclude(pk__in=document.mails.values("person"))
        .order_by("pk")
    )


def mail_document(*, document: SignedDocument, person: Any, now: dt.datetime) -> bool:
    """Mail a document to one person; return whether that was done now. Nobody gets it twice.

    When the mail server does not take it, it counts as not sent, and the error goes on to who called.
    """
    version = document.version
    with transaction.atomic():
        try:
            with transaction.atomic():
                DocumentMail.objects.create(document=document, person=person, sent_at=now)
        except IntegrityError:
            return False
        with translation.override(person.language):
            said = {"name": version.agreement.name, "number": version.number}
            subject = " ".join((_("Signed: %(name)s, version %(number)s") % said).split())
            body = render_to_string(
                "agreements/mail/signed-document.txt",
                {"person": person, "version": version, "document": document},
            )
        mail = EmailMessage(subject, body, None, [person.email])
        mail.attach(file_name(version, "pdf"), bytes(document.pdf), "application/pdf")
        mail.send()
    return True


def file_name(version: Version, extension: str) -> str:
    """Name the file in which a version's document or text is given out."""
    return f"{version.agreement.slug}-version-{version.number}.{extension}"
