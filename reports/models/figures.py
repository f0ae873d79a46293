"""Stored figures: what a day, a week or a month amounted to, and when they were last brought up to date."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement


class PeriodFigure(models.Model):
    """The hand-offs of one day, ISO week or month: of all, or of one owner, team, segment, source, campaign or load.

    Holds only what does not change by itself; what depends on now (open, overdue, not yet due) is joined when
    read. Numerators and denominators, never shares. Seconds are whole. `agreement` empty: all hand-offs. A week
    that two months share is kept in its two parts, too. The load of a hand-off is how many its owner was handed
    that day (the highest: or more); nobody's hand-offs have none. Attempts by business day add up: single days alone
    have them.
    """

    class Grain(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        PART = "part", _("part of a week in one month")

    class Dimension(models.TextChoices):
        ALL = "", _("all")
        OWNER = "owner", _("owner")
        SEGMENT = "segment", _("segment")
        SOURCE = "source", _("source")
        CAMPAIGN = "campaign", _("campaign")
        TEAM = "team", _("team")
        LOAD = "load", _("hand-offs of its owner that day")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, null=True, related_name="+"
    )
    grain = models.CharField(_("grain"), max_length=8, choices=Grain.choices)
    starts_on = models.DateField(_("first day"))
    dimension = models.CharField(_("by"), max_length=8, choices=Dimension.choices, default=Dimension.ALL)
    key = models.CharField(_("of"), max_length=200, default="")

    handed_off = models.PositiveIntegerField(_("handed off"))
    counted = models.PositiveIntegerField(_("counted towards the goal"))
    counted_accepted = models.PositiveIntegerField(_("of these accepted"))
    counted_rejected = models.PositiveIntegerField(_("of these rejected"))
    counted_value = models.DecimalField(_("value of these"), max_digits=18, decimal_places=2)

    timed = models.PositiveIntegerField(_("handed off at a known instant"))
    attempted = models.PositiveIntegerField(_("attempted"))
    business_seconds = models.BigIntegerField(_("business seconds to the first attempt"))
    business_median = models.FloatField(_("median business seconds"), null=True)
    business_p90 = models.FloatField(_("p90 of business seconds"), null=True)
    elapsed_seconds = models.BigIntegerField(_("elapsed seconds to the first attempt"))
    elapsed_median = models.FloatField(_("median elapsed seconds"), null=True)
    elapsed_p90 = models.FloatField(_("p90 of elapsed seconds"), null=True)
    routed = models.PositiveIntegerField(_("attempted after an assignment"))
    routing_seconds = models.BigIntegerField(_("business seconds until assigned"))
    repped_seconds = models.BigIntegerField(_("business seconds from assigned to the first attempt"))
    answered_with_clock = models.PositiveIntegerField(_("answered, of those with a clock"))
    met = models.PositiveIntegerField(_("answered in time"))
    released_late = models.PositiveIntegerField(_("released unanswered after they were due"))
    settled_open = models.PositiveIntegerField(_("closed unanswered, and not due after that"))
    settled_overdue = models.PositiveIntegerField(_("of these with a due time"))

    not_connected = models.PositiveIntegerField(_("not connected"))
    attempts = models.PositiveIntegerField(_("attempts on these"))
    worked = models.PositiveIntegerField(_("of these with an attempt"))
    agreed_on = models.PositiveIntegerField(_("of these with an agreed number of attempts"))
    under_terms = models.PositiveIntegerField(_("of these under an agreement"))
    attempts_under_terms = models.PositiveIntegerField(_("attempts on these under an agreement"))
    worked_under_terms = models.PositiveIntegerField(_("of these under an agreement with an attempt"))
    fully_worked = models.PositiveIntegerField(_("of these with as many as agreed"))
    stopped_early = models.PositiveIntegerField(_("closed as unreachable with fewer than agreed"))
    closed_unreachable = models.PositiveIntegerField(_("closed as unreachable"))
    gaps = models.PositiveIntegerField(_("gaps between attempts on those not connected"))
    gap_average = models.FloatField(_("average elapsed seconds of these"), null=True)
    gap_median = models.FloatField(_("median elapsed seconds of these"), null=True)
    waits = ArrayField(
        models.IntegerField(),
        verbose_name=_("business seconds to each first attempt, ascending"),
        default=list,
    )
    elapsed_waits = ArrayField(
        models.BigIntegerField(),
        verbose_name=_("elapsed seconds to each first attempt, ascending, of single days and of months"),
        default=list,
    )
    gap_lengths = ArrayField(
        models.FloatField(),
        verbose_name=_("elapsed seconds between attempts, ascending, of single days and of months"),
        default=list,
    )
    attempt_days = models.JSONField(_("attempts by number and business day, of single days"), default=list)
    rep_days = models.PositiveIntegerField(_("days of a rep with such a load"), default=0)
    distribution = models.JSONField(_("not connected by attempts"), default=dict)
    connected_distribution = models.JSONField(_("connected by attempts"), default=dict)

    class Meta:
        verbose_name = _("figures of a period")
        verbose_name_plural = _("figures of periods")
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "dimension", "key", "grain", "starts_on"],
                nulls_distinct=False,
                name="period_figure_once",
            ),
        ]
        indexes = [models.Index(fields=["grain", "starts_on"], name="period_figure_by_period")]

    def __str__(self) -> str:
        return f"{self.grain} {self.starts_on:%Y-%m-%d} {self.dimension} {self.key}".strip()


class FigureState(models.Model):
    """One row: when the latest refresh began, and up to which instant the stored figures are complete.

    A refresh that began and is not complete is at work, or was killed: the next one does what it would have done.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    started_at = models.DateTimeField(_("latest refresh began"), null=True)
    complete_at = models.DateTimeField(_("figures as of"), null=True)

    class Meta:
        verbose_name = _("state of the figures")
        verbose_name_plural = _("state of the figures")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="figure_state_is_one_row")]

    def __str__(self) -> str:
        return f"{self.complete_at:%Y-%m-%d %H:%M:%S}" if self.complete_at else "-"

    @property
    def is_at_work(self) -> bool:
        """Whether a refresh began that is not complete."""
        return self.started_at is not None and (
            self.complete_at is None or self.complete_at < self.started_at
        )
