"""What the product says about promises by a deadline beside what the oracle says."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from agreements.models import Evaluation, Excuse
from reports.readings.deadlines import deadlines_by_segment
from reports.readings.kept import month_found
from reports.readings.scope import Scope
from tests.oracles.deadlines import facts_of, months_judged, tally
from tests.oracles.report_facts import all_facts, upwards
from tests.oracles.report_world import Question
from tests.worlds.loader import Loader

KINDS = ("acceptance", "outcome")
NAMES = ("kept", "due", "done_not_yet_due", "open_not_yet_due")


def deadline_differences(loader: Loader, scope: Scope, question: Question) -> list[str]:
    """Compare how many kept their deadlines, for a question without a filter by source, owner or campaign."""
    if not question.source is question.owner is question.campaign is None:
        return []
    facts = facts_of(
        loader.world,
        agreement=question.agreement,
        segment=question.segment,
        starts_on=question.starts_on,
        ends_on=question.ends_on,
        as_of=question.as_of,
    )
    found = []
    for kind in KINDS:
        said = deadlines_by_segment(scope, kind)
        for segment in {one.lead.segment for one in facts}:
            key = str(loader.segments[segment].pk) if segment else ""
            of_segment = [one for one in facts if one.lead.segment == segment]
            expected = tally(of_segment, kind, question.as_of)
            given = said.pop(key, None)
            numbers = {name: getattr(given, name, 0) for name in NAMES}
            if numbers != expected:
                found.append(f"{kind} of “{segment}”: {numbers} for {expected}   ({question})")
        found += [f"{kind} of segment {key}: {one} for nothing" for key, one in said.items()]
    return found


def month_differences(loader: Loader) -> list[str]:
    """Compare what became of the promises by a deadline in each month that is over; now and then days are excused."""
    world, found = loader.world, list[str]()
    random = Random(f"excuses {world.seed}")
    for slug, agreement in loader.agreements.items():
        today = world.now.astimezone(agreement.zone).date()
        below = [one for one in all_facts(world, world.now) if slug in upwards(world, one.agreement)]
        months = {one.day.replace(day=1) for one in below}
        for month in sorted(months):
            after = (month + timedelta(days=32)).replace(day=1)
            if after > today:
                continue
            excused = _excuse(random, loader, slug, month) if random.random() < 0.4 else ()
            expected = months_judged(world, slug, month, excused)
            names = {str(row.pk): name for name, row in loader.segments.items()} | {"": ""}
            judged = month_found(agreement=agreement, month_on=month, at=world.now)
            said: dict[tuple[str, str], tuple[object, ...]] = {
                (one.promise, names[one.subject]): (one.outcome, one.numerator, one.denominator)
                for one in judged.findings
                if one.promise in (Evaluation.Promise.ACCEPTANCE, Evaluation.Promise.OUTCOME)
            }
            if said != dict(expected):
                found.append(f"{slug} {month}: {said} for {expected}")
    return found


def _excuse(random: Random, loader: Loader, slug: str, month: date) -> tuple[date, ...]:
    facts = [one.day for one in all_facts(loader.world, loader.world.now) if one.agreement == slug]
    days = tuple(sorted({day for day in facts if day.replace(day=1) == month and random.random() < 0.5}))
    if days:
        agreement = loader.agreements[slug]
        Excuse.objects.create(
            agreement=agreement,
            party=agreement.parties.order_by("pk")[0],
            month_on=month,
            days=list(days),
            reason="outage",
            state="accepted",
            proposed_at=loader.now,
            answered_at=loader.now,
        )
    return days
