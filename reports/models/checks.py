"""What the nightly check found: a month's facts and figures, counted anew and compared with what was stored."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Subquery, Sum, Value
from django.utils.translation import gettext_lazy as _


class FigureCheckQuerySet(models.QuerySet["FigureCheck"]):
    """Checks by when they were made."""

    def put_right(self, *, since: dt.datetime) -> Subquery:
        """Return how much was wrong in the checks since then, for a query to read along; NULL where there were none."""
        recent = self.filter(checked_at__gte=since).order_by().values(every=Value(1))
        return Subquery(recent.annotate(n=Sum(F("wrong_hand_offs") + F("wrong_figures"))).values("n"))


class FigureCheck(models.Model):
    """One month that was looked at, and what was wrong then; it has been put right. `examples` name the first of it."""

    month_on = models.DateField(_("month"))
    checked_at = models.DateTimeField(_("checked at"))
    hand_offs = models.PositiveIntegerField(_("hand-offs"))
    figures = models.PositiveIntegerField(_("stored figures"))
    wrong_hand_offs = models.PositiveIntegerField(_("hand-offs whose facts were wrong"))
    wrong_figures = models.PositiveIntegerField(_("stored figures that were wrong"))
    examples = ArrayField(
        models.CharField(max_length=300), verbose_name=_("examples"), default=list, blank=True
    )

    objects = FigureCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of figures")
        verbose_name_plural = _("checks of figures")
        ordering = ["-checked_at", "-pk"]
        indexes = [models.Index(fields=["checked_at"], name="figure_check_by_time")]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m} {self.checked_at:%Y-%m-%d %H:%M}: {self.wrong}"

    @property
    def wrong(self) -> int:
        """How much was wrong: hand-offs and figures."""
        return self.wrong_hand_offs + self.wrong_figures
