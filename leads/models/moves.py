"""Hand-offs that were given to others together, so that it can be undone for a while."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of
from leads.models.hand_offs import HandOff


class MoveQuerySet(models.QuerySet["Move"]):
    """Moves by who made them."""

    def visible_to(self, user: Any) -> MoveQuerySet:
        """One's own; an administrator's are all."""
        rights = rights_of(user)
        return self.all() if rights.is_administrator else self.filter(by=rights.user_id or 0)


class Move(models.Model):
    """Several hand-offs given away at once: to one person, or (`to` empty) as the routing rules say."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    key = models.UUIDField(_("key"), unique=True, help_text=_("The same form sent twice moves once."))

    objects = MoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} · {self.by}"


class MovedHandOff(models.Model):
    """One hand-off of a move: whose it was and whose it became. `last_event_id`: what had happened to it by then."""

    move = models.ForeignKey(Move, verbose_name=_("move"), on_delete=models.CASCADE, related_name="moved")
    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="+"
    )
    from_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("former owner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    from_owner_name = models.CharField(_("former owner outside"), max_length=150, blank=True)
    from_team = models.ForeignKey(
        "agreements.Team",
        verbose_name=_("former team"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    from_assigned_at = models.DateTimeField(_("first assigned before"), null=True, blank=True)
    to_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("new owner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    last_event_id = models.BigIntegerField(_("last event"))

    class Meta:
        verbose_name = _("moved hand-off")
        verbose_name_plural = _("moved hand-offs")
        constraints = [models.UniqueConstraint(fields=["move", "hand_off"], name="moved_once_per_move")]

    def __str__(self) -> str:
        return f"{self.move_id} · {self.hand_off_id}"
