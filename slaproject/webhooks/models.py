"""Where programs' webhooks come in, what came and what is known by it; which programs are told, and of what."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of


class ForAdministrators(models.QuerySet[Any]):
    """Rows that are the administrators' to look after."""

    def visible_to(self, user: Any) -> ForAdministrators:
        """All of them, or none."""
        return self.all() if rights_of(user).is_administrator else self.none()


class WithSecret(models.Model):
    """What has a secret, and two while a program is being given the new one.

    `salt` and `older_salt` are what they are worked out from (`signing.py`). `secret_number` counts them, so that one
    form sent twice makes one.
    """

    salt = models.CharField(_("salt of the secret"), max_length=32, editable=False)
    older_salt = models.CharField(_("salt of the secret before"), max_length=32, blank=True, editable=False)
    secret_number = models.PositiveSmallIntegerField(_("number of the secret"), default=1)

    class Meta:
        abstract = True


class Inlet(WithSecret):
    """An address at which the webhooks of one program come in.

    Where the program signs by a secret of its own, that is kept sealed (`signing.sealed`).
    """

    class Form(models.TextChoices):
        """How the program words what it tells: a key of `adapters.ADAPTERS`."""

        STANDARD = "standard", _("Standard Webhooks, with the fields of the API")
        HUBSPOT = "hubspot", _("HubSpot: events of contacts and deals")
        SALESFORCE = "salesforce", _("Salesforce: change events of leads and opportunities")

    class Signature(models.TextChoices):
        """How the program shows that it has the secret."""

        STANDARD = "standard", _("Standard Webhooks, secret made here")
        HUBSPOT = "hubspot", _("HubSpot’s own, version 3")

    key = models.SlugField(_("key in the address"), max_length=32, unique=True, editable=False)
    integration = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("integration"),
        on_delete=models.PROTECT,
        related_name="inlets",
    )
    name = models.CharField(_("name"), max_length=100)
    system = models.CharField(_("system"), max_length=64)
    form = models.CharField(_("form"), max_length=16, choices=Form.choices, default=Form.STANDARD)
    stage = models.CharField(_("called qualified"), max_length=100, blank=True)
    signature = models.CharField(
        _("signature"), max_length=16, choices=Signature.choices, default=Signature.STANDARD
    )
    sealed = models.CharField(_("given secret, sealed"), max_length=200, blank=True, editable=False)
    older_sealed = models.CharField(
        _("given secret before, sealed"), max_length=200, blank=True, editable=False
    )
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = ForAdministrators.as_manager()

    class Meta:
        verbose_name = _("inlet")
        verbose_name_plural = _("inlets")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(salt=""), name="inlet_has_a_secret"),
            models.CheckConstraint(
                condition=Q(older_salt="") | ~Q(older_salt=models.F("salt")), name="inlet_secrets_differ"
            ),
            models.CheckConstraint(
                condition=Q(signature="standard", sealed="", older_sealed="")
                | Q(signature="hubspot", form="hubspot") & ~Q(sealed=""),
                name="inlet_given_a_secret_by_hubspot",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Incoming(models.Model):
    """A webhook that was signed rightly: stored before it is acknowledged, taken by a worker afterwards.

    Its body is kept while it waits, and where it failed: what was taken stands in the leads and deals. `digest` tells
    whether the same id comes with something else.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("taken")
        FAILED = "failed", _("failed")

    inlet = models.ForeignKey(Inlet, verbose_name=_("inlet"), on_delete=models.PROTECT, related_name="came")
    message_id = models.CharField(_("id"), max_length=200)
    digest = models.CharField(_("SHA-256 of the body"), max_length=64)
    body = models.TextField(_("body"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    received_at = models.DateTimeField(_("received at"))
    try_at = models.DateTimeField(_("next try at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = ForAdministrators.as_manager()

    class Meta:
        verbose_name = _("webhook that came in")
        verbose_name_plural = _("webhooks that came in")
        constraints = [
            models.UniqueConstraint(fields=["inlet", "message_id"], name="incoming_once_per_inlet_and_id"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | ~Q(state="waiting") & Q(ended_at__isnull=False),
                name="incoming_ended_says_when",
            ),
            models.CheckConstraint(condition=Q(state="done") | ~Q(body=""), name="incoming_keeps_its_body"),
        ]
        indexes = [
            models.Index(fields=["try_at", "id"], name="incoming_waiting", condition=Q(state="waiting")),
            models.Index(fields=["-id"], name="incoming_failed", condition=Q(state="failed")),
            models.Index(fields=["received_at"], name="incoming_by_age"),
        ]

    def __str__(self) -> str:
        return self.message_id


class RefusedRow(models.Model):
    """Why a webhook failed: one row that could not be taken. Without a kind it is about the webhook as a whole."""

    incoming = models.ForeignKey(
        Incoming, verbose_name=_("webhook"), on_delete=models.CASCADE, related_name="refused"
    )
    kind = models.CharField(_("kind"), max_length=16, blank=True)
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500)

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ["pk"]
        indexes = [models.Index(fields=["external_id"], name="refused_row_by_object")]

    def __str__(self) -> str:
        return self.reason


class RemoteObject(models.Model):
    """A lead or deal of a program as its webhooks told of it: `fields` are those of `changes.merged`.

    `is_taken` once it was written here; a contact that has not qualified yet is only known.
    """

    inlet = models.ForeignKey(
        Inlet, verbose_name=_("inlet"), on_delete=models.CASCADE, related_name="known_objects"
    )
    kind = models.CharField(_("kind"), max_length=16)
    external_id = models.CharField(_("external id"), max_length=200)
    fields = models.JSONField(_("what was said of it"), default=dict)
    is_taken = models.BooleanField(_("written here"), default=False)

    class Meta:
        verbose_name = _("object of a program")
        verbose_name_plural = _("objects of programs")
        constraints = [
            models.UniqueConstraint(fields=["inlet", "kind", "external_id"], name="remote_object_once")
        ]

    def __str__(self) -> str:
        return self.external_id


class Outlet(WithSecret):
    """An address of a program to which events are sent. `key` is that of the form by which it was made."""

    class Subject(models.TextChoices):
        """Which events: see `told.SUBJECT_OF_LEAD`, by which a trigger chooses."""

        HAND_OFF = (
            "hand_off",
            _("hand-offs: given, accepted, tried in time or late, paused, closed, disputed"),
        )
        ATTEMPT = "attempt", _("attempts: logged, voided")
        OVERDUE = "overdue", _("overdue: the first attempt, the acceptance or the outcome")
        GOAL = "goal", _("goals: behind, ahead, back on pace, the month at risk")
        AGREEMENT = "agreement", _("agreements: in force, superseded, cancelled, a month closed, a strike")

    key = models.UUIDField(_("key of the form"), unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=500)
    subjects = ArrayField(
        models.CharField(max_length=16, choices=Subject.choices), verbose_name=_("what it is told")
    )
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = ForAdministrators.as_manager()

    class Meta:
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(salt=""), name="outlet_has_a_secret"),
            models.CheckConstraint(
                condition=Q(older_salt="") | ~Q(older_salt=models.F("salt")), name="outlet_secrets_differ"
            ),
            models.CheckConstraint(condition=Q(subjects__len__gt=0), name="outlet_is_told_something"),
        ]

    def __str__(self) -> str:
        return self.name


class Dispatch(models.Model):
    """One event on its way to one outlet. It holds the event's id alone: what it says is worked out when it is sent.

    A trigger writes it in the transaction of the event, whoever makes that.
    """

    class Source(models.TextChoices):
        """The table of the event."""

        LEAD = "lead", _("event of a hand-off")
        AGREEMENT = "agreement", _("event of an agreement")
        GOAL = "goal", _("standing of a goal")
        TEST = "test", _("test")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        PARKED = "parked", _("parked")

    outlet = models.ForeignKey(
        Outlet, verbose_name=_("outlet"), on_delete=models.PROTECT, related_name="dispatches"
    )
    source = models.CharField(_("from"), max_length=16, choices=Source.choices)
    row_id = models.BigIntegerField(_("row"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(_("made at"))
    try_at = models.DateTimeField(_("next try at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, db_default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    fault = models.CharField(_("why it was not sent"), max_length=300, blank=True, db_default="")

    objects = ForAdministrators.as_manager()

    class Meta:
        verbose_name = _("webhook that goes out")
        verbose_name_plural = _("webhooks that go out")
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "source", "row_id"],
                condition=~Q(source="test"),
                name="dispatch_once_per_outlet_and_event",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | ~Q(state="waiting") & Q(ended_at__isnull=False),
                name="dispatch_ended_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["try_at", "id"], name="dispatch_waiting", condition=Q(state="waiting")),
            models.Index(fields=["-id"], name="dispatch_parked", condition=Q(state="parked")),
            models.Index(fields=["made_at"], name="dispatch_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.outlet_id} · {self.source} · {self.row_id}"
