"""What drafted terms would have meant for the hand-offs of a period: counted by the database in three statements.

Which hand-offs are asked is said by `reports.readings.population`. Terms hang on the segment that a lead had at the
hand-off: its own, or else those for all leads. Each statement passes over the hand-offs once, whatever number of
allowances is asked about. The rules are those of `reports.simulation`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial, reduce
from operator import add

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from agreements.models import CalendarRevision, Commitment
from agreements.terms import DEFAULT_WINDOW
from leads.models import HandOff, Pause
from reports.readings.population import Population
from reports.simulation import Depth, Ended, Judged, Tally, judge_tallies, last_due

REST = ""
"""The key of the leads whose segment has no terms of its own."""
ENDED = (Ended.ATTEMPTED, Ended.RELEASED, Ended.OPEN)
LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class DepthTerms:
    """What was drafted on depth; no number of attempts: none would have been fully worked."""

    attempts: int | None = None
    window: dt.timedelta = DEFAULT_WINDOW
    counts_automated: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the first attempt took, in business seconds, over those attempted."""

    attempted: int = 0
    seconds: int = 0
    median: float | None = None

    @property
    def average(self) -> Fraction | None:
        return Fraction(self.seconds, self.attempted) if self.attempted else None


@dataclass(frozen=True, slots=True)
class Speed:
    """By key: a segment's id in text, or REST. `all` speaks of all hand-offs, each judged by its own allowance."""

    judged: Mapping[str, Judged] = field(default_factory=dict)
    waits: Mapping[str, Waits] = field(default_factory=dict)
    all_judged: Judged = field(default_factory=Judged)
    all_waits: Waits = field(default_factory=Waits)


@contextmanager
def in_memory() -> Iterator[None]:
    """Let the statements inside group and sort a large company's quarter in memory rather than on disk."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")
        yield


def _key(segment: int | None) -> str:
    return REST if segment is None else str(segment)


# What is waited for: how the wait ended (the place in ENDED), and the least allowance that would have been kept.
FIRST_ATTEMPT = "first attempt"
WAITED = {
    FIRST_ATTEMPT: (
        """CASE WHEN h.first_attempt_at IS NOT NULL THEN 0 WHEN h.closed_as = ANY(%(released)s) THEN 1 ELSE 2 END""",
        "h.least_allowance_seconds",
    ),
    Commitment.Kind.ACCEPTANCE: (
        """CASE WHEN h.accepted_at IS NOT NULL OR h.first_attempt_at IS NOT NULL THEN 0
            WHEN h.closed_at IS NULL THEN 2 WHEN h.closed_as = ANY(%(without_answer)s) THEN 1 ELSE 0 END""",
        "h.least_acceptance_seconds",
    ),
    Commitment.Kind.OUTCOME: (
        """CASE WHEN h.closed_at IS NULL THEN 2 WHEN h.closed_as = ANY(%(outcomes)s) THEN 0 ELSE 1 END""",
        "h.least_outcome_seconds",
    ),
}
# Materialized, or the arrays would be read from text again for every hand-off.
TALLIES = """
WITH r AS MATERIALIZED (
    SELECT id, last_due::timestamptz[] AS last_due
    FROM unnest(%(revisions)s::bigint[], %(last_due)s::text[]) AS given(id, last_due)
)
SELECT f.term, f.ended, f.late, f.due, count(*)
FROM (
    SELECT CASE WHEN h.segment_id = ANY(%(own)s) THEN h.segment_id END AS term,
        {ended} AS ended,
        coalesce(width_bucket({least} - 1, %(allowances)s::int[]), 0) AS late,
        %(places)s - width_bucket(h.handed_off_at - interval '1 microsecond', r.last_due) AS due
    FROM leads_handoff h JOIN r ON r.id = h.calendar_revision_id
    WHERE NOT h.is_date_only AND {unpaused} AND {where}
) f
GROUP BY 1, 2, 3, 4
"""
# Those once paused are due later than others of their time: one by one, found by a partial index.
PAUSED = """
SELECT h.id, h.calendar_revision_id, h.handed_off_at, CASE WHEN h.segment_id = ANY(%(own)s) THEN h.segment_id END,
    CASE WHEN h.first_attempt_at IS NOT NULL THEN 0 WHEN h.closed_as = ANY(%(released)s) THEN 1 ELSE 2 END,
    h.least_allowance_seconds
