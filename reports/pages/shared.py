"""What a share link shows: one chart or one edition, of the sums alone, as its maker may see it now.

Nothing of it is about one person: no rep, no lead, no words that people wrote, and no way from a number to its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from agreements.models import Agreement, Campaign
from reports.charts import words
from reports.charts.description import Chart, Table
from reports.charts.heat import HEAT, HeatTable
from reports.charts.promise_months import promise_chart
from reports.charts.stored import chart_of_json, table_of_json
from reports.forms.filters import read_query
from reports.models import Edition, ShareLink
from reports.pages.campaigns import campaign_page
from reports.pages.contents import depth_contents, depth_heat, speed_contents, waterfall_contents
from reports.pages.explore import FILTERS as EXPLORE_FILTERS
from reports.pages.explore import open_exploration
from reports.pages.frame import ReportPage, open_page
from reports.pages.recalibration import recalibration_contents
from reports.pages.share_names import campaign_id, names_of_links
from reports.pages.shared_definitions import (
    Definition,
    of_campaign,
    of_depth,
    of_edition,
    of_explored,
    of_promise,
    of_rates,
    of_speed,
    of_waterfall,
)
from reports.periods import Grain, Span
from reports.readings.campaigns import leads_measure
from reports.readings.promise_months import promises_over_months

Subject = ShareLink.Subject
FILTERS = ("segment", "source", "campaign", "counted")
UNSHARED = ("groups", "spacing", "load")
"""Charts of a report page that no link shows: what stands side by side is the reader's choice."""


@dataclass(frozen=True, slots=True)
class Shared:
    """`about` says what it is, `finding` what it found; `sides` and `rates` are an edition's, `heat` is depth's.

    `definitions` say how its figures are counted; `version` is the one whose signed text an edition was judged by.
    """

    about: str
    finding: str
    further: tuple[str, ...]
    charts: tuple[Chart, ...]
    as_of: dt.datetime
    sides: tuple[dict[str, Any], ...] = ()
    rates: Table | None = None
    rates_finding: str = ""
    heat: HeatTable | None = None
    language: str = ""
    definitions: tuple[Definition, ...] = ()
    version: int | None = None


Seen = tuple[dt.datetime, Sequence[Chart | HeatTable], Callable[[], list[Definition]]]
"""As of when a page speaks, its charts, and how the figures of the one that is shared are counted."""


def see_shared(link: ShareLink, now: dt.datetime) -> Shared | None:
    """Return what the link shows; None where its maker may not see it any more, or it could not be shown as it was."""
    if link.subject == Subject.EDITION:
        return _edition(link)
    try:
        as_of, charts, define = _charts(link, now)
    except LookupError:
        return None
    chart = next((one for one in charts if one.key == link.chart), None)
    if chart is None:
        return None
    heat = chart if isinstance(chart, HeatTable) else None
    return Shared(
        about=names_of_links([link], link.maker)[0],
        finding=chart.title,
        further=(),
        charts=() if isinstance(chart, HeatTable) else (_without_ways(chart),),
        as_of=as_of,
        heat=heat,
        definitions=tuple(define()),
    )


def address_of_subject(link: ShareLink) -> str:
    """Return the page that has what is shared, for who is signed in."""
    query = QueryDict(link.query)
    match link.subject:
        case Subject.EDITION:
            return reverse("reports:edition", args=[link.edition_id])
        case Subject.CAMPAIGN:
            return reverse("reports:campaign", args=[campaign_id(query)])
        case Subject.MEASURES:
            return f"{reverse('reports:measures', args=[query['agreement']])}#{link.chart}"
    return f"{reverse(f'reports:{link.subject}')}?{link.query}"


def state_of_report(frame: ReportPage, grain: Grain, measure: str = "") -> str:
    """Return the query that shows a report page's charts on whatever day; empty where they are one person's."""
    if any(chip.parameter == "owner" for chip in frame.chips):
        return ""
    parts = {
        "month": frame.month_value,
        "agreement": frame.agreement.slug if frame.agreement else "",
        "by": grain.value,
        "measure": measure,
        "per": "" if frame.span is Span.MONTH else frame.span.value,
        **{chip.parameter: chip.asked for chip in frame.chips},
    }
    return urlencode({name: value for name, value in parts.items() if value or name == "agreement"})


