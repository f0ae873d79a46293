"""What became of each promise of a month, in words, with the two sides facing each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment, CustomMeasure
from agreements.readings.measure_words import period_name, quantity, threshold_text
from reports.charts import words
from reports.keeping import Judgement, Outcome
from reports.readings.deadlines import InTime
from reports.readings.depth import DepthBucket
from reports.readings.speed import SpeedBucket


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise: what it was, what came of it, and the report that shows it."""

    title: str
    sentence: str
    judgement: Judgement
    address: str

    @property
    def outcome_name(self) -> str:
        """Return the outcome as people read it, with how it stands where it is not judged yet."""
        match self.judgement.outcome, self.judgement.stands:
            case Outcome.MET, _stands:
                return _("met")
            case Outcome.MISSED, _stands:
                return _("missed")
            case Outcome.ON_THE_WAY, Outcome.MET:
                return _("on the way, would be met")
            case Outcome.ON_THE_WAY, Outcome.MISSED:
                return _("on the way, would be missed")
            case Outcome.ON_THE_WAY, _stands:
                return _("on the way, too early to say")
        return _("nothing measured")

    @property
    def tone(self) -> str:
        """Return met, missed or open, for the sign beside the words."""
        seen = self.judgement.stands
        return seen.value if seen in (Outcome.MET, Outcome.MISSED) else "open"


@dataclass(frozen=True, slots=True)
class Side:
    """One party with its promises. `consequence` is what was agreed for a promise that it does not keep."""

    party: str
    function: str
    promises: tuple[Kept, ...]
    consequence: str = ""

    @property
    def has_missed(self) -> bool:
        return any(kept.judgement.outcome is Outcome.MISSED for kept in self.promises)


def side_verdict(side: Side, *, is_over: bool) -> str:
    """Return the verdict of one side in one sentence; while the month runs, as it stands."""
    judgements = [kept.judgement for kept in side.promises]
    standing = [one for one in judgements if one.stands in (Outcome.MET, Outcome.MISSED)]
    said = {
        "party": side.party,
        "kept": words.amount(sum(one.stands is Outcome.MET for one in standing)),
        "n": words.amount(len(standing)),
    }
    if not standing:
        return _("It is too early to say how %(party)s stands.") % said
    waiting = sum(one.outcome is Outcome.ON_THE_WAY for one in judgements)
    if not is_over or waiting == len(judgements):
        return (
            ngettext(
                "As it stands, %(party)s keeps %(kept)s of %(n)s promise.",
                "As it stands, %(party)s keeps %(kept)s of %(n)s promises.",
                len(standing),
            )
            % said
        )
    judged = [one for one in judgements if one.is_judged]
    met = sum(one.outcome is Outcome.MET for one in judged)
    said |= {"kept": words.amount(met), "n": words.amount(len(judged)), "waiting": words.amount(waiting)}
    if waiting:
        return (
            ngettext(
                "%(party)s kept %(kept)s of %(n)s promises judged; %(waiting)s more is not decided yet.",
                "%(party)s kept %(kept)s of %(n)s promises judged; %(waiting)s more are not decided yet.",
                waiting,
            )
            % said
        )
    if met == len(judged):
        return (
            ngettext("%(party)s kept its promise.", "%(party)s kept all %(n)s promises.", len(judged)) % said
        )
    return (
        ngettext(
            "%(party)s did not keep its promise.", "%(party)s kept %(kept)s of %(n)s promises.", len(judged)
        )
        % said
    )


def promise_title(promise: Commitment, measure: str = "") -> str:
    """Return what was promised, with its segment where it is of one."""
    title = measure or promise.get_kind_display()
    return f"{title} · {promise.segment.name}" if promise.segment else title


def goal_sentence(
    *,
    goal: Fraction | None,
    to_date: Fraction | None,
    actual: Fraction,
    tolerance: Fraction,
    currency: str,
    is_over: bool,
    until: dt.date,
    is_flood: bool,
) -> str:
    """Say what came of the goal that was promised."""

    def quantity(value: Fraction) -> str:
        return words.money(words.whole(value), currency) if currency else words.amount(words.whole(value))

    if goal is None:
        return _("No goal is agreed for this month; %(actual)s came.") % {"actual": quantity(actual)}
    said = {
        "actual": quantity(actual),
        "goal": quantity(goal),
        "due": quantity(to_date or Fraction(0)),
        "tolerance": words.percent(tolerance),
        "day": words.day(until),
    }
    if is_over:
        said["change"] = _change(actual, goal)
        sentence = (
            _("%(actual)s of %(goal)s (%(change)s); within %(tolerance)s either way is as agreed.") % said
        )
    else:
        sentence = _("%(actual)s of %(due)s due by %(day)s; the whole month's goal is %(goal)s.") % said
    if not is_flood:
        return sentence
    flagged = _("More than agreed: a flood can drown sales, so it is flagged; it is no miss.")
    return f"{sentence} {flagged}"


def _change(actual: Fraction, goal: Fraction) -> str:
    if not goal:
        return words.signed(words.whole(actual))
    share = (actual - goal) / goal
    return f"{'+' if share > 0 else ''}{words.percent(share, 1)}"


