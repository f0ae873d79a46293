"""Views of the explore page that somebody keeps under a name, for themselves, their team or everybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Team
from agreements.rights import rights_of


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views by who may open and who may change them."""

    def visible_to(self, user: Any) -> SavedViewQuerySet:
        """One's own, those of one's teams, and those for everybody."""
        rights = rights_of(user)
        if rights.user_id is None:
            return self.none()
        audience = SavedView.Audience
        return self.filter(
            Q(author=rights.user_id)
            | Q(audience=audience.SHARED)
            | Q(audience=audience.TEAM, team__in=rights.teams)
        )

    def changeable_by(self, user: Any) -> SavedViewQuerySet:
        """One's own; administrators also those that others open."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.visible_to(user)
        return self.filter(author=rights.user_id) if rights.user_id is not None else self.none()


class SavedView(models.Model):
    """An address of the explore page under a name. Whoever opens it sees what their own rights show."""

    class Audience(models.TextChoices):
        MINE = "mine", _("only me")
        TEAM = "team", _("my team")
        SHARED = "shared", _("everybody")

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.CASCADE,
        related_name="saved_views",
    )
    name = models.CharField(_("name"), max_length=100)
    audience = models.CharField(_("for"), max_length=8, choices=Audience.choices, default=Audience.MINE)
    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    query = models.CharField(_("address"), max_length=2000, blank=True)
    saved_at = models.DateTimeField(_("saved at"))

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["author", "name"], name="saved_view_name_once_per_author"),
            models.CheckConstraint(
                condition=Q(audience="team", team__isnull=False)
                | (~Q(audience="team") & Q(team__isnull=True)),
                name="saved_view_of_a_team_names_it",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """Which view somebody's explore page opens with; at most one a person."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="default_view",
    )
    view = models.ForeignKey(
        SavedView, verbose_name=_("view"), on_delete=models.CASCADE, related_name="chosen_by"
    )

    class Meta:
        verbose_name = _("default view")
        verbose_name_plural = _("default views")

    def __str__(self) -> str:
        return str(self.view_id)
