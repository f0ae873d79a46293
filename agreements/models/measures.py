"""Custom measures: a number that a party promises to keep above or below a target, and the values entered for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.models.versions import Version


class CustomMeasureQuerySet(models.QuerySet["CustomMeasure"]):
    """Measures by who may read them."""

    def visible_to(self, user: Any) -> CustomMeasureQuerySet:
        """Those of the versions that this user may read."""
        return self.filter(version__in=Version.objects.visible_to(user))


class CustomMeasure(models.Model):
    """A number that one party promises under a version, measured outside of this product. Part of what is signed.

    A trigger refuses any change once the version is signed.
    """

    class Direction(models.TextChoices):
        AT_LEAST = "at_least", _("at least")
        AT_MOST = "at_most", _("at most")

    class Period(models.TextChoices):
        MONTH = "month", _("every month")
        QUARTER = "quarter", _("every quarter")

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.CASCADE, related_name="measures"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("promised by"), on_delete=models.PROTECT, related_name="measures"
    )
    name = models.CharField(
        _("what is measured"), max_length=100, help_text=_("By its name it is the same in the next version.")
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    direction = models.CharField(_("direction"), max_length=16, choices=Direction.choices)
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=4)
    period = models.CharField(_("measured"), max_length=16, choices=Period.choices, default=Period.MONTH)
    edits = models.PositiveIntegerField(_("edits"), default=0, editable=False)

    objects = CustomMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom measure")
        verbose_name_plural = _("custom measures")
        ordering = ["version", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="custom_measure_name_once_per_version"),
            models.CheckConstraint(condition=~Q(name=""), name="custom_measure_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.get_direction_display()} {self.target.normalize():f} {self.unit}".strip()

    @property
    def is_at_most(self) -> bool:
        return self.direction == self.Direction.AT_MOST


class MeasureValueQuerySet(models.QuerySet["MeasureValue"]):
    """Values by who may read them, and by whether they stand."""

    def visible_to(self, user: Any) -> MeasureValueQuerySet:
        """Everybody who may read the agreement: both sides' figures are open."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))

    def standing(self) -> MeasureValueQuerySet:
        return self.filter(voided_at__isnull=True)

    def enterable_by(self, user: Any) -> MeasureValueQuerySet:
        """Those of measures of parties for which this user speaks."""
        return self.filter(party__in=Party.objects.writable_by(user))


class MeasureValue(models.Model):
    """What a custom measure came to in one period, as somebody entered it. Append-only: a wrong one is voided.

    It belongs to the measure of that name in whichever version governed the period. A trigger lets it be voided once,
    and refuses every other change.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="measure_values"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("promised by"), on_delete=models.PROTECT, related_name="measure_values"
    )
    name = models.CharField(_("what is measured"), max_length=100)
    period_on = models.DateField(_("period"), help_text=_("Its first day."))
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("voided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    void_reason = models.CharField(_("why it was wrong"), max_length=200, blank=True)

    objects = MeasureValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("value of a measure")
        verbose_name_plural = _("values of measures")
        ordering = ["agreement", "name", "period_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "name", "period_on"],
                condition=Q(voided_at__isnull=True),
                name="measure_value_stands_once_per_period",
            ),
            models.CheckConstraint(condition=Q(period_on__day=1), name="measure_value_period_on_first_day"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="")
                | Q(voided_at__isnull=False) & ~Q(void_reason=""),
                name="measure_value_voided_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.period_on:%Y-%m} · {self.value.normalize():f}"