def average_sentence(total: SpeedBucket, agreed: dt.timedelta, judgement: Judgement) -> str:
    """Say how fast sales was on average, against what was agreed."""
    goal = int(agreed.total_seconds())
    said = {
        "average": words.duration(total.average),
        "agreed": words.duration(goal),
        "n": words.amount(total.attempted),
        "open": words.amount(total.open),
    }
    if total.average is None:
        return (
            _("No first attempt yet, %(open)s still open; agreed are at most %(agreed)s (business).") % said
        )
    sentence = (
        _(
            "%(average)s (business) on average over %(n)s first attempts, agreed are at most %(agreed)s; "
            "%(open)s still open."
        )
        % said
    )
    if judgement.stands is Outcome.MISSED and said["average"] == said["agreed"]:
        return " ".join((sentence, _("It is less than a minute over what was agreed.")))
    return sentence


def in_time_sentence(total: SpeedBucket, agreed: Fraction) -> str:
    """Say how many of those due were tried in time."""
    if not total.in_time.denominator:
        return _("No hand-off has come due yet; agreed are %(agreed)s in time.") % {
            "agreed": words.percent(agreed)
        }
    return _("%(share)s tried in time, %(met)s of the %(due)s due by now; agreed are %(agreed)s.") % {
        "share": words.percent(total.in_time, _places(total.in_time.value, agreed)),
        "met": words.amount(total.in_time.numerator),
        "due": words.amount(total.in_time.denominator),
        "agreed": words.percent(agreed),
    }


def depth_sentence(total: DepthBucket, agreed: int) -> str:
    """Say how often sales tried, on those on which it is judged."""
    said = {
        "agreed": words.amount(agreed),
        "n": words.amount(total.judged.not_connected),
        "young": words.amount(total.young),
    }
    average = total.judged.average
    if average is None:
        return (
            _(
                "No follow-up window has ended yet, %(young)s are within theirs; agreed are %(agreed)s attempts."
            )
            % said
        )
    places = 1 if words.rounded(average, 1) != agreed or average == agreed else 2
    said["average"] = words.amount(average, places)
    return (
        ngettext(
            "%(average)s attempts on average on the %(n)s not connected whose follow-up has ended, agreed are "
            "%(agreed)s; %(young)s is still within its window.",
            "%(average)s attempts on average on the %(n)s not connected whose follow-up has ended, agreed are "
            "%(agreed)s; %(young)s are still within their window.",
            total.young,
        )
        % said
    )


def worked_sentence(total: DepthBucket, agreed: Fraction) -> str:
    """Say how many were tried at least once, of those on which it is judged."""
    worked = total.judged.worked
    if not worked.denominator:
        return _("No follow-up window has ended yet; agreed are %(agreed)s tried at least once.") % {
            "agreed": words.percent(agreed)
        }
    return _("%(share)s tried at least once, %(n)s of %(all)s; agreed are %(agreed)s.") % {
        "share": words.percent(worked, _places(worked.value, agreed)),
        "n": words.amount(worked.numerator),
        "all": words.amount(worked.denominator),
        "agreed": words.percent(agreed),
    }


def deadline_sentence(kind: str, found: InTime, agreed: Fraction) -> str:
    """Say how many hand-offs were accepted or given back in time, or came to an outcome in time."""
    is_acceptance = kind == Commitment.Kind.ACCEPTANCE
    said = {"agreed": words.percent(agreed), "waiting": words.amount(found.not_yet_due)}
    if not found.due:
        if is_acceptance:
            return _("No hand-off was to be accepted by now; agreed are %(agreed)s in time.") % said
        return _("No hand-off was to have an outcome by now; agreed are %(agreed)s in time.") % said
    said |= {
        "share": words.percent(found.share, _places(found.share.value, agreed)),
        "kept": words.amount(found.kept),
        "due": words.amount(found.due),
    }
    if is_acceptance:
        return (
            _(
                "%(share)s accepted or given back in time, %(kept)s of the %(due)s due by now; agreed are %(agreed)s; "
                "not yet due: %(waiting)s."
            )
            % said
        )
    return (
        _(
            "%(share)s came to an outcome in time, %(kept)s of the %(due)s due by now; agreed are %(agreed)s; "
            "not yet due: %(waiting)s."
        )
        % said
    )


def measure_sentence(
    measure: CustomMeasure,
    period_on: dt.date,
    value: Fraction | None,
    *,
    is_over: bool,
    is_missed: bool = False,
) -> str:
    """Say what a custom measure came to in its period."""
    said = {
        "agreed": threshold_text(measure.direction, measure.target, measure.unit),
        "period": period_name(period_on, measure.period),
    }
    if value is not None:
        said["value"] = quantity(value, measure.unit)
        return _("%(value)s in %(period)s; agreed is %(agreed)s.") % said
    if is_missed:
        return _("No value came in time for %(period)s; agreed is %(agreed)s.") % said
    if is_over:
        return _("No value is entered for %(period)s; agreed is %(agreed)s.") % said
    return _("Its value is entered when %(period)s is over; agreed is %(agreed)s.") % said


def _places(value: Fraction | None, agreed: Fraction) -> int:
    """Return decimals enough that what was measured is not written like what was agreed, unless it is the same."""
    if value is None or value == agreed:
        return 0
    return next((places for places in (0, 1) if words.percent(value, places) != words.percent(agreed)), 2)


def month_verdict(sides: Sequence[Side], *, month: dt.date, is_over: bool, has_begun: bool) -> str:
    """Return the first line of the review: each side's verdict."""
    name = words.month(month)
    if not any(side.promises for side in sides):
        return _("No promise was in force in %(month)s, so there is nothing to judge.") % {"month": name}
    if not has_begun:
        return _("%(month)s has not begun, so nothing is judged yet.") % {"month": name}
    return " ".join(side_verdict(side, is_over=is_over) for side in sides if side.promises)
