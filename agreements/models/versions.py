"""The versions of an agreement, and who signed them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.rejection_reasons import TEXT as REASONS_TEXT
from agreements.rights import rights_of


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions by whether they govern a day, and by who may read them."""

    def visible_to(self, user: Any) -> VersionQuerySet:
        """Signed versions for everybody who is signed in; drafts for those who write for one of the parties."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        if not rights.reads_what_is_open:
            return self.none()
        mine = Party.objects.filter(agreement=OuterRef("agreement")).writable_by(user)
        return self.filter(Q(state=Version.State.SIGNED) | Exists(mine))

    def signed(self) -> VersionQuerySet:
        return self.filter(state=Version.State.SIGNED)

    def with_endings(self) -> VersionQuerySet:
        """Each with whether it was cancelled (`is_cancelled`), rather than superseded."""
        from agreements.models.reviews import Cancellation  # built on this module

        return self.annotate(is_cancelled=Exists(Cancellation.objects.filter(version=OuterRef("pk"))))

    def open(self) -> VersionQuerySet:
        """Drafts that may still become a signed version."""
        return self.filter(state__in=Version.OPEN_STATES)

    def in_force_on(self, day: dt.date) -> VersionQuerySet:
        """Signed versions that govern `day`: at most one an agreement."""
        return self.signed().filter(in_force__contains=day)


class Version(models.Model):
    """The text and the terms for a span of days [starts_on, ends_on). Immutable once signed.

    `ended_on` is the one thing that may still be written afterwards, once: the day from which a later
    version took over, or on which the agreement was cancelled.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        CHANGES_ASKED = "changes_asked", _("Changes asked")
        SIGNED = "signed", _("Signed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Reach(models.TextChoices):
        """Which hand-offs a version is for: those made under it, or also those that are open when it begins."""

        NEW_ONLY = "new_only", _("new hand-offs only")
        ALSO_OPEN = "also_open", _("also open ones")

    class ReviewRhythm(models.TextChoices):
        NONE = "", _("when somebody asks for it")
        MONTHLY = "monthly", _("every month")
        QUARTERLY = "quarterly", _("every quarter")
        YEARLY = "yearly", _("every year")

    OPEN_STATES = (State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED)

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("ends before"),
        null=True,
        blank=True,
        help_text=_("First day no longer covered. Empty: until replaced."),
    )
    ended_on = models.DateField(_("superseded or cancelled from"), null=True, blank=True, editable=False)
    in_force = models.GeneratedField(
        expression=Func(F("starts_on"), Least("ends_on", "ended_on"), function="daterange"),
        output_field=DateRangeField(),
        db_persist=True,
        verbose_name=_("in force"),
    )
    reach = models.CharField(
        _("it is for"),
        max_length=16,
        choices=Reach.choices,
        default=Reach.NEW_ONLY,
        help_text=_(
            "Also open ones: when it begins, open hand-offs get its terms. What was decided by then stays."
        ),
    )
    review_rhythm = models.CharField(
        _("reviewed together"),
        max_length=16,
        choices=ReviewRhythm.choices,
        default=ReviewRhythm.NONE,
        blank=True,
    )
    summary = models.TextField(_("summary"), blank=True)
    review_after_misses = models.PositiveSmallIntegerField(
        _("misses in a row that call for a review"),
        null=True,
        blank=True,
        help_text=_("Months in a row in which one promise was missed. Empty: none is agreed."),
    )
    cancel_after_misses = models.PositiveSmallIntegerField(
        _("misses in a row that give the right to cancel"),
        null=True,
        blank=True,
        help_text=_("Months in a row in which one promise was missed. Empty: none is agreed."),
    )
    early_share = models.DecimalField(
        _("part of the time after which the rep hears of a waiting lead"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Of the time to the first attempt. Empty: as usual, half of it."),
    )
    manager_lag = models.DurationField(
        _("business time overdue after which managers hear"),
        null=True,
        blank=True,
        help_text=_("Empty: as usual, as soon as a lead is overdue."),
    )
    director_lag = models.DurationField(
        _("business time overdue after which directors hear"),
        null=True,
        blank=True,
        help_text=_("Empty: as usual, four hours."),
    )
    rejection_reasons = models.TextField(
        _("reasons for which a lead may be given back"),
        blank=True,
        db_default="",
        help_text=_(
            "One a line: the word of a usual one, or word: sentence. Empty: as above it, or all the usual ones."
        ),
    )
    edits = models.PositiveIntegerField(
        _("edits"),
        default=0,
        editable=False,
        help_text=_("Counts the edits of the draft: whose words are newer."),
    )
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True, editable=False)
    signed_text = models.TextField(
        _("signed text"), blank=True, editable=False, help_text=_("The text as it was signed, byte for byte.")
    )
    signed_rows = models.TextField(
        _("signed rows"), blank=True, editable=False, help_text=_("Every row of it as it stood when signed.")
    )
    text_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, blank=True, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="version_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("starts_on")),
                name="version_ended_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state="signed", signed_at__isnull=False)
                | ~Q(state="signed") & Q(signed_at__isnull=True),
                name="version_signed_says_when",
            ),
            models.CheckConstraint(
                condition=(Q(review_after_misses__isnull=True) | Q(review_after_misses__range=(1, 24)))
                & (Q(cancel_after_misses__isnull=True) | Q(cancel_after_misses__range=(1, 24))),
                name="version_misses_in_a_row_are_months",
            ),
            models.CheckConstraint(
                condition=(Q(early_share__isnull=True) | Q(early_share__gt=0, early_share__lte=1))
                & (Q(manager_lag__isnull=True) | Q(manager_lag__gt=dt.timedelta(0)))
                & (Q(director_lag__isnull=True) | Q(director_lag__gt=dt.timedelta(0))),
                name="version_ladder_goes_up",
            ),
            models.CheckConstraint(
                condition=Q(rejection_reasons__regex=REASONS_TEXT), name="version_reasons_have_words"
            ),
            ExclusionConstraint(
                name="version_one_in_force_per_day",
                expressions=[("agreement", RangeOperators.EQUAL), ("in_force", RangeOperators.OVERLAPS)],
                condition=Q(state="signed"),
                violation_error_message=_(
                    "Another signed version is already in force on some of these days."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.number}"

    @property
    def is_signed(self) -> bool:
        return self.state == self.State.SIGNED

    @property
    def is_for_open_ones(self) -> bool:
        """Whether open hand-offs get its terms when it begins."""
        return self.reach == self.Reach.ALSO_OPEN

    @property
    def is_open(self) -> bool:
        """Whether it may still become a signed version."""
        return self.state in self.OPEN_STATES

    @property
    def governs_until(self) -> dt.date | None:
        """First day no longer governed, whichever way it ended; None while open-ended."""
        ends = [day for day in (self.ends_on, self.ended_on) if day is not None]
        return min(ends, default=None)

    def governs(self, day: dt.date) -> bool:
        """Whether its span holds the day; of drafts, whether it would."""
        until = self.governs_until
        return self.starts_on <= day and (until is None or day < until)


class Signature(models.Model):
    """One party's signature under one version. Append-only, guarded by a trigger."""

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.PROTECT, related_name="signatures"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="signatures"
    )
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("signer"),
        on_delete=models.PROTECT,
        related_name="signatures",
    )
    signed_at = models.DateTimeField(_("signed at"))
    text_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [models.UniqueConstraint(fields=["version", "party"], name="signature_once_per_party")]

    def __str__(self) -> str:
        return f"{self.version} · {self.party.team}"
