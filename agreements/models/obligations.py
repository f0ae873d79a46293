"""What one party owes another again and again, when each is due, and what was delivered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from agreements import due_days
from agreements.models.agreements import Party
from agreements.models.versions import Version
from agreements.rights import rights_of


class ObligationQuerySet(models.QuerySet["Obligation"]):
    """Obligations by who may read them."""

    def visible_to(self, user: Any) -> ObligationQuerySet:
        """Those of the versions that this user may read."""
        return self.filter(version__in=Version.objects.visible_to(user))


class Obligation(models.Model):
    """A recurring deliverable that one party owes another under a version. Part of what is signed.

    A trigger refuses any change once the version is signed. Who answers for it is no part of it: see Duty.
    """

    class Cadence(models.TextChoices):
        WEEKLY = due_days.Cadence.WEEKLY.value, _("every week")
        TIMES_A_MONTH = due_days.Cadence.TIMES_A_MONTH.value, _("some weeks of a month")
        MONTHLY = due_days.Cadence.MONTHLY.value, _("every month")
        QUARTERLY = due_days.Cadence.QUARTERLY.value, _("every quarter")

    class DayOff(models.TextChoices):
        NEXT = due_days.DayOff.NEXT.value, _("on the next business day")
        PREVIOUS = due_days.DayOff.PREVIOUS.value, _("on the business day before")

    class Report(models.TextChoices):
        """A report of this product that is attached by itself when it is due; empty: none."""

        NONE = "", _("none: somebody delivers it")
        WATERFALL = "waterfall", _("the waterfall of the month")
        SPEED = "speed", _("speed of the month")
        DEPTH = "depth", _("depth of the month")

    WEEKDAYS = (Cadence.WEEKLY, Cadence.TIMES_A_MONTH)

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.CASCADE, related_name="obligations"
    )
    name = models.CharField(
        _("what is owed"), max_length=100, help_text=_("By its name it is the same in the next version.")
    )
    from_party = models.ForeignKey(
        Party, verbose_name=_("owed by"), on_delete=models.PROTECT, related_name="obligations"
    )
    to_party = models.ForeignKey(
        Party, verbose_name=_("owed to"), on_delete=models.PROTECT, related_name="owed_obligations"
    )
    cadence = models.CharField(_("how often"), max_length=16, choices=Cadence.choices)
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), null=True, blank=True, validators=[MaxValueValidator(6)]
    )
    times = models.PositiveSmallIntegerField(
        _("weeks of a month"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text=_("From the first such weekday of a month on."),
    )
    day_of_month = models.PositiveSmallIntegerField(
        _("day of the month"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("In a shorter month its last day. Empty: the last business day."),
    )
    month_of_quarter = models.PositiveSmallIntegerField(
        _("month of the quarter"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    due_time = models.TimeField(_("due at"), help_text=_("In the agreement's time zone."))
    day_off = models.CharField(_("on a day off"), max_length=16, choices=DayOff.choices, default=DayOff.NEXT)
    report = models.CharField(
        _("report attached by itself"), max_length=16, choices=Report.choices, default=Report.NONE, blank=True
    )
    edits = models.PositiveIntegerField(_("edits"), default=0, editable=False)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        ordering = ["version", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="obligation_name_once_per_version"),
            models.CheckConstraint(
                condition=~Q(from_party=models.F("to_party")), name="obligation_between_two_parties"
            ),
            models.CheckConstraint(
                condition=Q(cadence="weekly", weekday__isnull=False, weekday__lte=6)
                | Q(
                    cadence="times_a_month",
                    weekday__isnull=False,
                    weekday__lte=6,
                    times__isnull=False,
                    times__gte=1,
                    times__lte=4,
                )
                | Q(cadence="monthly")
                | Q(
                    cadence="quarterly",
                    month_of_quarter__isnull=False,
                    month_of_quarter__gte=1,
                    month_of_quarter__lte=3,
                ),
                name="obligation_says_its_days",
            ),
            models.CheckConstraint(
                condition=Q(day_of_month=None) | Q(day_of_month__gte=1, day_of_month__lte=31),
                name="obligation_day_of_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rhythm(self) -> due_days.Rhythm:
        """When it is due, as arithmetic."""
        return due_days.Rhythm(
            due_days.Cadence(self.cadence),
            weekday=self.weekday or 0,
            times=self.times or 1,
            day=self.day_of_month,
            month=self.month_of_quarter or 1,
            day_off=due_days.DayOff(self.day_off),
        )


class Duty(models.Model):
    """Who answers for an obligation, and how long before its due time they are reminded.

    Personal, so it stands apart from what is signed, and can be handed on at any time.
    """

    obligation = models.OneToOneField(
        Obligation, verbose_name=_("obligation"), on_delete=models.CASCADE, related_name="duty"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who answers for it"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="duties",
    )
    remind_before = models.DurationField(_("reminded before"), default=dt.timedelta(days=1))

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")

    def __str__(self) -> str:
        return f"{self.obligation} · {self.person or '–'}"


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """Occurrences by who may read them, and by whether they wait."""

    def visible_to(self, user: Any) -> OccurrenceQuerySet:
        """Those of the versions that this user may read."""
        return self.filter(obligation__version__in=Version.objects.visible_to(user))

    def undelivered(self) -> OccurrenceQuerySet:
        return self.filter(deliveries=None)

    def ahead(self, now: dt.datetime) -> OccurrenceQuerySet:
        """Those that are not delivered yet, and need not be."""
        return self.undelivered().filter(due_at__gte=now)

    def overdue(self, now: dt.datetime) -> OccurrenceQuerySet:
        """Those that are not delivered, and the same was not due again since."""
        return self.undelivered().filter(~Exists(_same_again().filter(due_at__lt=now)), due_at__lt=now)

    def settled(self, now: dt.datetime) -> OccurrenceQuerySet:
        """Those that were delivered, or missed: the same was due again since."""
        is_delivered = Exists(Delivery.objects.filter(occurrence=OuterRef("pk")))
        return self.filter(is_delivered | Exists(_same_again().filter(due_at__lt=now)))

    def with_outcome(self) -> OccurrenceQuerySet:
        """Each with when it was first delivered, and when the same is due next, in whichever version."""
        return self.annotate(
            first_delivered_at=Min("deliveries__delivered_at"),
            next_due_at=Subquery(_same_again().order_by("due_at").values("due_at")[:1]),
        )


def _same_again() -> OccurrenceQuerySet:
    """Later due dates of the same duty, in whichever version."""
    return Occurrence.objects.filter(
        obligation__version__agreement=OuterRef("obligation__version__agreement"),
        obligation__name=OuterRef("obligation__name"),
        due_at__gt=OuterRef("due_at"),
    )


class Occurrence(models.Model):
    """One day on which an obligation is due. Written out ahead by a task, once for each day."""

    obligation = models.ForeignKey(
        Obligation, verbose_name=_("obligation"), on_delete=models.CASCADE, related_name="occurrences"
    )
    due_on = models.DateField(_("due on"))
    nominal_on = models.DateField(
        _("nominal day"), help_text=_("Before it moved from a day off: which one of the rhythm it is.")
    )
    due_at = models.DateTimeField(_("due at"))

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("due date of an obligation")
        verbose_name_plural = _("due dates of obligations")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["obligation", "due_on"], name="occurrence_once_per_day")
        ]
        indexes = [models.Index(fields=["due_at"], name="occurrence_due_at")]

    def __str__(self) -> str:
        return f"{self.obligation} · {self.due_on:%Y-%m-%d}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by who may read what was delivered."""

    def visible_to(self, user: Any) -> DeliveryQuerySet:
        """Words and files are the parties' own: those of agreements to which a team of this person is a party."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        mine = Party.objects.filter(
            agreement=OuterRef("occurrence__obligation__version__agreement"), team__in=rights.teams
        )
        return self.filter(Exists(mine))


class Delivery(models.Model):
    """That something was delivered: when, by whom, and the hash of what. Append-only, guarded by a trigger.

    The first one of an occurrence decides whether it was in time; later ones add to it. The words and the file
    themselves may be about people: they stand in DeliveredContent and can be erased there.
    """

    occurrence = models.ForeignKey(
        Occurrence, verbose_name=_("due date"), on_delete=models.PROTECT, related_name="deliveries"
    )
    delivered_at = models.DateTimeField(_("delivered at"))
    delivered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("delivered by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Empty: it was attached by itself."),
    )
    key = models.CharField(
        _("key"), max_length=36, help_text=_("Of the form that was sent: the same one counts once.")
    )
    report_address = models.CharField(_("report"), max_length=300, blank=True)
    as_of = models.DateTimeField(_("figures as of"), null=True)
    content_sha256 = models.CharField(_("SHA-256 of what was delivered"), max_length=64)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["occurrence", "key"], name="delivery_once_per_form")]

    def __str__(self) -> str:
        return f"{self.occurrence} · {self.delivered_at:%Y-%m-%d}"


class DeliveredContent(models.Model):
    """The words and the file of a delivery. The file lies in the database: who backs that up has everything."""

    MOST_BYTES = 10 * 1024 * 1024

    delivery = models.OneToOneField(
        Delivery, verbose_name=_("delivery"), on_delete=models.PROTECT, related_name="content"
    )
    text = models.TextField(_("text"), max_length=20_000, blank=True)
    file_name = models.CharField(_("name of the file"), max_length=120, blank=True)
    file = models.BinaryField(_("file"), null=True)

    class Meta:
        verbose_name = _("delivered content")
        verbose_name_plural = _("delivered contents")

    def __str__(self) -> str:
        return f"{self.delivery}"
