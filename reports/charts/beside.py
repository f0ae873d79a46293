"""A month in leads and in expected revenue, beside each other: both read-outs, and how the other of the two stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.charts import words
from reports.charts.verdicts import Standing, projection
from reports.forecast import Landing
from reports.waterfall import Verdict


@dataclass(frozen=True, slots=True)
class Beside:
    """The standing of a month in leads, and in expected revenue. `without_value` of its leads are worth nothing."""

    leads: Standing
    worth: Standing
    worth_landing: Landing | None = None
    without_value: int = 0
    leads_first: bool = True

    @property
    def sentences(self) -> tuple[str, ...]:
        """Both read-outs, how the month stands in the unit that the verdict is not said in, and what has no value."""
        if self.worth.summary.goal is None and not self.worth.summary.actual:
            return ()
        second: list[str] = []
        if self.leads_first:
            second = [_how_it_stands(self.worth), *projection(self.worth, self.worth_landing)]
        return tuple(one for one in (self.read_outs, *second, self._without_value()) if one)

    @property
    def read_outs(self) -> str:
        """96 of 200 leads, 41,200 EUR of 90,000 EUR in expected revenue."""
        said = {
            "leads": words.leads(self.leads.actual),
            "n": words.amount(self.leads.actual),
            "worth": self.worth.quantity(self.worth.actual),
        }
        leads_goal, worth_goal = self.leads.summary.goal, self.worth.summary.goal
        if worth_goal is not None:
            said["worth_goal"] = self.worth.quantity(worth_goal)
        if leads_goal is not None:
            whole = words.whole(leads_goal)
            said["goal"] = words.leads(whole)
            if worth_goal is None:
                return _("%(n)s of %(goal)s, worth %(worth)s in expected revenue.") % said
            return _("%(n)s of %(goal)s, %(worth)s of %(worth_goal)s in expected revenue.") % said
        if worth_goal is None:
            return _("%(leads)s, worth %(worth)s in expected revenue.") % said
        return _("%(leads)s, %(worth)s of %(worth_goal)s in expected revenue.") % said

    def _without_value(self) -> str:
        if not self.without_value:
            return ""
        said = ngettext(
            "%(n)s lead is of no segment with a value, and is worth nothing here.",
            "%(n)s leads are of no segment with a value, and are worth nothing here.",
            self.without_value,
        )
        return said % {"n": words.amount(self.without_value)}


def _how_it_stands(worth: Standing) -> str:
    """Say how far the month is behind or ahead in money; nothing without a goal or a verdict."""
    summary = worth.summary
    if summary.verdict is None or worth.today < worth.month.start:
        return ""
    said = {
        "gap": worth.quantity(abs(worth.gap)),
        "due": worth.quantity(worth.due),
        "day": words.day(min(worth.today, worth.month.end - dt.timedelta(days=1))),
    }
    match summary.verdict:
        case Verdict.BEHIND:
            return _("In expected revenue it is %(gap)s behind the %(due)s due by %(day)s.") % said
        case Verdict.AHEAD:
            return _("In expected revenue it is %(gap)s ahead of the %(due)s due by %(day)s.") % said
    return _("In expected revenue it is on pace with the %(due)s due by %(day)s.") % said