def _charts(link: ShareLink, now: dt.datetime) -> Seen:
    """Return what the page of the link shows.

    LookupError where the page is not there for its maker, or a filter names nothing any more: it would show others than
    were meant.
    """
    query, maker = QueryDict(link.query), link.maker
    match link.subject:
        case Subject.EXPLORE:
            return _explored(query, maker, now)
        case Subject.CAMPAIGN:
            found = campaign_page(_campaign(query, maker), maker, now=now)
            return (
                found.page.as_of,
                (found.chart,),
                lambda: of_campaign(found.page.scope, leads_measure(found.page.scope)),
            )
        case Subject.MEASURES:
            return _promises(link, query, now)
    return _of_report(link, query, now)


def _without_complaints(frame: ReportPage) -> dt.datetime:
    if frame.complaints:
        raise LookupError(frame.complaints)
    return frame.as_of


def _explored(query: QueryDict, maker: Any, now: dt.datetime) -> Seen:
    of_no_person = [name for name in EXPLORE_FILTERS if name != "owner"]
    explored = open_exploration(query, user=maker, now=now, filters=of_no_person)
    is_of_reps = explored.is_of_one_person or "owner" in query
    return (
        _without_complaints(explored.frame),
        () if is_of_reps else explored.contents.charts,
        lambda: of_explored(explored.frame.scope, explored.wanted.measure),
    )


def _campaign(query: QueryDict, maker: Any) -> Campaign:
    seen = Campaign.objects.visible_to(maker).select_related("agreement__calendar")
    found = seen.filter(pk=campaign_id(query)).first()
    if found is None:
        raise LookupError
    return found


def _promises(link: ShareLink, query: QueryDict, now: dt.datetime) -> Seen:
    agreement = Agreement.objects.visible_to(link.maker).filter(slug=query.get("agreement", "")).first()
    if agreement is None:
        raise LookupError
    found = promises_over_months(agreement, now.astimezone(agreement.zone).date())
    charts = [promise_chart(one, as_of=now, currency=agreement.currency) for one in found]
    shared = next((one for one, chart in zip(found, charts, strict=True) if chart.key == link.chart), None)
    return now, charts, lambda: of_promise(shared) if shared is not None else []


def _of_report(link: ShareLink, query: QueryDict, now: dt.datetime) -> Seen:
    """Return a page by month with its charts."""
    asked = read_query(query)
    is_by_grain = link.subject in (Subject.SPEED, Subject.DEPTH)
    frame = open_page(
        asked,
        now=now,
        user=link.maker,
        months=12 if is_by_grain and asked.grain is Grain.MONTH else 1,
        span=asked.span if link.subject == Subject.RECALIBRATION else Span.MONTH,
        filters=FILTERS if is_by_grain else FILTERS[:3],
    )
    as_of, scope = _without_complaints(frame), frame.scope
    if "owner" in query:
        return as_of, (), list
    match link.subject:
        case Subject.WATERFALL:
            seen = waterfall_contents(frame, measure=asked.measure)
            return as_of, seen.charts, lambda: of_waterfall(scope, seen.measure)
        case Subject.RECALIBRATION:
            return as_of, recalibration_contents(frame, link.maker).charts, of_rates
        case Subject.SPEED:
            return as_of, speed_contents(frame, asked.grain).charts, lambda: of_speed(scope)
        case _ if link.chart == HEAT:
            heat = depth_heat(frame, asked.grain)
            return as_of, () if heat is None else (heat,), lambda: of_depth(scope, HEAT)
    return as_of, depth_contents(frame, asked.grain).charts, lambda: of_depth(scope, link.chart)


def _edition(link: ShareLink) -> Shared | None:
    seen = Edition.objects.visible_to(link.maker).select_related("agreement")
    edition = seen.filter(pk=link.edition_id).first() if link.edition_id is not None else None
    if edition is None:
        return None
    found = edition.snapshot
    promised = ("team", "promises")
    return Shared(
        about=f"{found['agreement']} · {words.month(edition.month_on)}",
        finding=found["finding"],
        further=tuple(found["further"]),
        charts=tuple(_without_ways(chart_of_json(one)) for one in found["charts"]),
        as_of=edition.as_of,
        sides=tuple({name: side[name] for name in promised} for side in found["sides"]),
        rates=_without_addresses(table_of_json(found["rates"])),
        rates_finding=found["rates_finding"],
        language=found["language"],
        definitions=tuple(of_edition(found)),
        version=found["version"],
    )


def _without_ways(chart: Chart) -> Chart:
    return replace(chart, table=_without_addresses(chart.table))


def _without_addresses(table: Table) -> Table:
    return replace(table, rows=tuple(tuple(replace(cell, address="") for cell in row) for row in table.rows))
