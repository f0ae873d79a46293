"""New business hours that are to count for open hand-offs too: proposed, and agreed to by a director of each party."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.models.calendars import CalendarRevision
from agreements.models.versions import Version


class HoursProposalQuerySet(models.QuerySet["HoursProposal"]):
    """Proposals by who may read them."""

    def visible_to(self, user: Any) -> HoursProposalQuerySet:
        """Those that concern an agreement which this person may read."""
        readable = Agreement.objects.visible_to(user)
        return self.filter(
            Exists(HoursConsent.objects.filter(proposal=OuterRef("pk"), party__agreement__in=readable))
        )

    def open(self) -> HoursProposalQuerySet:
        return self.filter(state=HoursProposal.State.OPEN)


class HoursProposal(models.Model):
    """That a calendar's newest revision shall count for hand-offs that are open under older ones, too.

    It concerns the agreements of whose parties it has consents; with the last of these it is applied, to all at once.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waits for consent")
        APPLIED = "applied", _("applied")
        WITHDRAWN = "withdrawn", _("withdrawn")

    revision = models.ForeignKey(
        CalendarRevision, verbose_name=_("new hours"), on_delete=models.PROTECT, related_name="proposals"
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("applied or withdrawn at"), null=True, blank=True)

    objects = HoursProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal of new hours")
        verbose_name_plural = _("proposals of new hours")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision"], condition=Q(state="open"), name="hours_proposed_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | ~Q(state="open") & Q(ended_at__isnull=False),
                name="hours_proposal_ended_says_when",
            ),
        ]

    def __str__(self) -> str:
        return str(self.revision)


class HoursConsent(models.Model):
    """One party's consent to a proposal: asked for when it is made, given once by a director of the party's team.

    `version` is the one in force when it was asked for: under another one it has to be asked for again.
    """

    proposal = models.ForeignKey(
        HoursProposal, verbose_name=_("proposal"), on_delete=models.CASCADE, related_name="consents"
    )
    party = models.ForeignKey(Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        Version, verbose_name=_("version in force"), on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField(_("given at"), null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("consent to new hours")
        verbose_name_plural = _("consents to new hours")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "party"], name="hours_consent_once_per_party"),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, given_by__isnull=True)
                | Q(given_at__isnull=False, given_by__isnull=False),
                name="hours_consent_says_when_and_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} · {self.party.team}"
