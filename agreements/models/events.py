"""What happened to an agreement: a chain of events that nobody rewrites unseen."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.versions import Version


class AgreementEventQuerySet(models.QuerySet["AgreementEvent"]):
    """Events by who may read them."""

    def visible_to(self, user: Any) -> AgreementEventQuerySet:
        """Events of the versions that this user may read, and of their agreement as a whole."""
        readable = Q(version__in=Version.objects.visible_to(user))
        return self.filter(readable | Q(version=None, agreement__in=Agreement.objects.visible_to(user)))


class AgreementEvent(models.Model):
    """Something that happened to an agreement: who, when, what. Append-only, guarded by a trigger.

    The events of one agreement are a chain: a trigger gives each its position, writes what it says into `record`, the
    SHA-256 of the event before it too, and hashes that. `data` holds ids, slugs, numbers, days and codes, never words
    that people wrote: those stand in tables of their own, where they can be erased.
    """

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("draft begun")
        EDITED = "edited", _("draft edited")
        WITHDRAWN = "withdrawn", _("draft withdrawn")
        SIGNED = "signed", _("signed by a party")
        IN_FORCE = "in_force", _("signed by all parties")
        SUPERSEDED = "superseded", _("superseded")
        SUBMITTED = "submitted", _("sent to review")
        COMMENTED = "commented", _("commented")
        ANSWERED = "answered", _("comment answered")
        SETTLED = "settled", _("comment settled")
        CHANGES_ASKED = "changes_asked", _("changes asked")
        DOCUMENT_MADE = "document_made", _("signed document made")
        RE_DATED = "re_dated", _("open hand-offs re-dated")
        CALENDAR_PROPOSED = "calendar_proposed", _("new business hours proposed")
        CALENDAR_AGREED = "calendar_agreed", _("new business hours agreed")
        MONTH_CLOSED = "month_closed", _("month closed")
        EDITION_MADE = "edition_made", _("edition made")
        EDITION_ACKNOWLEDGED = "edition_acknowledged", _("edition acknowledged")
        WATERMELON = "watermelon", _("all promises kept, and yet")
        STRIKE_OPENED = "strike_opened", _("strike opened")
        STRIKE_DIAGNOSED = "strike_diagnosed", _("strike diagnosed")
        ACTION_AGREED = "action_agreed", _("corrective action agreed")
        ACTION_ENDED = "action_ended", _("corrective action ended")
        ACTION_HANDED_ON = "action_handed_on", _("corrective action handed on")
        EXCUSE_PROPOSED = "excuse_proposed", _("excuse proposed")
        EXCUSE_ACCEPTED = "excuse_accepted", _("excuse accepted")
        EXCUSE_REFUSED = "excuse_refused", _("excuse refused")
        CONSEQUENCE_RAISED = "consequence_raised", _("agreed consequence raised")
        DELIVERED = "delivered", _("obligation delivered")
        DUTY_HANDED_ON = "duty_handed_on", _("duty handed on")
        CONTACT_CHANGED = "contact_changed", _("contact changed")
        CAMPAIGN_CHANGED = "campaign_changed", _("plan of a campaign changed")
        SUPPORT_NAMED = "support_named", _("supporting agreement named")
        SUPPORT_REMOVED = "support_removed", _("supporting agreement taken away")
        REVIEW_SCHEDULED = "review_scheduled", _("review scheduled")
        REVIEW_HELD = "review_held", _("review held")
        DECIDED = "decided", _("decision made")
        DECISION_DONE = "decision_done", _("decision done")
        DECISION_HANDED_ON = "decision_handed_on", _("decision handed on")
        SIGNATORY_CHANGED = "signatory_changed", _("signatory changed")
        VALUE_ENTERED = "value_entered", _("value of a measure entered")
        VALUE_VOIDED = "value_voided", _("value of a measure voided")
        RENEWED = "renewed", _("renewal begun")
        CANCELLED = "cancelled", _("cancelled")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="events"
    )
    version = models.ForeignKey(
        Version,
        verbose_name=_("version"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
    )
    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    happened_at = models.DateTimeField(_("happened at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    data = models.JSONField(_("details"), default=dict)
    position = models.PositiveIntegerField(_("position"), db_default=0, editable=False)
    previous_sha256 = models.CharField(
        _("SHA-256 of the event before"), max_length=64, db_default="", editable=False
    )
    record = models.TextField(_("what is hashed"), db_default="", editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_default="", editable=False)

    objects = AgreementEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement event")
        verbose_name_plural = _("agreement events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(kind="re_dated"), name="version_re_dates_open_hand_offs_once"
            ),
            models.UniqueConstraint(
                fields=["agreement", "position"], name="event_position_once_per_agreement"
            ),
        ]
        indexes = [models.Index(fields=["agreement", "id"], name="agreement_events_in_order")]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()} · {self.happened_at:%Y-%m-%d}"
