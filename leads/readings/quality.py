"""What is wrong with the data of the last ninety days, as far as the reader may know the leads; and how it is mended.

Each finding is two queries, however many rows there are, and looks at the days of its window alone; all of its rows are
read one by one, for a file. Sources are told of by their names and days, which are nobody's secret.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Count, F, Func, Max, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Length, Lower
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Segment
from agreements.rights import rights_of
from leads.models import Deal, FollowUpAttempt, HandOff, Lead
from leads.models.hand_offs import HandOffQuerySet
from leads.models.leads import LeadQuerySet

WINDOW = dt.timedelta(days=90)
SHOWN, PIECE = 50, 2_000
CLOCKS_DIFFER = dt.timedelta(minutes=15)
# A source is regular after so many leads; silent after so many of its usual gaps, and no sooner than after these days.
REGULAR, GAPS, LEAST_DAYS = 10, 5, 3
SHORTEST_PHONE = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a finding, and where it leads."""

    text: str
    detail: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault: how often, the first rows, the way to mend it, and where all rows are, if there is a list.

    `rows` are read as they are gone through; on a page they are the first ones, in a list.
    """

    key: str
    title: str
    mend: str
    count: int
    rows: Iterable[Row]
    address: str = ""

    @property
    def shown(self) -> list[Row]:
        """The rows of a page."""
        assert isinstance(self.rows, list)
        return self.rows

    @property
    def more(self) -> int:
        return self.count - len(self.shown)

    @property
    def file_address(self) -> str:
        """Where all rows are, as a file."""
        return f"{reverse('leads:quality')}?{urlencode({'finding': self.key})}"


@dataclass(frozen=True, slots=True)
class Quality:
    """All findings; those of which there is one first."""

    sentence: str
    since: dt.date
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class _Asked:
    leads: LeadQuerySet
    hand_offs: HandOffQuerySet
    user: Any
    since: dt.date
    today: dt.date
    most: int | None = SHOWN  # None: all

    def cut(self, rows: QuerySet[Any]) -> Iterable[Any]:
        """Return the first of these rows, or all of them, some thousand at a time."""
        return rows.iterator(chunk_size=PIECE) if self.most is None else rows[: self.most]


def rows_of(key: str, user: Any, *, today: dt.date) -> Iterable[Row] | None:
    """Return all rows of one finding that this user may know; None where nothing is called so."""
    find = FINDINGS.get(key)
    return find(replace(_asked(user, today), most=None)).rows if find is not None else None


def _asked(user: Any, today: dt.date) -> _Asked:
    since = today - WINDOW
    return _Asked(
        Lead.objects.visible_to(user).filter(qualified_on__gte=since),
        HandOff.objects.visible_to(user).filter(handed_off_on__gte=since).select_related("lead"),
        user,
        since,
        today,
    )


def read_quality(user: Any, *, now: dt.datetime, today: dt.date) -> Quality:
    """Return what is wrong with the data that this user may know."""
    asked = _asked(user, today)
    read = (find(asked) for find in FINDINGS.values())
    findings = [replace(one, rows=list(one.rows) if one.count else []) for one in read]
    found = sum(one.count > 0 for one in findings)
    sentence = (
        ngettext(
            "%(n)s kind of fault is in the data of the last 90 days.",
            "%(n)s kinds of faults are in the data of the last 90 days.",
            found,
        )
        % {"n": found}
        if found
        else _("Nothing is wrong with the data of the last 90 days.")
    )
    return Quality(sentence, asked.since, sorted(findings, key=lambda one: one.count == 0))


def _early(asked: _Asked) -> Finding:
    return _of_hand_offs(
        asked,
        "early",
        _("Attempts dated before the hand-off"),
        _(
            "They count in neither speed nor depth. Correct the time of the hand-off or of the attempt in the system "
            "that it comes from, and import that row again."
        ),
        asked.hand_offs.filter(early_attempts__gt=0),
        lambda one: (
            ngettext("%(n)s attempt", "%(n)s attempts", one.early_attempts) % {"n": one.early_attempts}
        ),
    )


def _clocks(asked: _Asked) -> Finding:
    attempts = FollowUpAttempt.objects.standing().filter(
        hand_off__in=asked.hand_offs.filter(early_attempts__gt=0).values("pk"),
        is_date_only=False,
        hand_off__is_date_only=False,
        attempted_at__lt=F("hand_off__handed_off_at"),
        attempted_at__gte=F("hand_off__handed_off_at") - CLOCKS_DIFFER,
    )
    return _of_attempts(
        asked,
        "clocks",
        _("Clocks that differ"),
        _(
            "Attempts up to a quarter of an hour before their hand-off: the clock of one system is likely wrong, or in "
            "another time zone. Set it right, and import the attempts again with the right zone."
        ),
        attempts,
        lambda one: (
            _("%(seconds)d s before the hand-off, by %(system)s")
            % {
                "seconds": (one.hand_off.handed_off_at - one.attempted_at).total_seconds(),
                "system": one.system,
            }
        ),
    )


def _impossible(asked: _Asked) -> Finding:
    attempts = (
        FollowUpAttempt.objects.standing()
        .impossible()
        .filter(hand_off__in=asked.hand_offs.values("pk"), attempted_on__gte=asked.since)
    )
    return _of_attempts(
        asked,
        "impossible",
        _("Outcomes that the channel cannot have"),
        _(
            "They count as attempts all the same. Say under Values what the words of the file mean, or correct the "
            "rows in the system that they come from, and import them again."
        ),
        attempts,
        lambda one: _("%(attempt)s, by %(system)s") % {"attempt": one, "system": one.system},
    )


def _unqualified(asked: _Asked) -> Finding:
    return _of_hand_offs(
        asked,
        "unqualified",
        _("Handed over before they qualified"),
        _("Correct one of the two times in the system that the lead comes from, and import it again."),
        asked.hand_offs.filter(
            number=1,
            is_date_only=False,
            lead__is_qualified_date_only=False,
            handed_off_at__lt=F("lead__qualified_at"),
        ),
        lambda one: _("handed over %(day)s") % {"day": _day(one.handed_off_on)},
    )


def _nobodys(asked: _Asked) -> Finding:
    return _of_hand_offs(
        asked,
        "nobodys",
        _("Open leads that nobody owns"),
        _("Give them to people under Team now, or let a routing rule do it."),
        asked.hand_offs.filter(closed_at=None, owner=None, owner_name=""),
        lambda one: _("handed over %(day)s") % {"day": _day(one.handed_off_on)},
        reverse("leads:leads") + "?" + urlencode({"owner": "nobody", "stage": "open"}),
    )


def _strangers(asked: _Asked) -> Finding:
    return _of_hand_offs(
        asked,
        "strangers",
        _("Open leads of people without an account"),
        _(
            "An import named an owner whom nobody here is called. Invite that person and import again, or give the "
            "lead away."
        ),
        asked.hand_offs.filter(closed_at=None).exclude(owner_name=""),
        lambda one: one.owner_name,
    )


def _unsegmented(asked: _Asked) -> Finding:
    has_segments = Segment.objects.exists()
    leads = asked.leads.filter(segment=None) if has_segments else asked.leads.none()
    return Finding(
        "unsegmented",
        _("Leads without a segment"),
        _(
            "They count for no segment’s goal, and have no segment’s allowance. Name the segment’s column when you "
            "import them."
        ),
        leads.count(),
        _leads(asked.cut(leads.order_by("-qualified_on", "-pk"))),
    )


def _leadless(asked: _Asked) -> Finding:
    still_of_the_window = Q(closed_on=None) | Q(closed_on__gte=asked.since)
    knows_them = rights_of(asked.user).knows_all_leads  # what waits is with nobody yet
    deals = (Deal.objects.waiting() if knows_them else Deal.objects.none()).filter(still_of_the_window)
    rows = deals.order_by(F("closed_on").desc(nulls_last=True), "-pk")
    return Finding(
        "leadless",
        _("Deals whose lead is not known"),
        _(
            "While they wait, they make nobody a customer. Import the leads that they name, from the same source: the "
            "link is then made by itself. Where such a lead is here already, import the deals again."
        ),
        deals.count(),
        (
            Row(
                one.external_id,
                _("waits for “%(lead)s” of %(system)s")
                % {"lead": one.lead_external_id, "system": one.system},
            )
            for one in asked.cut(rows)
        ),
    )


def _silent(asked: _Asked) -> Finding:
    sources = (
        Lead.objects.filter(qualified_on__gte=asked.since)
        .exclude(source="")
        .values("source")
        .annotate(n=Count("pk"), first=Min("qualified_on"), last=Max("qualified_on"))
        .filter(n__gte=REGULAR)
        .order_by("last", "source")
    )
    silent = [
        Row(
            one["source"],
            _("last lead %(day)s, usually one every %(gap)s days")
            % {"day": _day(one["last"]), "gap": f"{(one['last'] - one['first']).days / (one['n'] - 1):.1f}"},
            reverse("leads:leads") + "?" + urlencode({"source": one["source"]}),
        )
        for one in sources
        if (asked.today - one["last"]).days
        > max(LEAST_DAYS, GAPS * (one["last"] - one["first"]).days / (one["n"] - 1))
    ]
    return Finding(
        "silent",
        _("Sources that fell silent"),
        _("Look whether the form, the connection or the nightly export of that source still works."),
        len(silent),
        silent[: asked.most],
    )


def _same_address(asked: _Asked) -> Finding:
    return _doubled(
        asked,
        "same-address",
        _("The same e-mail address"),
        asked.leads.exclude(email="").annotate(key=Lower("email")),
    )


def _same_phone(asked: _Asked) -> Finding:
    digits = Func(
        F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )
    leads = asked.leads.exclude(phone="").annotate(key=digits, length=Length(digits))
    long_enough = leads.filter(length__gte=SHORTEST_PHONE)
    return _doubled(asked, "same-phone", _("The same telephone number"), long_enough)


FINDINGS: dict[str, Callable[[_Asked], Finding]] = {
    "early": _early,
    "clocks": _clocks,
    "impossible": _impossible,
    "unqualified": _unqualified,
    "nobodys": _nobodys,
    "strangers": _strangers,
    "unsegmented": _unsegmented,
    "leadless": _leadless,
    "silent": _silent,
    "same-address": _same_address,
    "same-phone": _same_phone,
}


def _of_hand_offs(
    asked: _Asked,
    key: str,
    title: str,
    mend: str,
    found: HandOffQuerySet,
    detail: Callable[[HandOff], str],
    address: str = "",
) -> Finding:
    rows = asked.cut(found.order_by("-handed_off_on", "-pk"))
    return Finding(
        key,
        title,
        mend,
        found.count(),
        (Row(str(one.lead), detail(one), reverse("leads:lead", args=[one.lead_id])) for one in rows),
        address,
    )


def _of_attempts(
    asked: _Asked,
    key: str,
    title: str,
    mend: str,
    found: QuerySet[FollowUpAttempt],
    detail: Callable[[FollowUpAttempt], str],
) -> Finding:
    rows = asked.cut(found.select_related("hand_off__lead").order_by("-attempted_at", "pk"))
    return Finding(
        key,
        title,
        mend,
        found.count(),
        (
            Row(str(one.hand_off.lead), detail(one), reverse("leads:lead", args=[one.hand_off.lead_id]))
            for one in rows
        ),
    )


def _doubled(asked: _Asked, key: str, title: str, leads: QuerySet[Any]) -> Finding:
    """Leads that are alike in what they are annotated with as `key`."""
    groups = leads.order_by().values("key").annotate(n=Count("pk")).filter(n__gt=1)
    return Finding(
        key,
        title,
        _(
            "Likely one person or company twice. Compare the two and merge them: the first stays, with the hand-offs, "
            "attempts and deals of both. It can be undone for 30 days."
        ),
        groups.count(),
        (
            Row(
                ", ".join(dict.fromkeys(str(lead) for lead in alike[:5])),
                ngettext("%(n)s lead", "%(n)s leads", len(alike)) % {"n": len(alike)},
                _compared(alike),
            )
            for alike in _alike(leads, groups, asked.most)
        ),
    )


def _alike(leads: QuerySet[Any], groups: QuerySet[Any, Any], most: int | None) -> Iterator[list[Lead]]:
    """Yield the leads of each group: those of most first, or all groups in the order of what they have in common."""
    if most is None:
        all_of_them = leads.filter(key__in=groups.values("key")).order_by("key", "qualified_at", "pk")
        for _key, alike in groupby(all_of_them.iterator(chunk_size=PIECE), attrgetter("key")):
            yield list(alike)
        return
    first = list(groups.order_by("-n", "key").values_list("key", flat=True)[:most])
    of_key: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads.filter(key__in=first).order_by("qualified_at", "pk")[: most * most]:
        of_key[lead.key].append(lead)
    yield from (of_key[one] for one in first if of_key[one])


def _compared(leads: list[Lead]) -> str:
    """Return the address where the first two of these are compared: who qualified first goes on."""
    if len(leads) < 2:  # the others are beyond what is looked through
        return reverse("leads:merge", args=[leads[0].pk])
    return f"{reverse('leads:merge', args=[leads[0].pk])}?{urlencode({'with': leads[1].pk})}"


def _leads(leads: Iterable[Lead]) -> Iterator[Row]:
    return (
        Row(
            str(lead),
            _("qualified %(day)s") % {"day": _day(lead.qualified_on)},
            reverse("leads:lead", args=[lead.pk]),
        )
        for lead in leads
    )


def _day(on: dt.date) -> str:
    return date_format(on, "j F Y")
