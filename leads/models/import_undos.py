"""The undo of an import that somebody asked for, and how far the worker is with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of
from leads.models.imports import Import


class ImportUndoQuerySet(models.QuerySet["ImportUndo"]):
    """Which undos that were asked for."""

    def visible_to(self, user: Any) -> ImportUndoQuerySet:
        """Undoing an import is the administrators'."""
        return self.all() if rights_of(user).is_administrator else self.none()


class ImportUndo(models.Model):
    """One that was asked for by the pages. What it came to stands with its import once it is done.

    It stands apart from the import, which is locked while it is undone: the worker notes here how far it is. `claim` is
    the pass of the worker that has it, `seen_at` when that pass gave its last sign of life. `fault` says why it was
    refused.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("being undone")
        DONE = "done", _("undone")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("not undone: the work broke off three times")

    record = models.OneToOneField(
        Import, verbose_name=_("import"), on_delete=models.CASCADE, related_name="asked_undo"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for at"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    claim = models.UUIDField(_("claim"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    passes = models.PositiveSmallIntegerField(_("passes"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    fault = models.TextField(_("fault"), blank=True)

    objects = ImportUndoQuerySet.as_manager()

    class Meta:
        verbose_name = _("undo of an import")
        verbose_name_plural = _("undos of imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "refused", "failed"]),
                name="import_undo_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=True) | Q(state="waiting"), name="import_undo_is_claimed_for_work"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(state="waiting"), name="import_undo_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} · {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def percent(self) -> int:
        return min(100, self.rows_done * 100 // self.rows_total) if self.rows_total else 0
