"""The page of a month's campaigns and sources, and that of one campaign with its own waterfall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.models import Agreement, Campaign, Party, Team
from agreements.readings.agreement_page import parties_of
from agreements.readings.obligations import speaks_for
from agreements.rights import rights_of
from reports.charts import words
from reports.charts.campaigns import (
    campaign_sentences,
    campaign_verdict,
    month_table,
    planned_sentence,
    signed_table,
)
from reports.charts.description import Cell, Chart, Table
from reports.charts.verdicts import Standing
from reports.charts.waterfall import measure_name, waterfall_chart
from reports.pages.frame import ReportPage, month_value, page_of_agreement
from reports.readings.campaigns import (
    CampaignMonth,
    campaign_report,
    campaigns_in,
    days_of,
    leads_measure,
    month_by,
)
from reports.readings.goals import business_days
from reports.readings.signed_goals import SignedGoal, signed_goals
from reports.readings.waterfall import waterfall_report

Of = Campaign.Of
_FOUR_DAYS = dt.timedelta(days=4)


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """`finding` is about campaigns, `further` about sources; a table of each, and of what is signed of them, if it is.

    `may_plan`: there is a button for it.
    """

    finding: str
    further: tuple[str, ...]
    tables: tuple[tuple[str, Table], ...]
    may_plan: bool
    is_empty: bool

    def table(self, key: str) -> tuple[str, Table]:
        """Return the name and table of a file: that of campaigns unless sources are asked for."""
        return next((pair for pair in self.tables if pair[0] == key), self.tables[0])


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One campaign on its own days. `address` has the rows that its figures count."""

    page: ReportPage
    campaign: Campaign
    finding: str
    further: tuple[str, ...]
    chart: Chart
    counted: tuple[tuple[str, str], ...]
    may_plan: bool


def planning_parties(agreement: Agreement, user: Any) -> tuple[list[Party], list[Party]]:
    """Return marketing's parties of an agreement, and those of them for which this person plans."""
    rights = rights_of(user)
    marketing = [one for one in parties_of(agreement) if one.team.function == Team.Function.MARKETING]
    return marketing, [one for one in marketing if speaks_for(one, rights)]


def campaigns_page(page: ReportPage, user: Any) -> CampaignsPage:
    """Read the month by campaign and by source, against what is planned of each and the month's own goal."""
    scope, agreement = page.scope, page.agreement
    measure, campaigns = leads_measure(scope), campaigns_in(scope)
    goal = waterfall_report(scope, measure=measure).months[-1].waterfall.summary.goal
    by = {of: month_by(scope, of, campaigns, measure) for of in Of}
    signed = signed_goals(scope)
    currency = agreement.currency if agreement else ""

    def table(of: Of) -> Table:
        return month_table(
            by[of],
            of,
            goal=goal,
            month=page.month,
            currency=currency,
            address=lambda row: _address(page, of, row, measure),
        )

    def waterfall_of(one: SignedGoal) -> str:
        slug = agreement.slug if agreement else ""
        parts = {"month": page.month_value, "agreement": slug, str(one.promise.of): one.promise.name}
        return f"{reverse('reports:waterfall')}?{urlencode(parts)}"

    return CampaignsPage(
        finding=planned_sentence(by[Of.CAMPAIGN], Of.CAMPAIGN, goal=goal, month=page.month),
        further=(planned_sentence(by[Of.SOURCE], Of.SOURCE, goal=goal, month=page.month),),
        tables=(
            ("campaigns", table(Of.CAMPAIGN)),
            ("sources", table(Of.SOURCE)),
            *([("signed", signed_table(signed, month=page.month, address=waterfall_of))] if signed else []),
        ),
        may_plan=agreement is not None and bool(planning_parties(agreement, user)[1]),
        is_empty=not any(by.values()) and not signed,
    )


def campaign_page(campaign: Campaign, user: Any, *, now: dt.datetime) -> CampaignPage:
    """Read one campaign: its waterfall, what is needed, and where the rows are that were counted."""
    agreement = campaign.agreement
    page = page_of_agreement(agreement, month=campaign.starts_on.replace(day=1), now=now)
    report = campaign_report(page.scope, campaign)
    page, days = replace(page, scope=report.scope), days_of(campaign)
    finding = campaign_verdict(campaign, report)
    opens = business_days(report.scope)
    drawn = waterfall_chart(
        standing=Standing(
            month=days,
            today=report.scope.as_of_day,
            party=campaign.name,
            summary=report.waterfall.summary,
            tolerance=report.tolerance,
        ),
        waterfall=report.waterfall,
        measure=report.measure,
        profile="",
        selected="",
        is_business_day=opens,
        as_of=page.as_of,
    )
    span = words.days(days.start, days.end)
    parts = (measure_name(report.measure), span, campaign.get_of_display(), page.selected)
    chart = replace(
        drawn,
        key="campaign",
        title=finding,
        subtitle=" · ".join(parts),
        table=_linked(
            replace(drawn.table, caption=_("Planned and actual by day, %(days)s") % {"days": span}),
            report.waterfall.days,
            campaign,
            report.measure,
        ),
    )
    return CampaignPage(
        page=page,
        campaign=campaign,
        finding=finding,
        further=tuple(campaign_sentences(campaign, report, agreement.currency)),
        chart=chart,
        counted=_months_counted(campaign, report.measure, page),
        may_plan=bool(planning_parties(agreement, user)[1]),
    )


def _linked(table: Table, days: Any, campaign: Campaign, measure: str) -> Table:
    """Lead from each day on which something came to the rows that were counted then."""
    rows = []
    for day, (heading, *cells) in zip(days, table.rows, strict=True):
        linked: Cell = heading
        if day.actual:
            linked = replace(
                heading,
                address=_rows_of(campaign, measure, month_value(day.on), day=day.on.isoformat()),
            )
        rows.append((linked, *cells))
    return replace(table, rows=tuple(rows))


def _months_counted(campaign: Campaign, measure: str, page: ReportPage) -> tuple[tuple[str, str], ...]:
    """Return the months of a campaign that have begun, each with the page of the rows that count in it."""
    months, on = [], campaign.starts_on.replace(day=1)
    while on <= min(campaign.last_on, page.scope.as_of_day):
        months.append((words.month(on), _rows_of(campaign, measure, month_value(on))))
        on = (on.replace(day=28) + _FOUR_DAYS).replace(day=1)
    return tuple(months)


def _rows_of(campaign: Campaign, measure: str, month: str, **more: str) -> str:
    by = {str(campaign.of): campaign.name}
    return _counted({"month": month, "agreement": campaign.agreement.slug, "measure": measure, **by, **more})


def _address(page: ReportPage, of: str, row: CampaignMonth, measure: str) -> str:
    """Return the page of a planned campaign; of what is unplanned the rows, which are those of the name."""
    if row.campaign is not None:
        return reverse("reports:campaign", args=[row.campaign.pk])
    if not row.key or not row.actual:
        return ""
    slug = page.agreement.slug if page.agreement else ""
    return _counted({"month": page.month_value, "agreement": slug, "measure": measure, str(of): row.key})


def _counted(parts: Mapping[str, str]) -> str:
    return f"{reverse('reports:counted')}?{urlencode(parts)}"
