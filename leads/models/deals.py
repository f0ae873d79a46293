"""What leads became: deals, won or not."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of
from leads.models.imports import Import
from leads.models.leads import Lead


class DealQuerySet(models.QuerySet["Deal"]):
    """Deals by who may know whom they are with."""

    def visible_to(self, user: Any) -> DealQuerySet:
        """Deals of the leads that this user may know; those without a lead are for administrators and programs."""
        if rights_of(user).knows_all_leads:
            return self.all()
        return self.filter(lead__in=Lead.objects.visible_to(user))

    def waiting(self) -> DealQuerySet:
        """Deals that name a lead which is not known here."""
        return self.filter(lead=None).exclude(lead_external_id="")


class Deal(models.Model):
    """An opportunity as the CRM knows it. Open while `closed_at` is empty; `is_won` once it is closed as won.

    The lead may be unknown here: `lead_external_id` keeps what the file said. `origin` is only used then.
    """

    system = models.CharField(_("system"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=200)
    lead = models.ForeignKey(
        Lead, verbose_name=_("lead"), on_delete=models.PROTECT, null=True, blank=True, related_name="deals"
    )
    lead_external_id = models.CharField(_("external id of the lead"), max_length=200, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    is_date_only = models.BooleanField(_("only the day is known"), default=False)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_won = models.BooleanField(_("won"), default=False)
    origin = models.CharField(_("origin"), max_length=16, choices=Lead.Origin.choices, blank=True)
    recorded_by = models.ForeignKey(
        Import,
        verbose_name=_("import"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
    )

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [
            models.UniqueConstraint(fields=["system", "external_id"], name="deal_once_per_system"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_on__isnull=True)
                | Q(closed_at__isnull=False, closed_on__isnull=False),
                name="deal_closed_at_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(is_won=False) | Q(closed_at__isnull=False), name="deal_won_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["closed_on"], name="deal_won_by_day", condition=Q(is_won=True)),
            models.Index(fields=["lead"], name="deal_by_lead"),
        ]

    def __str__(self) -> str:
        return self.external_id
