"""A list that somebody asked for as a file, and that a worker writes: how far it is, and its bytes until they go.

The bytes stand in the database, in pieces, so that every host can give out what any host's worker has written.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of


class ExportQuerySet(models.QuerySet["Export"]):
    """Which exports."""

    def visible_to(self, user: Any) -> ExportQuerySet:
        """One's own: what is in a file is what its asker may see."""
        return self.filter(by=rights_of(user).user_id)


class Export(models.Model):
    """A file that is being made, or kept for its asker. `query` is the address of the list: its filters and order.

    `rights` is the mark of what the asker might see when they asked: with others it is neither made nor given out.
    One that came by itself has its `due_at`, and its `schedule` while that is there; `placed_as` is the name of a file
    that goes to the folder of the server and is not kept here. `claim` is the pass of the worker that has it, `seen_at`
    when that pass gave its last sign of life.
    """

    class Kind(models.TextChoices):
        LEADS = "leads", _("Leads")
        HAND_OFFS = "hand-offs", _("Hand-offs")
        ATTEMPTS = "attempts", _("Attempts")
        DEALS = "deals", _("Deals")
        QUEUE = "queue", _("Queue")
        TEAM = "team", _("Team now")
        HANDED_OVER = "handed-over", _("Handed over")
        BOARD = "board", _("Board")
        WATERFALL = "waterfall", _("Waterfall")
        SPEED = "speed", _("Speed")
        DEPTH = "depth", _("Depth")
        RECALIBRATION = "recalibration", _("Recalibration")

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    class State(models.TextChoices):
        WAITING = "waiting", _("being made")
        DONE = "done", _("ready")
        REFUSED = "refused", _("not made: what you may see, or what there is, changed meanwhile")
        FAILED = "failed", _("not made: the work broke off three times")
        UNPLACED = "unplaced", _("not made: the folder of the server could not be written to")

    kind = models.CharField(_("list"), max_length=16, choices=Kind.choices)
    form = models.CharField(_("kind of file"), max_length=4, choices=Form.choices)
    query = models.TextField(_("filters and order"), blank=True)
    rights = models.CharField(_("mark of the rights"), max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="+"
    )
    schedule = models.ForeignKey(
        "ExportSchedule",
        verbose_name=_("schedule"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="runs",
    )
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    placed_as = models.CharField(_("name in the folder"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(_("asked for at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    claim = models.UUIDField(_("claim"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    passes = models.PositiveSmallIntegerField(_("passes"), default=0)
    rows_total = models.PositiveIntegerField(_("rows in the list"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "refused", "failed", "unplaced"]),
                name="export_state_is_known",
            ),
            models.UniqueConstraint(fields=["schedule", "due_at"], name="export_once_when_due"),
            models.CheckConstraint(
                condition=Q(claim__isnull=True) | Q(state="waiting"), name="export_is_claimed_for_work"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | ~Q(state="waiting") & Q(ended_at__isnull=False),
                name="export_ended_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(state="waiting"), name="export_waiting"),
            models.Index(fields=["by", "-id"], name="export_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_form_display()}"

    @property
    def percent(self) -> int:
        return min(100, self.rows_done * 100 // self.rows_total) if self.rows_total else 0

    @property
    def file_name(self) -> str:
        """What it is called once it is fetched, by the reader's local day on which it was due or asked for."""
        return f"{self.kind}-{timezone.localdate(self.due_at or self.asked_at).isoformat()}.{self.form}"


class ExportPiece(models.Model):
    """Some of the bytes of an export."""

    export = models.ForeignKey(
        Export, verbose_name=_("export"), on_delete=models.CASCADE, related_name="pieces"
    )
    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("bytes"))

    class Meta:
        verbose_name = _("piece of an export")
        verbose_name_plural = _("pieces of exports")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_piece_once")]

    def __str__(self) -> str:
        return f"{self.export_id} · {self.number}"
