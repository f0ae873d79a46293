"""The agenda that an edition proposes for the meeting about it, from what it says itself: what was missed comes first.

A point is a title and the lines below it. Words that people wrote are no part of it: of actions, diagnoses and
decisions it counts how many wait, and the sections about them name them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Evaluation
from agreements.readings.reviews import numbered
from reports.charts import words
from reports.charts.celebrated import kept_in_edition

LONGEST_CONSEQUENCE, MOST_MISSED = 300, 20


def agenda_points(
    snapshot: Mapping[str, Any], *, gap: Sequence[str], open_decisions: int
) -> list[dict[str, Any]]:
    """Return the points, in order. `gap` says where the goal's comes from; decisions are those of earlier reviews."""
    missed = [
        f"{side['team']}: {one['title']}: {one['figure']}"
        for side in snapshot["sides"]
        for one in side["promises"]
        if one["outcome"] == Evaluation.Outcome.MISSED
    ]
    points = [
        (_("What was missed"), _few(missed)) if missed else (_("Nothing was missed"), []),
        (_("Where the gap comes from"), list(gap)),
        (_("What was agreed for a miss"), list(_consequences(snapshot))),
        (_("Diagnoses and actions"), list(_actions(snapshot))),
        (_("What was kept"), [kept] if (kept := kept_in_edition(snapshot)) else []),
        (_("What people say"), list(_feedback(snapshot))),
        (
            _("Decisions"),
            [*_decisions(open_decisions), _("What is decided today: who does what until when?")],
        ),
        (_("Next goal"), [snapshot["next"]]),
        (_("Acknowledge this edition, both sides"), []),
    ]
    always = {points[0][0], points[-1][0]}
    return [{"title": title, "lines": lines} for title, lines in points if lines or title in always]


def agenda_text(points: Sequence[Mapping[str, Any]]) -> str:
    """Write the points down as a review keeps its agenda."""
    return numbered([(one["title"], one["lines"]) for one in points])


def _few(lines: list[str]) -> list[str]:
    """Return as many lines as an agenda has room for, and how many more there are."""
    if (more := len(lines) - MOST_MISSED) <= 0:
        return lines
    said = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": words.amount(more)}
    return [*lines[:MOST_MISSED], said]


def _consequences(snapshot: Mapping[str, Any]) -> Iterator[str]:
    for side in snapshot["sides"]:
        if side["has_missed"] and side["consequence"]:
            text = Truncator(" ".join(side["consequence"].split())).chars(LONGEST_CONSEQUENCE)
            yield f"{side['team']}: {text}"


def _actions(snapshot: Mapping[str, Any]) -> Iterator[str]:
    strikes = snapshot["strikes"]
    if n := sum(one["diagnosis"] is None for one in strikes):
        said = ngettext("%(n)s miss waits for its diagnosis.", "%(n)s misses wait for their diagnosis.", n)
        yield said % {"n": words.amount(n)}
    if n := sum(len(one["actions"]) for one in strikes):
        said = ngettext("%(n)s action was agreed on them.", "%(n)s actions were agreed on them.", n)
        yield said % {"n": words.amount(n)}
    if n := len(snapshot["carried"]):
        said = ngettext(
            "%(n)s action of an earlier month is still to be done.",
            "%(n)s actions of earlier months are still to be done.",
            n,
        )
        yield said % {"n": words.amount(n)}


def _feedback(snapshot: Mapping[str, Any]) -> Iterator[str]:
    yield snapshot["returned_finding"]
    yield from snapshot["ratings"]
    for one in snapshot["pulses"]:
        yield _("Pulse of %(team)s: %(text)s") % one


def _decisions(n: int) -> Iterator[str]:
    if n:
        said = ngettext(
            "%(n)s decision of an earlier review is not done.",
            "%(n)s decisions of earlier reviews are not done.",
            n,
        )
        yield said % {"n": words.amount(n)}