FROM leads_handoff h
WHERE NOT h.is_date_only AND h.paused_at IS NOT NULL AND {where}
"""


def tallies(
    asked: Population, allowances: Sequence[int], own: Sequence[int] = (), of: str = FIRST_ATTEMPT
) -> dict[str, list[Tally]]:
    """Return the tallies of the allowances, which ascend, by key; `own` are the segments with a key of their own.

    `of` is what is waited for: the first attempt, or the kind of a promise by a deadline.
    """
    revisions = CalendarRevision.objects.filter(
        Exists(HandOff.objects.filter(calendar_revision=OuterRef("pk")))
    )
    ids, last = [], []
    for revision in revisions:
        calendar = revision.compiled()
        ends = [last_due(calendar, allowance, asked.now) or LONG_AGO for allowance in reversed(allowances)]
        ids.append(revision.pk)
        last.append("{" + ",".join(end.isoformat() for end in ends) + "}")
    found: dict[str, list[Tally]] = defaultdict(list)
    how_ended, least = WAITED[of]
    unpaused = "h.paused_at IS NULL" if of == FIRST_ATTEMPT else "TRUE"  # deadlines run on in a pause
    with connection.cursor() as cursor:
        cursor.execute(
            TALLIES.format(where=asked.where, ended=how_ended, least=least, unpaused=unpaused),
            {
                **asked.parameters,
                "own": list(own),
                "allowances": list(allowances),
                "places": len(allowances),
                "revisions": ids,
                "last_due": last,
            },
        )
        for term, ended, late, due, n in cursor.fetchall():
            found[_key(term)].append(Tally(ENDED[ended], late, due, n))
    if of == FIRST_ATTEMPT:
        for key, tally in _paused(asked, allowances, own):
            found[key].append(tally)
    return found


def _paused(asked: Population, allowances: Sequence[int], own: Sequence[int]) -> Iterator[tuple[str, Tally]]:
    """The tallies of hand-offs that were paused, each of its own, with its key."""
    with connection.cursor() as cursor:
        cursor.execute(PAUSED.format(where=asked.where), {**asked.parameters, "own": list(own)})
        rows = cursor.fetchall()
    pauses = Pause.objects.spans(pk for pk, *_ in rows)
    revisions = CalendarRevision.objects.in_bulk({revision for _pk, revision, *_ in rows})
    for pk, revision, handed_off_at, term, ended, least in rows:
        due_at = partial(revisions[revision].compiled().due, handed_off_at, pauses=pauses.get(pk, ()))
        ends = [due_at(dt.timedelta(seconds=allowance)) for allowance in allowances]
        late = bisect_left(allowances, least or 0)
        yield (
            _key(term),
            Tally(ENDED[ended], late, sum(end is not None and end < asked.now for end in ends), 1),
        )


WAITS = """
SELECT CASE WHEN h.segment_id = ANY(%(own)s) THEN h.segment_id END,
    grouping(CASE WHEN h.segment_id = ANY(%(own)s) THEN h.segment_id END),
    count(h.first_attempt_business_seconds), coalesce(sum(h.first_attempt_business_seconds), 0),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY h.first_attempt_business_seconds)
