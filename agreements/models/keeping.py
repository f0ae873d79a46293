"""What came of what was promised: each month's evaluations, strikes with their actions, excuses, consequences."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Party
from agreements.models.campaigns import Campaign
from agreements.models.commitments import Commitment
from agreements.models.exact_numbers import ExactField
from agreements.models.measures import CustomMeasure
from agreements.models.teams import Segment
from agreements.models.versions import Version
from agreements.rights import rights_of


class MonthResult(models.Model):
    """One past month of one agreement. Closed once each of its promises could be judged.

    A *watermelon* is green outside: every promise was kept, and yet the month's revenue goal was missed, or a party's
    pulse is low.
    """

    class Watermelon(models.TextChoices):
        NONE = "", _("no")
        REVENUE = "revenue", _("the revenue goal was missed")
        PULSE = "pulse", _("the pulse is low")
        BOTH = "both", _("the revenue goal was missed and the pulse is low")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="month_results"
    )
    month_on = models.DateField(_("month"), help_text=_("Its first day."))
    version = models.ForeignKey(
        Version, verbose_name=_("version that applied"), on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    revenue_goal = ExactField(
        _("revenue goal"), null=True, blank=True, help_text=_("What the plan expects from marketing's leads.")
    )
    revenue = ExactField(_("revenue"), null=True, blank=True)
    watermelon = models.CharField(
        _("watermelon"),
        max_length=16,
        choices=Watermelon.choices,
        default=Watermelon.NONE,
        blank=True,
        help_text=_("Every promise was kept, and yet this."),
    )

    class Meta:
        verbose_name = _("result of a month")
        verbose_name_plural = _("results of months")
        ordering = ["agreement", "month_on"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "month_on"], name="month_result_once"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="month_result_on_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.month_on:%Y-%m}"


class Evaluation(models.Model):
    """What became of one promise in one month, by exact numbers.

    Kept when numerator ÷ denominator reaches the threshold (an average of time: does not exceed it). The figures are
    those that were judged: without what an accepted excuse takes out. `subject` tells promises of one kind apart: a
    segment's id, or "" for all leads; a campaign or source as in "source:Fair"; what is owed or measured by its name.
    """

    class Promise(models.TextChoices):
        """What was promised, in the order in which it is read."""

        MQL_GOAL = "mql_goal", _("MQL goal")
        CAMPAIGN_GOAL = "campaign_goal", _("MQL goal of a campaign or source")
        AVERAGE_SPEED = "average_speed", _("Speed on average")
        SHARE_IN_TIME = "share_in_time", _("Share tried in time")
        DEPTH = "depth", _("Depth")
        SHARE_WORKED = "share_worked", _("Share worked")
        ACCEPTANCE = "acceptance", _("Share accepted in time")
        OUTCOME = "outcome", _("Share with an outcome in time")
        OBLIGATION = "obligation", _("Obligation")
        CUSTOM = "custom", _("Custom measure")

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        MISSED = "missed", _("missed")
        EXCUSED = "excused", _("excused")
        NOTHING = "nothing", _("nothing measured")

    month = models.ForeignKey(
        MonthResult, verbose_name=_("month"), on_delete=models.PROTECT, related_name="evaluations"
    )
    promise = models.CharField(_("promise"), max_length=16, choices=Promise.choices)
    subject = models.CharField(_("of"), max_length=200, default="", blank=True)
    party = models.ForeignKey(
        Party, verbose_name=_("promised by"), on_delete=models.PROTECT, related_name="evaluations"
    )
    version = models.ForeignKey(
        Version, verbose_name=_("version that applied"), on_delete=models.PROTECT, related_name="+"
    )
    commitment = models.ForeignKey(
        Commitment,
        verbose_name=_("commitment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evaluations",
    )
    segment = models.ForeignKey(
        Segment, verbose_name=_("segment"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    numerator = ExactField(_("numerator"))
    denominator = ExactField(_("denominator"))
    threshold = ExactField(_("threshold"))
    closed_at = models.DateTimeField(_("closed at"))
    corrected_at = models.DateTimeField(_("last corrected at"), null=True, blank=True)

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(fields=["month", "promise", "subject"], name="evaluation_once_per_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month} · {self.get_promise_display()} {self.subject}".strip()

    @property
    def key(self) -> str:
        """Name the promise within its agreement, whatever the month and the version."""
        return f"{self.promise}/{self.subject}"

    @property
    def measure(self) -> CustomMeasure | None:
        """The custom measure that was judged, of the version that applied; None for other promises."""
        if self.promise != self.Promise.CUSTOM:
            return None
        return next((one for one in self.version.measures.all() if one.name == self.subject), None)

    @property
    def title(self) -> str:
        """Name what was promised, with its segment where it is of one."""
        return promise_title(self)


class StrikeQuerySet(models.QuerySet["Strike"]):
    """Strikes by who may read them, and by whether they stand."""

    def visible_to(self, user: Any) -> StrikeQuerySet:
        """Everybody who may read the agreement: openness is the point."""
        return self.filter(evaluation__month__agreement__in=Agreement.objects.visible_to(user))

    def standing(self) -> StrikeQuerySet:
        """Neither excused nor undone by a correction."""
        return self.filter(state__in=Strike.STANDING)

    def answered_by_parties_of(self, user: Any) -> StrikeQuerySet:
        """Those of parties whose team this person manages."""
        return self.filter(evaluation__party__team__in=rights_of(user).managed)


class Strike(models.Model):
    """One missed promise in one month, with the person who diagnoses it."""

    class State(models.TextChoices):
        OPEN = "open", _("to diagnose")
        DIAGNOSED = "diagnosed", _("diagnosed")
        EXCUSED = "excused", _("excused")
        CORRECTED = "corrected", _("undone by a correction")

    STANDING = (State.OPEN, State.DIAGNOSED)

    evaluation = models.OneToOneField(
        Evaluation, verbose_name=_("evaluation"), on_delete=models.PROTECT, related_name="strike"
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("diagnosed by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="strikes",
    )
    diagnosis = models.TextField(
        _("diagnosis"), max_length=10_000, blank=True, help_text=_("Why the promise was not kept.")
    )
    make_up_plan = models.TextField(
        _("make-up plan"),
        max_length=10_000,
        blank=True,
        help_text=_("How the missing leads will be made up."),
    )
    revenue_at_risk = ExactField(_("revenue at risk"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    diagnosed_at = models.DateTimeField(_("diagnosed at"), null=True, blank=True)

    objects = StrikeQuerySet.as_manager()

    class Meta:
        verbose_name = _("strike")
        verbose_name_plural = _("strikes")
        ordering = ["-opened_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="diagnosed") | Q(diagnosed_at__isnull=False),
                name="strike_diagnosed_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation}"

    @property
    def is_standing(self) -> bool:
        return self.state in self.STANDING


class CorrectiveActionQuerySet(models.QuerySet["CorrectiveAction"]):
    """Actions by who may read them, and by whether they are still to be done."""

    def visible_to(self, user: Any) -> CorrectiveActionQuerySet:
        """Everybody who may read the agreement."""
        return self.filter(strike__in=Strike.objects.visible_to(user))

    def to_do(self) -> CorrectiveActionQuerySet:
        """Not ended; those of a strike that was excused or undone need not be done any more."""
        return self.filter(ended_at__isnull=True, strike__state__in=Strike.STANDING)


class CorrectiveAction(models.Model):
    """What is done so that a promise is kept again: by whom, until when, and what came of it."""

    class State(models.TextChoices):
        TO_DO = "to_do", _("to do")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    strike = models.ForeignKey(
        Strike, verbose_name=_("strike"), on_delete=models.PROTECT, related_name="actions"
    )
    action = models.TextField(_("what is done"), max_length=2_000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="actions"
    )
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.TO_DO)
    result = models.TextField(_("result"), max_length=2_000, blank=True)
    created_at = models.DateTimeField(_("agreed at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = CorrectiveActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("corrective action")
        verbose_name_plural = _("corrective actions")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="to_do", ended_at__isnull=True)
                | ~Q(state="to_do") & Q(ended_at__isnull=False),
                name="corrective_action_ended_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strike} · {self.due_on:%Y-%m-%d}"

    def is_overdue(self, today: dt.date) -> bool:
        return self.ended_at is None and self.due_on < today


class ExcuseQuerySet(models.QuerySet["Excuse"]):
    """Excuses by who may read them, and by whose answer they wait for."""

    def visible_to(self, user: Any) -> ExcuseQuerySet:
        """Everybody who may read the agreement: excuses are always shown."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))

    def accepted(self) -> ExcuseQuerySet:
        return self.filter(state=Excuse.State.ACCEPTED)

    def awaiting(self, user: Any) -> ExcuseQuerySet:
        """Proposed ones that this person may answer: a director of another party's team, who did not propose it."""
        rights = rights_of(user)
        others = Party.objects.filter(
            agreement=models.OuterRef("agreement"), team__in=rights.directed
        ).exclude(pk=models.OuterRef("party"))
        open_ones = self.filter(models.Exists(others), state=Excuse.State.PROPOSED)
        return open_ones.exclude(proposed_by=rights.user_id)


