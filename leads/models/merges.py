"""Two leads that are one person or company, put together, and whether that was undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leads.models.hand_offs import HandOff
from leads.models.leads import Lead


class MergeQuerySet(models.QuerySet["Merge"]):
    """Merges by whether they still hold, and by who may know whom they are about."""

    def standing(self) -> MergeQuerySet:
        """Not undone."""
        return self.filter(undone_at=None)

    def visible_to(self, user: Any) -> MergeQuerySet:
        """Merges into leads that this user may know."""
        return self.filter(survivor__in=Lead.objects.visible_to(user))


class Merge(models.Model):
    """One lead taken into another, with what is needed to undo it.

    Which hand-offs came with the absorbed lead they say themselves (`HandOff.merged_from`). `closed` is the one that
    was closed because the survivor had one open; `filled` are the contact fields that the survivor lacked, with what
    they were filled with; `moved` the ids of deals, of leads absorbed before, and of attempts with the hand-off that
    each was at.
    """

    UNDO_FOR = dt.timedelta(days=30)

    survivor = models.ForeignKey(
        Lead, verbose_name=_("lead that goes on"), on_delete=models.PROTECT, related_name="merges"
    )
    absorbed = models.ForeignKey(
        Lead, verbose_name=_("absorbed lead"), on_delete=models.PROTECT, related_name="absorptions"
    )
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("why"), max_length=200, blank=True)
    closed = models.ForeignKey(
        HandOff,
        verbose_name=_("hand-off that it closed"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    filled = models.JSONField(_("what was filled in"), default=dict, blank=True)
    moved = models.JSONField(_("what was moved"), default=dict, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="merge_of_two_leads"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at=None), name="merge_absorbs_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__gte=F("made_at")),
                name="merge_undone_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"

    @property
    def undoable_until(self) -> dt.datetime:
        """Until when it can be undone."""
        return self.made_at + self.UNDO_FOR
