"""Campaigns and sources in words and tables: how much of the month's goal is planned, and how each stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Campaign
from agreements.models.keeping import campaign_goal_title
from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.charts.gap import source_name
from reports.readings.campaigns import CampaignMonth, CampaignReport, days_of, planned_goal
from reports.readings.numbers import number
from reports.readings.signed_goals import SignedGoal
from reports.shares import share
from reports.waterfall import Verdict


def planned_sentence(rows: Sequence[CampaignMonth], of: str, *, goal: Fraction | None, month: dt.date) -> str:
    """Say how many of the month's leads campaigns, or sources, plan, and how many of its goal nobody planned."""
    planned = words.whole(planned_goal(rows))
    said = {"leads": words.leads(planned), "month": words.month(month)}
    is_campaign = of == Campaign.Of.CAMPAIGN
    if not any(row.campaign for row in rows):
        if is_campaign:
            return _("No campaign is planned for %(month)s.") % said
        return _("No leads of a single source are planned for %(month)s.") % said
    if goal is None:
        if is_campaign:
            return _("Campaigns plan %(leads)s for %(month)s; no goal of leads is agreed.") % said
        return _("Plans of single sources are %(leads)s for %(month)s; no goal of leads is agreed.") % said
    whole = words.whole(goal)
    said |= {"goal": words.amount(whole), "rest": words.amount(abs(whole - planned))}
    if planned > whole:
        if is_campaign:
            return (
                _("Campaigns plan %(leads)s for %(month)s, %(rest)s more than its goal of %(goal)s.") % said
            )
        return (
            _("Plans of sources are %(leads)s for %(month)s, %(rest)s more than its goal of %(goal)s.") % said
        )
    if is_campaign:
        return (
            _("Campaigns plan %(leads)s of the goal of %(goal)s for %(month)s; %(rest)s are unplanned.")
            % said
        )
    return (
        _("Plans of sources are %(leads)s of the goal of %(goal)s for %(month)s; %(rest)s are unplanned.")
        % said
    )


def campaign_name(key: str, of: str) -> str:
    """Return a campaign or source as people read it."""
    return (key or _("without a campaign")) if of == Campaign.Of.CAMPAIGN else source_name(key)


def month_table(
    rows: Sequence[CampaignMonth],
    of: str,
    *,
    goal: Fraction | None,
    month: dt.date,
    currency: str,
    address: Callable[[CampaignMonth], str],
) -> Table:
    """Describe the month by campaign, or by source; the last line adds up."""
    is_campaign = of == Campaign.Of.CAMPAIGN
    caption = _("%(month)s by campaign") if is_campaign else _("%(month)s by source")
    names = {row.key for row in rows if row.campaign is not None}
    planned = planned_goal(rows) if any(row.campaign for row in rows) else None
    to_date = sum((row.to_date for row in rows if row.to_date is not None), Fraction(0))
    actual, worth = (sum((getattr(row, name) for row in rows), Fraction(0)) for name in ("actual", "worth"))
    return Table(
        caption=caption % {"month": words.month(month)},
        columns=(
            Column("name", _("Campaign") if is_campaign else _("Source")),
            Column("days", _("Days")),
            Column("goal", _("Planned in the month")),
            Column("share_of_goal", _("Share of the month’s goal")),
            Column("goal_to_date", _("Planned to date")),
            Column("actual", _("Actual to date")),
            Column("gap", _("Gap")),
            Column("worth", _("Expected revenue")),
            Column("budget", _("Budget")),
        ),
        rows=tuple(_row(row, of, goal, currency, address(row), is_planned=row.key in names) for row in rows),
        total=(
            Cell(_("All together"), None),
            Cell("", None),
            Cell(words.amount(planned), number(planned)),
            _share(planned, goal),
            Cell(words.NONE if planned is None else words.amount(to_date), number(to_date)),
            Cell(words.amount(actual), number(actual)),
            Cell("", None),
            Cell(words.money(worth, currency), number(worth)),
            Cell("", None),
        )
        if rows
        else (),
    )


def signed_table(
    goals: Sequence[SignedGoal], *, month: dt.date, address: Callable[[SignedGoal], str]
) -> Table:
    """Describe what is signed of campaigns and sources for a month: each beside what came of it."""
    return Table(
        caption=_("Promised of campaigns and sources in %(month)s") % {"month": words.month(month)},
        columns=(
            Column("name", _("Promise")),
            Column("party", _("Promised by")),
            Column("goal", _("Goal")),
            Column("goal_to_date", _("Goal to date")),
            Column("actual", _("Actual to date")),
            Column("gap", _("Gap")),
        ),
        rows=tuple(
            (
                Cell(
                    campaign_goal_title(one.promise.of, one.promise.name), one.promise.subject, address(one)
                ),
                Cell(one.promise.party.team.name, one.promise.party.team.slug),
                Cell(words.amount(one.goal), number(one.goal)),
                Cell(words.amount(one.to_date), number(one.to_date)),
                Cell(words.amount(one.actual), number(one.actual)),
                Cell(words.signed(one.gap), number(one.gap)),
            )
            for one in goals
        ),
    )


def goal_named(of: str, name: str, *, leads: int, month: dt.date) -> str:
    """Say whose goal a month is measured by, where that is the one of a campaign or source."""
    said = {"name": name, "leads": words.leads(leads), "month": words.month(month)}
    if of == Campaign.Of.SOURCE:
        return _("The goal is that of the source “%(name)s”: %(leads)s in %(month)s.") % said
    return _("The goal is that of the campaign “%(name)s”: %(leads)s in %(month)s.") % said


