"""Looking at the agreement together, what was decided there, its cancellation, and each person's calendar of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agreements.measured_periods import later
from agreements.models.agreements import Agreement
from agreements.models.versions import Version


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews by who may read them, and by whether they were held."""

    def visible_to(self, user: Any) -> ReviewQuerySet:
        """Everybody who may read the agreement."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))

    def planned(self) -> ReviewQuerySet:
        return self.filter(held_at=None)

    def to_hold(self) -> ReviewQuerySet:
        """Those that are not held yet, but for those on a day from which their agreement was cancelled for good."""
        versions = Version.objects.signed().filter(agreement=OuterRef("agreement"))
        goes_on = versions.filter(
            Q(in_force__upper_inf=True) | Q(in_force__endswith__gt=OuterRef("planned_on"))
        )
        was_cancelled = Cancellation.objects.filter(
            version__agreement=OuterRef("agreement"), ends_on__lte=OuterRef("planned_on")
        )
        return self.planned().filter(Exists(goes_on) | ~Exists(was_cancelled))

    def held(self) -> ReviewQuerySet:
        return self.filter(held_at__isnull=False)

    def about(self, month_on: dt.date) -> ReviewQuerySet:
        """Those that talk about a month, by its first day: planned for the month after, the first of them first."""
        after = later(month_on, 1)
        return self.filter(planned_on__gte=after, planned_on__lt=later(after, 1)).order_by("planned_on")


class Review(models.Model):
    """One meeting of the parties about their figures. Its agenda and its minutes are written until it was held.

    Both may name people: they are neither hashed nor signed, and can be erased. Without an agenda of its own it has
    the standing one, which is written down when it is held.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="reviews"
    )
    planned_on = models.DateField(_("planned for"))
    is_by_rhythm = models.BooleanField(_("planned by the agreed rhythm"), default=False)
    agenda = models.TextField(_("agenda"), max_length=20_000, blank=True, db_default="")
    minutes = models.TextField(_("minutes"), max_length=50_000, blank=True)
    edits = models.PositiveIntegerField(_("edits"), default=0, editable=False)
    held_at = models.DateTimeField(_("held at"), null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("held by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["agreement", "planned_on"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "planned_on"], name="review_once_a_day"),
            models.CheckConstraint(
                condition=Q(held_at=None, held_by=None) | Q(held_at__isnull=False, held_by__isnull=False),
                name="review_held_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.planned_on:%Y-%m-%d}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions by who may read them, and by whether they are done."""

    def visible_to(self, user: Any) -> DecisionQuerySet:
        """Everybody who may read the agreement."""
        return self.filter(review__agreement__in=Agreement.objects.visible_to(user))

    def open(self) -> DecisionQuerySet:
        return self.filter(done_on=None)


class Decision(models.Model):
    """What was decided in a review: by whom to be done, until when. Carried over until it is done."""

    review = models.ForeignKey(
        Review, verbose_name=_("review"), on_delete=models.PROTECT, related_name="decisions"
    )
    text = models.CharField(_("decision"), max_length=1000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    due_on = models.DateField(_("until"))
    made_at = models.DateTimeField(_("made at"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "text", "owner", "due_on"], name="decision_once")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Cancellation(models.Model):
    """That a party ended the agreement: from which day, by which agreed condition, in whose words why.

    The day that counts is the earliest: a later cancellation ends it sooner.
    """

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.PROTECT, related_name="cancellations"
    )
    ends_on = models.DateField(_("not in force from"))
    condition = models.TextField(
        _("agreed condition"), blank=True, help_text=_("In the words of the agreement. Empty: another one.")
    )
    reason = models.TextField(_("reason"), max_length=5_000)
    cancelled_at = models.DateTimeField(_("cancelled at"))
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("cancelled by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        constraints = [
            models.UniqueConstraint(fields=["version", "ends_on"], name="cancellation_once_from_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.ends_on:%Y-%m-%d}"


class CalendarFeed(models.Model):
    """One person's secret address of a calendar with what they have to come. Only its hash is kept."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="calendar_feed",
    )
    token_sha256 = models.CharField(_("SHA-256 of the secret"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.person)
