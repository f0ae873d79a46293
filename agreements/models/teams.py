"""Teams, who belongs to them in which role, and the segments that leads fall into."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """A team that promises something, or receives what was promised."""

    class Function(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        SALES = "sales", _("Sales")
        SERVICE = "service", _("Customer service")

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    function = models.CharField(_("function"), max_length=16, choices=Function.choices)
    calendar = models.ForeignKey(
        "agreements.BusinessCalendar",
        verbose_name=_("business calendar"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="teams",
        help_text=_("Empty: the agreement's calendar, or else the company's."),
    )
    is_external = models.BooleanField(
        _("outside the company"),
        default=False,
        help_text=_("A customer's or supplier's: nobody of it has an account here, and it signs on paper."),
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Places in teams, by whether their people have a part in them."""

    def taking_part(self) -> MembershipQuerySet:
        """Keep the places of who can sign in and works: viewers and auditors have no part in teams, nor programs."""
        role = get_user_model().Role
        works = Q(user__role=role.BY_TEAM) | Q(user__is_superuser=True) & ~Q(user__role=role.INTEGRATION)
        return self.filter(works, user__is_active=True)


class Membership(models.Model):
    """One person's place in one team."""

    class Role(models.TextChoices):
        DIRECTOR = "director", _("Director")
        MANAGER = "manager", _("Manager")
        MEMBER = "member", _("Member")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships"
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.MEMBER)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once_per_team")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team} · {self.get_role_display()}"


class Segment(models.Model):
    """A class of leads with its own goal, value, priority and allowance."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, help_text=_("Lower numbers are worked first.")
    )
    lead_value = models.DecimalField(
        _("value of a lead"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Expected revenue of one lead: average deal × close rate, or set by hand."),
    )

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["priority", "name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="segment_name_once"),
            models.CheckConstraint(condition=Q(lead_value__gte=0), name="segment_lead_value_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name
