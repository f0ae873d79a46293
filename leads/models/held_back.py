"""What a sweep could not do to a hand-off: it goes on with the others, and comes back to this one later."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.hand_offs import HandOff


class HeldBack(models.Model):
    """One hand-off that one sweep leaves alone until an instant, because the database refused the change.

    Who is told of it is whoever reads the log; the row says why, without what the hand-off says of people.
    """

    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="held_back"
    )
    sweep = models.CharField(_("sweep"), max_length=32)
    until_at = models.DateTimeField(_("left alone until"))
    times = models.PositiveIntegerField(_("times"), default=1)
    error = models.CharField(_("error"), max_length=200)

    class Meta:
        verbose_name = _("held back hand-off")
        verbose_name_plural = _("held back hand-offs")
        constraints = [
            models.UniqueConstraint(fields=["sweep", "hand_off"], name="held_back_once_per_sweep"),
        ]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.sweep}"
