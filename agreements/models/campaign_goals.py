"""What marketing promises of one campaign, or of one source, each month: a part of the month's goal, and signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Party
from agreements.models.campaigns import Campaign
from agreements.models.versions import Version


class CampaignGoalQuerySet(models.QuerySet["CampaignGoal"]):
    """Goals by who may read them."""

    def visible_to(self, user: Any) -> CampaignGoalQuerySet:
        """Those of the versions that this user may read."""
        return self.filter(version__in=Version.objects.visible_to(user))


class CampaignGoal(models.Model):
    """Leads that a party promises of one campaign, or of one source, in each of some months. Part of what is signed.

    `name` is as the leads themselves say. Its leads are some of those of the month's goal: they are counted, and the
    goal is spread over the month's days, as it agrees. A trigger refuses any change once the version is signed.
    """

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.CASCADE, related_name="campaign_goals"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("promised by"), on_delete=models.PROTECT, related_name="campaign_goals"
    )
    of = models.CharField(
        _("of one"), max_length=8, choices=Campaign.Of.choices, default=Campaign.Of.CAMPAIGN
    )
    name = models.CharField(_("name"), max_length=150, help_text=_("As leads name it."))
    goal = models.PositiveIntegerField(_("leads a month"), validators=[MinValueValidator(1)])
    first_on = models.DateField(
        _("first month"),
        null=True,
        blank=True,
        help_text=_("Its first day. Empty: from the version's first."),
    )
    last_on = models.DateField(
        _("last month"), null=True, blank=True, help_text=_("Its first day. Empty: to the version's last.")
    )
    edits = models.PositiveIntegerField(_("edits"), default=0, editable=False)

    objects = CampaignGoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal of a campaign or source")
        verbose_name_plural = _("goals of campaigns and sources")
        ordering = ["version", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="campaign_goal_has_a_name"),
            models.CheckConstraint(
                condition=Q(goal__gte=1),
                name="campaign_goal_promises_leads",
                violation_error_message=_("Promise one lead a month at least."),
            ),
            models.CheckConstraint(
                condition=(Q(first_on__isnull=True) | Q(first_on__day=1))
                & (Q(last_on__isnull=True) | Q(last_on__day=1)),
                name="campaign_goal_months_by_first_day",
            ),
            models.CheckConstraint(
                condition=Q(first_on__isnull=True) | Q(last_on__isnull=True) | Q(last_on__gte=F("first_on")),
                name="campaign_goal_ends_after_it_begins",
                violation_error_message=_("The last month is not before the first."),
            ),
            ExclusionConstraint(
                name="campaign_goal_once_a_month",
                expressions=[
                    ("version", RangeOperators.EQUAL),
                    ("of", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    (
                        Func(
                            "first_on",
                            "last_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("The same has a goal in some of these months already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.goal}"

    @property
    def subject(self) -> str:
        """Tell it apart from all others of an agreement, in whichever version."""
        return f"{self.of}:{self.name}"

    def covers(self, month_on: dt.date) -> bool:
        """Whether it is promised for a month, by the month's first day."""
        begins = self.first_on is None or self.first_on <= month_on
        return begins and (self.last_on is None or month_on <= self.last_on)
