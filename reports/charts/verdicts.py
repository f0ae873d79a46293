"""What the waterfall amounts to, in one sentence with numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.charts import words
from reports.forecast import Landing
from reports.periods import Period
from reports.waterfall import Verdict, WaterfallSummary


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a month stands, for the sentences: `currency` is empty when leads are counted, not their value.

    `named` is a sentence that says whose goal it is, where it is not the one of all leads.
    """

    month: Period
    today: dt.date
    party: str
    summary: WaterfallSummary
    tolerance: Fraction
    currency: str = ""
    named: str = ""

    @property
    def is_over(self) -> bool:
        return self.today >= self.month.end - dt.timedelta(days=1) and self.summary.remaining_days == 0

    @property
    def due(self) -> int:
        """The goal to date in whole leads, so that due less actual is the gap that is said."""
        return words.whole(self.summary.goal_to_date or 0)

    @property
    def actual(self) -> int:
        return words.whole(self.summary.actual)

    @property
    def gap(self) -> int:
        return self.actual - self.due

    def quantity(self, value: Fraction | int) -> str:
        """Write a number of leads, or their value."""
        whole = words.whole(value)
        return words.money(whole, self.currency) if self.currency else words.amount(whole)


def verdict(standing: Standing) -> str:
    """Return the finding of the month: behind, on pace, ahead, met, or why there is none; and whose goal it is."""
    return " ".join(filter(None, (_finding(standing), standing.named)))


def _finding(standing: Standing) -> str:
    summary, month = standing.summary, standing.month
    name = words.month(month.start)
    if summary.goal is None:
        return _without_goal(standing)
    if standing.today < month.start:
        return _("%(month)s has not begun; its goal is %(goal)s.") % {
            "month": name,
            "goal": standing.quantity(summary.goal),
        }
    said = {
        "party": standing.party,
        "gap": standing.quantity(abs(standing.gap)),
        "actual": standing.quantity(standing.actual),
        "due": standing.quantity(standing.due),
        "day": words.day(min(standing.today, month.end - dt.timedelta(days=1))),
        "month": name,
        "tolerance": words.percent(standing.tolerance),
    }
    if standing.is_over:
        return _of_whole_month(standing, said)
    if summary.goal_to_date is None:
        return _without_goal(standing)
    if summary.is_muted:
        return _("Too early for a verdict: %(actual)s of %(due)s due by %(day)s.") % said
    if summary.verdict is Verdict.BEHIND:
        if standing.currency:
            return _("%(party)s is %(gap)s behind: %(actual)s of %(due)s due by %(day)s.") % said
        return (
            ngettext(
                "%(party)s is %(gap)s lead behind: %(actual)s of %(due)s due by %(day)s.",
                "%(party)s is %(gap)s leads behind: %(actual)s of %(due)s due by %(day)s.",
                abs(standing.gap),
            )
            % said
        )
    if summary.verdict is Verdict.AHEAD:
        if standing.currency:
            return _("%(party)s is %(gap)s ahead: %(actual)s, where %(due)s were due by %(day)s.") % said
        return (
            ngettext(
                "%(party)s is %(gap)s lead ahead: %(actual)s, where %(due)s were due by %(day)s.",
                "%(party)s is %(gap)s leads ahead: %(actual)s, where %(due)s were due by %(day)s.",
                abs(standing.gap),
            )
            % said
        )
    return _("%(party)s is on pace: %(actual)s of %(due)s due by %(day)s.") % said


def _of_whole_month(standing: Standing, said: dict[str, str]) -> str:
    gap = standing.gap
    if gap == 0:
        return _("%(party)s met the goal of %(month)s exactly: %(actual)s of %(due)s.") % said
    if gap > 0:
        return _("%(party)s exceeded the goal of %(month)s by %(gap)s: %(actual)s of %(due)s.") % said
    if standing.summary.verdict is Verdict.BEHIND:
        return _("%(party)s missed the goal of %(month)s by %(gap)s: %(actual)s of %(due)s.") % said
    return (
        _("%(party)s ended %(month)s %(gap)s short, within the agreed %(tolerance)s: %(actual)s of %(due)s.")
        % said
    )


def _without_goal(standing: Standing) -> str:
    last = min(standing.today, standing.month.end - dt.timedelta(days=1))
    if standing.today < standing.month.start:
        return _("No goal is agreed for this month; it has not begun.")
    said = {"actual": standing.quantity(standing.summary.actual), "day": words.day(last)}
    if standing.currency:
        return _("No goal is agreed for this month; leads worth %(actual)s came by %(day)s.") % said
    return (
        ngettext(
            "No goal is agreed for this month; %(actual)s lead came by %(day)s.",
            "No goal is agreed for this month; %(actual)s leads came by %(day)s.",
            standing.actual,
        )
        % said
    )


def outlook(standing: Standing, landing: Landing | None) -> list[str]:
    """Return what follows from the verdict: what is needed each day, and where the month will end."""
    summary = standing.summary
    sentences = []
    if not standing.is_over and summary.goal is not None and standing.today in standing.month:
        sentences.append(_needed(standing))
    return [sentence for sentence in (*sentences, *projection(standing, landing)) if sentence]


def projection(standing: Standing, landing: Landing | None) -> list[str]:
    """Say where the month will end; nothing where that is not known."""
    if landing is None or standing.today not in standing.month:
        return []
    landing = landing.not_below(standing.actual)
    said = {
        "projected": standing.quantity(landing.projected),
        "low": words.amount(landing.low),
        "high": standing.quantity(landing.high),
        "level": landing.level,
    }
    return [
        _("The month is projected to end at %(projected)s (%(low)s–%(high)s, %(level)s%% interval).") % said
    ]


def _needed(standing: Standing) -> str:
    summary = standing.summary
    assert summary.goal is not None
    if summary.actual >= summary.goal:
        return _("The goal of %(goal)s is reached.") % {"goal": standing.quantity(summary.goal)}
    per_day, left = summary.needed_per_remaining_business_day, summary.remaining_business_days
    if per_day is None or not left:
        return _("No business day is left to reach %(goal)s.") % {"goal": standing.quantity(summary.goal)}
    said = {
        "per_day": words.money(per_day, standing.currency) if standing.currency else words.amount(per_day),
        "left": left,
        "goal": standing.quantity(summary.goal),
    }
    return (
        ngettext(
            "To reach %(goal)s, %(per_day)s are needed on the %(left)s business day left.",
            "To reach %(goal)s, %(per_day)s are needed on each of the %(left)s business days left.",
            left,
        )
        % said
    )
