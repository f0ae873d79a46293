"""What somebody is told ahead, or too late: each thing once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement


class Notice(models.Model):
    """One person is to be told of one thing, once. It goes out with all others of the same hour in one mail."""

    class Kind(models.TextChoices):
        DUE_SOON = "due_soon", _("an obligation is due soon")
        OVERDUE = "overdue", _("an obligation is overdue")
        REVIEW_IN_30 = "review_in_30", _("a review is 30 days ahead")
        REVIEW_IN_7 = "review_in_7", _("a review is 7 days ahead")
        END_IN_30 = "end_in_30", _("an agreement ends in 30 days")
        END_IN_7 = "end_in_7", _("an agreement ends in 7 days")
        VALUE_AWAITED = "value_awaited", _("the value of a measure is awaited")
        VALUE_MISSING = "value_missing", _("the value of a measure is missing")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="notices"
    )
    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    about = models.PositiveBigIntegerField(
        _("about"), help_text=_("The id of the occurrence, the review, the version or the measure.")
    )
    period_on = models.DateField(
        _("period"), null=True, blank=True, help_text=_("Of a measure: the first day of its period.")
    )
    made_at = models.DateTimeField(_("made at"))
    settled_at = models.DateTimeField(
        _("settled at"), null=True, help_text=_("When it was mailed, or when nothing was left to tell.")
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "about", "period_on"],
                nulls_distinct=False,
                name="notice_once_per_thing",
            )
        ]
        indexes = [
            models.Index(fields=["person"], name="notice_waiting", condition=Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()} · {self.about}"
