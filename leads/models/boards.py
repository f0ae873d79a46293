"""What puts a hand-off on its team's board of exceptions."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Team

MOST_HOURS, MOST_ATTEMPTS, MOST_DAYS = 720, 50, 365


class BoardRule(models.Model):
    """The rules that a team agreed on: no attempt within so many hours, or too few within so many days."""

    team = models.OneToOneField(
        Team, verbose_name=_("team"), on_delete=models.CASCADE, related_name="board_rule"
    )
    untried_hours = models.PositiveSmallIntegerField(
        _("not tried within so many hours"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
    )
    attempts = models.PositiveSmallIntegerField(
        _("attempts"), default=5, validators=[MinValueValidator(1), MaxValueValidator(MOST_ATTEMPTS)]
    )
    within_days = models.PositiveSmallIntegerField(
        _("within so many days"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )

    class Meta:
        verbose_name = _("board rule")
        verbose_name_plural = _("board rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(untried_hours__range=(1, MOST_HOURS))
                & Q(attempts__range=(1, MOST_ATTEMPTS))
                & Q(within_days__range=(1, MOST_DAYS)),
                name="board_rule_in_range",
            )
        ]

    def __str__(self) -> str:
        return str(self.team)
