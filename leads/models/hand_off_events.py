"""What happened to a hand-off: each change of its state as a row."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.hand_offs import HandOff


class HandOffEventQuerySet(models.QuerySet["HandOffEvent"]):
    """Events by who may read them."""

    def visible_to(self, user: Any) -> HandOffEventQuerySet:
        """Events of the hand-offs that this user may see."""
        return self.filter(hand_off__in=HandOff.objects.visible_to(user))


class HandOffEvent(models.Model):
    """A change of state of a hand-off, as a row, in the transaction that changed it. Append-only."""

    class Kind(models.TextChoices):
        HANDED_OFF = "handed_off", _("handed off")
        ASSIGNED = "assigned", _("assigned")
        ACCEPTED = "accepted", _("accepted")
        ATTEMPTED = "attempted", _("attempt logged")
        ATTEMPT_VOIDED = "attempt_voided", _("attempt voided")
        AT_RISK = "at_risk", _("at risk")
        OVERDUE = "overdue", _("overdue")
        MET = "met", _("first attempt in time")
        MISSED = "missed", _("first attempt late")
        REOPENED = "reopened", _("clock runs again")
        PAUSED = "paused", _("clock paused")
        RESUMED = "resumed", _("pause ended sooner")
        PAUSE_ENDED = "pause_ended", _("pause ended")
        NEXT_TOUCH_PLANNED = "next_touch_planned", _("next touch planned")
        NEXT_TOUCH_DUE = "next_touch_due", _("next touch due")
        REJECTION_AGREED = "rejection_agreed", _("marketing agrees to the rejection")
        REJECTION_DISPUTED = "rejection_disputed", _("rejection disputed")
        REJECTION_UPHELD = "rejection_upheld", _("rejection upheld")
        REJECTION_WITHDRAWN = "rejection_withdrawn", _("rejection withdrawn")
        CLOSED = "closed", _("closed")
        CORRECTED = "corrected", _("corrected by an import")
        RE_DATED = "re_dated", _("re-dated")
        RATED = "rated", _("rated")
        NOT_ACCEPTED = "not_accepted", _("not accepted in time")
        NO_OUTCOME = "no_outcome", _("no outcome in time")
        MERGED = "merged", _("came here with another lead")
        SEPARATED = "separated", _("went back to its own lead")

    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    data = models.JSONField(_("details"), default=dict)

    objects = HandOffEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-off event")
        verbose_name_plural = _("hand-off events")
        ordering = ["id"]
        indexes = [
            # What time brings about has no actor, and is most of it.
            models.Index(fields=["actor"], name="event_by_actor", condition=Q(actor__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.get_kind_display()}"
