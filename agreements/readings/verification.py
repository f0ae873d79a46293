"""Is an agreement's record as it was written? The chain of its events, signatures, signed texts, rows, documents.

What is found is said with the position of the event where there is one. Who rewrites the whole record, hashes and
heads too, is found by heads that were seen elsewhere: those in the PDFs that the parties have, or written down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from agreements.models import (
    Agreement,
    AgreementEvent,
    ChainHead,
    Signature,
    SignedDocument,
    Version,
)
from agreements.printed_heads import Head, head_in_pdf
from agreements.readings.chain import Chain, Finding, chain_of, data_of
from agreements.readings.signed_versions import signature_faults, version_faults, words_faults


@dataclass(slots=True)
class Verified:
    """How much there is in one agreement's record now, and what is not as it was written."""

    agreement: Agreement
    events: int
    head: str
    signatures: int = 0
    texts: int = 0
    documents: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.findings

    @property
    def summary(self) -> str:
        """Say how much there is, and the head as it is compared with later."""
        return _(
            "%(slug)s: %(events)s events, %(signatures)s signatures, %(texts)s signed texts, %(documents)s documents; "
            "head %(slug)s:%(events)s:%(head)s"
        ) % {
            "slug": self.agreement.slug,
            "events": self.events,
            "signatures": self.signatures,
            "texts": self.texts,
            "documents": self.documents,
            "head": self.head,
        }

    @property
    def lines(self) -> list[str]:
        """Say each finding, with the agreement and the event's position."""
        said = [
            {"slug": self.agreement.slug, "position": one.position, "text": one.text} for one in self.findings
        ]
        return [
            _("%(slug)s, event %(position)s: %(text)s") % one
            if one["position"]
            else _("%(slug)s: %(text)s") % one
            for one in said
        ]


def verify(agreement: Agreement, heads: Iterable[Head] = ()) -> Verified:
    """Verify one agreement's record, also against heads of it that were seen elsewhere."""
    chain = chain_of(agreement)
    verified = Verified(agreement, len(chain.events), chain.head, findings=chain.findings)
    verified.signatures, found = signature_faults(agreement, chain)
    verified.findings += found
    verified.texts, found = version_faults(agreement, chain)
    verified.findings += found
    verified.findings += words_faults(agreement, chain)
    documents = list(SignedDocument.objects.filter(version__agreement=agreement).order_by("pk"))
    verified.documents = len(documents)
    for document in documents:
        verified.findings += _document_faults(agreement, chain, document)
    for head in heads:
        if head.agreement == agreement.slug:
            verified.findings += _head_faults(chain, head)
    verified.findings.sort(key=lambda one: (one.position is None, one.position or 0))
    return verified


def strangers() -> list[str]:
    """Return, in sentences, rows of no agreement that is there: they are left when one is taken away."""
    known, versions = Agreement.objects.values("pk"), Version.objects.values("pk")
    lost = (
        (_("events"), AgreementEvent.objects.exclude(agreement__in=known)),
        (_("heads of chains"), ChainHead.objects.exclude(agreement__in=known)),
        (_("versions"), Version.objects.exclude(agreement__in=known)),
        (_("signatures"), Signature.objects.exclude(version__in=versions)),
        (_("documents"), SignedDocument.objects.exclude(version__in=versions)),
    )
    found = [(name, list(rows.order_by("pk").values_list("pk", flat=True)[:10])) for name, rows in lost]
    return [
        _("Rows of no agreement that is there: %(rows)s %(ids)s.")
        % {"rows": name, "ids": ", ".join(map(str, ids))}
        for name, ids in found
        if ids
    ]


def _document_faults(agreement: Agreement, chain: Chain, document: SignedDocument) -> list[Finding]:
    pdf = bytes(document.pdf)
    sha256 = hashlib.sha256(pdf).hexdigest()
    told = [
        event
        for event in chain.of_kind(AgreementEvent.Kind.DOCUMENT_MADE)
        if event["version_id"] == document.version_id and data_of(event).get("sha256") == sha256
    ]
    if not told or (document.sha256, document.bytes) != (sha256, len(pdf)):
        said = {"id": document.pk}
        return [Finding(_("Document %(id)s is not the one that was made.") % said)]
    head = head_in_pdf(pdf, seen_in=_("document %(id)s") % {"id": document.pk})
    if head is None or (head.agreement, head.position, head.sha256) != (
        agreement.slug,
        document.head_position,
        document.head_sha256,
    ):
        return [Finding(_("Document %(id)s does not carry its head.") % {"id": document.pk})]
    return _head_faults(chain, head)


def _head_faults(chain: Chain, head: Head) -> list[Finding]:
    """Compare the event at the head's position: of a record that was rewritten it has another hash."""
    there = {event["position"]: event["sha256"] for event in chain.events}
    if there.get(head.position) == head.sha256:
        return []
    if head.position not in there:
        text = _("There is no such event, but %(seen)s has seen it.")
    else:
        text = _("The record up to here is not the one that %(seen)s has seen: it was rewritten.")
    return [Finding(text % {"seen": head.seen_in}, head.position)]
