"""What an agreement rests on: operational agreements and suppliers' contracts, of the product or outside it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement


class SupportQuerySet(models.QuerySet["Support"]):
    """Supports by who may read them."""

    def visible_to(self, user: Any) -> SupportQuerySet:
        """Those of the agreements that this person may read."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))


class Support(models.Model):
    """One agreement or document that an agreement rests on. No part of what is signed; naming one leaves an event.

    A trigger refuses one with which an agreement would come to rest on itself.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="supports"
    )
    supporter = models.ForeignKey(
        Agreement,
        verbose_name=_("an agreement of this product"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="supported",
    )
    name = models.CharField(
        _("or a document outside it"),
        max_length=150,
        blank=True,
        help_text=_("As in: contract with the telephone company."),
    )
    reference = models.CharField(
        _("where it is"), max_length=200, blank=True, help_text=_("A number, a place, an address.")
    )
    ends_on = models.DateField(
        _("ends before"),
        null=True,
        blank=True,
        help_text=_("First day no longer covered. Empty: open-ended."),
    )
    is_signed = models.BooleanField(_("it is signed"), default=True)
    named_at = models.DateTimeField(_("named at"))
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("named by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = SupportQuerySet.as_manager()

    class Meta:
        verbose_name = _("supporting agreement")
        verbose_name_plural = _("supporting agreements")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "supporter", "name"],
                nulls_distinct=False,
                name="support_once_per_agreement",
            ),
            models.CheckConstraint(
                condition=Q(supporter__isnull=False, name="", reference="", ends_on__isnull=True)
                | Q(supporter__isnull=True) & ~Q(name=""),
                name="support_is_an_agreement_or_a_document",
            ),
            models.CheckConstraint(
                condition=Q(supporter__isnull=True) | ~Q(supporter=F("agreement")), name="support_of_another"
            ),
        ]

    def __str__(self) -> str:
        return self.supporter.name if self.supporter is not None else self.name
