"""What became of the sample company's promises: its past months closed, strikes worked on, an outage excused."""

from __future__ import annotations

import datetime as dt

from agreements.models import Agreement, Excuse, MonthResult, Party, Strike
from agreements.services.keeping import agree_action, diagnose_strike, end_action, propose_excuse
from reports.closing import answer_and_close, close_month, months_to_close
from reports.editions import acknowledge, make_edition, propose_its_agenda
from slaproject.embedded.sample_company import people
from slaproject.embedded.sample_company.people import Staff
from slaproject.embedded.sample_company.timeline import Timeline, month_after

# When the follow-up windows of a month's last hand-offs have ended.
CLOSED_ON = 16


def close_past_months(agreement: Agreement, now: dt.datetime) -> int:
    """Close the months that are over, each in the middle of the next one; return how many results are new."""
    return sum(
        close_month(agreement=agreement, month_on=month, now=_day_after(agreement, month, CLOSED_ON, now)).new
        for month in months_to_close(agreement, now)
    )


def freeze_last_months(agreement: Agreement, staff: Staff, now: dt.datetime) -> int:
    """Make the editions of the last two months that closed: the earlier one was acknowledged, the latest waits."""
    marketing, sales = (staff.users[named.email] for named in people.NAMED[:2])
    closed = MonthResult.objects.filter(agreement=agreement, closed_at__isnull=False)
    results = list(closed.select_related("agreement").order_by("-month_on")[:2])
    for place, result in enumerate(results):
        assert result.closed_at is not None
        edition = make_edition(result=result, now=result.closed_at)
        propose_its_agenda(result)
        if place and edition is not None:
            for person in (marketing, sales):
                acknowledge(edition=edition, now=result.closed_at + dt.timedelta(days=1), by=person)
    return len(results)


def tell_what_was_done(agreement: Agreement, timeline: Timeline, staff: Staff, now: dt.datetime) -> None:
    """Diagnose two strikes and act on them, have the days of the outage excused, and leave an excuse to be answered."""
    marketing, sales = (staff.users[named.email] for named in people.NAMED[:2])
    parties = {
        party.team.slug: party for party in Party.objects.filter(agreement=agreement).select_related("team")
    }
    _excuse_the_outage(agreement, parties[people.MARKETING], timeline, staff, now)
    budget, short = timeline.events["budget"], timeline.events["short"]
    strike = _strike(agreement, budget, "mql_goal")
    if strike is not None:
        at = _day_after(agreement, budget, CLOSED_ON + 3, now)
        diagnose_strike(
            strike=strike,
            responsible=marketing,
            diagnosis="The budget for paid search ran out on the 12th, and nobody was told before it was gone.",
            make_up_plan="A third of the missing leads from a webinar next month, the rest from the spring campaign.",
            now=at,
            by=marketing,
        )
        due_on = now.astimezone(agreement.zone).date() + dt.timedelta(days=9)
        agree_action(
            strike=strike,
            action="Warn both directors when four fifths of a month's budget are spent.",
            owner=marketing,
            due_on=due_on,
            now=at,
            by=marketing,
        )
    strike = _strike(agreement, short, "share_in_time") or _strike(agreement, short, "average_speed")
    if strike is not None:
        at = _day_after(agreement, short, CLOSED_ON + 2, now)
        diagnose_strike(
            strike=strike,
            responsible=sales,
            diagnosis="Half of the New York reps were away at once, and their leads stayed with them.",
            now=at,
            by=sales,
        )
        action = agree_action(
            strike=strike,
            action="Leads of who is away go to the other office on the same morning.",
            owner=sales,
            due_on=at.date() + dt.timedelta(days=14),
            now=at,
            by=sales,
        )
        end_action(
            action=action,
            is_done=True,
            result="The rule stands since; no lead has waited for somebody on leave.",
            now=min(at + dt.timedelta(days=11), now),
            by=sales,
        )
    last = month_after(now.astimezone(agreement.zone).date().replace(day=1), -1)
    propose_excuse(
        party=parties[people.SALES],
        month_on=last,
        days=[last.replace(day=7), last.replace(day=8)],
        reason=Excuse.Reason.OUTAGE,
        note="The telephone system was down in both offices.",
        now=now,
        by=sales,
    )


def _excuse_the_outage(
    agreement: Agreement, party: Party, timeline: Timeline, staff: Staff, now: dt.datetime
) -> None:
    marketing, sales = (staff.users[named.email] for named in people.NAMED[:2])
    month = timeline.events["outage"]
    days = [month.replace(day=n) for n in range(1, 29) if timeline.is_outage(month.replace(day=n))]
    excuse = propose_excuse(
        party=party,
        month_on=month,
        days=days,
        reason=Excuse.Reason.OUTAGE,
        note="The website was down; no form could be sent.",
        now=_day_after(agreement, month, CLOSED_ON + 1, now),
        by=marketing,
    )
    answer_and_close(
        excuse=excuse,
        is_accepted=True,
        answer="We saw it too.",
        now=_day_after(agreement, month, CLOSED_ON + 2, now),
        by=sales,
    )


def _strike(agreement: Agreement, month: dt.date, promise: str) -> Strike | None:
    found = Strike.objects.standing().filter(
        evaluation__month__agreement=agreement, evaluation__month__month_on=month, evaluation__promise=promise
    )
    return found.order_by("evaluation__subject", "pk").first()


def _day_after(agreement: Agreement, month: dt.date, day: int, now: dt.datetime) -> dt.datetime:
    """Return noon of a day of the month after, or now where that is earlier."""
    on = month_after(month, 1).replace(day=day)
    return min(now, dt.datetime.combine(on, dt.time(12), agreement.zone).astimezone(dt.UTC))
