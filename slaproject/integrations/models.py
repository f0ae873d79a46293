"""What lets a program in, and how fast it may ask."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by whether they still serve, and by who looks after them."""

    def visible_to(self, user: Any) -> TokenQuerySet:
        """Tokens are the administrators' to look after."""
        from agreements.rights import rights_of  # itself built on models, which come after this one

        return self.all() if rights_of(user).is_administrator else self.none()

    def serving(self, now: dt.datetime) -> TokenQuerySet:
        """Neither revoked nor expired, of an integration that is open."""
        return self.filter(
            revoked_at=None, expires_at__gt=now, integration__is_active=True, integration__role="integration"
        )


class Token(models.Model):
    """What a program shows to be let in. Only its hash is here: who lost it makes another one.

    `scopes` are words of `agreements.api.scopes.Scope`. `key` is that of the form it was made by, so that a form sent
    twice makes one. `last_used_at` is exact to the minute.
    """

    integration = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("integration"),
        on_delete=models.PROTECT,
        related_name="tokens",
    )
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    ending = models.CharField(_("its last characters"), max_length=4, editable=False)
    scopes = ArrayField(models.CharField(max_length=32), verbose_name=_("scopes"))
    key = models.UUIDField(_("key of the form"), unique=True, default=uuid.uuid4, editable=False)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("revoked by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="token_expires_after_made"),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_has_a_scope"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="token_revoked_says_when_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered; written in the transaction of what it did. See `once.py`.

    `body` may name people: it is read by nobody but the token that got it, and goes after a day.
    """

    token = models.ForeignKey(
        Token, verbose_name=_("token"), on_delete=models.CASCADE, related_name="kept_answers"
    )
    key = models.CharField(_("key"), max_length=200)
    fingerprint = models.CharField(_("SHA-256 of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"), default=dict)
    body = models.TextField(_("body"))
    made_at = models.DateTimeField(_("made at"), db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="kept_answer_once_per_token_and_key"),
        ]

    def __str__(self) -> str:
        return self.key


class Pace(models.Model):
    """How far a caller has used up what it may ask: at `free_at` it has all of it again. See `pace.py`.

    The table is not logged: a request then waits for no disk, and after a crash of the database everybody starts anew.
    """

    caller = models.CharField(_("caller"), max_length=40, primary_key=True)
    free_at = models.DateTimeField(_("free again at"))

    class Meta:
        verbose_name = _("pace")
        verbose_name_plural = _("paces")

    def __str__(self) -> str:
        return self.caller
