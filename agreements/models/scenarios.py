"""What-if calculations that somebody kept to compare."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.rights import rights_of


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    """Scenarios by whose they are."""

    def visible_to(self, user: Any) -> ScenarioQuerySet:
        """One's own: what is tried out is nobody else's business; a link shares one."""
        return self.filter(author=rights_of(user).user_id or 0)


class Scenario(models.Model):
    """The inputs of one calculation, as its address has them, under a name. Results follow from them."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.CASCADE,
        related_name="scenarios",
    )
    name = models.CharField(_("name"), max_length=100)
    inputs = models.JSONField(_("inputs"), default=dict)
    saved_at = models.DateTimeField(_("saved at"))

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["author", "name"], name="scenario_name_once_per_author")
        ]

    def __str__(self) -> str:
        return self.name
