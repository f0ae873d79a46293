"""Who gets which hand-off: the rules, each person's weight and cap, and what was decided for each hand-off and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Deferrable, Q
from django.utils.translation import gettext_lazy as _

from agreements.models import Membership, Segment, Team
from agreements.rights import rights_of
from leads import routing
from leads.models.hand_offs import HandOff

MOST_WEIGHT = 100
MOST_OPEN = 10_000


class RoutingRuleQuerySet(models.QuerySet["RoutingRule"]):
    """Rules by whose business they are."""

    def visible_to(self, user: Any) -> RoutingRuleQuerySet:
        """Rules of the teams that this user manages; an administrator's are all."""
        rights = rights_of(user)
        return self.all() if rights.is_administrator else self.filter(team__in=rights.managed)


class RoutingRule(models.Model):
    """Which hand-offs go to whom of one team. Rules are asked in order of `position`; the first that fits decides.

    The members of the team take part, each with `weight_of_others` unless a share of their own says otherwise;
    managers and directors take part by a share only.
    """

    class WhenNobody(models.TextChoices):
        """What happens while nobody of the rule is there and below the cap."""

        FREE = "free", _("leave it free: the first of the team to accept it gets it")
        PERSON = "person", _("give it to one person")
        TEAM = "team", _("give it to another team")

    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.CASCADE, related_name="routing_rules"
    )
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("position"))
    is_on = models.BooleanField(_("in use"), default=True)
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: leads of every segment."),
    )
    source = models.CharField(_("source"), max_length=100, blank=True, help_text=_("Empty: every source."))
    country = models.CharField(_("country"), max_length=64, blank=True, help_text=_("Empty: every country."))
    in_hours_only = models.BooleanField(
        _("only while the team works"),
        default=False,
        help_text=_("Outside its business hours the next rule is asked."),
    )
    keeps_owner = models.BooleanField(
        _("known leads and companies stay with whom they know"),
        default=True,
        help_text=_("If that person is there and below the cap. Such leads do not count as a turn."),
    )
    weight_of_others = models.PositiveSmallIntegerField(
        _("weight of members without a weight of their own"),
        default=1,
        validators=[MaxValueValidator(MOST_WEIGHT)],
        help_text=_("Also of those who join the team later. 0: only who is given a weight takes part."),
    )
    when_nobody = models.CharField(
        _("when everyone is away or full"),
        max_length=8,
        choices=WhenNobody.choices,
        default=WhenNobody.FREE,
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    other_team = models.ForeignKey(
        Team, verbose_name=_("other team"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = RoutingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["position"], name="routing_rule_position_once", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(weight_of_others__lte=MOST_WEIGHT), name="routing_rule_weight_in_range"
            ),
            models.CheckConstraint(
                condition=Q(when_nobody="free", stand_in=None, other_team=None)
                | Q(when_nobody="person", stand_in__isnull=False, other_team=None)
                | Q(when_nobody="team", stand_in=None, other_team__isnull=False),
                name="routing_rule_says_who_when_nobody",
            ),
            models.CheckConstraint(
                condition=Q(other_team=None) | ~Q(other_team=models.F("team")),
                name="routing_rule_other_team_is_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def condition(self) -> routing.Condition:
        """What it asks of a hand-off."""
        return routing.Condition(self.team_id, self.segment_id, self.source, self.country, self.in_hours_only)


class RoutingShare(models.Model):
    """One person's part in one rule. `weight` empty: as others have. `owed` are the leads they are behind by."""

    rule = models.ForeignKey(
        RoutingRule, verbose_name=_("rule"), on_delete=models.CASCADE, related_name="shares"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), null=True, blank=True, validators=[MaxValueValidator(MOST_WEIGHT)]
    )
    owed = models.DecimalField(_("leads owed"), max_digits=24, decimal_places=15, default=0, editable=False)

    class Meta:
        verbose_name = _("routing share")
        verbose_name_plural = _("routing shares")
        constraints = [
            models.UniqueConstraint(fields=["rule", "person"], name="routing_share_once_per_person"),
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight__lte=MOST_WEIGHT), name="routing_share_weight_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.person}"


class RoutingCap(models.Model):
    """How many open hand-offs one person has at most before routing passes them over. No row: no limit."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    most_open = models.PositiveSmallIntegerField(_("at most open"), validators=[MaxValueValidator(MOST_OPEN)])

    class Meta:
        verbose_name = _("routing cap")
        verbose_name_plural = _("routing caps")
        constraints = [
            models.CheckConstraint(condition=Q(most_open__lte=MOST_OPEN), name="routing_cap_in_range")
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.most_open}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by whose they are."""

    def visible_to(self, user: Any) -> AbsenceQuerySet:
        """One's own, and those of the people whom one manages; an administrator's are all."""
        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        if rights.user_id is None:
            return self.none()
        managed = Membership.objects.filter(team__in=rights.managed).values("user")
        return self.filter(Q(person=rights.user_id) | Q(person__in=managed))


class Absence(models.Model):
    """Days on which a person is out of office, the last one included; several may overlap.

    `moves_work`: what they have open goes to others when it begins; `moved_at` is when that was done.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="absences",
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    moves_work = models.BooleanField(_("open leads go to others"), default=False)
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True, editable=False)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("noted by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    noted_at = models.DateTimeField(_("noted at"))

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["first_on", "last_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")), name="absence_ends_after_it_begins"
            ),
        ]
        indexes = [
            models.Index(
                fields=["first_on"],
                name="absence_with_work_to_move",
                condition=Q(moves_work=True, moved_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.first_on} – {self.last_on}"


class RoutingDecisionQuerySet(models.QuerySet["RoutingDecision"]):
    """Decisions by who may read them."""

    def visible_to(self, user: Any) -> RoutingDecisionQuerySet:
        """Decisions on the hand-offs that this user may see."""
        return self.filter(hand_off__in=HandOff.objects.visible_to(user))


class RoutingDecision(models.Model):
    """Why a hand-off went to whom, as of then. `data` has what it was decided by, as `leads.services.routing` says.

    `given_back_at`: the lead was rejected, or its move undone, and its turn was given back.
    """

    class Why(models.TextChoices):
        """The words of `leads.routing.Why`."""

        TURN = routing.Why.TURN, _("it was their turn")
        KNOWN = routing.Why.KNOWN, _("knows the lead or the company")
        STAND_IN = routing.Why.STAND_IN, _("stands in")
        FREE = routing.Why.FREE, _("left free")

    hand_off = models.ForeignKey(
        HandOff, verbose_name=_("hand-off"), on_delete=models.CASCADE, related_name="routing_decisions"
    )
    decided_at = models.DateTimeField(_("decided at"))
    why = models.CharField(_("why"), max_length=16, choices=Why.choices)
    rule = models.ForeignKey(
        RoutingRule,
        verbose_name=_("rule"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="decisions",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    data = models.JSONField(_("details"), default=dict)
    given_back_at = models.DateTimeField(_("turn given back at"), null=True, blank=True)

    objects = RoutingDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(why="free", person=None) | ~Q(why="free") & Q(person__isnull=False),
                name="routing_decision_says_who",
            ),
            models.CheckConstraint(
                condition=Q(given_back_at=None) | Q(why="turn"), name="routing_decision_gives_back_a_turn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hand_off_id} · {self.get_why_display()}"
