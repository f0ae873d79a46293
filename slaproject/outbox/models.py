"""What the outbox keeps: what is still to be read, who is told of what, by which way, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement
from agreements.rights import rights_of
from leads.models import HandOff
from slaproject.outbox.hearing import Rhythm as PureRhythm
from slaproject.outbox.kinds import Channel as PureChannel
from slaproject.outbox.kinds import Subject as PureSubject


class Rhythm(models.TextChoices):
    """How soon somebody hears, as people read it."""

    NOW = PureRhythm.NOW, _("at once")
    HOURLY = PureRhythm.HOURLY, _("once an hour")
    DAILY = PureRhythm.DAILY, _("once a day")
    NEVER = PureRhythm.NEVER, _("never")


class Channel(models.TextChoices):
    """The ways to somebody, as people read them."""

    APP = PureChannel.APP, _("here")
    MAIL = PureChannel.MAIL, _("mail")
    CHAT = PureChannel.CHAT, _("chat")
    WEBHOOK = PureChannel.WEBHOOK, _("webhook")


class Subject(models.TextChoices):
    """The lines of the preferences page."""

    MINE = PureSubject.MINE, _("my leads: at risk, overdue")
    EARLY = PureSubject.EARLY, _("my leads: a part of the time is used")
    GIVEN = PureSubject.GIVEN, _("a lead is given to me")
    TEAM = PureSubject.TEAM, _("overdue leads of my team")
    RETURNED = (
        PureSubject.RETURNED,
        _("leads I handed over come back (marketing’s managers: also those that nobody handed over by hand)"),
    )
    REJECTIONS = PureSubject.REJECTIONS, _("rejections: disputed, upheld, withdrawn")
    PACE = PureSubject.PACE, _("the month’s goal: behind, ahead, at risk")
    SIGNING = PureSubject.SIGNING, _("a draft waits for me")
    AGREEMENTS = PureSubject.AGREEMENTS, _("something happened to an agreement")
    DATES = PureSubject.DATES, _("due dates, values to enter, reviews and ends")
    HANDED_ON = PureSubject.HANDED_ON, _("something is handed on to me")
    WATERMELON = PureSubject.WATERMELON, _("a month that only looks good: every promise kept, and yet")
    EDITIONS = PureSubject.EDITIONS, _("closed months: to be acknowledged, acknowledged by all")
    NIGHTLY = (
        PureSubject.NIGHTLY,
        _("marketing’s progress, in the evening of a working day (sales’ managers)"),
    )
    WEEKLY = PureSubject.WEEKLY, _("the week in three sentences, on Monday morning (managers)")
    FILES = PureSubject.FILES, _("a file that I asked for is ready")
    SCHEDULED = PureSubject.SCHEDULED, _("a file that comes by itself is ready, or could not be made")


class Arrival(models.Model):
    """A row that an app left and that was not read yet. Triggers write it in the transaction of the change, whoever
    makes it; who reads it deletes it in the transaction that writes what follows.

    So nothing hangs on an order: an id that was given early and committed late is read when it is there, and a long
    import holds nobody up, as a fence at the oldest running transaction would.
    """

    class Source(models.TextChoices):
        LEAD = "lead", _("event of a hand-off")
        CLOCK = "clock", _("clock of a hand-off")
        AGREEMENT = "agreement", _("event of an agreement")
        EXPORT = "export", _("file that somebody asked for")

    source = models.CharField(_("from"), max_length=16, choices=Source.choices)
    row_id = models.BigIntegerField(_("row"))
    tries = models.PositiveSmallIntegerField(
        _("tries"),
        db_default=0,
        help_text=_("How often it could not be read: such a row stands behind the others."),
    )

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        indexes = [models.Index(fields=["tries", "id"], name="arrival_in_order")]

    def __str__(self) -> str:
        return f"{self.source} {self.row_id}"


class SetAside(models.Model):
    """Something that could not be told of, and is left alone until `try_at` so that it keeps nothing else back.

    It says no more than the kind of the fault, which names nobody.
    """

    class Source(models.TextChoices):
        NOTICE = "notice", _("notice of a date")
        RUNG = "rung", _("rung of a clock")
        GOAL = "goal", _("goal of an agreement")
        PERSON = "person", _("messages of a person")
        DIGEST = "digest", _("digest of an agreement")

    source = models.CharField(_("what"), max_length=16, choices=Source.choices)
    row_id = models.BigIntegerField(_("row"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=1)
    tried_at = models.DateTimeField(_("last tried at"))
    try_at = models.DateTimeField(_("left alone until"))
    fault = models.CharField(_("kind of fault"), max_length=100)

    class Meta:
        verbose_name = _("thing set aside")
        verbose_name_plural = _("things set aside")
        constraints = [models.UniqueConstraint(fields=["source", "row_id"], name="set_aside_once_per_row")]

    def __str__(self) -> str:
        return f"{self.source} {self.row_id}"


class Rung(models.Model):
    """The instant at which a clock that still waits reaches a rung of the ladder that is no event of its own.

    Worked out anew whenever the clock changes; it counts only while `due_at` is the hand-off's.
    """

    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="rungs"
    )
    rung = models.CharField(_("rung"), max_length=32)
    reached_at = models.DateTimeField(_("reached at"))
    due_at = models.DateTimeField(_("due at then"))

    class Meta:
        verbose_name = _("rung of a clock")
        verbose_name_plural = _("rungs of clocks")
        constraints = [models.UniqueConstraint(fields=["hand_off", "rung"], name="rung_once_per_hand_off")]
        indexes = [models.Index(fields=["reached_at"], name="rung_by_instant")]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.rung}"


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts by whose they are."""

    def visible_to(self, user: Any) -> AlertQuerySet:
        """Keep what this person is told: an alert is nobody else's, not even an administrator's."""
        return self.filter(person=rights_of(user).user_id, is_shown=True)

    def unread(self) -> AlertQuerySet:
        return self.filter(read_at=None)


