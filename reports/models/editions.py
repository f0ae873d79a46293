"""Editions: what a month amounted to as it was known at its close, and who acknowledged that."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement, Party


class EditionQuerySet(models.QuerySet["Edition"]):
    """Editions by who may read them."""

    def visible_to(self, user: Any) -> EditionQuerySet:
        """Everybody who may read the agreement: openness is the point."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))


class Edition(models.Model):
    """One closed month of one agreement, frozen. Append-only, guarded by a trigger; a correction makes the next number.

    `snapshot` is everything that its page says, in the form that its `form` numbers; words that people wrote stand
    apart, so that they can be erased.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="editions"
    )
    month_on = models.DateField(_("month"), help_text=_("Its first day."))
    number = models.PositiveSmallIntegerField(_("number"))
    as_of = models.DateTimeField(_("as of"), help_text=_("What happened after this is left out."))
    made_at = models.DateTimeField(_("made at"))
    form = models.PositiveSmallIntegerField(_("form of the snapshot"))
    snapshot = models.JSONField(_("snapshot"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition of a month")
        verbose_name_plural = _("editions of months")
        ordering = ["agreement", "-month_on", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "month_on", "number"], name="edition_once"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="edition_month_on_first_day"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.month_on:%Y-%m} · {self.number}"


class EditionWords(models.Model):
    """What people wrote, and their names, as an edition's page shows them. Never changed; erased as a whole."""

    edition = models.OneToOneField(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, primary_key=True, related_name="words"
    )
    texts = models.JSONField(_("texts"), default=list)

    class Meta:
        verbose_name = _("words of an edition")
        verbose_name_plural = _("words of editions")

    def __str__(self) -> str:
        return str(self.edition)


class Acknowledgement(models.Model):
    """That a director of one party has seen an edition and takes it as it stands. Append-only, guarded by a trigger."""

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="acknowledgements"
    )
    party = models.ForeignKey(Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("director"), on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"))

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        ordering = ["acknowledged_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "party"], name="acknowledged_once_by_party")
        ]

    def __str__(self) -> str:
        return f"{self.edition} · {self.party}"
