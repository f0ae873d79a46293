"""The hand-off: one episode of a lead being given to sales, with its own terms, clock and facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement, CalendarRevision, Membership, Segment, Team, Version
from agreements.rejection_reasons import LONGEST_LABEL, UsualReason
from agreements.rights import Rights
from leads import clock
from leads.models import hand_off_words as words
from leads.models.imports import Import
from leads.models.leads import Lead


class HandOffQuerySet(models.QuerySet["HandOff"]):
    """Hand-offs by where their clock stands, and by whose business they are."""

    def visible_to(self, user: Any) -> HandOffQuerySet:
        """Hand-offs of the leads that this user may know: who works a lead sees what was done before."""
        return self.filter(lead__in=Lead.objects.visible_to(user))

    def concerning(self, rights: Rights) -> HandOffQuerySet:
        """Hand-offs that are this person's business: see LeadQuerySet.visible_to."""
        if rights.user_id is None:
            return self.none()
        mine = Q(owner=rights.user_id) | Q(handed_off_by=rights.user_id)
        if rights.teams:
            mine |= Q(owner=None, owner_name="", team__in=rights.teams)
        if rights.managed:
            managed = Membership.objects.filter(team__in=rights.managed).values("user")
            mine |= Q(owner__in=managed) | Q(owner=None, team__in=rights.managed)
        if rights.manages_sales:
            mine |= Q(owner=None, team=None)
        return self.filter(mine)

    def last_of_their_lead(self) -> HandOffQuerySet:
        """Of each lead the open one, else the last: of leads that were merged the open one need not be the last."""
        beyond = HandOff.objects.filter(
            Q(closed_at=None) | Q(number__gt=OuterRef("number")), lead=OuterRef("lead")
        )
        return self.filter(Q(closed_at=None) | ~Exists(beyond))

    def one_of_each_lead(self) -> HandOffQuerySet:
        """The same, for hand-offs of a few leads that are read together."""
        is_closed = Case(When(closed_at=None, then=Value(0)), default=Value(1))
        return self.order_by("lead", is_closed, "-number").distinct("lead")

    def unanswered(self) -> HandOffQuerySet:
        """No qualifying attempt yet, and nothing released them from their clock."""
        return self.filter(first_attempt_at__isnull=True).exclude(closed_as__in=HandOff.RELEASED)

    def overdue(self, now: dt.datetime) -> HandOffQuerySet:
        """Unanswered, and `due_at` has passed."""
        return self.unanswered().filter(due_at__lt=now)

    def at_risk(self, now: dt.datetime) -> HandOffQuerySet:
        """Unanswered, the agreed share of the allowance is used, not yet overdue, and not paused."""
        return self.unanswered().filter(at_risk_at__lte=now, due_at__gte=now).exclude(in_pause(now))


def in_pause(now: dt.datetime) -> Q:
    """Hand-offs whose last pause lasts at `now`."""
    return Q(paused_at__lte=now, paused_until__gt=now)


