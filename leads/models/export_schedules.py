"""A file that comes by itself, again and again, until its asker ends that."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of
from agreements.time_zones import validate_time_zone
from leads import export_times
from leads.models.exports import Export


class ExportScheduleQuerySet(models.QuerySet["ExportSchedule"]):
    """Which files that come by themselves."""

    def visible_to(self, user: Any) -> ExportScheduleQuerySet:
        """One's own, as the files that they make."""
        return self.filter(by=rights_of(user).user_id)


class ExportSchedule(models.Model):
    """What is made into a file, and when: `next_at` is the next due instant, none while it is paused.

    `at` is a wall time of `time_zone`. `weekday` and `day` are read where `every` asks for them. `said` is `query` in
    its asker's words when it was made: what is listed then goes by the query alone.
    """

    class Every(models.TextChoices):
        DAY = export_times.Every.DAY, _("every day")
        WEEK = export_times.Every.WEEK, _("every week")
        MONTH = export_times.Every.MONTH, _("every month")

    class GoesTo(models.TextChoices):
        MAIL = "mail", _("my mail, as a link")
        FOLDER = "folder", _("the folder of the server")

    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("list or report"), max_length=16, choices=Export.Kind.choices)
    form = models.CharField(_("kind of file"), max_length=4, choices=Export.Form.choices)
    query = models.TextField(_("filters and order"), blank=True)
    said = models.TextField(_("filters and order in words"), blank=True)
    every = models.CharField(_("how often"), max_length=8, choices=Every.choices)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), choices=list(WEEKDAYS.items()), default=0
    )
    day = models.PositiveSmallIntegerField(_("day of the month"), default=1)
    at = models.TimeField(_("at"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    goes_to = models.CharField(_("goes to"), max_length=8, choices=GoesTo.choices, default=GoesTo.MAIL)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    next_at = models.DateTimeField(_("due next at"), null=True, blank=True)

    objects = ExportScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheduled file")
        verbose_name_plural = _("scheduled files")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["by", "name"], name="export_schedule_once_by_name"),
            models.CheckConstraint(
                condition=Q(weekday__lte=6, day__gte=1, day__lte=31), name="export_schedule_has_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="export_schedule_due"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def times(self) -> export_times.Times:
        """When it is due."""
        zone = zoneinfo.ZoneInfo(self.time_zone)
        return export_times.Times(
            export_times.Every(self.every), self.at, zone, weekday=self.weekday, day=self.day
        )
