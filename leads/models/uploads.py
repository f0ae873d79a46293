"""A file on its way in by the pages: its bytes, what was said about it, how far the worker is with it.

The bytes stand in the database, in pieces, so that whichever host's worker takes the work finds them. They go once they
are imported, or when nobody came back to them; what is left then says that there was an import, and how its file is to
be read the next time.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of
from leads.models.imports import Import


class UploadQuerySet(models.QuerySet["Upload"]):
    """Which uploads."""

    def visible_to(self, user: Any) -> UploadQuerySet:
        """One's own, for administrators, who bring data in: a file is a draft until it is imported."""
        return self.filter(by=user) if rights_of(user).is_administrator else self.none()

    def waiting_for_work(self) -> UploadQuerySet:
        """Those that somebody asked the worker for."""
        return self.filter(state__in=Upload.WORKED_ON)


class Upload(models.Model):
    """A file that somebody brings in step by step. `said` is what they said about it, as `leads.intake.said` reads it.

    `claim` is the pass of the worker that has it, `seen_at` when that pass gave its last sign of life. `outcome` is
    what the last trial or run came to, `fault` why the file as a whole could not be used.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being described")
        TO_TRY = "to_try", _("being tried")
        TRIED = "tried", _("tried")
        TO_RUN = "to_run", _("being imported")
        DONE = "done", _("imported")
        STOPPED = "stopped", _("stopped")
        REFUSED = "refused", _("cannot be used as it is described")
        FAILED = "failed", _("not finished")

    WORKED_ON: ClassVar = (State.TO_TRY, State.TO_RUN)
    CHANGEABLE: ClassVar = (State.DRAFT, State.TRIED, State.STOPPED, State.REFUSED, State.FAILED)

    kind = models.CharField(_("kind"), max_length=16, choices=Import.Kind.choices)
    system = models.CharField(_("system"), max_length=64)
    file_name = models.CharField(_("file"), max_length=255)
    size = models.PositiveBigIntegerField(_("bytes"))
    said = models.JSONField(_("what was said about it"), default=dict)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("uploaded at"))
    changed_at = models.DateTimeField(_("changed at"))
    claim = models.UUIDField(_("claim"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    began_at = models.DateTimeField(_("work began at"), null=True, blank=True)
    passes = models.PositiveSmallIntegerField(_("passes"), default=0)
    is_to_stop = models.BooleanField(_("is to stop"), default=False)
    rows_total = models.PositiveIntegerField(_("rows in the file"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)
    fault = models.TextField(_("fault"), blank=True)
    record = models.OneToOneField(
        Import,
        verbose_name=_("import"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="upload",
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "to_try", "tried", "to_run", "done", "stopped", "refused", "failed"]
                ),
                name="upload_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=True) | Q(state__in=["to_try", "to_run"]),
                name="upload_is_claimed_for_work",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["to_run", "done"]) | Q(record__isnull=False),
                name="upload_that_runs_has_its_import",
            ),
        ]
        indexes = [
            models.Index(
                fields=["changed_at"], condition=Q(state__in=["to_try", "to_run"]), name="upload_waiting"
            ),
            models.Index(
                fields=["kind", "system", "-id"], condition=Q(state="done"), name="upload_remembered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.file_name}"

    @property
    def is_worked_on(self) -> bool:
        return self.state in self.WORKED_ON

    @property
    def is_changeable(self) -> bool:
        return self.state in self.CHANGEABLE


class UploadPiece(models.Model):
    """Some of the bytes of an upload, or of the file of its rejected rows."""

    class Role(models.TextChoices):
        FILE = "file", _("file")
        REJECTED = "rejected", _("rejected rows")

    upload = models.ForeignKey(
        Upload, verbose_name=_("upload"), on_delete=models.CASCADE, related_name="pieces"
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("bytes"))

    class Meta:
        verbose_name = _("piece of an upload")
        verbose_name_plural = _("pieces of uploads")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "role", "number"], name="upload_piece_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} · {self.role} · {self.number}"
