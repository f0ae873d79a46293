"""Business calendars: named, and changed only by adding an immutable revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.business_time import compiled

if TYPE_CHECKING:
    from agreements.business_time import Calendar


class BusinessCalendarQuerySet(models.QuerySet["BusinessCalendar"]):
    """Calendars; the company's is the default one."""

    def company(self) -> BusinessCalendar:
        """Return the company's calendar; every installation has one from its first migration on."""
        return self.get(is_default=True)


class BusinessCalendar(models.Model):
    """Whose business hours: a name for a line of revisions, of which the newest serves new hand-offs."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    is_default = models.BooleanField(_("the company's calendar"), default=False)
    country = models.CharField(
        _("country of the holidays"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, as in PL. Empty: none."),
    )
    subdivision = models.CharField(
        _("subdivision"), max_length=8, blank=True, help_text=_("As in BY for Bavaria.")
    )

    objects = BusinessCalendarQuerySet.as_manager()

    class Meta:
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="calendar_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def latest_revision(self) -> CalendarRevision:
        """Return the revision that serves new hand-offs; CalendarRevision.DoesNotExist before the first."""
        return self.revisions.order_by("-number")[:1].get()


class CalendarRevision(models.Model):
    """The hours as they stood from `created_at` on, holidays written out. A trigger refuses any change."""

    calendar = models.ForeignKey(
        BusinessCalendar, verbose_name=_("calendar"), on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("number"))
    definition = models.JSONField(
        _("hours"),
        help_text=_(
            "tz, weekly, holidays, holidays_every_year, breaks, overrides: everything the clock needs."
        ),
    )
    holiday_names = models.JSONField(_("names of the holidays"), default=dict, blank=True)
    holidays_to = models.DateField(
        _("public holidays known until"),
        null=True,
        blank=True,
        help_text=_("First day beyond the materialised ones."),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("calendar revision")
        verbose_name_plural = _("calendar revisions")
        ordering = ["calendar", "number"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="calendar_revision_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="calendar_revision_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} · {self.number}"

    @property
    def time_zone(self) -> str:
        """The IANA name of the zone whose wall clock the hours are read on."""
        return str(self.definition["tz"])

    def compiled(self) -> Calendar:
        """Return the calendar ready for arithmetic; laid out once a process, looked up once an instance."""
        calendar: Calendar | None = self.__dict__.get("_compiled")
        if calendar is None:
            calendar = self.__dict__["_compiled"] = compiled(self.definition)
        return calendar