class Alert(models.Model):
    """One person is told of one thing, once. It holds ids alone: what it says is worked out for who reads it."""

    class Place(models.TextChoices):
        """Why somebody is told."""

        OWNER = "owner", _("it is your lead")
        MANAGER = "manager", _("you manage the team that works it")
        DIRECTOR = "director", _("you direct the team that works it")
        GIVER = "giver", _("you handed it over")
        DISPUTER = "disputer", _("you disputed its rejection")
        ADMINISTRATOR = (
            "administrator",
            _("nobody in sales manages who worked it, and you are an administrator"),
        )
        PARTY = "party", _("your team is a party to this agreement")
        SIGNATORY = "signatory", _("you sign or write for a party to this agreement")
        LEADER = "leader", _("you lead a team for which an agreement is in force")
        PARTY_DIRECTOR = "party_director", _("you direct a party to this agreement")
        HEIR = "heir", _("it was handed on to you")
        DUTY = "duty", _("you answer for it, or are told of this agreement’s dates")
        ASKER = "asker", _("you asked for it")
        MARKETING = "marketing", _("you manage the team that promises the month’s goal")
        MARKETING_HEAD = (
            "marketing_head",
            _("you manage marketing, and nobody else there answers for this lead"),
        )

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="alerts"
    )
    kind = models.CharField(_("kind"), max_length=32)
    about = models.BigIntegerField(_("about"), help_text=_("The id of what it is about, by kind."))
    subject = models.CharField(_("subject"), max_length=16, choices=Subject.choices)
    place = models.CharField(_("why"), max_length=16, choices=Place.choices)
    hand_off = models.ForeignKey(
        HandOff,
        verbose_name=_("hand-off"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="alerts",
    )
    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="alerts",
    )
    happened_at = models.DateTimeField(_("happened at"))
    made_at = models.DateTimeField(_("told at"))
    is_late = models.BooleanField(_("told late"), default=False)
    is_shown = models.BooleanField(
        _("shown in the app"), default=True, help_text=_("By the person’s choice when it was made.")
    )
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "about"], name="alert_once_per_thing"),
        ]
        indexes = [
            models.Index(fields=["person", "-made_at", "-id"], name="alert_newest_first"),
            models.Index(fields=["person"], name="alert_unread", condition=Q(read_at=None, is_shown=True)),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.kind} · {self.about}"


