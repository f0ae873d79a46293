"""The agreement, its parties, its versions and who signed them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from agreements.models.calendars import BusinessCalendar
from agreements.models.teams import Segment, Team
from agreements.rejection_reasons import TEXT as REASONS_TEXT
from agreements.rights import rights_of
from agreements.time_zones import validate_time_zone


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements by who may read them."""

    def visible_to(self, user: Any) -> AgreementQuerySet:
        """Signed ones for everybody who is signed in: openness is the point; others as their drafts."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        if not rights.reads_what_is_open:
            return self.none()
        signed = Exists(Version.objects.signed().filter(agreement=OuterRef("pk")))
        mine = Exists(Party.objects.filter(agreement=OuterRef("pk")).writable_by(user))
        return self.filter(signed | mine)

    def at_or_below(self, agreement: Agreement) -> AgreementQuerySet:
        """The agreement and all that inherit from it: there are three levels."""
        return self.filter(Q(pk=agreement.pk) | Q(parent=agreement.pk) | Q(parent__parent=agreement.pk))


class Agreement(models.Model):
    """A written internal SLA between two or more teams. What it says stands in its versions.

    Level, parent, segment and kind are part of what is signed: triggers keep them from the first signature on, refuse a
    parent that is not of a lower level (so that none can be above itself), and an outside team in an internal one.
    """

    class Level(models.IntegerChoices):
        """The later, the more specific: see agreements.levels."""

        CORPORATE = 1, _("corporate")
        TEAM = 2, _("team")
        SERVICE = 3, _("service")

    class Kind(models.TextChoices):
        """Between whom it is."""

        INTERNAL = "internal", _("internal")
        CUSTOMER = "customer", _("with a customer")
        MULTI_LEVEL = "multi_level", _("with a third party")

    class Template(models.TextChoices):
        """What it was begun from: which parts are offered first, and how one is helped to write them."""

        SHORT = "short", _("Short, in two columns")
        STEPS = "steps", _("Step by step")
        STAGES = "stages", _("By stage")

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        validators=[validate_time_zone],
        help_text=_("Days, weeks and months of its reports are read in this zone."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[RegexValidator(r"^[A-Z]{3}$")]
    )
    calendar = models.ForeignKey(
        BusinessCalendar,
        verbose_name=_("business calendar"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text=_("For teams without one of their own. Empty: the company's."),
    )

    template = models.CharField(
        _("template"), max_length=16, choices=Template.choices, default=Template.SHORT
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, default=Level.CORPORATE)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("inherits from"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="below",
        help_text=_("What it does not promise itself is as promised there."),
    )
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="service_agreements",
        help_text=_("Which leads an agreement of the level “service” is for."),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.INTERNAL)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level=3, segment__isnull=False) | Q(level__in=[1, 2], segment__isnull=True),
                name="agreement_of_service_is_for_a_segment",
                violation_error_message=_("A service agreement names its segment, and no other does."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone of the agreement's days."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def is_for_a_segment(self) -> bool:
        return self.level == self.Level.SERVICE


class PartyQuerySet(models.QuerySet["Party"]):
    """Parties by who speaks for them."""

    def writable_by(self, user: Any) -> PartyQuerySet:
        """Parties for which this user writes and reads drafts: managers and directors of the team, its signatory.

        A signatory who left the team has no more part in it.
        """
        rights = rights_of(user)
        if rights.is_nobody:
            return self.none()
        return self.filter(Q(team__in=rights.managed) | Q(team__in=rights.teams, signatory=rights.user_id))


class Party(models.Model):
    """A team that promises something in an agreement, and who signs for it."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="parties"
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="parties")
    signatory = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("signatory"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text=_("Who signs for the team. Empty: its part needs no signature."),
    )

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [models.UniqueConstraint(fields=["agreement", "team"], name="party_once_per_agreement")]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.team}"


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


class AgreementEventQuerySet(models.QuerySet["AgreementEvent"]):
    """Events by who may read them."""

    def visible_to(self, user: Any) -> AgreementEventQuerySet:
        """Events of the versions that this user may read, and of their agreement as a whole."""
        readable = Q(version__in=Version.objects.visible_to(user))
        return self.filter(readable | Q(version=None, agreement__in=Agreement.objects.visible_to(user)))


