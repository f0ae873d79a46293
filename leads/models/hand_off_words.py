"""The words of a hand-off: how its clock and its deadlines stand, how it ended, and what is said of a rejection."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads import clock


class State(models.TextChoices):
    """The words of `leads.clock.State`, with what people read."""

    NO_CLOCK = clock.State.NO_CLOCK, _("no clock")
    RUNNING = clock.State.RUNNING, _("on track")
    AT_RISK = clock.State.AT_RISK, _("at risk")
    OVERDUE = clock.State.OVERDUE, _("overdue")
    PAUSED = clock.State.PAUSED, _("paused")
    MET = clock.State.MET, _("met")
    MISSED = clock.State.MISSED, _("missed")
    EXCUSED = clock.State.EXCUSED, _("excused")
    REJECTED = clock.State.REJECTED, _("rejected")
    RECYCLED = clock.State.RECYCLED, _("recycled to marketing")
    CANCELLED = clock.State.CANCELLED, pgettext_lazy("a hand-off", "cancelled")


class ClosedAs(models.TextChoices):
    QUALIFIED = "qualified", pgettext_lazy("a hand-off", "qualified")
    WON = "won", pgettext_lazy("a hand-off", "won")
    LOST = "lost", _("lost")
    UNREACHABLE = "unreachable", _("unreachable")
    REJECTED = "rejected", _("rejected")
    RECYCLED = "recycled", _("recycled to marketing")
    CANCELLED = "cancelled", pgettext_lazy("a hand-off", "cancelled")
    EXCUSED = "excused", _("excused")


class RejectionAnswer(models.TextChoices):
    """What marketing said to a rejection, and what sales decided; without a word it counts as upheld."""

    AGREED = "agreed", _("marketing agrees")
    DISPUTED = "disputed", _("disputed by marketing")
    UPHELD = "upheld", _("disputed, and upheld")


class Deadline(models.TextChoices):
    """The words of `leads.clock.Deadline`, with what people read."""

    NONE = clock.Deadline.NONE, _("nothing agreed")
    WAITING = clock.Deadline.WAITING, _("waiting")
    EXPIRED = clock.Deadline.EXPIRED, _("not in time")
    KEPT = clock.Deadline.KEPT, _("in time")
    LATE = clock.Deadline.LATE, _("too late")
    SET_ASIDE = clock.Deadline.SET_ASIDE, _("not asked any more")
