"""The agreement and its parties. What it says stands in `agreements.models.versions`."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.calendars import BusinessCalendar
from agreements.models.teams import Segment, Team
from agreements.rights import rights_of
from agreements.time_zones import validate_time_zone


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements by who may read them."""

    def visible_to(self, user: Any) -> AgreementQuerySet:
        """Signed ones for everybody who is signed in: openness is the point; others as their drafts."""
        from agreements.models.versions import Version  # built on this module

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

    def above(self, agreement: Agreement) -> AgreementQuerySet:
        """Those that the agreement inherits from: there are three levels."""
        return self.filter(Q(below=agreement.pk) | Q(below__below=agreement.pk))


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
