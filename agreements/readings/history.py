"""What happened to an agreement, an event a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements import words
from agreements.models import Agreement, AgreementEvent, Consequence, Evaluation, MonthResult
from agreements.readings.changes import Change, Changes

Kind = AgreementEvent.Kind
HOURS = {
    Kind.CALENDAR_PROPOSED: gettext_lazy(
        "new business hours proposed for open hand-offs (%(calendar)s, revision %(revision)s)"
    ),
    Kind.CALENDAR_AGREED: gettext_lazy(
        "%(party)s agreed to new business hours (%(calendar)s, revision %(revision)s)"
    ),
}
# What came of the promises of a month, which the data names.
KEPT_KINDS = (
    Kind.MONTH_CLOSED,
    Kind.EDITION_MADE,
    Kind.EDITION_ACKNOWLEDGED,
    Kind.STRIKE_OPENED,
    Kind.STRIKE_DIAGNOSED,
    Kind.ACTION_AGREED,
    Kind.ACTION_ENDED,
    Kind.EXCUSE_PROPOSED,
    Kind.EXCUSE_ACCEPTED,
    Kind.EXCUSE_REFUSED,
    Kind.CONSEQUENCE_RAISED,
    Kind.WATERMELON,
)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """When, by whom, what, to which version, and from what to what."""

    at: dt.datetime
    by: str
    what: str
    number: int | None
    changes: list[Change]


def history_lines(events: Sequence[AgreementEvent], agreement: Agreement, *, user: Any) -> list[HistoryLine]:
    """Say each event in a sentence, with what it changed as far as this person is told."""
    changes = Changes(events, agreement, user=user)
    return [
        HistoryLine(
            event.happened_at,
            str(event.actor or ""),
            _what(event),
            event.version.number if event.version is not None else None,
            changes.of(event),
        )
        for event in events
    ]


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
    if event.kind in KEPT_KINDS:
        return _what_was_kept(event, data)
    if event.kind == Kind.SUPERSEDED and "by_version" in data:
        return _("superseded by version %(number)s") % {"number": data["by_version"]}
    return str(event.get_kind_display())


def _delivered(data: dict[str, Any]) -> str:
    day = words.day(dt.date.fromisoformat(data["due_on"]))
    if data.get("in_time"):
        return _("delivered in time what was owed on %(day)s") % {"day": day}
    return _("delivered late what was owed on %(day)s") % {"day": day}


def _what_was_kept(event: AgreementEvent, data: dict[str, Any]) -> str:
    """Say what came of promises: of which month, of which promise, and from what to what where it was corrected."""
    said: dict[str, Any] = {
        "what": event.get_kind_display(),
        "month": data.get("month", ""),
        "promise": dict(Evaluation.Promise.choices).get(str(data.get("promise", "")), ""),
    }
    if event.kind == Kind.CONSEQUENCE_RAISED:
        said["kind"] = dict(Consequence.Kind.choices).get(str(data.get("kind", "")), "")
        said["n"] = data.get("misses", "")
        if data.get("withdrawn"):
            return _("consequence taken back, the row of misses is broken: %(kind)s, %(promise)s") % said
        return (
            _("%(promise)s missed %(n)s months in a row up to %(month)s; what was agreed follows: %(kind)s")
            % said
        )
    if event.kind == Kind.WATERMELON:
        said["why"] = dict(MonthResult.Watermelon.choices).get(str(data.get("to", "")), "")
        if not data.get("to"):
            return _("%(month)s is not green outside alone any more") % said
        return _("%(month)s is green outside alone: every promise was kept, and yet %(why)s") % said
    corrected = data.get("corrected")
    if event.kind == Kind.MONTH_CLOSED and isinstance(corrected, dict) and corrected:
        return _("%(month)s judged again: %(changes)s") % (said | {"changes": _changes(corrected)})
    if event.kind == Kind.MONTH_CLOSED:
        results = data.get("results") or {}
        said["kept"] = sum(1 for one in results.values() if one == "met")
        said["n"] = len(results)
        if not results:
            return _("%(month)s closed: every promise is judged") % said
        return (
            ngettext(
                "%(month)s judged: %(kept)s of %(n)s promise kept",
                "%(month)s judged: %(kept)s of %(n)s promises kept",
                len(results),
            )
            % said
        )
    if "edition" in data:
        said["number"] = data["edition"]
        return _("%(what)s: %(month)s, edition %(number)s") % said
    if said["promise"]:
        return _("%(what)s: %(promise)s, %(month)s") % said
    return _("%(what)s: %(month)s") % said


def _changes(corrected: dict[str, Any]) -> str:
    """Write each corrected promise with its outcome, from → to."""
    names, outcomes = dict(Evaluation.Promise.choices), dict(Evaluation.Outcome.choices)
    lines = []
    for key, change in sorted(corrected.items()):
        before, after = change.get("from"), change.get("to")
        if before and after:
            name = str(names.get(key.partition("/")[0], key))
            lines.append(f"{name} {outcomes.get(before[0], before[0])} → {outcomes.get(after[0], after[0])}")
    return ", ".join(lines)
