"""Days whose figures are out of date: the note that a change of hand-offs leaves for the reports."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangedDay(models.Model):
    """A local day on which something that is counted changed. Triggers on leads and hand-offs write it in the
    transaction of the change, whoever makes it; `reports.rollups.refresh` takes it away when it has recounted.
    """

    day_on = models.DateField(_("day"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("changed day")
        verbose_name_plural = _("changed days")

    def __str__(self) -> str:
        return f"{self.day_on:%Y-%m-%d}"
