"""What one version says otherwise than another, term by term: what a signer must see first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Clause, Version
from agreements.readings.campaign_goal_words import campaign_goals_said
from agreements.readings.effects import Effects, effects_between
from agreements.readings.inherited import above_on, with_inherited
from agreements.readings.labels import Names, length, value_text
from agreements.readings.measure_words import measure_values_said
from agreements.readings.obligation_words import obligation_values
from agreements.services.draft_values import (
    LADDER,
    WEIGHTS,
    Value,
    changes_between,
    draft_values,
    is_nothing,
    is_personal,
    month_of_key,
)
from agreements.services.signed_text import read_terms
from agreements.word_differences import Piece, word_differences

MISSES = ("review_after_misses", "cancel_after_misses")
ORDER = (
    "starts_on",
    "ends_on",
    "reach",
    "review_rhythm",
    "summary",
    *MISSES,
    *LADDER,
    "rejection_reasons",
    "goal",
    "campaign_goal",
    "counting",
    "acceptance",
    "speed",
    "depth",
    "worked",
    "outcome",
    "measure",
    "obligation",
    "clause",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One term: as it is in force, as it would be, and by how much it changes where it is a number."""

    key: str
    label: str
    old: str
    new: str
    kind: str
    change: str = ""
    is_long: bool = False
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one version says otherwise than another, and what that means for leads and for the reps' hours."""

    differences: list[Difference]
    effects: Effects | None


def comparison(old: Version | None, new: Version, names: Names) -> Comparison:
    """Compare two versions, or say all terms of the new one where there is no old version. Their terms are read."""
    versions = [one for one in (old, new) if one is not None]
    read_terms(*versions)
    before, sources_before = _values(old, new.starts_on) if old is not None else ({}, {})
    after, sources_after = _values(new, new.starts_on)
    return Comparison(
        _differences(before, after, new, names, (sources_before, sources_after)),
        effects_between(before, after, starts_on=new.starts_on) if old else None,
    )


def differences(old: Version | None, new: Version, names: Names) -> list[Difference]:
    """Return the terms that differ, in the order of the text; all terms where there is no old version."""
    return comparison(old, new, names).differences


def _values(version: Version, day: dt.date) -> tuple[dict[str, Value], dict[str, str]]:
    """Return what holds under a version, with what it inherits on the day, and of each such term where it is from."""
    said = draft_values(version, version.commitments.all())
    own = {
        **said,
        **obligation_values(version),
        **measure_values_said(version),
        **campaign_goals_said(version),
    }
    return with_inherited(own, above_on(version, day).values())


def _differences(
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    new: Version,
    names: Names,
    sources: tuple[Mapping[str, str], Mapping[str, str]],
) -> list[Difference]:
    """Return the terms that differ, in the order of the text.

    Contacts are no terms: they are neither signed nor compared. Goals of months before the new version's first stay.
    """
    found = changes_between(before, after)
    changed = {key: pair for key, pair in found.items() if not is_personal(key) and not _is_past(key, new)}
    return [
        _difference(key, was, will, names, sources)
        for key, (was, will) in sorted(changed.items(), key=lambda item: _place(item[0]))
    ]


def _is_past(key: str, new: Version) -> bool:
    """Whether a goal is for a month before the new version begins: it stays as it was agreed then."""
    return key.startswith("goal-") and month_of_key(key) < new.starts_on.replace(day=1)


def _place(key: str) -> tuple[int, int, str]:
    kind = key.partition("-")[0]
    place, term = 0, key.rpartition("-")[2]
    if kind == "clause":
        place = Clause.Topic.values.index(key.split("-")[1])
    elif term in WEIGHTS:
        place = 1 + [*WEIGHTS].index(term)
    return ORDER.index(kind), place, key


def _difference(
    key: str, old: Value, new: Value, names: Names, sources: tuple[Mapping[str, str], Mapping[str, str]]
) -> Difference:
    if key == "reach":
        kind = _("changed")
    elif is_nothing(old):
        kind = _("added")
    elif is_nothing(new):
        kind = _("removed")
    else:
        kind = _("changed")
    is_long = key.startswith(("clause-", "obligation-", "measure-", "campaign_goal-")) or key == "summary"
    is_rewritten = is_long and not (is_nothing(old) or is_nothing(new))
    return Difference(
        key,
        names.label(key),
        _with_source(value_text(key, old), sources[0].get(key, "")),
        _with_source(value_text(key, new), sources[1].get(key, "")),
        kind,
        _change(old, new),
        is_long,
        tuple(word_differences(str(old), str(new))) if is_rewritten else (),
    )


def _with_source(text: str, source: str) -> str:
    return _("%(value)s, %(source)s") % {"value": text, "source": source} if source else text


def _change(old: Value, new: Value) -> str:
    was, will = _number(old), _number(new)
    if not was or will is None:
        return ""
    change = (will - was) / was
    return _("%(number)s%%") % {"number": words.signed(change * 100, 1)}


def _number(value: Value) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, dt.timedelta):
        return length(value)
    return Fraction(value) if isinstance(value, (Decimal, int)) else None
