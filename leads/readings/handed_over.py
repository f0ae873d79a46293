"""A marketer's hand-offs: what came of each, which came back and wait for a word, which can be handed over again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads import phrases
from leads.acting import Acting
from leads.models import HandOff
from leads.models.hand_offs import HandOffQuerySet
from leads.readings.clocks import ClockFace, clock_face, with_calendars

PAGE = 30
LOOKS_BACK = dt.timedelta(days=90)
MOST_BACK = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off with what came of it, in a few words."""

    hand_off: HandOff
    face: ClockFace
    came: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The page: `back` were given back by sales, `to_recycle` were recycled; neither was handed over again since."""

    sentence: str
    further: str
    back: list[Row]
    to_recycle: list[Row]
    rows: list[Row]
    number: int
    has_next: bool


def read_handed_over(acting: Acting, *, number: int, now: dt.datetime) -> HandedOver:
    """Return one page of what this person handed over, newest first."""
    mine = handed_over_by(acting)
    related = ("lead__segment", "owner", "team", "segment")
    start = (number - 1) * PAGE
    found = list(mine.select_related(*related)[start : start + PAGE + 1])
    waiting = mine.last_of_their_lead().select_related(*related).order_by("-closed_at", "-pk")
    back = list(
        waiting.filter(closed_as=HandOff.ClosedAs.REJECTED, closed_at__gte=now - LOOKS_BACK)[:MOST_BACK]
    )
    recycled = waiting.filter(closed_as=HandOff.ClosedAs.RECYCLED)
    to_recycle = list(
        recycled.order_by(F("returns_on").asc(nulls_last=True), "-closed_at", "-pk")[:MOST_BACK]
    )
    with_calendars([*found, *back, *to_recycle])
    return HandedOver(
        sentence=_sentence(mine, now),
        further=_further(len(back), len(to_recycle)),
        back=[_row(one, now) for one in back],
        to_recycle=[_row(one, now) for one in to_recycle],
        rows=[_row(one, now) for one in found[:PAGE]],
        number=number,
        has_next=len(found) > PAGE,
    )


def handed_over_by(acting: Acting) -> HandOffQuerySet:
    """Return everything that this person handed over, newest first."""
    mine = HandOff.objects.filter(handed_off_by=acting.rights.user_id)
    return mine.order_by("-handed_off_at", "-pk")


def what_came(hand_off: HandOff, now: dt.datetime) -> str:
    """Say in a few words what sales did with a hand-off."""
    said: dict[str, object] = {"n": hand_off.attempts}
    if hand_off.closed_at is not None:
        said |= {
            "how": hand_off.get_closed_as_display(),
            "at": phrases.moment(hand_off.closed_at, now=now),
            "why": hand_off.rejection_said,
        }
        if hand_off.returns_on is not None:
            said["day"] = phrases.day(hand_off.returns_on, today=timezone.localtime(now).date())
            return _("%(how)s, %(at)s; to be handed over again on %(day)s") % said
        if hand_off.rejection_reason:
            return _("%(how)s, %(at)s: %(why)s") % said
        return _("%(how)s, %(at)s") % said
    if hand_off.connected_at is not None:
        said["at"] = phrases.moment(hand_off.connected_at, now=now)
        return _("connected, %(at)s") % said
    if hand_off.attempts:
        return (
            ngettext(
                "%(n)s attempt, not connected yet", "%(n)s attempts, not connected yet", hand_off.attempts
            )
            % said
        )
    return _("not tried yet")


def _row(hand_off: HandOff, now: dt.datetime) -> Row:
    return Row(hand_off, clock_face(hand_off, now), what_came(hand_off, now))


def _sentence(mine: HandOffQuerySet, now: dt.datetime) -> str:
    recent = mine.filter(handed_off_at__gte=now - LOOKS_BACK).aggregate(
        n=Count("pk"),
        connected=Count("pk", filter=Q(connected_at__isnull=False)),
        untouched=Count("pk", filter=Q(closed_at=None, attempts=0)),
    )
    if not recent["n"]:
        return _("You handed nothing over in the last 90 days.")
    handed = ngettext(
        "Of the %(n)s lead that you handed over in 90 days, sales reached %(connected)s",
        "Of the %(n)s leads that you handed over in 90 days, sales reached %(connected)s",
        recent["n"],
    )
    rest = ngettext("%(untouched)s is not tried yet", "%(untouched)s are not tried yet", recent["untouched"])
    return _("%(handed)s; %(rest)s.") % {"handed": handed % recent, "rest": rest % recent}


def _further(back: int, to_recycle: int) -> str:
    parts = []
    if back:
        parts.append(ngettext("%(n)s came back.", "%(n)s came back.", back) % {"n": back})
    if to_recycle:
        said = ngettext("%(n)s can be handed over again.", "%(n)s can be handed over again.", to_recycle)
        parts.append(said % {"n": to_recycle})
    return " ".join(parts)
