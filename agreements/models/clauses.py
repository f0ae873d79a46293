"""The written parts of a version: what stands beside the numbers, of one party or of both."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Party
from agreements.models.teams import Segment
from agreements.models.versions import Version


class Clause(models.Model):
    """One written part of a version, of one party or (without one) shared. Part of what is signed.

    The shared definition of a qualified lead may be that of one segment alone.

    A trigger refuses any change once the version is signed.
    """

    class Topic(models.TextChoices):
        """In the order in which they are read."""

        SCOPE = "scope", _("Scope, and what is excluded")
        QUALIFICATION = "qualification", _("When a lead is qualified")
        GOALS = "goals", _("Goals")
        HAND_OFF = "hand_off", _("Hand-off")
        NURTURE = "nurture", _("Leads that are not ready yet")
        NEEDS = "needs", _("What we need from the other side")
        INITIATIVES = "initiatives", _("Initiatives for the period")
        CONSEQUENCE = "consequence", _("If we do not meet our goal, we will …")
        CANCELLATION = "cancellation", _("Conditions of cancellation")
        CONTINGENCY = "contingency", _("If something unexpected happens")
        REVIEW = "review", _("Review")

    version = models.ForeignKey(
        Version, verbose_name=_("version"), on_delete=models.CASCADE, related_name="clauses"
    )
    party = models.ForeignKey(
        Party,
        verbose_name=_("party"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="clauses",
        help_text=_("Empty: of both sides."),
    )
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="clauses",
        help_text=_("Empty: for every lead whose segment has no definition of its own."),
    )
    topic = models.CharField(_("topic"), max_length=32, choices=Topic.choices)
    text = models.TextField(_("text"), max_length=20_000)

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "party", "topic", "segment"],
                nulls_distinct=False,
                name="clause_once_per_topic_party_and_segment",
            ),
            models.CheckConstraint(
                condition=Q(segment__isnull=True) | Q(topic="qualification", party__isnull=True),
                name="clause_of_segment_is_a_shared_definition",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.get_topic_display()}"
