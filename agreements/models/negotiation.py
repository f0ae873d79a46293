"""What the parties say about a draft before they sign it: comments, the answers to them, and who settled what."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Party
from agreements.models.versions import Version
from agreements.rights import rights_of

LONGEST_REMARK = 20_000


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments by whether something is left to do about them, and by who may read them."""

    def visible_to(self, user: Any) -> CommentQuerySet:
        """Comments are between those who write the agreement, also once it is signed."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        if rights.is_nobody:
            return self.none()
        return self.filter(
            Exists(Party.objects.filter(agreement=OuterRef("version__agreement")).writable_by(user))
        )

    def unsettled(self) -> CommentQuerySet:
        """Comments that keep the draft from being signed."""
        return self.filter(settled_at=None)


class Comment(models.Model):
    """One party's word about a part of a draft, a promise in it, or all of it. It stays; its side settles it, once.

    A trigger refuses any change but settling it and, should it have to be erased, emptying its text. `token` is that of
    the form it came from: the same form sent twice makes one comment.
    """

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.PROTECT, related_name="comments"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="comments"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    about = models.CharField(
        _("about"),
        max_length=64,
        blank=True,
        help_text=_("Key of a clause, “promise-KIND-SEGMENT” or “summary”. Empty: the whole draft."),
    )
    text = models.TextField(_("text"), max_length=LONGEST_REMARK)
    written_at = models.DateTimeField(_("written at"))
    token = models.UUIDField(_("token"), unique=True, editable=False)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="comment_settled_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["version"], condition=Q(settled_at__isnull=True), name="comments_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.party.team} · {self.pk}"


class Answer(models.Model):
    """What somebody of a party answered to a comment. Append-only, guarded by a trigger as comments are."""

    comment = models.ForeignKey(
        Comment, verbose_name=_("comment"), on_delete=models.PROTECT, related_name="answers"
    )
    party = models.ForeignKey(Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(_("text"), max_length=LONGEST_REMARK)
    written_at = models.DateTimeField(_("written at"))
    token = models.UUIDField(_("token"), unique=True, editable=False)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.comment} · {self.pk}"
