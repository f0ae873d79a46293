"""Links by which somebody shows one chart, or one edition, to people without an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of
from reports.models.editions import Edition


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Share links by who may see that they are there."""

    def visible_to(self, user: Any) -> ShareLinkQuerySet:
        """Who made it, and administrators, who answer for what leaves the house."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        return self.filter(maker=rights.user_id) if rights.user_id is not None else self.none()


class ShareLink(models.Model):
    """One address that shows one thing, as its maker may see it, until it expires or is revoked.

    Only the hash of its secret is kept. `query` is the address of the chart's page, or which campaign or agreement its
    page is of, `chart` which of its charts.
    `free_at` keeps its pace: it moves on with every opening.
    """

    class Subject(models.TextChoices):
        WATERFALL = "waterfall", _("Waterfall")
        SPEED = "speed", _("Speed")
        DEPTH = "depth", _("Depth")
        EXPLORE = "explore", _("Explore")
        RECALIBRATION = "recalibration", _("Recalibration")
        CAMPAIGN = "campaign", _("Campaign")
        MEASURES = "measures", _("Promises over the months")
        EDITION = "edition", _("Edition")

    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.CASCADE,
        related_name="share_links",
    )
    token_sha256 = models.CharField(_("SHA-256 of the secret"), max_length=64, unique=True)
    subject = models.CharField(_("subject"), max_length=16, choices=Subject.choices)
    chart = models.CharField(_("chart"), max_length=40, blank=True)
    query = models.CharField(_("address"), max_length=2000, blank=True)
    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_opened_at = models.DateTimeField(_("last opened at"), null=True, blank=True)
    free_at = models.DateTimeField(_("opened as often as until"), null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("share link")
        verbose_name_plural = _("share links")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject="edition", edition__isnull=False, chart="", query="")
                | (~Q(subject="edition") & Q(edition__isnull=True) & ~Q(chart="")),
                name="share_link_of_a_chart_or_an_edition",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="share_link_ends_after_made"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
                name="share_link_revoked_after_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.chart or self.edition_id} · {self.made_at:%Y-%m-%d}"
