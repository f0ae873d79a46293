"""What each party promises in a version: the MQL goal with its plan, speed, depth, share worked, deadlines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.models.teams import Segment
from agreements.models.versions import Version
from agreements.rights import rights_of

ZERO = dt.timedelta(0)
SHARE_VALIDATORS = [MinValueValidator(Decimal("0.0001")), MaxValueValidator(Decimal(1))]


def behind_a_goal_of(versions: models.QuerySet[Version]) -> Exists:
    """Whether a goal of one of these versions was made of a plan."""
    return Exists(MonthGoal.objects.filter(plan=OuterRef("pk"), commitment__version__in=versions))


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans by who may ask why."""

    def visible_to(self, user: Any) -> PlanQuerySet:
        """Plans behind a goal that this one may read, and a person's own."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        if not rights.reads_what_is_open:
            return self.none()
        readable = behind_a_goal_of(Version.objects.visible_to(user))
        is_own = Q() if rights.user_id is None else Q(created_by=rights.user_id)
        return self.filter(is_own | readable)


class Plan(models.Model):
    """The stored derivation of a goal from the quota: why 412? Written once, never changed."""

    class Split(models.TextChoices):
        EQUAL = "equal", _("equally")
        CALENDAR_DAYS = "calendar_days", _("by calendar days")
        BUSINESS_DAYS = "business_days", _("by business days")
        WEIGHTS = "weights", _("by given weights")

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
    )
    starts_on = models.DateField(_("quota from"))
    ends_on = models.DateField(_("quota ends before"))
    quota = models.DecimalField(_("quota"), max_digits=16, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    marketing_share = models.DecimalField(
        _("share from marketing"), validators=SHARE_VALIDATORS, max_digits=5, decimal_places=4
    )
    average_deal = models.DecimalField(_("average deal"), max_digits=14, decimal_places=2)
    close_rate = models.DecimalField(_("close rate"), max_digits=7, decimal_places=6)
    split = models.CharField(
        _("split over the months"), max_length=16, choices=Split.choices, default=Split.EQUAL
    )
    cycle_days = models.PositiveSmallIntegerField(_("sales cycle in days"), default=0)
    segments = models.JSONField(
        _("segments"),
        default=list,
        blank=True,
        help_text=_("Each with segment, share, average_deal, close_rate and lead_value, as decimal strings."),
    )
    leads = models.PositiveIntegerField(_("leads needed"))
    derivation = models.JSONField(
        _("derivation"),
        default=dict,
        help_text=_("Every step as an exact number in text, and the leads of each month."),
    )
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=models.F("starts_on")), name="plan_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(quota__gte=0), name="plan_quota_not_negative"),
            models.CheckConstraint(
                condition=Q(marketing_share__gt=0, marketing_share__lte=1),
                name="plan_marketing_share_is_a_share",
            ),
            models.CheckConstraint(condition=Q(average_deal__gt=0), name="plan_average_deal_positive"),
            models.CheckConstraint(
                condition=Q(close_rate__gt=0, close_rate__lte=1), name="plan_close_rate_is_a_rate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quota} {self.currency} → {self.leads}"


class Commitment(models.Model):
    """One measurable promise of one party in one version; for one segment, or for all leads."""

    class Kind(models.TextChoices):
        MQL_GOAL = "mql_goal", _("MQL goal")
        SPEED = "speed", _("Speed")
        DEPTH = "depth", _("Depth")
        SHARE_WORKED = "share_worked", _("Share worked")
        ACCEPTANCE = "acceptance", _("Acceptance time")
        OUTCOME = "outcome", _("Time to outcome")

    # Kinds with an allowance from the hand-off, and an agreed share that keeps it.
    DEADLINES = (Kind.ACCEPTANCE, Kind.OUTCOME)

    class Profile(models.TextChoices):
        CALENDAR_DAYS = "calendar_days", _("every calendar day alike")
        BUSINESS_DAYS = "business_days", _("business days only")
        WEIGHTS = "weights", _("by weekday weights")

    class Measure(models.TextChoices):
        QUALIFIED = "qualified", _("qualified")
        HANDED_OFF = "handed_off", _("handed off")
        ACCEPTED = "accepted", _("accepted")
        NET = "net", _("handed off less rejections upheld")
        VALUE = "value", _("value")

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.CASCADE, related_name="commitments"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="commitments"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text=_("Empty: for every lead whose segment has no promise of its own."),
    )

    profile = models.CharField(
        _("goal line"), max_length=16, choices=Profile.choices, default=Profile.CALENDAR_DAYS
    )
    weekday_weights = models.JSONField(
        _("weekday weights"), default=dict, blank=True, help_text=_("mon to sun, for a goal line by weekday.")
    )
    measure = models.CharField(
        _("counted"), max_length=16, choices=Measure.choices, default=Measure.HANDED_OFF
    )
    tolerance = models.DecimalField(
        _("tolerance"),
        default=Decimal("0.1"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=_("Share of the goal to date that counts as on pace, both ways."),
        max_digits=5,
        decimal_places=4,
    )
    counts_recycled = models.BooleanField(_("later hand-offs of a lead count too"), default=False)
    counts_sales_origin = models.BooleanField(_("leads that sales found count too"), default=False)

    allowance = models.DurationField(
        _("allowance"),
        null=True,
        blank=True,
        help_text=_("Business time from the hand-off: to the first attempt, to acceptance or to an outcome."),
    )
    average_goal = models.DurationField(
        _("agreed average"), null=True, blank=True, help_text=_("Average business time to the first attempt.")
    )
    in_time_share = models.DecimalField(
        _("agreed share in time"),
        null=True,
        blank=True,
        validators=SHARE_VALIDATORS,
        max_digits=5,
        decimal_places=4,
    )
    at_risk_share = models.DecimalField(
        _("at risk from"),
        default=Decimal("0.75"),
        validators=SHARE_VALIDATORS,
        help_text=_("Share of the allowance used."),
        max_digits=5,
        decimal_places=4,
    )

    pause_limit = models.DurationField(
        _("pauses at most"),
        null=True,
        blank=True,
        help_text=_("All pauses of one hand-off together. Empty: its clock is never paused."),
    )

    attempts = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, help_text=_("On leads that have not connected.")
    )
    window = models.DurationField(_("follow-up window"), default=dt.timedelta(days=14))
    counts_automated = models.BooleanField(_("automated messages are attempts"), default=False)

    share = models.DecimalField(
        _("agreed share"), null=True, blank=True, validators=SHARE_VALIDATORS, max_digits=5, decimal_places=4
    )

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["version", "kind", "segment"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "segment"],
                nulls_distinct=False,
                name="commitment_once_per_kind_and_segment",
            ),
            models.CheckConstraint(
                condition=~Q(kind="speed") | Q(allowance__isnull=False, allowance__gt=ZERO),
                name="commitment_speed_has_allowance",
                violation_error_message=_("A promise of speed needs an allowance above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["acceptance", "outcome"])
                | Q(allowance__isnull=False, allowance__gt=ZERO),
                name="commitment_deadline_has_allowance",
                violation_error_message=_("A promise by a deadline needs an allowance above zero."),
            ),
            models.CheckConstraint(
                condition=Q(average_goal__isnull=True) | Q(average_goal__gt=ZERO),
                name="commitment_average_goal_positive",
            ),
            models.CheckConstraint(
                condition=Q(pause_limit__isnull=True) | Q(pause_limit__gt=ZERO),
                name="commitment_pause_limit_positive",
                violation_error_message=_("Leave the time of pauses empty where none are agreed."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="depth") | Q(attempts__isnull=False, attempts__gte=1, window__gt=ZERO),
                name="commitment_depth_has_attempts_and_window",
                violation_error_message=_(
                    "A promise of depth needs a number of attempts and a window above zero."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(kind="share_worked") | Q(share__isnull=False),
                name="commitment_share_worked_has_share",
                violation_error_message=_("A promise of a share worked needs the share."),
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=1),
                name="commitment_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(in_time_share__isnull=True) | Q(in_time_share__gt=0, in_time_share__lte=1),
                name="commitment_in_time_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(at_risk_share__gt=0, at_risk_share__lte=1),
                name="commitment_at_risk_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gte=0, tolerance__lte=1), name="commitment_tolerance_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        of_whom = str(self.segment or _("all leads"))
        return f"{self.get_kind_display()} · {of_whom}"


class MonthGoal(models.Model):
    """g: what marketing promises for one month, in leads or (measure value) in expected revenue."""

    commitment = models.ForeignKey(
        Commitment, verbose_name=_("commitment"), on_delete=models.CASCADE, related_name="month_goals"
    )
    month_on = models.DateField(_("month"), help_text=_("Its first day."))
    goal = models.DecimalField(_("goal"), max_digits=14, decimal_places=2)
    plan = models.ForeignKey(
        Plan,
        verbose_name=_("plan"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="month_goals",
    )

    class Meta:
        verbose_name = _("month's goal")
        verbose_name_plural = _("months' goals")
        ordering = ["commitment", "month_on"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "month_on"], name="month_goal_once"),
            models.CheckConstraint(condition=Q(goal__gte=0), name="month_goal_not_negative"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="month_goal_on_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m} · {self.goal}"
