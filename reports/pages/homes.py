"""What marketing and sales see first: how the month stands, what is needed, and what waits now."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Campaign, Commitment
from agreements.rights import people_seen_by
from reports.charts import words
from reports.charts.campaigns import short_of_goal
from reports.charts.description import Chart
from reports.charts.gap import source_name
from reports.charts.tiles import Tile, agreed_or_not, bar
from reports.charts.verdicts import verdict
from reports.pages.contents import MonthSeen, see_month
from reports.pages.frame import ReportPage
from reports.pages.team_table import TeamRow, team_rows
from reports.readings.at_hand import Pressing, Waiting, pressing, together, waiting_by_owner
from reports.readings.breakdown import gap_by_segment
from reports.readings.depth import DepthBucket, depth_bucket
from reports.readings.figures import Row, figures
from reports.readings.goals import commitment_on, versions_in
from reports.readings.returned import rejection_reasons, sources_below_usual
from reports.readings.scope import figures_of
from reports.readings.selection import Selection
from reports.readings.signed_goals import signed_goals
from reports.readings.speed import SpeedBucket, speed_bucket
from reports.shares import share

MOST_PEOPLE = 50
MOST_BELOW = 5
Kind = Commitment.Kind


@dataclass(frozen=True, slots=True)
class Home:
    """A first page. `parts` says how the average speed is made up; `team` lists those who may be seen."""

    finding: str
    tiles: tuple[Tile, ...]
    further: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    below: tuple[str, ...] = ()
    pressing: tuple[Pressing, ...] = ()
    has_more_pressing: bool = False
    team: tuple[TeamRow, ...] = ()
    people_left_out: int = 0
    parts: str = ""
    now: Waiting | None = None
    is_empty: bool = False


def marketing_home(page: ReportPage) -> Home:
    """Read how marketing's month stands, what is needed, and what sales did with its leads."""
    month = see_month(page)
    scope = page.scope
    counted = Selection(agreement=page.agreement, only_counted=True)
    (row,) = figures([scope.period], counted, scope.moment)
    speed, depth = speed_bucket(scope.period, row), depth_bucket(scope.period, row)
    return Home(
        finding=verdict(month.standing),
        further=month.outlook,
        charts=(month.chart,),
        tiles=(
            _goal_tile(page, month),
            *_worth_tile(page, month),
            _acceptance_tile(row),
            _rejections_tile(page),
            _in_time_tile(page, speed, counted="yes"),
            _depth_tile(page, depth, counted="yes"),
            _untouched_tile(page, speed),
        ),
        below=tuple(_below(page, month)),
        is_empty=month.chart.is_empty,
    )


def sales_home(page: ReportPage, user: Any) -> Home:
    """Read what is late now, how the month's follow-up went, and, of persons, what this user may see."""
    scope = page.scope
    (row,) = figures_of(scope, [scope.period])
    speed, depth = speed_bucket(scope.period, row), depth_bucket(scope.period, row)
    by_owner = waiting_by_owner(page.agreement, page.now)
    now = together(by_owner.values())
    urgent, has_more = pressing(user, page.agreement, page.now)
    team = team_rows(page, people_seen_by(user), now=by_owner)
    return Home(
        finding=_sales_finding(page, now, speed),
        tiles=(
            _in_time_tile(page, speed),
            _depth_tile(page, depth),
            _worked_tile(page, depth),
            _overdue_tile(now),
        ),
        pressing=tuple(urgent),
        has_more_pressing=has_more,
        team=tuple(team[:MOST_PEOPLE]),
        people_left_out=max(len(team) - MOST_PEOPLE, 0),
        parts=_parts(speed),
        now=now,
    )


def report_address(page: ReportPage, name: str, **more: str) -> str:
    """Return the report page of the same month and agreement."""
    parts = {"month": page.month_value, "agreement": page.agreement.slug if page.agreement else "", **more}
    return f"{reverse(f'reports:{name}')}?{urlencode(parts)}"


def _sales_finding(page: ReportPage, now: Waiting, speed: SpeedBucket) -> str:
    said = {"overdue": words.amount(now.overdue), "risk": words.amount(now.at_risk)}
    if now.overdue:
        late = (
            ngettext(
                "%(overdue)s lead is overdue and %(risk)s at risk now.",
                "%(overdue)s leads are overdue and %(risk)s at risk now.",
                now.overdue,
            )
            % said
        )
    elif now.at_risk:
        late = (
            ngettext(
                "No lead is overdue, %(risk)s is at risk now.",
                "No lead is overdue, %(risk)s are at risk now.",
                now.at_risk,
            )
            % said
        )
    else:
        late = _("No lead is overdue or at risk now.")
    said = {
        "share": words.percent(speed.in_time),
        "n": words.amount(speed.in_time.denominator),
        "month": page.month_name,
    }
    if speed.in_time.denominator:
        tried = _("%(share)s of the %(n)s due were tried in time in %(month)s.") % said
    else:
        tried = _("No hand-off of %(month)s has come due yet.") % said
    return f"{late} {tried}"


