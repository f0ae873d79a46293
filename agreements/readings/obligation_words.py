"""An obligation in words: what, to whom, how often and by when."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements import words
from agreements.models import Obligation, Version
from agreements.services.obligation_terms import read_obligations

Cadence = Obligation.Cadence


def rhythm_sentence(obligation: Obligation) -> str:
    """Say when it is due, as in: every Friday by 16:00."""
    said = {
        "at": time_format(obligation.due_time, "H:i"),
        "weekday": str(WEEKDAYS[obligation.weekday or 0]),
        "n": obligation.times or 1,
        "day": obligation.day_of_month,
        "month": obligation.month_of_quarter,
    }
    if obligation.cadence == Cadence.WEEKLY:
        return _("every %(weekday)s by %(at)s") % said
    if obligation.cadence == Cadence.TIMES_A_MONTH:
        text = ngettext(
            "on the first %(weekday)s of each month by %(at)s",
            "on the first %(n)s %(weekday)ss of each month by %(at)s",
            obligation.times or 1,
        )
        return text % said
    if obligation.cadence == Cadence.MONTHLY:
        if obligation.day_of_month is None:
            return _("on the last business day of each month by %(at)s") % said
        return _("on day %(day)s of each month by %(at)s") % said
    if obligation.day_of_month is None:
        return _("on the last business day of month %(month)s of each quarter by %(at)s") % said
    return _("on day %(day)s of month %(month)s of each quarter by %(at)s") % said


def day_off_sentence(obligation: Obligation) -> str:
    """Say what happens on a day off; nothing where the rule itself names a business day."""
    by_weekday = obligation.cadence in Obligation.WEEKDAYS
    if not by_weekday and obligation.day_of_month is None:
        return ""
    if obligation.day_off == Obligation.DayOff.NEXT:
        return _("On a day off it is due on the next business day.")
    return _("On a day off it is due on the business day before.")


def obligation_sentence(obligation: Obligation) -> str:
    """Say what is owed to whom and when: “Pipeline status” to Marketing, every Friday by 16:00."""
    said = {
        "name": obligation.name,
        "team": obligation.to_party.team.name,
        "rhythm": rhythm_sentence(obligation),
    }
    if obligation.report:
        said["report"] = obligation.get_report_display()
        return _("“%(name)s” to %(team)s, %(rhythm)s: %(report)s, attached by itself.") % said
    return _("“%(name)s” to %(team)s, %(rhythm)s.") % said


def whole_sentence(obligation: Obligation) -> str:
    """Say everything that is signed of it but who owes it."""
    return " ".join(filter(None, (obligation_sentence(obligation), day_off_sentence(obligation))))


def obligation_values(version: Version) -> dict[str, str]:
    """Return each obligation of a version in words by a key that is the same in its next version."""
    read_obligations(version)
    return {
        f"obligation-{one.from_party_id}-{one.name}": whole_sentence(one) for one in version.obligations.all()
    }


def moment(at: dt.datetime) -> str:
    """Write an instant in the reader's zone: Fri 27 Nov 2026, 16:00."""
    local = timezone.localtime(at)
    return date_format(local, pgettext("format of a weekday, a day with its year and a time", "D j M Y, H:i"))


def how_late(late: dt.timedelta) -> str:
    """Write how late something is, in days or hours of the wall clock."""
    if late >= dt.timedelta(days=2):
        return ngettext("%(n)s day", "%(n)s days", late.days) % {"n": words.amount(late.days)}
    return words.duration(late // dt.timedelta(seconds=1))
