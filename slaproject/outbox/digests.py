"""Digests: who is told at which hour of their own how marketing gets on, or how the week was, and what they then read.

One alert a person and local day, which `about` numbers: its unique key is the claim, so that workers at once, and the
same one again, tell once. Whoever is not due costs no figure. What is read is worked out when it is sent.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.models import Agreement, Party, Team, Version
from reports.pages.digests import Digest, month_of_week, progress_digest, weekly_digest
from slaproject.accounts.models import User
from slaproject.outbox.hearing import nightly_due, weekly_due
from slaproject.outbox.kinds import SUBJECT_OF_DIGEST
from slaproject.outbox.models import Alert, SetAside
from slaproject.outbox.people import Company, Reach, people_to_tell, reach_of
from slaproject.outbox.setting_aside import do_each, left_alone
from slaproject.outbox.telling import Telling, tell

NIGHTLY, WEEKLY = SUBJECT_OF_DIGEST
MOST_AGREEMENTS = 5
"""So many stand in one mail; what is below others comes later, and its pages are a click away."""
STILL_NEWS = {NIGHTLY: dt.timedelta(days=1), WEEKLY: dt.timedelta(days=6)}
"""What could not be sent for longer after its day is not sent any more: the next one says it."""
FUNCTIONS = {NIGHTLY: [Team.Function.SALES], WEEKLY: list(Team.Function)}
"""Whose managers and directors get it: those of sales how marketing gets on, all parties' how the week was."""


def tell_digests(*, now: dt.datetime) -> int:
    """Tell everybody whose hour has come and for whom there is something to say; return how many were told."""
    company, can_sign_in = Company.read(), people_to_tell()
    return sum(_tell(kind, company, can_sign_in, now) for kind in SUBJECT_OF_DIGEST)


def _tell(kind: str, company: Company, can_sign_in: set[int], now: dt.datetime) -> int:
    agreements = _agreements_of(kind, company, signed_agreements())
    days = _due(kind, set(agreements) & can_sign_in, now)
    told = Alert.objects.filter(
        kind=kind, person__in=days, about__in={day.toordinal() for day in days.values()}
    )
    already = set(told.values_list("person_id", "about"))
    days = {person: day for person, day in days.items() if (person, day.toordinal()) not in already}
    has_news = _News(kind, now)
    return tell(
        [
            Telling(
                person_id=person,
                kind=kind,
                about=day.toordinal(),
                subject=SUBJECT_OF_DIGEST[kind],
                place=Alert.Place.LEADER.value,
                happened_at=now,
            )
            for person, day in sorted(days.items())
            if any(has_news.of(agreement, day) for agreement in agreements[person])
        ],
        now=now,
    )


def _due(kind: str, people: Iterable[int], now: dt.datetime) -> dict[int, dt.date]:
    """Return the local day of the digest of everybody for whom it is due and who wants it."""
    subject, when = SUBJECT_OF_DIGEST[kind], DUE[kind]
    return {
        person: day
        for person, reach in reach_of(people, now).items()
        if reach.hears(subject) and (day := when(now, reach)) is not None
    }


DUE: dict[str, Callable[[dt.datetime, Reach], dt.date | None]] = {
    NIGHTLY: lambda now, reach: nightly_due(now, reach.hours, reach.zone),
    WEEKLY: lambda now, reach: weekly_due(now, reach.zone),
}


class _News:
    """Whether there is something to say of an agreement and a day: looked at once, however many people ask."""

    def __init__(self, kind: str, now: dt.datetime) -> None:
        self.kind, self.now = kind, now
        self.left_alone = set(left_alone(SetAside.Source.DIGEST, now))
        self.known: dict[tuple[int, dt.date], bool] = {}

    def of(self, agreement: Agreement, day: dt.date) -> bool:
        """Return it; an agreement whose figures cannot be read is set aside, and said nothing of for a while."""
        key = (agreement.pk, day)
        if key not in self.known:
            self.known[key] = False
            if agreement.pk not in self.left_alone:
                do_each(
                    SetAside.Source.DIGEST,
                    [agreement.pk],
                    lambda _ids: self._look(agreement, day),
                    now=self.now,
                )
        return self.known[key]

    def _look(self, agreement: Agreement, day: dt.date) -> None:
        self.known[agreement.pk, day] = digest_of(self.kind, agreement, day, self.now) is not None


def digests_of(alert: Alert, person: User, *, now: dt.datetime) -> list[Digest]:
    """Return what one person reads of their agreements as things are now; nothing of a day that is long over.

    Its language and zone are those that are active.
    """
    day = dt.date.fromordinal(alert.about)
    today = now.astimezone(zoneinfo.ZoneInfo(person.time_zone)).date()
    if today - day > STILL_NEWS[alert.kind]:
        return []
    signed = signed_agreements().visible_to(person)
    mine = _agreements_of(alert.kind, Company.read(), signed).get(person.pk, [])
    found = (digest_of(alert.kind, one, day, now) for one in mine)
    return list(islice((one for one in found if one is not None), MOST_AGREEMENTS))


def digest_of(kind: str, agreement: Agreement, day: dt.date, now: dt.datetime) -> Digest | None:
    """Return what is said of an agreement; None where it is not in force on that day, or there is nothing to say."""
    if not agreement.versions.in_force_on(day).exists():
        return None
    if kind == NIGHTLY:
        return progress_digest(agreement, day=day, now=now)
    return weekly_digest(agreement, monday=day, now=now)


def signed_agreements() -> Any:
    """Return the agreements of which some version was signed, the company's first."""
    signed = Agreement.objects.filter(versions__state=Version.State.SIGNED).distinct()
    return signed.select_related("calendar").order_by("level", "name", "pk")


def _agreements_of(
    kind: str, company: Company, agreements: Iterable[Agreement]
) -> dict[int, list[Agreement]]:
    """Return the agreements of which each person leads a party that gets this digest, in their order.

    Who leads a team that is a party to none has the company's, of the same side: these cover all teams.
    """
    agreements, teams = list(agreements), defaultdict[int, set[int]](set)
    parties = Party.objects.filter(agreement__in=agreements, team__function__in=FUNCTIONS[kind])
    sides = defaultdict[int, set[str]](set)
    for agreement_id, team_id, side in parties.values_list("agreement_id", "team_id", "team__function"):
        teams[agreement_id].add(team_id)
        sides[agreement_id].add(side)
    seated = set[int]().union(*teams.values())
    others = Team.objects.exclude(pk__in=seated).values_list("pk", "function")
    for agreement in agreements:
        if agreement.level == Agreement.Level.CORPORATE:
            teams[agreement.pk] |= {pk for pk, side in others if side in sides[agreement.pk]}
    found: dict[int, list[Agreement]] = defaultdict(list)
    for agreement in agreements:
        for person in company.leaders(teams[agreement.pk]):
            found[person].append(agreement)
    return found


def say_digest(alert: Alert) -> tuple[str, str]:
    """Return what a notice says of a digest, and where its figures are: the digest itself comes by the other ways."""
    day = dt.date.fromordinal(alert.about)
    is_nightly = alert.kind == NIGHTLY
    template = (
        _("How marketing gets on, as of %(day)s.") if is_nightly else _("How the week before %(day)s was.")
    )
    view = reverse("reports:waterfall" if is_nightly else "reports:review")
    month = day if is_nightly else month_of_week(day)
    return template % {"day": date_format(day, "D j M Y")}, f"{view}?month={month:%Y-%m}"
