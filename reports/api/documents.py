"""What the documents of reports hold, as programs read them: lengths in seconds, null where nothing was measured.

They are made by the readings, and printed by `manage.py report` too: what stands here is described, and never written.
"""

from __future__ import annotations

from rest_framework import serializers

from agreements.models import Commitment
from reports.periods import Grain
from reports.waterfall import Profile, Verdict


def _number(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(help_text=help_text or None)


def _number_or_null(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text or None)


def _count(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(help_text=help_text or None)


class OfDays(serializers.Serializer):
    """Some days."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add the two that Python has no names for."""
        days = {
            "from": serializers.DateField(help_text="The first day."),
            "to": serializers.DateField(help_text="The first day after them."),
        }
        others: dict[str, serializers.Field] = super().get_fields()
        return days | others


class Share(serializers.Serializer):
    """A part of a whole, never a percentage: parts of several can be added up."""

    numerator = _number()
    denominator = _number("0 where there is nothing to be a part of.")


class WaterfallDay(serializers.Serializer):
    """One day, in leads, or in money where the measure is value."""

    on = serializers.DateField()
    day = _count("Of its month.")
    goal = _number_or_null("Of that day alone; null while nothing is agreed.")
    goal_cumulative = _number_or_null("Of the month up to the end of that day.")
    actual = _number_or_null("What came on that day; null for days after `as_of`.")
    actual_cumulative = _number_or_null("What came in the month up to the end of that day.")
    gap = _number_or_null("`actual_cumulative` less `goal_cumulative`.")


class WaterfallSummary(serializers.Serializer):
    """How the last month of the period stands at the end of the day of `as_of`."""

    goal = _number_or_null("Of the whole month.")
    actual = _number()
    goal_to_date = _number_or_null()
    gap = _number_or_null("`actual` less `goal_to_date`.")
    gap_days = _number_or_null("The gap in days: over the mean goal of a day that has one.")
    share_of_target = Share(allow_null=True, help_text="`actual` of `goal_to_date`.")
    share_of_goal = Share(allow_null=True, help_text="`actual` of `goal`.")
    days = _count()
    days_seen = _count("Those up to the day of `as_of`.")
    remaining_days = _count()
    remaining_business_days = serializers.IntegerField(allow_null=True)
    needed_per_remaining_day = _number_or_null("To reach the goal; 0 once it is reached.")
    needed_per_remaining_business_day = _number_or_null()
    straight_line = _number_or_null("Where the month would end if each day brought as much as those seen.")
    verdict = serializers.ChoiceField(
        choices=[one.value for one in Verdict],
        allow_null=True,
        help_text="By the agreed tolerance; null while it is muted, and without a goal.",
    )
    is_muted = serializers.BooleanField(help_text="The month is too young for a verdict.")


class WaterfallAnswer(OfDays):
    """The cumulative goal against what came, day by day."""

    goal = _number_or_null("Of the last month of the period.")
    profile = serializers.ChoiceField(
        choices=[one.value for one in Profile], help_text="How a month’s goal is spread over its days."
    )
    measure = serializers.ChoiceField(choices=Commitment.Measure.choices)
    as_of = serializers.DateTimeField()
    days = WaterfallDay(many=True)
    summary = WaterfallSummary()


class SpeedNotYetDue(serializers.Serializer):
    """Hand-offs whose time is not up: nobody judges them yet."""

    answered = _count()
    open = _count()


class SpeedOfDays(OfDays):
    """Speed of what was handed off on these days."""

    handed_off = _count("At a known time.")
    date_only = _count("Handed off on a day without a time: they take no part.")
    attempted = _count()
    open = _count("Unanswered.")
    open_overdue = _count()
    average = _number_or_null("Business time to the first attempt, over those attempted.")
    median = _number_or_null()
    p90 = _number_or_null()
    average_elapsed = _number_or_null("By the clock on the wall.")
    median_elapsed = _number_or_null()
    p90_elapsed = _number_or_null()
    in_time = Share(help_text="Of those whose due time has passed, those met.")
    not_yet_due = SpeedNotYetDue()
    routing_average = _number_or_null("Until somebody owned it.")
    rep_average = _number_or_null("From then to the first attempt.")


class SpeedInTotal(SpeedOfDays):
    """Speed of the whole period."""

    kaplan_meier_median = serializers.IntegerField(
        allow_null=True, help_text="The median that counts the open ones; null where it is not reached."
    )


class SpeedOfGroup(SpeedOfDays):
    """Speed of one group in the whole period."""

    group = serializers.CharField(help_text="Its key; teams and segments by their slug, empty for none.")


class SpeedGoal(serializers.Serializer):
    """What is promised, as in force at the end of what the report has seen; null where nothing is."""

    average = serializers.IntegerField(allow_null=True)
    allowance = serializers.IntegerField(allow_null=True)
    in_time_share = _number_or_null()


class SpeedAnswer(serializers.Serializer):
    """Business time from hand-off to first attempt, in buckets and in total."""

    by = serializers.ChoiceField(choices=[grain.value for grain in Grain])
    as_of = serializers.DateTimeField()
    goal = SpeedGoal()
    buckets = SpeedOfDays(many=True)
    total = SpeedInTotal()
    groups = SpeedOfGroup(many=True, required=False, help_text="Where `group` is asked for.")


class DepthJudged(serializers.Serializer):
    """Those on which depth is judged: their window has ended, or they were closed."""

    not_connected = _count()
    attempts = _count()
    average = _number_or_null()
    worked = Share()
    fully_worked = Share()


class DepthYoung(serializers.Serializer):
    """Those within their follow-up window: nobody judges them yet."""

    not_connected = _count()
    attempts = _count()


class DepthSums(OfDays):
    """Depth of what was handed off on these days: but for `handed_off`, of those that have not connected."""

    handed_off = _count()
    not_connected = _count("And neither rejected nor recycled.")
    attempts = _count()
    average = _number_or_null("Attempts for each of those not connected.")
    worked = Share(help_text="Those with an attempt.")
    fully_worked = Share(help_text="Those with as many attempts as agreed, of those with an agreed number.")
    judged = DepthJudged()
    young = DepthYoung()
    stopped_early = Share(help_text="Of those closed as unreachable, those with fewer attempts than agreed.")


class DepthOfDays(DepthSums):
    """The same, and how many had how many attempts."""

    distribution = serializers.DictField(
        child=serializers.IntegerField(), help_text="Hand-offs by their number of attempts."
    )


class DepthStep(serializers.Serializer):
    """How many hand-offs had at least so many attempts."""

    k = _count()
    attempted = _count("Those with a k-th attempt.")
    connected_earlier = _count("Those that needed fewer: they count as fulfilled.")
    total = _count()


class DepthSpacing(serializers.Serializer):
    """Elapsed time between one attempt and the next."""

    n = _count("Gaps.")
    average = _number_or_null()
    median = _number_or_null()


class DepthInTotal(DepthOfDays):
    """Depth of the whole period."""

    at_least = DepthStep(many=True)
    spacing = DepthSpacing()


class DepthOfGroup(DepthSums):
    """Depth of one group in the whole period."""

    group = serializers.CharField(help_text="Its key; teams and segments by their slug, empty for none.")
    spacing = DepthSpacing()


class DepthGoal(serializers.Serializer):
    """What is promised, as in force at the end of what the report has seen."""

    attempts = serializers.IntegerField(allow_null=True)


class AttemptDays(serializers.Serializer):
    """On which business day after the hand-off the k-th attempts came."""

    k = _count("The last one stands for all further ones too.")
    n = _count()
    days = serializers.ListField(
        child=serializers.IntegerField(), help_text="From day 0 on; the last with what came later."
    )
    median = _count("The first day by which half of them had come.")


class DepthAnswer(serializers.Serializer):
    """Attempts on hand-offs that have not connected, in buckets and in total."""

    by = serializers.ChoiceField(choices=[grain.value for grain in Grain])
    as_of = serializers.DateTimeField()
    goal = DepthGoal()
    buckets = DepthOfDays(many=True)
    total = DepthInTotal()
    attempt_days = AttemptDays(many=True, required=False, help_text="Where they are asked for.")
    groups = DepthOfGroup(many=True, required=False, help_text="Where `group` is asked for.")


class RateInterval(serializers.Serializer):
    """A 95 % interval, and on how many cases it rests."""

    low = _number()
    high = _number()
    n = _count()


class SameTimeRates(serializers.Serializer):
    """What closed on these days, by what was qualified on them: two different sets."""

    marketing_leads = _count("Qualified.")
    customers = _count("Marketing leads with a first won deal.")
    close_rate = Share(help_text="It may be more than the whole, and has no interval.")
    average_deal = _number_or_null()
    marketing_share = Share()
    revenue_marketing = _number()
    revenue_all = _number()


class CohortRates(serializers.Serializer):
    """What became by now of the leads qualified on these days."""

    marketing_leads = _count()
    customers = _count()
    close_rate = Share()
    close_rate_interval = RateInterval(allow_null=True)
    average_deal = _number_or_null()
    average_deal_interval = RateInterval(allow_null=True)
    marketing_share = Share()
    marketing_share_interval = RateInterval(allow_null=True)
    revenue_marketing = _number()
    revenue_all = _number()
    is_immature = serializers.BooleanField(
        help_text="They are younger than a usual sales cycle: more of them may still be won."
    )


class SalesCycle(serializers.Serializer):
    """Days from when a lead was qualified until its first deal was won."""

    n = _count()
    average = _number_or_null()
    median = _number_or_null()
    p90 = _number_or_null()
    won_before_qualified = _count("Deals won before their lead was qualified.")


class RecalibrationAnswer(OfDays):
    """The rates that a plan rests on, as measured."""

    as_of = serializers.DateTimeField()
    currency = serializers.CharField(allow_blank=True, help_text="That of most deals won; empty without one.")
    deals_left_out = _count("Won deals without an amount, or with one in another currency.")
    same_month = SameTimeRates()
    cohort = CohortRates()
    cycle_days = SalesCycle()
