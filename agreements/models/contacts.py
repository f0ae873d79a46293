"""Who answers for what on each side of an agreement: personal, so no part of what is signed, and erasable."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.rights import rights_of


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts by who may know them."""

    def visible_to(self, user: Any) -> ContactQuerySet:
        """Those of the agreements that this person may read; neither an auditor nor a program reads personal data."""
        rights = rights_of(user)
        if rights.is_auditor or rights.is_integration:
            return self.none()
        return self.filter(party__agreement__in=Agreement.objects.visible_to(user))


class Contact(models.Model):
    """One responsibility of a party, and who answers for it: a person of the product, or somebody outside it."""

    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.CASCADE, related_name="contacts"
    )
    responsibility = models.CharField(
        _("what for"), max_length=100, help_text=_("As in: day to day, data, escalation.")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who answers for it"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
    )
    outside = models.CharField(
        _("somebody who does not sign in here"),
        max_length=200,
        blank=True,
        help_text=_("A name, a number, an e-mail address."),
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["party", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "responsibility", "person", "outside"],
                nulls_distinct=False,
                name="contact_once_per_responsibility",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) & ~Q(outside="") | Q(person__isnull=False, outside=""),
                name="contact_is_one_person",
            ),
            models.CheckConstraint(condition=~Q(responsibility=""), name="contact_says_what_for"),
        ]

    def __str__(self) -> str:
        return f"{self.responsibility}: {self.who}"

    @property
    def who(self) -> str:
        """The name of who answers."""
        return str(self.person) if self.person is not None else self.outside