FROM leads_handoff h
WHERE h.first_attempt_business_seconds IS NOT NULL AND {where}
GROUP BY GROUPING SETS ((1), ())
"""


def waits(asked: Population, own: Sequence[int] = ()) -> tuple[dict[str, Waits], Waits]:
    """Return how long first attempts took, by key and over all."""
    found, over_all = dict[str, Waits](), Waits()
    with connection.cursor() as cursor:
        cursor.execute(WAITS.format(where=asked.where), {**asked.parameters, "own": list(own)})
        for term, is_all, attempted, seconds, median in cursor.fetchall():
            if is_all:
                over_all = Waits(attempted, int(seconds), median)
            else:
                found[_key(term)] = Waits(attempted, int(seconds), median)
    return found, over_all


def speed_under(asked: Population, allowances: Mapping[str, int]) -> Speed:
    """Return what these allowances, in seconds by key, would have meant; without one for REST that is not judged."""
    judged = judged_under(asked, allowances)
    by_key, over_all = waits(asked, [int(key) for key in allowances if key != REST])
    return Speed(judged, by_key, reduce(add, judged.values(), Judged()), over_all)


def judged_under(
    asked: Population, allowances: Mapping[str, int], of: str = FIRST_ATTEMPT
) -> dict[str, Judged]:
    """Return what these allowances would have meant, by key; a key without any hand-off is not there."""
    own = [int(key) for key in allowances if key != REST]
    ascending = sorted(set(allowances.values()))
    return {
        key: judge_tallies(found, ascending.index(allowances[key]) + 1)
        for key, found in tallies(asked, ascending, own, of).items()
        if key in allowances
    }


def curve(asked: Population, allowances: Sequence[int]) -> list[Judged]:
    """Return what each of the ascending allowances would have meant for all the hand-offs asked."""
    found = tallies(asked, allowances)[REST]
    return [judge_tallies(found, place) for place in range(1, len(allowances) + 1)]


# The attempts that count: `leads.services.facts` says which; nobody asked about here has connected.
COUNTED = """
SELECT count(*) FROM leads_followupattempt a
WHERE a.hand_off_id = h.id AND a.voided_at IS NULL AND (d.counts_automated OR NOT a.is_automated)
    AND NOT (CASE WHEN a.is_date_only THEN a.attempted_on < h.handed_off_on
                  ELSE a.attempted_at < h.handed_off_at END)
    AND NOT (h.closed_as = ANY(%(released)s) AND a.attempted_at > h.closed_at)
"""
DEPTH = f"""
SELECT f.term, count(*) FILTER (WHERE f.is_judged), coalesce(sum(f.made) FILTER (WHERE f.is_judged), 0),
    count(*) FILTER (WHERE f.is_judged AND f.made > 0),
    count(*) FILTER (WHERE f.is_judged AND f.is_fully_worked), count(*) FILTER (WHERE NOT f.is_judged)
FROM (
    SELECT d.term, m.made, h.closed_at IS NOT NULL OR w.ends_at <= %(now)s AS is_judged,
        CASE WHEN d.attempts IS NULL OR m.made < d.attempts THEN false
             WHEN h.last_attempt_at <= w.ends_at THEN true
             ELSE ({COUNTED} AND a.attempted_at <= w.ends_at) >= d.attempts END AS is_fully_worked
    FROM leads_handoff h
        JOIN unnest(%(terms)s::text[], %(attempts)s::int[], %(windows)s::bigint[], %(automated)s::bool[])
            AS d(term, attempts, seconds, counts_automated)
            ON d.term = CASE WHEN h.segment_id = ANY(%(own)s) THEN h.segment_id::text ELSE '' END
        CROSS JOIN LATERAL (SELECT h.handed_off_at + d.seconds * interval '1 second' AS ends_at) w
        CROSS JOIN LATERAL (
            SELECT CASE WHEN h.counts_automated = d.counts_automated THEN h.attempts ELSE ({COUNTED}) END AS made
        ) m
    WHERE h.connected_at IS NULL AND NOT h.closed_as = ANY(%(without_depth)s) AND {{where}}
) f
GROUP BY f.term
"""


def depth_under(asked: Population, terms: Mapping[str, DepthTerms]) -> dict[str, Depth]:
    """Return what these terms would have meant, by key; REST must have some."""
    with connection.cursor() as cursor:
        cursor.execute(
            DEPTH.format(where=asked.where),
            {
                **asked.parameters,
                "own": [int(key) for key in terms if key != REST],
                "terms": list(terms),
                "attempts": [one.attempts for one in terms.values()],
                "windows": [one.window // dt.timedelta(seconds=1) for one in terms.values()],
                "automated": [one.counts_automated for one in terms.values()],
            },
        )
        return {term: Depth(*(int(n) for n in numbers)) for term, *numbers in cursor.fetchall()}


def depth_and_worked(
    asked: Population, terms: Mapping[str, DepthTerms]
) -> tuple[dict[str, Depth], dict[str, Depth]]:
    """Return what these terms would have meant for a promise of depth and of a share worked: often counted once."""
    of_depth, of_worked = (
        asked.judged_by(Commitment.Kind.DEPTH),
        asked.judged_by(Commitment.Kind.SHARE_WORKED),
    )
    depth = depth_under(of_depth, terms)
    return depth, depth if of_worked == of_depth else depth_under(of_worked, terms)
