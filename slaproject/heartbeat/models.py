"""When each process that works by itself was last known to be alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Heartbeats by age."""

    def fresh(self, now: datetime, *, within: timedelta) -> HeartbeatQuerySet:
        """Return those seen not longer than `within` ago."""
        return self.filter(seen_at__gte=now - within)


class Heartbeat(models.Model):
    """The last sign of life of one process, by name: `beat` or `worker`."""

    class Name(models.TextChoices):
        BEAT = "beat", _("beat")
        WORKER = "worker", _("worker")

    name = models.CharField(_("name"), max_length=16, choices=Name, unique=True)
    seen_at = models.DateTimeField(_("seen at"))

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at:%Y-%m-%d %H:%M:%S}"
