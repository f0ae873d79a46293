"""How good a lead was, as who worked it says."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.hand_offs import HandOff


class RatingQuerySet(models.QuerySet["Rating"]):
    """Ratings by who may read them."""

    def visible_to(self, user: Any) -> RatingQuerySet:
        """Those of the hand-offs that this person may see."""
        return self.filter(hand_off__in=HandOff.objects.visible_to(user))


class Rating(models.Model):
    """The quality of one hand-off's lead, in one word with one reason; who works it can change it at any time.

    What it was before stands in the hand-off's events.
    """

    class Grade(models.TextChoices):
        GOOD = "good", _("good")
        FAIR = "fair", _("fair")
        POOR = "poor", _("poor")

    class Reason(models.TextChoices):
        READY = "ready", _("ready to buy")
        RIGHT_PERSON = "right_person", _("the right person")
        WELL_INFORMED = "well_informed", _("knew what it is about")
        TOO_EARLY = "too_early", _("too early")
        NO_NEED = "no_need", _("no need for it")
        NO_BUDGET = "no_budget", _("no budget")
        CANNOT_DECIDE = "cannot_decide", _("cannot decide")
        WRONG_DATA = "wrong_data", _("contact data is wrong")
        UNAWARE = "unaware", _("did not know why we called")

    REASONS = {
        Grade.GOOD: (Reason.READY, Reason.RIGHT_PERSON, Reason.WELL_INFORMED),
        Grade.FAIR: (Reason.TOO_EARLY, Reason.NO_BUDGET, Reason.CANNOT_DECIDE),
        Grade.POOR: (
            Reason.NO_NEED,
            Reason.NO_BUDGET,
            Reason.CANNOT_DECIDE,
            Reason.WRONG_DATA,
            Reason.UNAWARE,
        ),
    }

    hand_off = models.OneToOneField(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="rating"
    )
    grade = models.CharField(_("quality"), max_length=8, choices=Grade.choices)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices, blank=True)
    rated_at = models.DateTimeField(_("rated at"))
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("rated by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(grade__in=["good", "fair", "poor"]), name="rating_grade_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.get_grade_display()}"