class AgreementEvent(models.Model):
    """Something that happened to an agreement: who, when, what. Append-only, guarded by a trigger.

    The events of one agreement are a chain: a trigger gives each its position, writes what it says into `record`, the
    SHA-256 of the event before it too, and hashes that. `data` holds ids, slugs, numbers, days and codes, never words
    that people wrote: those stand in tables of their own, where they can be erased.
    """

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("draft begun")
        EDITED = "edited", _("draft edited")
        WITHDRAWN = "withdrawn", _("draft withdrawn")
        SIGNED = "signed", _("signed by a party")
        IN_FORCE = "in_force", _("signed by all parties")
        SUPERSEDED = "superseded", _("superseded")
        SUBMITTED = "submitted", _("sent to review")
        COMMENTED = "commented", _("commented")
        ANSWERED = "answered", _("comment answered")
        SETTLED = "settled", _("comment settled")
        CHANGES_ASKED = "changes_asked", _("changes asked")
        DOCUMENT_MADE = "document_made", _("signed document made")
        RE_DATED = "re_dated", _("open hand-offs re-dated")
        CALENDAR_PROPOSED = "calendar_proposed", _("new business hours proposed")
        CALENDAR_AGREED = "calendar_agreed", _("new business hours agreed")
        MONTH_CLOSED = "month_closed", _("month closed")
        WATERMELON = "watermelon", _("all promises kept, and yet")
        STRIKE_OPENED = "strike_opened", _("strike opened")
        STRIKE_DIAGNOSED = "strike_diagnosed", _("strike diagnosed")
        ACTION_AGREED = "action_agreed", _("corrective action agreed")
        ACTION_ENDED = "action_ended", _("corrective action ended")
        ACTION_HANDED_ON = "action_handed_on", _("corrective action handed on")
        EXCUSE_PROPOSED = "excuse_proposed", _("excuse proposed")
        EXCUSE_ACCEPTED = "excuse_accepted", _("excuse accepted")
        EXCUSE_REFUSED = "excuse_refused", _("excuse refused")
        CONSEQUENCE_RAISED = "consequence_raised", _("agreed consequence raised")
        DELIVERED = "delivered", _("obligation delivered")
        DUTY_HANDED_ON = "duty_handed_on", _("duty handed on")
        CONTACT_CHANGED = "contact_changed", _("contact changed")
        SUPPORT_NAMED = "support_named", _("supporting agreement named")
        SUPPORT_REMOVED = "support_removed", _("supporting agreement taken away")
        REVIEW_SCHEDULED = "review_scheduled", _("review scheduled")
        REVIEW_HELD = "review_held", _("review held")
        DECIDED = "decided", _("decision made")
        DECISION_DONE = "decision_done", _("decision done")
        DECISION_HANDED_ON = "decision_handed_on", _("decision handed on")
        SIGNATORY_CHANGED = "signatory_changed", _("signatory changed")
        VALUE_ENTERED = "value_entered", _("value of a measure entered")
        VALUE_VOIDED = "value_voided", _("value of a measure voided")
        RENEWED = "renewed", _("renewal begun")
        CANCELLED = "cancelled", _("cancelled")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="events"
    )
    version = models.ForeignKey(
        Version,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
    )
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    happened_at = models.DateTimeField(_("happened at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    data = models.JSONField(_("details"), default=dict)
    position = models.PositiveIntegerField(_("position"), db_default=0, editable=False)
    previous_sha256 = models.CharField(
        _("SHA-256 of the event before"), max_length=64, db_default="", editable=False
    )
    record = models.TextField(_("what is hashed"), db_default="", editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_default="", editable=False)

    objects = AgreementEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement event")
        verbose_name_plural = _("agreement events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(kind="re_dated"), name="version_re_dates_open_hand_offs_once"
            ),
            models.UniqueConstraint(
                fields=["agreement", "position"], name="event_position_once_per_agreement"
            ),
        ]
        indexes = [models.Index(fields=["agreement", "id"], name="agreement_events_in_order")]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()} · {self.happened_at:%Y-%m-%d}"
