"""What keeps an agreement's record: the head of its events' chain, edited words, documents of what was signed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.events import AgreementEvent
from agreements.models.versions import Version


class ChainHead(models.Model):
    """How many events an agreement has, and the SHA-256 of the last: so that one cut off at the end is missed.

    Written by the trigger that chains an event, and by nobody else.
    """

    agreement = models.OneToOneField(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="chain_head",
    )
    events = models.PositiveIntegerField(_("events"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    class Meta:
        verbose_name = _("head of a chain")
        verbose_name_plural = _("heads of chains")

    def __str__(self) -> str:
        return f"{self.agreement} · {self.events}"


class Verification(models.Model):
    """How an agreement's record stood when it was last verified: how far it went, and how many findings."""

    agreement = models.OneToOneField(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="verification",
    )
    verified_at = models.DateTimeField(_("verified at"))
    events = models.PositiveIntegerField(_("events"))
    findings = models.PositiveIntegerField(_("findings"))

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")

    def __str__(self) -> str:
        return f"{self.agreement} · {self.verified_at:%Y-%m-%d}"


class EditedWords(models.Model):
    """The words of one field before and after an edit. They stand apart from the event, so that they can be erased.

    The event keeps the SHA-256 of salt and words; without this row nobody can tell from it what the words were.
    """

    event = models.ForeignKey(
        AgreementEvent, verbose_name=_("event"), on_delete=models.PROTECT, related_name="edited_words"
    )
    key = models.CharField(_("field"), max_length=100)
    old = models.TextField(_("before"), null=True)  # noqa: DJ001 - nothing is not the empty text
    new = models.TextField(_("after"), null=True)  # noqa: DJ001
    salt = models.CharField(_("salt"), max_length=32)

    class Meta:
        verbose_name = _("edited words")
        verbose_name_plural = _("edited words")
        constraints = [
            models.UniqueConstraint(fields=["event", "key"], name="words_once_per_event_and_field")
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.key}"


class SignedDocumentQuerySet(models.QuerySet["SignedDocument"]):
    """Documents by who may read them."""

    def visible_to(self, user: Any) -> SignedDocumentQuerySet:
        """Documents of the versions that this user may read: signed ones are everybody's."""
        return self.filter(version__in=Version.objects.visible_to(user))


class SignedDocument(models.Model):
    """A signed version as a PDF, made once. Append-only, guarded by a trigger."""

    version = models.OneToOneField(
        Version, verbose_name=_("version"), on_delete=models.PROTECT, related_name="document"
    )
    made_at = models.DateTimeField(_("made at"))
    pdf = models.BinaryField(_("PDF"))
    bytes = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    head_position = models.PositiveIntegerField(_("events at signing"))
    head_sha256 = models.CharField(_("SHA-256 of the last event at signing"), max_length=64)

    objects = SignedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("signed document")
        verbose_name_plural = _("signed documents")
        constraints = [models.CheckConstraint(condition=Q(bytes__gt=0), name="document_not_empty")]

    def __str__(self) -> str:
        return f"{self.version} · {self.sha256[:12]}"


class DocumentMail(models.Model):
    """Who was sent a document, when: nobody gets it twice."""

    document = models.ForeignKey(
        SignedDocument, verbose_name=_("document"), on_delete=models.CASCADE, related_name="mails"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        verbose_name = _("mail of a document")
        verbose_name_plural = _("mails of documents")
        constraints = [models.UniqueConstraint(fields=["document", "person"], name="document_mailed_once")]

    def __str__(self) -> str:
        return f"{self.document} · {self.person_id}"
