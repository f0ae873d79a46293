"""Disputes: marketing contradicts a rejection, and a manager of sales decides."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.hand_offs import HandOff


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes by who may read them, and by whether they are decided."""

    def visible_to(self, user: Any) -> DisputeQuerySet:
        """Disputes about hand-offs that this user may see: their words may be about a person."""
        return self.filter(hand_off__in=HandOff.objects.visible_to(user))

    def undecided(self) -> DisputeQuerySet:
        return self.filter(decided_at=None)


class Dispute(models.Model):
    """One rejection that marketing disputes, with a word of each side.

    When and why it was rejected is kept here: a withdrawn rejection is taken off the hand-off.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("the rejection is upheld")
        WITHDRAWN = "withdrawn", _("the rejection is withdrawn")

    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="disputes"
    )
    rejected_at = models.DateTimeField(_("rejected at"))
    rejection_reason = models.CharField(_("reason of rejection"), max_length=100)
    opened_at = models.DateTimeField(_("disputed at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("disputed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    words = models.TextField(_("why"), max_length=1000)
    outcome = models.CharField(_("decided"), max_length=16, choices=Outcome.choices, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answer = models.TextField(_("answer"), max_length=1000, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["hand_off"], condition=Q(decided_at=None), name="dispute_undecided_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None) | ~Q(outcome="") & Q(decided_at__isnull=False),
                name="dispute_decided_says_when_and_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.opened_at:%Y-%m-%d}"