def _goal_tile(page: ReportPage, month: MonthSeen) -> Tile:
    standing, summary = month.standing, month.standing.summary
    title = _("Leads against the goal to date")
    address, link = report_address(page, "waterfall"), _("The waterfall")
    value = standing.quantity(standing.actual)
    if summary.goal is None:
        return Tile("goal", title, value, agreed_or_not(None), address=address, link=link)
    sentence = _("%(due)s were due by now; the month's goal is %(goal)s.") % {
        "due": standing.quantity(standing.due),
        "goal": standing.quantity(summary.goal),
    }
    full = max(summary.goal, summary.actual, Fraction(1))
    drawn = bar(summary.actual, summary.goal_to_date, full=full)
    return Tile("goal", title, value, sentence, drawn, address, link)


def _worth_tile(page: ReportPage, month: MonthSeen) -> list[Tile]:
    """Set the value of the month's leads against that of the goal to date; nothing where that is the goal itself."""
    worth = month.beside.worth
    summary = worth.summary
    if summary.goal is None or not month.beside.leads_first:
        return []
    sentence = _("%(due)s were due by now; the month's goal is worth %(goal)s.") % {
        "due": worth.quantity(worth.due),
        "goal": worth.quantity(summary.goal),
    }
    drawn = bar(summary.actual, summary.goal_to_date, full=max(summary.goal, summary.actual, Fraction(1)))
    address = report_address(page, "waterfall", measure=Commitment.Measure.VALUE)
    title, link = _("Expected revenue of these leads"), _("The waterfall in expected revenue")
    return [Tile("worth", title, worth.quantity(worth.actual), sentence, drawn, address, link)]


def _acceptance_tile(row: Row) -> Tile:
    accepted = share(row["counted_accepted"], row["counted"])
    sentence = _("%(accepted)s of the %(n)s leads handed off this month were accepted so far.") % {
        "accepted": words.amount(row["counted_accepted"]),
        "n": words.amount(row["counted"]),
    }
    title = _("Accepted by sales")
    return Tile("accepted", title, words.percent(accepted), sentence, bar(accepted.value))


def _rejections_tile(page: ReportPage) -> Tile:
    reasons, count = rejection_reasons(page.scope)
    sentence = (
        _("None of the month's leads was sent back.")
        if not count
        else ngettext(
            "lead of this month was sent back, because:",
            "leads of this month were sent back; most often because:",
            count,
        )
    )
    lines = tuple(
        _("%(n)s × %(reason)s") % {"n": words.amount(reason.count), "reason": reason.label}
        for reason in reasons
    )
    return Tile("rejected", _("Rejected"), words.amount(count), sentence, lines=lines)


def _in_time_tile(page: ReportPage, speed: SpeedBucket, **filters: str) -> Tile:
    promise = commitment_on(page.scope, Kind.SPEED)
    agreed = promise.in_time_share if promise else None
    said = {
        "met": words.amount(speed.in_time.numerator),
        "due": words.amount(speed.in_time.denominator),
        "agreed": words.percent(Fraction(agreed)) if agreed is not None else "",
    }
    if agreed is None:
        sentence = _("%(met)s of the %(due)s due by now; no share was agreed.") % said
    else:
        sentence = _("%(met)s of the %(due)s due by now; agreed are %(agreed)s.") % said
    return Tile(
        "in-time",
        _("Speed: tried in time"),
        words.percent(speed.in_time),
        sentence,
        bar(speed.in_time.value, None if agreed is None else Fraction(agreed)),
        report_address(page, "speed", **filters),
        _("The speed report"),
    )


def _depth_tile(page: ReportPage, depth: DepthBucket, **filters: str) -> Tile:
    promise = commitment_on(page.scope, Kind.DEPTH)
    agreed = promise.attempts if promise else None
    average = depth.judged.average
    said = {"agreed": words.amount(agreed), "n": words.amount(depth.judged.not_connected)}
    if average is None:
        sentence = _("attempts on average: no follow-up window has ended yet.")
    elif agreed is None:
        sentence = (
            _("attempts on average on the %(n)s whose follow-up has ended; no number was agreed.") % said
        )
    else:
        sentence = (
            _("attempts on average on the %(n)s whose follow-up has ended; agreed are %(agreed)s.") % said
        )
    full = Fraction(5, 4) * max(Fraction(agreed or 1), average or Fraction(0))
    return Tile(
        "depth",
        _("Depth: tried often enough"),
        words.amount(average),
        sentence,
        bar(average, None if agreed is None else Fraction(agreed), full=full),
        report_address(page, "depth", **filters),
        _("The depth report"),
    )


