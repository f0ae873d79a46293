"""When teams work: whether they do now, and on which day they do next."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable

from agreements.models import CalendarRevision, Party, Team
from agreements.services.calendars import company_calendar


class TeamHours:
    """The business hours of some teams: their own, else those of the agreement they are in, else the company's."""

    def __init__(self, teams: Iterable[int], *, now: dt.datetime) -> None:
        self._now = now
        ids = set(teams)
        own = dict(Team.objects.filter(pk__in=ids, calendar__isnull=False).values_list("pk", "calendar_id"))
        agreed: dict[int, set[int]] = defaultdict(set)
        parties = Party.objects.filter(team__in=ids - set(own), agreement__calendar__isnull=False)
        for team, calendar in parties.values_list("team_id", "agreement__calendar_id"):
            agreed[team].add(calendar)
        company = company_calendar().pk
        self._calendar = {
            team: own.get(team) or (agreed[team].pop() if len(agreed[team]) == 1 else company) for team in ids
        }
        latest = (
            CalendarRevision.objects.filter(calendar__in=set(self._calendar.values()) | {company})
            .order_by("calendar_id", "-number")
            .distinct("calendar_id")
        )
        self._revisions = {revision.calendar_id: revision for revision in latest}
        self._company = company
        self._days: dict[int, dt.date] = {}

    def revision(self, team_id: int | None) -> CalendarRevision:
        """The hours that a team works by now; of no team, the company's."""
        return self._revisions[self._calendar.get(team_id or 0, self._company)]

    def is_open(self, team_id: int) -> bool:
        """Whether the team works now."""
        return self.revision(team_id).compiled().is_open(self._now)

    def next_working_day(self, team_id: int) -> dt.date:
        """The local day on which the team works now, or else next."""
        if team_id not in self._days:
            revision = self.revision(team_id)
            calendar = revision.compiled()
            at = self._now if calendar.is_open(self._now) else calendar.next_open(self._now) or self._now
            self._days[team_id] = at.astimezone(zoneinfo.ZoneInfo(revision.time_zone)).date()
        return self._days[team_id]
