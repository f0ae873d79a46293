"""How fresh the figures on a page are, in words: as of when, what the refresh is doing, what the check put right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import HandOff
from reports.charts import words
from reports.models import FigureCheck, FigureState

EPOCH, MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)
STALE_AFTER = dt.timedelta(seconds=90)
TOLD_FOR = dt.timedelta(days=1)
"""So long a page says that a check had to put figures right: until the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """`complete_at`: the stored figures count what had happened then.

    `began_at` is when the latest refresh began, `put_right` how much the check of the last day found to be wrong.
    """

    now: dt.datetime
    complete_at: dt.datetime | None
    began_at: dt.datetime | None = None
    put_right: int = 0

    @property
    def as_of(self) -> dt.datetime:
        return self.complete_at or self.now

    @property
    def as_of_text(self) -> str:
        return words.clock_time(self.as_of, self.now)

    @property
    def as_of_sentence(self) -> str:
        return _("as of %(at)s") % {"at": self.as_of_text}

    @property
    def staleness(self) -> str:
        """Say that the figures are not fresh; empty while they are."""
        if self.complete_at is None:
            return _("The figures have not been worked out yet: the worker has not run.")
        if self.now - self.complete_at <= STALE_AFTER:
            return ""
        said = {"at": words.clock_time(self.complete_at, self.now)}
        if self.began_at is not None and self.began_at > self.complete_at:
            said["since"] = words.clock_time(self.began_at, self.now)
            return _("Figures are from %(at)s; the refresh that began at %(since)s has not ended.") % said
        return _("Figures are from %(at)s; the refresh has not run since.") % said

    @property
    def put_right_sentence(self) -> str:
        """Say that figures were wrong before they were checked; empty while none was."""
        if not self.put_right:
            return ""
        return ngettext(
            "The nightly check found %(n)s number that was not what the records of leads say. It has been put right;"
            " what was shown or sent before may have been wrong.",
            "The nightly check found %(n)s numbers that were not what the records of leads say. They have been put"
            " right; what was shown or sent before may have been wrong.",
            self.put_right,
        ) % {"n": words.amount(self.put_right)}

    @property
    def stamp(self) -> str:
        """Tell one state of the figures from a later one: microseconds since 1970; 0 before the first."""
        return stamp(self.complete_at)

    @property
    def age_seconds(self) -> int:
        """How old the figures are."""
        return int((self.now - self.as_of).total_seconds())

    @property
    def stale_from_now_on(self) -> str:
        """What the page says when nothing newer comes for STALE_AFTER."""
        return _("Figures are from %(at)s; the refresh has not run since.") % {"at": self.as_of_text}

    @property
    def unreached(self) -> str:
        """What the page says when it cannot reach the site."""
        return _("Figures are from %(at)s; newer ones cannot be fetched at the moment.") % {
            "at": self.as_of_text
        }


def stamp(complete_at: dt.datetime | None) -> str:
    """Write the instant of a state of the figures for an address."""
    return "0" if complete_at is None else str((complete_at - EPOCH) // MICROSECOND)


def read_freshness(now: dt.datetime) -> tuple[Freshness, bool]:
    """Return how fresh the figures are, and whether there is any hand-off; read at once."""
    state = FigureState.objects.annotate(
        has_hand_offs=Exists(HandOff.objects.all()),
        put_right=FigureCheck.objects.put_right(since=now - TOLD_FOR),
    )
    told = state.values_list("complete_at", "started_at", "put_right", "has_hand_offs").first()
    if told is None:
        return Freshness(now=now, complete_at=None), HandOff.objects.exists()
    complete_at, began_at, put_right, has_hand_offs = told
    return (
        Freshness(now=now, complete_at=complete_at, began_at=began_at, put_right=put_right or 0),
        has_hand_offs,
    )
