"""What the product says about a world beside what the oracle says, as a list of the places where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import isclose
from random import Random
from typing import Any

from django.db import transaction

from leads.models import ChangedDay, HandOff
from leads.services.sweep import sweep_clocks
from reports import rollups
from reports.periods import Grain, Period
from reports.readings.depth import depth_report
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import Scope, build_scope
from reports.readings.speed import speed_report
from reports.readings.waterfall import waterfall_report
from tests.oracles.deadlines import deadline
from tests.oracles.report_facts import all_facts
from tests.oracles.report_goals import FIGURES
from tests.oracles.report_world import Question, World
from tests.worlds.corrections import correct_some, refresh_some
from tests.worlds.deadlines import deadline_differences, month_differences
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.questions import make_questions
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

REFRESHED_BETWEEN = 0.1


def differences_of(seed: int, *, questions: int = 3) -> list[str]:
    """Load the world of that seed, ask, correct some of it, take it back; return every difference, with where it is.

    The figures are refreshed bit by bit while the world is loaded and after it was corrected: what they come to is
    compared with a recomputation of the reports, then with a rebuild.
    """
    world = make_world(seed)
    found: list[str] = []
    with transaction.atomic():
        loader = Loader(world)
        random = Random(f"refresh {seed}")
        for step in loader.ways():
            step()
            if random.random() < REFRESHED_BETWEEN:
                refresh_some(random, now=world.now)
        rollups.refresh(now=world.now)
        sweep_clocks(now=world.now)
        found += fact_differences(world)
        for question in make_questions(world, questions):
            found += report_differences(loader, question)
            found += deadline_differences(loader, scope_of(loader, question), question)
        found += month_differences(loader)
        correct_some(random, now=world.now)
        rollups.refresh(now=world.now)
        found += refresh_differences()
        transaction.set_rollback(True)
    return [f"world {seed}: {difference}" for difference in found]


def refresh_differences() -> list[str]:
    """Compare the stored figures with those that counting everything anew gives."""
    found = [f"{one} is noted still" for one in ChangedDay.objects.all()]
    return found + row_differences(stored_rows(), rebuilt_rows())


def fact_differences(world: World) -> list[str]:
    """Compare the stored facts of every hand-off."""
    found: list[str] = []
    facts = {(one.lead.key, one.number): one for one in all_facts(world, world.now)}
    for row in HandOff.objects.select_related("lead", "agreement", "version", "owner"):
        one = facts.pop((row.lead.external_id, row.number))
        is_attempted = one.first_at is not None
        routing = None
        if one.first_at is not None and one.assigned_at is not None:
            routing = one.walker.elapsed(one.at, min(one.assigned_at, one.first_at))
        expected = {
            "handed_off_on": one.day,
            "agreement": one.agreement,
            "version": one.version.starts_on if one.version else None,
            "owner": one.owner,
            "due_at": one.due_at,
            "agreed_attempts": one.agreed,
            "window_ends_at": one.window_ends_at,
            "closed_as": one.closed_as,
            "first_attempt_at": one.first_at,
            "first_attempt_business_seconds": one.business if is_attempted else None,
            "routing_business_seconds": routing,
            "least_allowance_seconds": one.least_allowance,
            "connected_at": one.connected_at,
            "attempts": one.attempts,
            "early_attempts": one.early,
            "acceptance_due_at": one.accept_by,
            "acceptance": deadline(one, one.accept_by, one.answered_at, world.now),
            "least_acceptance_seconds": one.least(one.answered_at or one.closed_at),
            "outcome_due_at": one.come_out_by,
            "outcome": deadline(one, one.come_out_by, one.came_out_at, world.now),
            "least_outcome_seconds": one.least(one.closed_at),
        }
        stored = {name: getattr(row, name) for name in expected}
        stored["agreement"] = row.agreement.slug if row.agreement else None
        stored["version"] = row.version.starts_on if row.version else None
        stored["owner"] = row.owner.name if row.owner else row.owner_name or None
        found += different(stored, expected, f"{row.lead.external_id}.{row.number}")
    return found + [f"{key} is not stored" for key in facts]


def scope_of(loader: Loader, question: Question) -> Scope:
    world = loader.world
    return build_scope(
        period=Period(question.starts_on, question.ends_on),
        now=world.now,
        agreement=loader.agreements[question.agreement] if question.agreement else None,
        as_of=question.as_of if question.as_of != world.now else None,
        **filters_of(question),
    )


def filters_of(question: Question) -> dict[str, str]:
    names = ("segment", "source", "owner", "campaign", "country")
    asked = {name: getattr(question, name) for name in names if getattr(question, name) is not None}
    words = {"channel": "none", "hour": "unknown", "outcome": "open"}  # for what has none
    return asked | {
        name: getattr(question, name) or word
        for name, word in words.items()
        if getattr(question, name) is not None
    }


def report_differences(loader: Loader, question: Question) -> list[str]:
    """Compare the reports that the question is for."""
    scope = scope_of(loader, question)
    found = []
    for name in question.reports:
        found += different(said(name, scope, question), FIGURES[name](loader.world, question), name)
    return [f"{difference}   ({question})" for difference in found]


def said(name: str, scope: Scope, question: Question) -> dict[str, Any]:
    """Return what the product's report of that name says."""
    match name:
        case "speed":
            return speed_report(scope, Grain(question.by)).as_json()
        case "depth":
            return depth_report(scope, Grain(question.by)).as_json()
        case "waterfall":
            return waterfall_report(scope, goal=question.goal, measure=question.measure).as_json()
    return recalibration_report(scope).as_json()


def different(said: Any, expected: Any, where: str) -> list[str]:
    """Return the places where what was said is not what was expected; what is only said is not looked at."""
    return list(_walk(said, expected, where))


def _walk(said: Any, expected: Any, where: str) -> Iterator[str]:
    if isinstance(expected, dict):
        if where.endswith("distribution"):
            yield from [] if said == expected else [f"{where}: {said} for {expected}"]
            return
        for key, value in expected.items():
            if not isinstance(said, dict) or key not in said:
                yield f"{where}.{key} is missing"
            else:
                yield from _walk(said[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        if len(said) != len(expected):
            yield f"{where}: {len(said)} rows for {len(expected)}"
        for index, (one, other) in enumerate(zip(said, expected, strict=False)):
            yield from _walk(one, other, f"{where}[{index}]")
    elif not _same(said, expected):
        yield f"{where}: {said!r} for {expected!r}"


def _same(said: Any, expected: Any) -> bool:
    if isinstance(expected, Fraction | Decimal):
        return said is not None and (
            Fraction(said) == expected or isclose(said, expected, rel_tol=1e-12, abs_tol=1e-9)
        )
    if isinstance(said, str) and isinstance(expected, date) and not isinstance(expected, datetime):
        return said == expected.isoformat()
    return bool(said == expected)