def _worked_tile(page: ReportPage, depth: DepthBucket) -> Tile:
    promise = commitment_on(page.scope, Kind.SHARE_WORKED)
    agreed = promise.share if promise else None
    worked = depth.judged.worked
    said = {
        "n": words.amount(worked.numerator),
        "all": words.amount(worked.denominator),
        "agreed": words.percent(Fraction(agreed)) if agreed is not None else "",
    }
    if not worked.denominator:
        sentence = _("No follow-up window has ended yet.")
    elif agreed is None:
        sentence = _("%(n)s of %(all)s were tried at least once; no share was agreed.") % said
    else:
        sentence = _("%(n)s of %(all)s were tried at least once; agreed are %(agreed)s.") % said
    return Tile(
        "worked",
        _("Worked"),
        words.percent(worked),
        sentence,
        bar(worked.value, None if agreed is None else Fraction(agreed)),
        report_address(page, "depth"),
        _("The depth report"),
    )


def _overdue_tile(now: Waiting) -> Tile:
    sentence = (
        ngettext(
            "overdue of the %(open)s that waits for its first attempt now; %(unassigned)s has no owner yet.",
            "overdue of the %(open)s that wait for their first attempt now; %(unassigned)s have no owner yet.",
            now.open,
        )
        % {"open": words.amount(now.open), "unassigned": words.amount(now.unassigned)}
        if now.open
        else _("Nobody waits for a first attempt.")
    )
    drawn = bar(Fraction(now.overdue), Fraction(0), full=Fraction(max(now.open, 1)))
    return Tile("overdue", _("Overdue now"), words.amount(now.overdue), sentence, drawn)


def _untouched_tile(page: ReportPage, speed: SpeedBucket) -> Tile:
    sentence = (
        ngettext(
            "lead of this month has no first attempt yet; %(overdue)s overdue.",
            "leads of this month have no first attempt yet; %(overdue)s overdue.",
            speed.open,
        )
        % {"overdue": words.amount(speed.open_overdue)}
        if speed.open
        else _("Every lead of this month was tried.")
    )
    return Tile(
        "untouched",
        _("Still untouched"),
        words.amount(speed.open),
        sentence,
        address=report_address(page, "speed", counted="yes"),
        link=_("The same leads in the speed report"),
    )


def _below(page: ReportPage, month: MonthSeen) -> list[str]:
    """Say which parts are below their own goal to date, and which other sources below what they usually bring."""
    scope, summary = page.scope, month.standing.summary
    sentences = []
    names = {
        str(one.segment_id): one.segment.name
        for version in versions_in(scope)
        for one in version.commitments.all()
        if one.segment is not None
    }
    if names:
        for group in gap_by_segment(scope, month.report.measure):
            if group.gap is None or words.whole(group.gap) >= 0:
                continue
            sentences.append(
                _("%(segment)s: %(actual)s of %(due)s due by now.")
                % {
                    "segment": names.get(group.key, group.key),
                    "actual": month.standing.quantity(group.actual),
                    "due": month.standing.quantity(group.goal or Fraction(0)),
                }
            )
    promised = signed_goals(scope)
    for one in promised:
        if words.whole(one.gap) < 0:
            sentences.append(short_of_goal(one, page.month))
    with_goal = {one.promise.name for one in promised if one.promise.of == Campaign.Of.SOURCE}
    part = Fraction(summary.days_seen, summary.days)
    if summary.goal and summary.goal_to_date is not None:
        part = summary.goal_to_date / summary.goal
    below = [pace for pace in sources_below_usual(scope, part) if pace.source not in with_goal]
    for pace in below[:MOST_BELOW]:
        sentences.append(
            _("%(source)s: %(actual)s, where %(usual)s are usual by now (mean of the three months before).")
            % {
                "source": source_name(pace.source),
                "actual": words.leads(pace.actual),
                "usual": words.amount(words.whole(pace.usual)),
            }
        )
    return sentences


def _parts(speed: SpeedBucket) -> str:
    if speed.routing_average is None or speed.rep_average is None:
        return ""
    return _(
        "From hand-off to the first attempt: %(routing)s until an owner was assigned (routing), %(rep)s from then to "
        "the attempt (rep); both business time, on average."
    ) % {"routing": words.duration(speed.routing_average), "rep": words.duration(speed.rep_average)}