class Message(models.Model):
    """What goes to one person by one way at one time: all that waited by then. Its words are made when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("nothing left to tell")
        PARKED = "parked", _("parked")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="messages"
    )
    channel = models.CharField(_("way"), max_length=16, choices=Channel.choices)
    is_test = models.BooleanField(_("a test"), default=False)
    is_digest = models.BooleanField(
        _("a digest"), default=False, help_text=_("It comes at its own hour, also outside of working hours.")
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(_("made at"))
    try_at = models.DateTimeField(_("next try at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    fault = models.CharField(_("why it was not sent"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | ~Q(state="waiting") & Q(ended_at__isnull=False),
                name="message_ended_says_when",
            )
        ]
        indexes = [
            models.Index(fields=["try_at"], name="message_waiting", condition=Q(state="waiting")),
            models.Index(fields=["-id"], name="message_parked", condition=Q(state="parked")),
            models.Index(fields=["person", "channel", "ended_at"], name="message_by_person_and_way"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.channel} · {self.state}"


class Errand(models.Model):
    """One alert on its way to its person by one channel; `message` is what it goes out with."""

    alert = models.ForeignKey(
        Alert, verbose_name=_("alert"), on_delete=models.CASCADE, related_name="errands"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    channel = models.CharField(_("way"), max_length=16, choices=Channel.choices)
    is_at_once = models.BooleanField(_("at once"))
    send_at = models.DateTimeField(_("goes out at"))
    message = models.ForeignKey(
        Message,
        verbose_name=_("message"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="errands",
    )

    class Meta:
        verbose_name = _("errand")
        verbose_name_plural = _("errands")
        constraints = [models.UniqueConstraint(fields=["alert", "channel"], name="errand_once_per_channel")]
        indexes = [
            models.Index(
                fields=["send_at", "person", "channel"], name="errand_waiting", condition=Q(message=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} · {self.channel}"


class Preference(models.Model):
    """How soon a person wants to hear of a subject by a channel; where there is none, `kinds.usual` holds."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="alert_preferences",
    )
    subject = models.CharField(_("subject"), max_length=16, choices=Subject.choices)
    channel = models.CharField(_("way"), max_length=16, choices=Channel.choices)
    rhythm = models.CharField(_("how soon"), max_length=16, choices=Rhythm.choices)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(fields=["person", "subject", "channel"], name="preference_once_per_cell"),
            models.CheckConstraint(
                condition=~Q(subject="signing", channel="mail", rhythm="never"),
                name="preference_signing_is_mailed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.subject} · {self.channel} · {self.rhythm}"


class AddressQuerySet(models.QuerySet["Address"]):
    """Addresses by whose they are."""

    def visible_to(self, user: Any) -> AddressQuerySet:
        """Keep one's own: such an address is as good as a password."""
        return self.filter(person=rights_of(user).user_id)


class Address(models.Model):
    """Where a person's chat or webhook is reached. `secret` signs what goes to a webhook."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="addresses"
    )
    channel = models.CharField(
        _("way"),
        max_length=16,
        choices=[(Channel.CHAT.value, Channel.CHAT.label), (Channel.WEBHOOK.value, Channel.WEBHOOK.label)],
    )
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(_("secret"), max_length=64, blank=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="address_once_per_channel")]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.channel}"


class GoalLook(models.Model):
    """How a month's goal stood on one day, looked at once: who looks first writes the row, and tells of a change."""

    class Standing(models.TextChoices):
        NONE = "", _("no verdict")
        BEHIND = "behind", _("behind")
        ON_PACE = "on_pace", _("on pace")
        AHEAD = "ahead", _("ahead")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="goal_looks"
    )
    looked_on = models.DateField(_("day"))
    standing = models.CharField(_("standing"), max_length=16, choices=Standing.choices, blank=True)
    is_at_risk = models.BooleanField(_("the month is at risk"), default=False)

    class Meta:
        verbose_name = _("look at a goal")
        verbose_name_plural = _("looks at goals")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "looked_on"], name="goal_look_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} · {self.looked_on} · {self.standing}"
