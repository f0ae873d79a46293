"""What the fields of a draft ask for, and in which unit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.readings.labels import term_name


def unit_of(key: str) -> Any:
    """Return what a field asks for, and in which unit."""
    kind, _segment, term = key.split("-")
    return UNITS.get(f"{kind}-{term}") or UNITS.get(term) or term_name(kind, term)


UNITS: dict[str, Any] = {
    "acceptance-allowance": _("Time to accept or give back, in business hours and minutes"),
    "acceptance-in_time_share": _("Agreed share accepted or given back in time, in %"),
    "outcome-allowance": _("Time to an outcome, in business hours and minutes"),
    "outcome-in_time_share": _("Agreed share with an outcome in time, in %"),
    "allowance": _("Time to the first attempt, in business hours and minutes"),
    "average_goal": _("Agreed average, in business hours and minutes"),
    "in_time_share": _("Agreed share in time, in %"),
    "at_risk_share": _("At risk from, in % of the time used"),
    "pause_limit": _("Pauses at most, in days, all of one lead together"),
    "attempts": _("Attempts on leads that have not connected"),
    "window": _("Follow-up window, in days"),
    "counts_automated": _("Automated messages count as attempts"),
    "share": _("Share of leads worked, in %"),
    "measure": _("What is counted"),
    "profile": _("Goal line"),
    "tolerance": _("On pace within, in % of the goal to date, either way"),
    "counts_recycled": _("Recycled leads count again when they are handed over again"),
    "counts_sales_origin": _("Leads that sales found count too"),
}
