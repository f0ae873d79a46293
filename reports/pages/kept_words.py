"""Results of months in words: what was kept or missed, by how much, how often in a row."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Evaluation, Excuse, MonthResult
from agreements.readings.pulse import PartyPulse
from reports.charts import words
from reports.charts.feedback import pulse_text
from reports.charts.kept_figures import is_money

Promise, Outcome = Evaluation.Promise, Evaluation.Outcome
Watermelon = MonthResult.Watermelon
MARKS = {Outcome.MET: "✔", Outcome.MISSED: "✖", Outcome.EXCUSED: "◐", Outcome.NOTHING: "–"}


def shortfall_text(one: Evaluation, currency: str) -> str:
    """Say by how much a goal was missed."""
    missing = one.denominator - one.numerator
    if is_money(one):
        return words.money(words.whole(missing), currency)
    return words.leads(words.whole(missing))


def month_sentence(month: str, evaluations: list[Evaluation], waiting: bool, currency: str) -> str:
    """Return the first line: how many promises of a month were kept, and which was missed by how much."""
    judged = [one for one in evaluations if one.outcome in (Outcome.MET, Outcome.MISSED)]
    missed = [one for one in judged if one.outcome == Outcome.MISSED]
    said = {
        "month": month,
        "kept": words.amount(len(judged) - len(missed)),
        "n": words.amount(len(judged)),
        "titles": ", ".join(one.title for one in missed),
    }
    if not judged:
        if waiting:
            return _("Nothing of %(month)s can be judged yet.") % said
        return _("In %(month)s there was nothing to judge.") % said
    if not missed:
        return (
            ngettext(
                "In %(month)s the one promise was kept.",
                "In %(month)s both sides kept all %(n)s promises.",
                len(judged),
            )
            % said
        )
    only = missed[0]
    if len(missed) == 1 and only.promise == Promise.MQL_GOAL:
        said["missing"] = shortfall_text(only, currency)
        if only.segment is not None:
            said["segment"] = only.segment.name
            return (
                _(
                    "In %(month)s both sides kept %(kept)s of %(n)s promises; the goal for %(segment)s was missed by "
                    "%(missing)s."
                )
                % said
            )
        return (
            _(
                "In %(month)s both sides kept %(kept)s of %(n)s promises; marketing’s goal was missed by %(missing)s."
            )
            % said
        )
    if len(missed) > 3:
        return _("In %(month)s both sides kept %(kept)s of %(n)s promises.") % said
    return _("In %(month)s both sides kept %(kept)s of %(n)s promises; missed: %(titles)s.") % said


def watermelon_text(result: MonthResult, low: Mapping[str, PartyPulse]) -> str:
    """Say of a month that is green outside alone what it is inside; `low` are the parties' low pulses by name."""
    said = {"month": words.month(result.month_on)}
    if result.revenue is not None and result.revenue_goal is not None:
        said |= {
            "revenue": words.money(result.revenue, result.agreement.currency),
            "goal": words.money(result.revenue_goal, result.agreement.currency),
        }
    said["pulses"] = ", ".join(f"{name} {pulse_text(one)}" for name, one in sorted(low.items()))
    if result.watermelon == Watermelon.REVENUE:
        return (
            _(
                "Green outside alone: in %(month)s every promise was kept, and yet marketing’s leads brought in "
                "%(revenue)s of the %(goal)s that the plan expects."
            )
            % said
        )
    if result.watermelon == Watermelon.PULSE:
        return (
            _(
                "Green outside alone: in %(month)s every promise was kept, and yet the pulse is low: %(pulses)s."
            )
            % said
        )
    return (
        _(
            "Green outside alone: in %(month)s every promise was kept, and yet marketing’s leads brought in "
            "%(revenue)s of the %(goal)s that the plan expects, and the pulse is low: %(pulses)s."
        )
        % said
    )


def run_text(kept: int, missed: int) -> str:
    """Say how many months in a row a promise was kept or missed; nothing of a single month."""
    if kept > 1:
        return ngettext("kept %(n)s month in a row", "kept %(n)s months in a row", kept) % {"n": kept}
    if missed > 1:
        return ngettext("missed %(n)s month in a row", "missed %(n)s months in a row", missed) % {"n": missed}
    return ""


def excuse_text(excuse: Excuse) -> str:
    """Say what an excuse takes out, why, and who agreed or is to agree."""
    parts = []
    if excuse.days:
        n = len(excuse.days)
        parts.append(ngettext("%(n)s day", "%(n)s days", n) % {"n": words.amount(n)})
    if excuse.hand_offs:
        n = len(excuse.hand_offs)
        parts.append(ngettext("%(n)s hand-off", "%(n)s hand-offs", n) % {"n": words.amount(n)})
    said = {
        "what": ", ".join(parts),
        "reason": excuse.get_reason_display(),
        "who": str(excuse.answered_by or ""),
        "team": excuse.answered_for.team.name if excuse.answered_for else "",
        "proposer": str(excuse.proposed_by or ""),
    }
    if excuse.state == Excuse.State.ACCEPTED:
        return _("excused: %(what)s, %(reason)s, agreed by %(who)s for %(team)s") % said
    if excuse.state == Excuse.State.REFUSED:
        return _("refused by %(who)s for %(team)s: %(what)s, %(reason)s") % said
    return _("proposed by %(proposer)s, not answered yet: %(what)s, %(reason)s") % said


def days_text(excuse: Excuse) -> str:
    """Name the days of an excuse."""
    days = excuse.days
    if not days:
        return ""
    is_row = (days[-1] - days[0]).days == len(days) - 1
    if is_row and len(days) > 1:
        return f"{words.day(days[0])} – {words.day(days[-1])}"
    return ", ".join(words.day(day) for day in days)