def short_of_goal(one: SignedGoal, month: dt.date) -> str:
    """Say how many leads of one promise were due by now, and how many came."""
    said = {
        "name": one.promise.name,
        "leads": words.leads(words.whole(one.goal)),
        "month": words.month(month),
        "actual": words.amount(words.whole(one.actual)),
        "due": words.amount(words.whole(one.to_date)),
    }
    if one.promise.of == Campaign.Of.SOURCE:
        return (
            _("The goal of the source “%(name)s”, %(leads)s in %(month)s: %(actual)s of %(due)s due by now.")
            % said
        )
    return (
        _("The goal of the campaign “%(name)s”, %(leads)s in %(month)s: %(actual)s of %(due)s due by now.")
        % said
    )


def _row(
    row: CampaignMonth, of: str, goal: Fraction | None, currency: str, address: str, *, is_planned: bool
) -> tuple[Cell, ...]:
    campaign = row.campaign
    days = "" if campaign is None else words.days(campaign.starts_on, days_of(campaign).end)
    budget = None if campaign is None else campaign.budget
    return (
        Cell(campaign_name(row.key, of), row.key, address),
        Cell(days or (_("on other days") if is_planned else _("unplanned")), days),
        Cell(words.amount(row.goal), number(row.goal)),
        _share(row.goal, goal),
        Cell(words.amount(row.to_date), number(row.to_date)),
        Cell(words.amount(row.actual), number(row.actual)),
        Cell(words.signed(row.gap), number(row.gap)),
        Cell(words.money(row.worth, currency), number(row.worth)),
        Cell(words.money(budget, currency, 2), number(budget)),
    )


def _share(planned: Fraction | None, goal: Fraction | None) -> Cell:
    if planned is None or not goal:
        return Cell(words.NONE, None)
    part = share(planned, goal)
    return Cell(words.percent(part), number(part.value))


def campaign_verdict(campaign: Campaign, report: CampaignReport) -> str:
    """Return the finding on a campaign: behind, on pace, ahead, or what came of it in the end."""
    summary, days = report.waterfall.summary, days_of(campaign)
    actual, due = words.whole(summary.actual), words.whole(summary.goal_to_date or 0)
    said = {
        "name": campaign.name,
        "actual": words.amount(actual),
        "due": words.amount(due),
        "goal": words.leads(campaign.goal),
        "gap": words.leads(abs(actual - due)),
        "day": words.day(min(report.scope.as_of_day, campaign.last_on)),
        "days": words.days(days.start, days.end),
    }
    if not summary.days_seen:
        return _("“%(name)s” has not begun: %(goal)s are planned for %(days)s.") % said
    if not summary.remaining_days:
        if actual < campaign.goal:
            return _("“%(name)s” brought %(actual)s of the %(goal)s planned, %(gap)s short.") % said
        return _("“%(name)s” brought %(actual)s of the %(goal)s planned.") % said
    match summary.verdict:
        case Verdict.BEHIND:
            return _("“%(name)s” is %(gap)s behind: %(actual)s of %(due)s planned by %(day)s.") % said
        case Verdict.AHEAD:
            return _("“%(name)s” is %(gap)s ahead: %(actual)s, where %(due)s were planned by %(day)s.") % said
        case Verdict.ON_PACE:
            return _("“%(name)s” is on pace: %(actual)s of %(due)s planned by %(day)s.") % said
    return _("Too early for a verdict on “%(name)s”: %(actual)s of %(due)s planned by %(day)s.") % said


def campaign_sentences(campaign: Campaign, report: CampaignReport, currency: str) -> list[str]:
    """Say what is needed a day, what the leads are worth, and what a lead costs where there is a budget."""
    summary, sentences = report.waterfall.summary, []
    needed = summary.needed_per_remaining_business_day
    if summary.days_seen and needed and summary.remaining_business_days:
        said = {"n": words.amount(needed), "left": words.amount(summary.remaining_business_days)}
        sentences.append(
            ngettext(
                "%(n)s are needed on the %(left)s business day left.",
                "%(n)s are needed on each of the %(left)s business days left.",
                summary.remaining_business_days,
            )
            % said
        )
    if report.worth:
        worth = words.money(report.worth, currency)
        sentences.append(_("Its leads are worth %(worth)s in expected revenue.") % {"worth": worth})
    if campaign.budget is not None:
        said = {
            "budget": words.money(campaign.budget, currency, 2),
            "each": words.money(campaign.budget / campaign.goal, currency, 2),
        }
        sentences.append(_("Its budget is %(budget)s, or %(each)s a planned lead.") % said)
    return sentences


def campaign_notes(campaigns: Sequence[Campaign], most: int = 8) -> list[str]:
    """Say on which days of a month campaigns run."""
    notes = [
        _("“%(name)s” runs %(days)s: %(leads)s planned.")
        % {
            "name": one.name,
            "days": words.days(one.starts_on, days_of(one).end),
            "leads": words.leads(one.goal),
        }
        for one in campaigns[:most]
    ]
    left = len(campaigns) - most
    if left > 0:
        notes.append(
            ngettext("%(n)s more campaign runs.", "%(n)s more campaigns run.", left)
            % {"n": words.amount(left)}
        )
    return notes
