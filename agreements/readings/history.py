"""What happened to an agreement, an event a line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements import words
from agreements.models import AgreementEvent

Kind = AgreementEvent.Kind
HOURS = {
    Kind.CALENDAR_PROPOSED: gettext_lazy(
        "new business hours proposed for open hand-offs (%(calendar)s, revision %(revision)s)"
    ),
    Kind.CALENDAR_AGREED: gettext_lazy(
        "%(party)s agreed to new business hours (%(calendar)s, revision %(revision)s)"
    ),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """When, by whom, what, to which version."""

    at: dt.datetime
    by: str
    what: str
    number: int | None


def history_line(event: AgreementEvent) -> HistoryLine:
    """Say one event in a sentence."""
    number = event.version.number if event.version is not None else None
    return HistoryLine(event.happened_at, str(event.actor or ""), _what(event), number)


def _what(event: AgreementEvent) -> str:
    data = event.data if isinstance(event.data, dict) else {}
    if event.kind == Kind.EDITED and "obligation" in data:
        return _("what is owed regularly edited")
    if event.kind == Kind.DELIVERED and "due_on" in data:
        return _delivered(data)
    if event.kind == Kind.EDITED and isinstance(data.get("changes"), dict):
        fields = len(data["changes"])
        if "plan" in data:
            return _("goals taken from a plan")
        if "state" in data:
            said = ngettext(
                "draft edited after it was sent to review: %(n)s field",
                "draft edited after it was sent to review: %(n)s fields",
                fields,
            )
            return said % {"n": words.amount(fields)}
        said = ngettext("draft edited: %(n)s field", "draft edited: %(n)s fields", fields)
        return said % {"n": words.amount(fields)}
    if event.kind == Kind.DRAFTED and "copy_of" in data:
        return _("draft begun as a copy of version %(number)s") % {"number": data["copy_of"]}
    if event.kind == Kind.RE_DATED and "changed" in data:
        said = ngettext("%(n)s open hand-off re-dated", "%(n)s open hand-offs re-dated", int(data["changed"]))
        return said % {"n": words.amount(data["changed"])}
    if event.kind in HOURS and "revision" in data:
        about = {name: data.get(name, "") for name in ("calendar", "revision", "party")}
        if data.get("withdrawn"):
            return _("proposal of new business hours withdrawn (%(calendar)s, revision %(revision)s)") % about
        return str(HOURS[Kind(event.kind)] % about)
    if event.kind == Kind.SUPERSEDED and "by_version" in data:
        return _("superseded by version %(number)s") % {"number": data["by_version"]}
    return str(event.get_kind_display())


def _delivered(data: dict[str, Any]) -> str:
    day = words.day(dt.date.fromisoformat(data["due_on"]))
    if data.get("in_time"):
        return _("delivered in time what was owed on %(day)s") % {"day": day}
    return _("delivered late what was owed on %(day)s") % {"day": day}
