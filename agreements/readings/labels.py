"""What the fields of a version are called, and how their values are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements import words
from agreements.models import Agreement, Clause, Commitment, Segment, Version
from agreements.models.keeping import campaign_goal_title
from agreements.rejection_reasons import read_reasons
from agreements.services.draft_values import WEIGHTS, Value, clause_of_key, is_nothing, month_of_key
from agreements.services.starting_templates import BY_SIDE

OWN_NAMES = {
    "starts_on": gettext_lazy("First day"),
    "ends_on": gettext_lazy("Ends before"),
    "reach": gettext_lazy("It is for"),
    "review_rhythm": gettext_lazy("Reviewed together"),
    "summary": gettext_lazy("Summary"),
    "review_after_misses": gettext_lazy("Misses in a row that call for a review"),
    "cancel_after_misses": gettext_lazy("Misses in a row that give the right to cancel"),
    "early_share": gettext_lazy("The rep hears of a waiting lead after"),
    "manager_lag": gettext_lazy("Managers hear of a lead overdue by"),
    "director_lag": gettext_lazy("Directors hear of a lead overdue by"),
    "rejection_reasons": gettext_lazy("Why a lead may be given back"),
}
TERM_NAMES = {
    "allowance": gettext_lazy("Time to the first attempt"),
    "acceptance-allowance": gettext_lazy("Time to accept or give back"),
    "acceptance-in_time_share": gettext_lazy("Share accepted or given back in time"),
    "outcome-allowance": gettext_lazy("Time to an outcome"),
    "outcome-in_time_share": gettext_lazy("Share with an outcome in time"),
    "average_goal": gettext_lazy("Agreed average"),
    "in_time_share": gettext_lazy("Share in time"),
    "at_risk_share": gettext_lazy("At risk from"),
    "pause_limit": gettext_lazy("Pauses at most"),
    "attempts": gettext_lazy("Attempts"),
    "window": gettext_lazy("Follow-up window"),
    "counts_automated": gettext_lazy("Automated messages count"),
    "share": gettext_lazy("Share worked"),
    "profile": gettext_lazy("Goal line"),
    "measure": gettext_lazy("What is counted"),
    "tolerance": gettext_lazy("On pace within"),
    "counts_recycled": gettext_lazy("Recycled leads count again"),
    "counts_sales_origin": gettext_lazy("Leads that sales found count too"),
    **{
        term: format_lazy(gettext_lazy("Weight of {weekday}"), weekday=WEEKDAYS[place])
        for place, term in enumerate(WEIGHTS)
    },
}


def term_name(kind: str, term: str) -> str:
    """Name a term of a kind of promise."""
    return str(TERM_NAMES.get(f"{kind}-{term}") or TERM_NAMES[term])


@dataclass(frozen=True)
class Names:
    """The names of an agreement's parties and of all segments, by id."""

    parties: Mapping[int, str]
    segments: Mapping[int, str]

    def label(self, key: str) -> str:
        """Name a field, and for whom it is: MQL goal, December 2026 (Enterprise)."""
        if key in OWN_NAMES:
            return str(OWN_NAMES[key])
        kind, _dash, rest = key.partition("-")
        if kind == "contact":
            return _("Contact of %(team)s") % {"team": self.parties.get(int(rest), "")}
        if kind == "clause":
            return self._clause_label(key)
        if kind == "obligation":
            party, _dash, owed = rest.partition("-")
            said = {"team": self.parties.get(int(party), ""), "name": owed}
            return _("“%(name)s” owed by %(team)s") % said
        if kind == "measure":
            party, _dash, measured = rest.partition("-")
            said = {"team": self.parties.get(int(party), ""), "name": measured}
            return _("“%(name)s” promised by %(team)s") % said
        if kind == "campaign_goal":
            return campaign_goal_title(*rest.partition("-")[2].split(":", 1))
        if kind == "promise":
            return self._promise_label(rest)
        segment, _dash, term = rest.partition("-")
        if kind == "goal":
            name = _("MQL goal, %(month)s") % {"month": words.month(month_of_key(key))}
        else:
            name = term_name(kind, term)
        if segment == "0":
            return name
        return _("%(term)s (%(segment)s)") % {"term": name, "segment": self.segments.get(int(segment), "")}

    def _promise_label(self, rest: str) -> str:
        kind, _dash, segment = rest.rpartition("-")
        name = str(Commitment.Kind(kind).label) if kind in Commitment.Kind.values else kind
        if segment == "0":
            return name
        return _("%(term)s (%(segment)s)") % {"term": name, "segment": self.segments.get(int(segment), "")}

    def _clause_label(self, key: str) -> str:
        topic, party, segment = clause_of_key(key)
        name = str(Clause.Topic(topic).label)
        if segment is not None:
            return _("%(topic)s: “%(segment)s”") % {"topic": name, "segment": self.segments.get(segment, "")}
        if party is not None:
            return _("%(topic)s (%(whose)s)") % {"topic": name, "whose": self.parties.get(party, "")}
        is_beside_others = topic in BY_SIDE and topic != Clause.Topic.QUALIFICATION
        return _("%(topic)s (shared)") % {"topic": name} if is_beside_others else name


def names_of(agreement: Agreement) -> Names:
    """Read the names that labels need, in two queries."""
    parties = agreement.parties.select_related("team")
    return Names(
        {party.pk: party.team.name for party in parties},
        dict(Segment.objects.values_list("pk", "name")),
    )


def about_text(about: str, names: Names) -> str:
    """Name what a comment is about."""
    return names.label(about) if about else _("The whole draft")


def value_text(key: str, value: Value) -> str:
    """Write a field's value for people; what was not agreed is a dash."""
    if key == "reach":
        return str(Version.Reach(str(value or Version.Reach.NEW_ONLY)).label)
    if key == "review_rhythm":
        return str(Version.ReviewRhythm(str(value or "")).label)
    if is_nothing(value):
        return words.NONE
    if key == "rejection_reasons":
        return "; ".join(str(one.label) for one in read_reasons(str(value)))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return words.whole_day(value)
    if isinstance(value, dt.timedelta):
        return (
            window_text(value) if key.endswith(("-window", "-pause_limit")) else words.duration(length(value))
        )
    if key == "counting-0-profile":
        return str(Commitment.Profile(str(value)).label)
    if key == "counting-0-measure":
        return str(Commitment.Measure(str(value)).label)
    if isinstance(value, Decimal) and key.endswith(("share", "tolerance")):
        return words.percent(value, 2)
    if isinstance(value, Decimal) and key.rpartition("-")[2] in WEIGHTS:
        return weight_text(value)
    return words.amount(value, 2) if isinstance(value, (Decimal, int)) else str(value)


def weight_text(weight: Decimal) -> str:
    """Write a weight with all its decimals: 2, 0.125."""
    exponent = weight.normalize().as_tuple().exponent
    return words.amount(weight, max(0, -exponent) if isinstance(exponent, int) else 0)


def length(value: dt.timedelta) -> Fraction:
    """Return a length in seconds, exactly."""
    return Fraction(value // dt.timedelta(microseconds=1), 10**6)


def window_text(window: dt.timedelta) -> str:
    """Write a follow-up window in days of 24 hours, or in hours where it is no whole number of days."""
    if window % dt.timedelta(days=1):
        return words.duration(length(window))
    return ngettext("%(n)s day", "%(n)s days", window.days) % {"n": words.amount(window.days)}
