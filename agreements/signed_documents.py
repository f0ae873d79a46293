"""Making the document of a signed version: typst sets what the reading says, the service keeps it."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path

from django.conf import settings
from django.utils import translation

from agreements.models import SignedDocument, Version
from agreements.readings.signed_document import signed_document, signing_event
from agreements.services.documents import keep_document, mail_document, receivers
from agreements.typesetting import typeset

logger = logging.getLogger(__name__)

TEMPLATE = Path(__file__).parent / "typst" / "signed_agreement.typ"
AT_ONCE = 20
MAILED_WITHIN = dt.timedelta(days=3)  # what was signed long ago is no news to anybody


def document_of(version: Version, *, now: dt.datetime) -> SignedDocument:
    """Return the document of a signed version, made now if it is missing: one, however often it is asked for."""
    kept = SignedDocument.objects.filter(version=version).first()
    if kept is not None:
        return kept
    with translation.override(settings.LANGUAGE_CODE):
        data = signed_document(version)
    return keep_document(version=version, pdf=as_pdf(data), head=signing_event(version), now=now)


def as_pdf(data: dict[str, object]) -> bytes:
    """Set the document."""
    return typeset(TEMPLATE, document=json.dumps(data, ensure_ascii=False))


def make_missing_documents(*, now: dt.datetime) -> int:
    """Make documents of signed versions that have none, and mail those that are new; return how many were made.

    One that cannot be made or mailed is noted in the log and tried again the next time; the others do not wait for it.
    """
    made = 0
    missing = Version.objects.signed().exclude(signed_text="").filter(document=None)
    for version in missing.select_related("agreement").order_by("-signed_at")[:AT_ONCE]:
        try:
            document_of(version, now=now)
            made += 1
        except Exception:
            logger.exception("the document of version %s could not be made", version.pk)
    recent = SignedDocument.objects.filter(version__signed_at__gt=now - MAILED_WITHIN)
    for document in recent.select_related("version__agreement"):
        for person in receivers(document):
            try:
                mail_document(document=document, person=person, now=now)
            except Exception:
                logger.exception("document %s could not be mailed to person %s", document.pk, person.pk)
    return made