class Excuse(models.Model):
    """Days or hand-offs of a month that shall not count in one party's promises, if another party agrees.

    What was proposed never changes; once answered, the answer stays, guarded by a trigger. Hand-offs are named by
    number: they are rows of an app above this one.
    """

    class Reason(models.TextChoices):
        OUTAGE = "outage", _("outage")
        HOLIDAY = "holiday", _("unlisted holiday")
        BAD_DATA = "bad_data", _("bad data")
        OTHER = "other", _("other")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="excuses"
    )
    party = models.ForeignKey(
        Party, verbose_name=_("whose promises"), on_delete=models.PROTECT, related_name="excuses"
    )
    month_on = models.DateField(_("month"))
    days = ArrayField(models.DateField(), verbose_name=_("days"), default=list, blank=True)
    hand_offs = ArrayField(models.BigIntegerField(), verbose_name=_("hand-offs"), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    note = models.TextField(_("what happened"), max_length=5_000, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_for = models.ForeignKey(
        Party,
        verbose_name=_("answered for"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answer = models.TextField(_("answer"), max_length=5_000, blank=True)

    objects = ExcuseQuerySet.as_manager()

    class Meta:
        verbose_name = _("excuse")
        verbose_name_plural = _("excuses")
        ordering = ["-month_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(month_on__day=1), name="excuse_month_on_first_day"),
            models.CheckConstraint(
                condition=Q(days__len__gt=0) | Q(hand_offs__len__gt=0), name="excuse_names_something"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", answered_at__isnull=True)
                | ~Q(state="proposed") & Q(answered_at__isnull=False),
                name="excuse_answered_says_when",
            ),
            models.CheckConstraint(
                condition=Q(answered_for__isnull=True) | ~Q(answered_for=models.F("party")),
                name="excuse_answered_by_another_party",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} · {self.month_on:%Y-%m} · {self.get_reason_display()}"


class Consequence(models.Model):
    """The agreed number of misses in a row was reached: what the agreement says for that case holds.

    One for each run of misses, told by its first month. Withdrawn when a correction or an excuse breaks the run.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", _("review")
        CANCELLATION = "cancellation", _("right to cancel")

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.PROTECT, related_name="consequences"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    promise = models.CharField(_("promise"), max_length=16, choices=Evaluation.Promise.choices)
    subject = models.CharField(_("of"), max_length=200, default="", blank=True)
    party = models.ForeignKey(
        Party, verbose_name=_("who missed"), on_delete=models.PROTECT, related_name="consequences"
    )
    segment = models.ForeignKey(
        Segment, verbose_name=_("segment"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.ForeignKey(
        Version, verbose_name=_("version that says so"), on_delete=models.PROTECT, related_name="+"
    )
    since_on = models.DateField(_("first month missed"))
    month_on = models.DateField(_("month that reached it"))
    misses = models.PositiveSmallIntegerField(_("misses in a row"))
    raised_at = models.DateTimeField(_("raised at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consequence")
        verbose_name_plural = _("consequences")
        ordering = ["-month_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "promise", "subject", "since_on"],
                name="consequence_once_per_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()} · {self.month_on:%Y-%m}"

    @property
    def title(self) -> str:
        """Name what was missed."""
        return promise_title(self)


def promise_title(one: Evaluation | Consequence) -> str:
    """Name a promise, with whom or what it is of: a segment, a campaign or a source, what is owed."""
    Promise = Evaluation.Promise
    name = str(one.get_promise_display())
    match one.promise:
        case Promise.CUSTOM:
            return one.subject
        case Promise.OBLIGATION:
            return f"{name} · {one.subject}"
        case Promise.CAMPAIGN_GOAL:
            return campaign_goal_title(*one.subject.split(":", 1))
    return f"{name} · {one.segment.name}" if one.segment is not None else name


def campaign_goal_title(of: str, name: str) -> str:
    """Name the goal of one campaign or source."""
    if of == Campaign.Of.SOURCE:
        return gettext("MQL goal · source “%(name)s”") % {"name": name}
    return gettext("MQL goal · campaign “%(name)s”") % {"name": name}
