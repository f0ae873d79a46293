"""What marketing plans of one campaign, or of one source, under the goal that was agreed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement

LONGEST = dt.timedelta(days=366)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns by who may read them, and by their days."""

    def visible_to(self, user: Any) -> CampaignQuerySet:
        """Those of the agreements that this person may read."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))

    def running_in(self, start: dt.date, end: dt.date) -> CampaignQuerySet:
        """Those that have one of the days [start, end)."""
        return self.filter(starts_on__lt=end, last_on__gte=start)


class Campaign(models.Model):
    """Leads planned of one campaign, or of one source, on some days: `name` is as the leads themselves say.

    A plan of marketing's under the month's goal, changed at any time: no term of a version, so nobody signs it.
    """

    class Of(models.TextChoices):
        CAMPAIGN = "campaign", _("campaign")
        SOURCE = "source", _("source")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="campaigns"
    )
    of = models.CharField(_("of one"), max_length=8, choices=Of.choices, default=Of.CAMPAIGN)
    name = models.CharField(_("name"), max_length=150, help_text=_("As leads name it."))
    starts_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    goal = models.PositiveIntegerField(
        _("leads planned"), validators=[MinValueValidator(1)], help_text=_("Over all its days, each alike.")
    )
    budget = models.DecimalField(
        _("budget"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("In the currency of the agreement."),
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["starts_on", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("starts_on")) & Q(last_on__lt=F("starts_on") + LONGEST),
                name="campaign_lasts_up_to_a_year",
                violation_error_message=_(
                    "The last day is not before the first, and less than a year later."
                ),
            ),
            models.CheckConstraint(
                condition=Q(goal__gte=1),
                name="campaign_plans_leads",
                violation_error_message=_("Plan one lead at least."),
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0),
                name="campaign_budget_not_negative",
                violation_error_message=_("A budget is nothing or more."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="campaign_has_a_name"),
            ExclusionConstraint(
                name="campaign_planned_once_a_day",
                expressions=[
                    ("agreement", RangeOperators.EQUAL),
                    ("of", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_on",
                            "last_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("The same is planned on some of these days already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_on - self.starts_on).days + 1
