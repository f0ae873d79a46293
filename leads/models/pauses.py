"""Pauses of a hand-off's clock, as the agreement allows them: spans whose business time is not counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from agreements.spans import Pauses
from leads.models.hand_offs import HandOff


class TsTzRange(Func):
    """The half-open range of two instants."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class PauseQuerySet(models.QuerySet["Pause"]):
    """Pauses by who may read them, and as the clock's arithmetic takes them."""

    def visible_to(self, user: Any) -> PauseQuerySet:
        """Pauses of the hand-offs that this user may see."""
        return self.filter(hand_off__in=HandOff.objects.visible_to(user))

    def spans(self, hand_offs: Iterable[int]) -> dict[int, Pauses]:
        """Return the spans of each of these hand-offs that has any, in order, in one query."""
        found: dict[int, list[Any]] = defaultdict(list)
        ids = list(hand_offs)
        if ids:
            rows = self.filter(hand_off__in=ids).order_by("starts_at")
            for pk, starts_at, ends_at in rows.values_list("hand_off_id", "starts_at", "ends_at"):
                found[pk].append((starts_at, ends_at))
        return dict(found)


class Pause(models.Model):
    """One pause. `ends_at` is when it ends or ended: `planned_until_at`, unless somebody ended it sooner."""

    class Reason(models.TextChoices):
        ASKED_LATER = "asked_later", _("the lead asked for a later time")
        AWAY = "away", _("the lead is away until then")

    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="pauses"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("ends at"))
    planned_until_at = models.DateTimeField(_("planned until"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("paused by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    resumed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended sooner by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["starts_at"]
        constraints = [
            ExclusionConstraint(
                name="pauses_of_a_hand_off_do_not_overlap",
                expressions=[
                    ("hand_off", RangeOperators.EQUAL),
                    (TsTzRange(F("starts_at"), F("ends_at"), RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at"), ends_at__lte=F("planned_until_at")),
                name="pause_ends_after_start_and_by_plan",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.starts_at:%Y-%m-%d %H:%M}"
