"""The person or company that may buy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Lower, Upper
from django.utils.translation import gettext_lazy as _

from agreements.models import Segment
from agreements.rights import rights_of
from leads.searched import SEARCHED, as_searched


class LeadQuerySet(models.QuerySet["Lead"]):
    """Leads by who may know whom they are about."""

    def visible_to(self, user: Any) -> LeadQuerySet:
        """Leads whose person this user works with: through a hand-off, or not handed over yet.

        A hand-off is the business of its owner, the owner's managers, who handed it off; without an owner of its
        receiving team; without a team either of those who manage sales. What nobody has handed over yet is
        marketing's. Administrators and programs see all. Who sees a lead sees its whole history. A lead that was
        merged into another is found there alone.
        """
        rights = rights_of(user)
        if rights.knows_all_leads:
            return self.filter(merged_into=None)
        hand_offs = apps.get_model("leads", "HandOff").objects
        concerned = Exists(hand_offs.concerning(rights).filter(lead=OuterRef("pk")))
        if rights.is_marketing:
            is_new = ~Exists(hand_offs.filter(lead=OuterRef("pk")))
            return self.filter(concerned | is_new, merged_into=None)
        return self.filter(concerned) if rights.may_work_leads else self.none()

    def told_to(self, user: Any) -> LeadQuerySet:
        """Leads that this user may know, and those that were merged into one of them."""
        goes_on = Lead.objects.visible_to(user).filter(pk=Coalesce(OuterRef("merged_into"), OuterRef("pk")))
        return self.filter(Exists(goes_on))

    def absorbed(self) -> LeadQuerySet:
        """Leads that were merged into another."""
        return self.filter(merged_into__isnull=False)

    def with_words(self, words: Iterable[str], *, or_among: Iterable[int | None] = ()) -> LeadQuerySet:
        """Leads in whose name, company, e-mail address or external id each of these words is found.

        Those of the ids `or_among` are found besides: numbers rather than a query, so that an index answers for both.
        """
        found = Q()
        for word in words:
            found &= Q(searched__icontains=as_searched(word))
        if ids := list(or_among):
            found |= Q(pk__in=ids)
        return self.alias(searched=SEARCHED).filter(found)


class Lead(models.Model):
    """A lead, known by its id in the system it came from. Its contact fields may be erased; its counts stay.
    An id that was made of them, for want of one of the system, is one of them.

    `qualified_on` is the local day of `qualified_at`, or the day that was given where `is_qualified_date_only`.
    """

    class Origin(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        SALES = "sales", _("Sales")

    system = models.CharField(_("system"), max_length=64, help_text=_("The system that knows it by this id."))
    external_id = models.CharField(_("external id"), max_length=200)
    origin = models.CharField(_("origin"), max_length=16, choices=Origin.choices, default=Origin.MARKETING)
    source = models.CharField(_("source"), max_length=100, blank=True)
    campaign = models.CharField(_("campaign"), max_length=150, blank=True)
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
    )
    qualified_at = models.DateTimeField(_("qualified at"))
    qualified_on = models.DateField(_("qualified on"))
    is_qualified_date_only = models.BooleanField(_("only the day is known"), default=False)
    created_at = models.DateTimeField(_("recorded at"))
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="absorbed",
        db_index=False,
        help_text=_("The lead that has its hand-offs and deals now; never one that was merged itself."),
    )

    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    email = models.CharField(_("e-mail"), max_length=320, blank=True)
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    country = models.CharField(_("country"), max_length=64, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints = [
            models.UniqueConstraint(fields=["system", "external_id"], name="lead_once_per_system"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="lead_merged_into_another"),
        ]
        indexes = [
            models.Index(fields=["qualified_on"], name="lead_by_qualified_day"),
            models.Index(fields=["qualified_at", "id"], name="lead_by_qualified_time"),
            models.Index(
                fields=["merged_into"], name="lead_absorbed", condition=Q(merged_into__isnull=False)
            ),
            models.Index(Lower("company"), name="lead_by_company", condition=~Q(company="")),
            GinIndex(OpClass(Upper(SEARCHED), name="gin_trgm_ops"), name="lead_by_words"),
        ]

    def __str__(self) -> str:
        return self.name or self.company or self.external_id