class HandOff(models.Model):
    """A lead given to sales, under the terms agreed then.

    Terms (`allowance` … `counts_sales_origin`) are copied at the hand-off from the version in force, or from what that
    inherits, and once more where a later one re-dates it: `version` stays, and what counts towards a goal. Facts
    (`first_attempt_at` … `last_attempt_at`) follow from the attempts and are rewritten in the transaction
    that changes those; `leads.services.facts.rebuild_facts` gives the same. `due_at` and `at_risk_at` count the pauses,
    of which `paused_at` and `paused_until` are the last. `handed_off_on` is the local day in
    the agreement's zone (without one: the zone its import named, or the company calendar's), or the day given where
    `is_date_only`.
    """

    State = words.State
    ClosedAs = words.ClosedAs
    RejectionReason = UsualReason
    RejectionAnswer = words.RejectionAnswer
    Deadline = words.Deadline

    # Closed in one of these ways before the first attempt, a hand-off is no longer owed one.
    RELEASED = ("rejected", "recycled", "cancelled", "excused")
    # Closed in one of these ways, depth is no longer asked of it.
    WITHOUT_DEPTH = ("rejected", "recycled")
    # Closed in one of these ways, it came to an outcome.
    OUTCOMES = tuple(sorted(clock.OUTCOMES))
    # Closed in one of these ways, it was not answered by that.
    WITHOUT_ANSWER = tuple(sorted(clock.WITHOUT_ANSWER))

    lead = models.ForeignKey(
        Lead, verbose_name=_("lead"), on_delete=models.PROTECT, related_name="hand_offs", db_index=False
    )
    number = models.PositiveSmallIntegerField(_("episode"), default=1)
    merged_from = models.ForeignKey(
        Lead,
        verbose_name=_("came with"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("The lead that was handed over, where that was merged into this one."),
    )
    handed_off_at = models.DateTimeField(_("handed off at"))
    handed_off_on = models.DateField(_("handed off on"))
    is_date_only = models.BooleanField(_("only the day is known"), default=False)
    handed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("handed off by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_by = models.ForeignKey(
        Import,
        verbose_name=_("import"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_offs",
        db_index=False,
    )

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_offs",
        db_index=False,
    )
    version = models.ForeignKey(
        Version,
        verbose_name=_("version in force"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_offs",
        db_index=False,
    )
    re_dated_under = models.ForeignKey(
        Version,
        verbose_name=_("version of its terms since it was re-dated"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="re_dated_hand_offs",
        db_index=False,
        help_text=_("Empty: the version in force at the hand-off."),
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("receiving team"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_offs",
        db_index=False,
    )
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment then"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_offs",
        db_index=False,
    )
    calendar_revision = models.ForeignKey(
        CalendarRevision,
        verbose_name=_("business hours then"),
        on_delete=models.PROTECT,
        related_name="hand_offs",
        db_index=False,
    )

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_offs",
        db_index=False,
    )
    owner_name = models.CharField(
        _("owner outside the product"),
        max_length=150,
        blank=True,
        help_text=_("As an import named a person unknown here."),
    )
    assigned_at = models.DateTimeField(_("first assigned at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)

    allowance = models.DurationField(_("allowance"), null=True, blank=True)
    at_risk_at = models.DateTimeField(_("at risk from"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    acceptance_allowance = models.DurationField(_("time to accept or give back"), null=True, blank=True)
    acceptance_due_at = models.DateTimeField(_("to be accepted or given back by"), null=True, blank=True)
    outcome_allowance = models.DurationField(_("time to an outcome"), null=True, blank=True)
    outcome_due_at = models.DateTimeField(_("outcome due at"), null=True, blank=True)
    agreed_attempts = models.PositiveSmallIntegerField(_("agreed attempts"), null=True, blank=True)
    window_ends_at = models.DateTimeField(_("follow-up window ends at"), null=True, blank=True)
    counts_automated = models.BooleanField(_("automated messages are attempts"), default=False)
    lead_value = models.DecimalField(_("value then"), max_digits=14, decimal_places=2, null=True, blank=True)
    counts_recycled = models.BooleanField(
        _("counts towards the goal though handed off again"), default=False, db_default=False
    )
    counts_sales_origin = models.BooleanField(
        _("counts towards the goal though sales found it"), default=False, db_default=False
    )

    paused_at = models.DateTimeField(_("last paused at"), null=True, blank=True)
    paused_until = models.DateTimeField(_("last paused until"), null=True, blank=True)

    next_touch_at = models.DateTimeField(_("next touch at"), null=True, blank=True)
    next_touch_raised_at = models.DateTimeField(_("said to be due at"), null=True, blank=True)

    state = models.CharField(_("clock"), max_length=16, choices=State.choices, default=State.NO_CLOCK)
    acceptance = models.CharField(
        _("acceptance"),
        max_length=16,
        choices=Deadline.choices,
        default=Deadline.NONE,
        db_default="",
        blank=True,
    )
    outcome = models.CharField(
        _("outcome"),
        max_length=16,
        choices=Deadline.choices,
        default=Deadline.NONE,
        db_default="",
        blank=True,
    )
    closed_as = models.CharField(_("closed as"), max_length=16, choices=ClosedAs.choices, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    rejection_reason = models.CharField(_("reason of rejection"), max_length=100, blank=True)
    rejection_label = models.CharField(
        _("its sentence"),
        max_length=LONGEST_LABEL,
        blank=True,
        db_default="",
        help_text=_("Of a reason that the version names beside the usual ones, as it was agreed then."),
    )
    rejection_answer = models.CharField(
        _("answer to the rejection"),
        max_length=16,
        choices=RejectionAnswer.choices,
        blank=True,
        db_default="",
    )
    returns_on = models.DateField(
        _("to be handed over again on"), null=True, blank=True, help_text=_("Of a recycled one.")
    )

    first_attempt_at = models.DateTimeField(_("first attempt at"), null=True, blank=True)
    first_attempt_business_seconds = models.PositiveIntegerField(
        _("business seconds to the first attempt"), null=True, blank=True
    )
    routing_business_seconds = models.PositiveIntegerField(
        _("of these, until an owner was assigned"), null=True, blank=True
    )
    least_allowance_seconds = models.PositiveIntegerField(
        _("least allowance that would have been kept, in seconds"),
        null=True,
        blank=True,
        help_text=_("By the first attempt; where it was released before any, by the release."),
    )
    least_acceptance_seconds = models.PositiveIntegerField(
        _("least time to accept that would have been kept, in seconds"), null=True, blank=True
    )
    least_outcome_seconds = models.PositiveIntegerField(
        _("least time to an outcome that would have been kept, in seconds"), null=True, blank=True
    )
    connected_at = models.DateTimeField(_("connected at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts up to the connection"), default=0)
    early_attempts = models.PositiveSmallIntegerField(_("attempts dated before the hand-off"), default=0)
    last_attempt_at = models.DateTimeField(_("last attempt at"), null=True, blank=True)
    # Written by the database from the facts beside it, so that it is right whoever changes them.
    stopped_early = models.GeneratedField(
        verbose_name=_("stopped too early"),
        expression=Case(
            When(
                closed_as="unreachable",
                connected_at__isnull=True,
                attempts__lt=F("agreed_attempts"),
                then=Value(True),
            ),
            default=Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = HandOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-off")
        verbose_name_plural = _("hand-offs")
        constraints = [
            models.UniqueConstraint(fields=["lead", "number"], name="hand_off_number_once_per_lead"),
            models.CheckConstraint(condition=Q(number__gte=1), name="hand_off_number_from_one"),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gte=F("handed_off_at")),
                name="hand_off_due_after_start",
            ),
            models.CheckConstraint(
                condition=Q(closed_as="", closed_at__isnull=True)
                | ~Q(closed_as="") & Q(closed_at__isnull=False),
                name="hand_off_closed_says_when_and_how",
            ),
            models.CheckConstraint(
                condition=Q(state="no_clock", due_at__isnull=True)
                | ~Q(state="no_clock") & Q(due_at__isnull=False),
                name="hand_off_clock_has_due_at",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_until__isnull=True)
                | Q(paused_at__isnull=False, paused_until__gte=F("paused_at")),
                name="hand_off_pause_has_start_and_end",
            ),
            models.CheckConstraint(
                condition=~Q(state="paused") | Q(paused_until__isnull=False),
                name="hand_off_paused_has_pause",
            ),
            models.CheckConstraint(
                condition=Q(rejection_answer="") | Q(closed_as="rejected"),
                name="hand_off_answer_is_to_a_rejection",
            ),
            models.CheckConstraint(
                condition=Q(returns_on__isnull=True) | Q(closed_as="recycled"),
                name="hand_off_that_returns_is_recycled",
            ),
            models.CheckConstraint(
                condition=Q(version__isnull=True) | Q(agreement__isnull=False),
                name="hand_off_version_has_agreement",
            ),
            models.CheckConstraint(
                condition=Q(first_attempt_at__isnull=True, first_attempt_business_seconds__isnull=True)
                | Q(first_attempt_at__gte=F("handed_off_at"), first_attempt_business_seconds__isnull=False),
                name="hand_off_first_attempt_after_start",
            ),
            models.CheckConstraint(
                condition=Q(acceptance="", acceptance_due_at__isnull=True)
                | ~Q(acceptance="")
                & Q(acceptance_due_at__isnull=False, acceptance_due_at__gte=F("handed_off_at")),
                name="hand_off_acceptance_has_due_at",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_due_at__isnull=True)
                | ~Q(outcome="") & Q(outcome_due_at__isnull=False, outcome_due_at__gte=F("handed_off_at")),
                name="hand_off_outcome_has_due_at",
            ),
        ]
        # Each is written anew whenever a clock changes its state: so there are none that only guard a deletion, and
        # none that repeat what another begins with.
        indexes = [
            models.Index(fields=["handed_off_on"], name="hand_off_by_day"),
            models.Index(fields=["agreement", "handed_off_on"], name="hand_off_by_agreement_and_day"),
            models.Index(
                fields=["due_at"],
                name="hand_off_not_overdue_by_due",
                condition=Q(state__in=["running", "at_risk"]),
            ),
            models.Index(
                fields=["at_risk_at"], name="hand_off_running_by_at_risk", condition=Q(state="running")
            ),
            models.Index(fields=["paused_until"], name="hand_off_paused_by_end", condition=Q(state="paused")),
            models.Index(
                fields=["handed_off_on"],
                name="hand_off_once_paused_by_day",
                condition=Q(paused_at__isnull=False),
            ),
            models.Index(
                fields=["next_touch_at"],
                name="hand_off_by_next_touch",
                condition=Q(next_touch_at__isnull=False, next_touch_raised_at=None, closed_at=None),
            ),
            models.Index(
                fields=["returns_on"], name="hand_off_by_return", condition=Q(returns_on__isnull=False)
            ),
            models.Index(fields=["due_at"], name="hand_off_by_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["handed_off_by", "-handed_off_at"], name="hand_off_by_marketer_and_time"),
            models.Index(fields=["owner", "closed_at"], name="hand_off_by_owner_and_end"),
            models.Index(fields=["team"], name="hand_off_unowned_by_team", condition=Q(owner__isnull=True)),
            models.Index(
                fields=["merged_from"], name="hand_off_merged", condition=Q(merged_from__isnull=False)
            ),
            models.Index(
                fields=["recorded_by"], name="hand_off_by_import", condition=Q(recorded_by__isnull=False)
            ),
            models.Index(
                fields=["team", "due_at"],
                name="hand_off_free_by_team",
                condition=Q(closed_at__isnull=True, owner__isnull=True),
            ),
            models.Index(
                fields=["handed_off_on"],
                name="hand_off_unanswered_by_day",
                condition=Q(first_attempt_at__isnull=True),
            ),
            models.Index(
                fields=["handed_off_on"],
                name="hand_off_passing_by_day",
                condition=Q(closed_at__isnull=True)
                | Q(first_attempt_at__isnull=True, due_at__gte=F("closed_at")),
            ),
            models.Index(
                fields=["acceptance_due_at"],
                name="hand_off_to_be_accepted",
                condition=Q(acceptance="waiting"),
            ),
            models.Index(
                fields=["outcome_due_at"], name="hand_off_without_outcome", condition=Q(outcome="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead} · {self.number}"

    @property
    def rejection_agreed(self) -> str:
        """The agreed reason alone, which says nothing of a person; empty where it is not rejected."""
        if self.rejection_label or not self.rejection_reason:
            return self.rejection_label
        word = self.rejection_reason.partition(": ")[0]
        usual = word if word in HandOff.RejectionReason.values else HandOff.RejectionReason.OTHER
        return str(HandOff.RejectionReason(usual).label)

    @property
    def rejection_said(self) -> str:
        """Why it was rejected, as people read it: the reason's sentence, then what was added."""
        word, _colon, text = self.rejection_reason.partition(": ")
        label = self.rejection_label
        if not label:
            if word not in HandOff.RejectionReason.values:
                return self.rejection_reason
            label = str(HandOff.RejectionReason(word).label)
        return f"{label}: {text}" if text else label
