"""The page of an agreement's record: is it as it was written, what was signed, and what happened, event by event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Agreement, AgreementEvent, SignedDocument, Version
from agreements.readings.chain import Finding
from agreements.readings.history import HistoryLine, history_lines
from agreements.readings.verification import Verified, verify

EVENTS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One signed version with what is given out of it; `document` is None until it was made."""

    version: Version
    document: SignedDocument | None


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event: its place in the chain, and what it says."""

    position: int
    sha256: str
    said: HistoryLine


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Everything that the page shows."""

    verified: Verified
    signed: list[SignedLine]
    events: Page[AgreementEvent]
    lines: list[EventLine]

    @property
    def headline(self) -> str:
        """Answer whether the record is as it was written."""
        found, n = self.verified, len(self.verified.findings)
        if n:
            return ngettext(
                "%(n)s thing in this record is not as it was written.",
                "%(n)s things in this record are not as they were written.",
                n,
            ) % {"n": words.amount(n)}
        if not found.events:
            return _("Nothing is recorded of this agreement yet.")
        said = {
            "events": ngettext("%(n)s event", "%(n)s events", found.events)
            % {"n": words.amount(found.events)},
            "signatures": ngettext("%(n)s signature", "%(n)s signatures", found.signatures)
            % {"n": words.amount(found.signatures)},
            "texts": ngettext("%(n)s signed text", "%(n)s signed texts", found.texts)
            % {"n": words.amount(found.texts)},
        }
        if not found.signatures:
            return (
                ngettext(
                    "The %(events)s of this record is as it was written; nothing is signed yet.",
                    "All %(events)s of this record are as they were written; nothing is signed yet.",
                    found.events,
                )
                % said
            )
        return _("All %(events)s, %(signatures)s and %(texts)s are as they were written.") % said

    @property
    def findings(self) -> list[Finding]:
        return self.verified.findings

    @property
    def documented(self) -> Version | None:
        """The newest version that there is a document of."""
        return next((one.version for one in self.signed if one.document is not None), None)

    @property
    def head(self) -> str:
        """The head of the chain as `verify_agreements --head` takes it."""
        found = self.verified
        return f"{found.agreement.slug}:{found.events}:{found.head}"


def record_page(agreement: Agreement, *, user: Any, page: str | None) -> RecordPage:
    """Verify an agreement's record and read what this person may see of it."""
    verified = verify(agreement)
    signed = (
        Version.objects.visible_to(user)
        .filter(agreement=agreement)
        .signed()
        .select_related("document")
        .defer("document__pdf")
        .order_by("-number")
    )
    events = AgreementEvent.objects.visible_to(user).filter(agreement=agreement)
    shown = Paginator(events.select_related("actor", "version").order_by(F("position").desc()), EVENTS_A_PAGE)
    opened = shown.get_page(page)
    return RecordPage(
        verified,
        [SignedLine(one, getattr(one, "document", None)) for one in signed],
        opened,
        [
            EventLine(event.position, event.sha256, said)
            for event, said in zip(opened, history_lines(list(opened), agreement, user=user), strict=True)
        ],
    )
