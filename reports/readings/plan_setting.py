"""What a what-if calculation is about: the agreement, its calendar, the plan in force, who works, what was measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from agreements.models import Agreement, Commitment, Membership, MonthGoal, Plan, Segment, Team, Version
from reports.periods import month_of, next_month
from reports.readings.goals import agreement_of, business_days, commitment_on
from reports.readings.measured import Measured, measured_rates
from reports.readings.scope import Scope, build_scope

MOST_SEGMENTS = 12


@dataclass
class PlanSetting:
    """The setting of one agreement, or of all hand-offs. Everything is read when it is first asked for, once."""

    agreement: Agreement | None
    now: dt.datetime
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        day = build_scope(period=month_of(self.now.date()), now=self.now, agreement=self.agreement)
        self.scope = build_scope(period=month_of(day.as_of_day), now=self.now, agreement=self.agreement)

    @property
    def next_month(self) -> dt.date:
        """The first month that can still be planned as a whole."""
        return next_month(self.scope.as_of_day)

    @cached_property
    def first_month(self) -> dt.date:
        """The month that a calculation starts with: this one where nothing is agreed yet, else the next."""
        signed = Version.objects.signed()
        if self.agreement:
            signed = signed.filter(agreement=self.agreement)
        return self.next_month if signed.exists() else self.scope.as_of_day.replace(day=1)

    @cached_property
    def measured(self) -> Measured:
        return measured_rates(self.agreement, now=self.now)

    @cached_property
    def currency(self) -> str:
        if self.agreement:
            return self.agreement.currency
        found = agreement_of(self.scope)
        return self.measured.currency or (found.currency if found else "")

    @cached_property
    def _ahead(self) -> Scope:
        return build_scope(period=month_of(self.next_month), now=self.now, agreement=self.agreement)

    @cached_property
    def promise(self) -> Commitment | None:
        """The MQL goal in force next month."""
        return commitment_on(self._ahead, Commitment.Kind.MQL_GOAL)

    @cached_property
    def attempts(self) -> int | None:
        """The attempts agreed from next month on for a lead that does not connect."""
        promise = commitment_on(self._ahead, Commitment.Kind.DEPTH)
        return promise.attempts if promise else None

    def goal_of(self, month: dt.date) -> MonthGoal | None:
        """Return the goal agreed for a month in leads; None without one, or where it is in money."""
        if self.promise is None or self.promise.measure == Commitment.Measure.VALUE:
            return None
        return next((goal for goal in self.promise.month_goals.all() if goal.month_on == month), None)

    @cached_property
    def plan(self) -> Plan | None:
        """The plan in force: that of next month's goal, else of the last month that has one."""
        if self.promise is None:
            return None
        goals = sorted(self.promise.month_goals.all(), key=lambda goal: goal.month_on)
        planned = [goal for goal in goals if goal.plan is not None and goal.month_on <= self.next_month]
        return planned[-1].plan if planned else None

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(Segment.objects.all()[:MOST_SEGMENTS])

    @cached_property
    def reps(self) -> int:
        """How many people are members, no managers, of the sales teams."""
        members = Membership.objects.taking_part().filter(
            role=Membership.Role.MEMBER, team__function=Team.Function.SALES
        )
        if self.agreement:
            members = members.filter(team__parties__agreement=self.agreement)
        return members.values("user_id").distinct().count()

    @cached_property
    def _opens(self) -> Callable[[dt.date], bool]:
        return business_days(self.scope)

    @cached_property
    def _counted(self) -> dict[dt.date, int]:
        return {}

    def business_days(self, month: dt.date) -> int:
        """Count the business days of the month that starts on a day."""
        if month not in self._counted:
            self._counted[month] = sum(map(self._opens, month_of(month)))
        return self._counted[month]

    def quota_of_plan(self, months: tuple[dt.date, ...]) -> Decimal | None:
        """Return the plan's quota of these months; where it covers others, as much as it has a month on average."""
        if self.plan is None:
            return None
        quotas = {
            dt.date.fromisoformat(month): Decimal(part)
            for month, part in self.plan.derivation.get("quotas", {}).items()
        }
        if all(month in quotas for month in months):
            return sum((quotas[month] for month in months), Decimal(0))
        share = Decimal(self.plan.quota) * len(months) / max(1, len(quotas))
        return share.quantize(Decimal("0.01"))
