"""Follow-up attempts: appended, never changed; undo voids."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.hand_offs import HandOff
from leads.models.imports import Import


class FollowUpAttemptQuerySet(models.QuerySet["FollowUpAttempt"]):
    """Attempts that still count."""

    def standing(self) -> FollowUpAttemptQuerySet:
        """Not voided."""
        return self.filter(voided_at__isnull=True)

    def impossible(self) -> FollowUpAttemptQuerySet:
        """Those with an outcome that their channel cannot have."""
        pairs = (Q(channel=one, outcome__in=none) for one, none in FollowUpAttempt.IMPOSSIBLE.items())
        return self.filter(reduce(or_, pairs))

    def visible_to(self, user: Any) -> FollowUpAttemptQuerySet:
        """Attempts on the hand-offs that this user may see."""
        return self.filter(hand_off__in=HandOff.objects.visible_to(user))


class FollowUpAttempt(models.Model):
    """One try to reach a lead. A trigger refuses any change but voiding it once, or moving it to the episode
    of the same lead that it falls in. `attempted_on` is the local day, or the day given where `is_date_only`.
    """

    class Channel(models.TextChoices):
        CALL = "call", _("call")
        EMAIL = "email", _("e-mail")
        MESSAGE = "message", _("message")
        SOCIAL = "social", _("social network")
        MEETING = "meeting", _("meeting")
        VISIT = "visit", _("visit")
        OTHER = "other", _("other")

    class Outcome(models.TextChoices):
        NO_ANSWER = "no_answer", _("no answer")
        VOICEMAIL = "voicemail", _("voicemail")
        LEFT_MESSAGE = "left_message", _("left a message")
        SENT = "sent", _("sent")
        BOUNCED = "bounced", _("bounced")
        WRONG_CONTACT = "wrong_contact", _("wrong contact")
        CONNECTED = "connected", _("connected")
        CALLBACK_REQUESTED = "callback_requested", _("asked to be called back")
        MEETING_BOOKED = "meeting_booked", _("meeting booked")
        NOT_INTERESTED = "not_interested", _("not interested")

    # Outcomes that are a real two-way contact.
    CONNECTING = ("connected", "callback_requested", "meeting_booked", "not_interested")

    # Outcomes that a channel cannot have: only what is written is sent and bounces, no e-mail meets a voicemail.
    IMPOSSIBLE = {
        "call": ("sent", "bounced"),
        "email": ("voicemail",),
        "meeting": ("sent", "bounced", "voicemail"),
        "visit": ("sent", "bounced", "voicemail"),
    }

    hand_off = models.ForeignKey(
        HandOff,
        verbose_name=_("hand-off"),
        on_delete=models.PROTECT,
        related_name="follow_up_attempts",
        db_index=False,  # the one by hand-off and time serves
    )
    system = models.CharField(_("system"), max_length=64)
    external_id = models.CharField(_("external id"), max_length=200)
    attempted_at = models.DateTimeField(_("attempted at"))
    attempted_on = models.DateField(_("attempted on"))
    is_date_only = models.BooleanField(_("only the day is known"), default=False)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    is_automated = models.BooleanField(_("automated"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # the one by person and time serves
    )
    by_name = models.CharField(_("by someone outside the product"), max_length=150, blank=True)
    logged_at = models.DateTimeField(_("logged at"))
    recorded_by = models.ForeignKey(
        Import,
        verbose_name=_("import"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attempts",
        db_index=False,
    )
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("voided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    void_reason = models.CharField(_("why voided"), max_length=200, blank=True)

    objects = FollowUpAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["system", "external_id"],
                name="attempt_stands_once_per_system",
                condition=Q(voided_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["hand_off", "attempted_at"], name="attempt_by_hand_off"),
            models.Index(fields=["system", "external_id"], name="attempt_by_external_id"),
            models.Index(fields=["by", "logged_at"], name="attempt_by_person_and_time"),
            models.Index(fields=["attempted_at", "id"], name="attempt_by_time"),
            models.Index(
                fields=["recorded_by"], name="attempt_by_import", condition=Q(recorded_by__isnull=False)
            ),
            models.Index(
                fields=["voided_by"], name="attempt_by_voider", condition=Q(voided_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_outcome_display()}"

    @classmethod
    def can_be(cls, channel: str, outcome: str) -> bool:
        """Whether a try by this channel can have this outcome."""
        return outcome not in cls.IMPOSSIBLE.get(channel, ())


class AttemptNote(models.Model):
    """What the person wrote about an attempt: personal text, apart from the immutable row so it can be erased."""

    attempt = models.OneToOneField(
        FollowUpAttempt, verbose_name=_("attempt"), on_delete=models.CASCADE, related_name="note"
    )
    text = models.TextField(_("note"))

    class Meta:
        verbose_name = _("note on an attempt")
        verbose_name_plural = _("notes on attempts")

    def __str__(self) -> str:
        return self.text[:50]
