"""One run of `import`: which file, with what result, what it changed, and whether it was undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of


class ImportQuerySet(models.QuerySet["Import"]):
    """Who may read which files came in."""

    def visible_to(self, user: Any) -> ImportQuerySet:
        """Administrators, who bring data in, and programs, which send it: of all leads they know anyway."""
        return self.all() if rights_of(user).knows_all_leads else self.none()


class Import(models.Model):
    """A file that was read into leads, attempts or deals. Rows point back to the run that created them.

    `undoable_until` is empty for what no file brought. `undone` says what its undo came to, as
    `leads.intake.undoing` writes it.
    """

    TO_UNDO = dt.timedelta(hours=24)

    class Kind(models.TextChoices):
        LEADS = "leads", _("Leads")
        ATTEMPTS = "attempts", _("Attempts")
        DEALS = "deals", _("Deals")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    system = models.CharField(_("system"), max_length=64)
    file_name = models.CharField(_("file"), max_length=255)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    undoable_until = models.DateTimeField(_("can be undone until"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    undone = models.JSONField(_("what was undone"), default=dict, db_default={}, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undoable_until__isnull=False),
                name="import_undone_was_of_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.file_name}"

    def is_undoable(self, now: dt.datetime) -> bool:
        """Whether it can still be undone, as far as time and kind go."""
        return self.undone_at is None and self.undoable_until is not None and now <= self.undoable_until


class ImportChangeQuerySet(models.QuerySet["ImportChange"]):
    """Who may read what rows were like."""

    def visible_to(self, user: Any) -> ImportChangeQuerySet:
        """Administrators, who bring data in: it may be personal."""
        return self.all() if rights_of(user).is_administrator else self.none()


class ImportChange(models.Model):
    """A row as it was before an import changed it, so that it can go back; kept for as long as that is possible.

    One row for each time: the first of an import is what it goes back to, and one of a later import says that the
    row was changed again. `before` is empty where nothing can be undone. `since` names the newest event, attempt and
    hand-off of then: what is newer was done since.
    """

    class Kind(models.TextChoices):
        LEAD = "lead", _("lead")
        HAND_OFF = "hand_off", _("hand-off")
        ATTEMPT = "attempt", _("attempt that was replaced")
        NOTE = "note", _("note on an attempt")
        DEAL = "deal", _("deal")
        LINK = "link", _("deal that found its lead")

    record = models.ForeignKey(
        Import, verbose_name=_("import"), on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    row_id = models.BigIntegerField(_("row"))
    before = models.JSONField(_("as it was"), default=dict, blank=True)
    since = models.JSONField(_("newest of then"), default=dict, blank=True)
    changed_at = models.DateTimeField(_("changed at"))

    objects = ImportChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by imports")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["record", "kind", "row_id"], name="import_change_by_import"),
            models.Index(fields=["kind", "row_id"], name="import_change_by_row"),
            models.Index(fields=["changed_at"], name="import_change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} · {self.kind} {self.row_id}"
