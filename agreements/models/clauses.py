"""The written parts of a version: what stands beside the numbers, of one party or of both."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Party, Version


class Clause(models.Model):
    """One written part of a version, of one party or (without one) shared. Part of what is signed.

    A trigger refuses any change once the version is signed.
    """

    class Topic(models.TextChoices):
        """In the order in which they are read."""

        SCOPE = "scope", _("Scope, and what is excluded")
        QUALIFICATION = "qualification", _("When a lead is qualified")
        GOALS = "goals", _("Goals")
        NEEDS = "needs", _("What we need from the other side")
        INITIATIVES = "initiatives", _("Initiatives for the period")
        CONSEQUENCE = "consequence", _("If we do not meet our goal, we will …")
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
    topic = models.CharField(_("topic"), max_length=32, choices=Topic.choices)
    text = models.TextField(_("text"), max_length=20_000)

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "party", "topic"],
                nulls_distinct=False,
                name="clause_once_per_topic_and_party",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.get_topic_display()}"
