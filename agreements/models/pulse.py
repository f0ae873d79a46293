"""The monthly pulse: three questions to everybody in the parties' teams, shown only as averages of several."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.rights import rights_of


class PulseAnswerQuerySet(models.QuerySet["PulseAnswer"]):
    """Answers by who may read them."""

    def visible_to(self, user: Any) -> PulseAnswerQuerySet:
        """One's own, before administrators too; others are read as averages alone."""
        rights = rights_of(user)
        return self.none() if rights.user_id is None else self.filter(person=rights.user_id)


class PulseAnswer(models.Model):
    """What one person of a party says of one month: how far three sentences are true, from 1 to 5.

    One for each person, agreement and month; it can be changed until the month is closed.
    """

    class Degree(models.IntegerChoices):
        NOT_AT_ALL = 1, _("not at all")
        HARDLY = 2, _("hardly")
        PARTLY = 3, _("partly")
        MOSTLY = 4, _("mostly")
        FULLY = 5, _("fully")

    QUESTIONS = ("kept_word", "was_useful", "went_well")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="pulse_answers"
    )
    month_on = models.DateField(_("month"), help_text=_("Its first day."))
    party = models.ForeignKey(
        Party, verbose_name=_("party"), on_delete=models.PROTECT, related_name="pulse_answers"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="pulse_answers",
    )
    kept_word = models.PositiveSmallIntegerField(_("The other side kept its word."), choices=Degree.choices)
    was_useful = models.PositiveSmallIntegerField(
        _("What we got from the other side was of use to us."), choices=Degree.choices
    )
    went_well = models.PositiveSmallIntegerField(_("Working together went well."), choices=Degree.choices)
    answered_at = models.DateTimeField(_("answered at"))

    objects = PulseAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to a pulse")
        verbose_name_plural = _("answers to a pulse")
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "month_on", "person"], name="pulse_answer_once_a_month"
            ),
            models.CheckConstraint(condition=Q(month_on__day=1), name="pulse_answer_month_on_first_day"),
            models.CheckConstraint(
                condition=Q(kept_word__range=(1, 5), was_useful__range=(1, 5), went_well__range=(1, 5)),
                name="pulse_answer_from_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.month_on:%Y-%m}"
