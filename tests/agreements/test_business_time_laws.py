"""Laws of business time, and its agreement with a walk minute by minute, in zones with hard clocks.

`make test` tries some hundreds of cases. With ``-m proof`` each zone gets its share of PROOF_N cases (200,000
unless the environment says otherwise) from the seed PROOF_SEED, and the figures are printed.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from agreements.business_time import Calendar, Kind, compile_calendar
from tests.oracles.minute_walk import MINUTE, MinuteWalk
from tests.strategies import ZONES, calendar_near, day_near, durations, edges_of, instant_near, scenes

ZERO = timedelta(0)
TICK = timedelta(microseconds=1)
NEVER = datetime.max.replace(tzinfo=UTC)
some = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def say(line: str) -> None:
    sys.stdout.write(f"\n{line}")


def broken_laws(calendar: Calendar, instants: list[datetime], a: timedelta, b: timedelta) -> list[str]:
    """The names of the laws that do not hold for these instants, in order, and these lengths above zero."""
    x, y, z = instants[0], instants[len(instants) // 2], instants[-1]
    pauses = [(instants[1], instants[3]), (instants[2], instants[4]), (z, x)]
    elapsed, due = calendar.elapsed, calendar.due
    due_a, due_y = due(x, a), due(y, a)  # None: never
    laws: dict[str, bool] = {
        "1 elapsed up to due is the duration": due_a is None or elapsed(x, due_a) == a,
        "2 due adds up": due_a is None or due(due_a, b) == due(x, a + b),
        "3 elapsed adds up": elapsed(x, z) == elapsed(x, y) + elapsed(y, z),
        "4 due keeps the order": due_y is None or (due_a or NEVER) <= due_y,
        "5 elapsed lies between nothing and the wall clock": ZERO <= elapsed(x, y) <= y - x,
        "6 due and elapsed never disagree": all(
            (now >= (due_a or NEVER)) == (elapsed(x, now) >= a)
            for now in [*instants, *([due_a, due_a - TICK, due_a + TICK] if due_a else [])]
        ),
        "7 nothing is due at once": due(x, ZERO) == x,
        "8 a reversed span counts nothing": elapsed(z, x) == ZERO and calendar.explain(z, x) == [],
    }
    back = calendar.due_back(z, a)
    again = None if back is None else due(back, a)
    laws["9 due_back undoes due"] = back is None or (
        elapsed(back, z) == a
        and (back == z or elapsed(back + TICK, z) < a)
        and again is not None
        and again <= z
        and calendar.due_back(again, a) == back
    )
    told = calendar.explain(x, z, pauses)
    open_time = sum((s.span.length for s in told if s.kind is Kind.OPEN), ZERO)
    starts, ends = [s.span.start for s in told], [s.span.end for s in told]
    laws["10 explain tiles the span and adds up"] = (
        open_time == elapsed(x, z, pauses)
        and starts[1:] == ends[:-1]
        and (not told or (starts[0] == x and ends[-1] == z))
        and (bool(told) == (x < z))
    )
    paused_due = due(x, a, pauses)
    laws["11 pauses: due and elapsed never disagree"] = all(
        (now >= (paused_due or NEVER)) == (elapsed(x, now, pauses) >= a)
        for now in [*instants, *([paused_due, paused_due - TICK] if paused_due else [])]
        if now >= x
    )
    laws["12 pauses never hurry"] = (due_a or NEVER) <= (paused_due or NEVER) and (
        elapsed(x, z, pauses) <= elapsed(x, z)
    )
    for at in instants:
        following, closing = calendar.next_open(at), calendar.prev_close(at)
        laws["13 is_open agrees"] = (
            laws.get("13 is_open agrees", True)
            and calendar.is_open(at) == (elapsed(at, at + TICK) == TICK)
            and calendar.is_open(at) == (following == at)
            and (following is None or (calendar.is_open(following) and elapsed(at, following) == ZERO))
            and (
                closing is None or (elapsed(closing - TICK, closing) == TICK and elapsed(closing, at) == ZERO)
            )
        )
    second = timedelta(seconds=1)
    first, last = x.replace(microsecond=0), z.replace(microsecond=0)
    seconds, then = a // second, due(first, a // second * second)
    laws["14 epoch seconds agree"] = (
        calendar.elapsed_seconds(int(first.timestamp()), int(last.timestamp()))
        == elapsed(first, last) // second
    ) and (
        calendar.due_epoch(int(first.timestamp()), seconds)
        == (None if then is None else int(then.timestamp()))
    )
    return [law for law, holds in laws.items() if not holds]


@some
@given(scenes(), durations(), durations())
def test_the_laws_hold_in_every_zone(scene, a, b):
    plain, instants = scene
    assert broken_laws(compile_calendar(plain), instants, a, b) == []


def differences_from_the_walk(zone: str, seed: int, cases: int) -> Counter[str]:
    """Ask the product and the walk the same, in windows of some twenty days; count questions and differences."""
    random, count = Random(f"{seed} {zone}"), Counter[str]()
    while count["cases"] < cases:
        day = day_near(random, zone)
        plain = calendar_near(random, zone, day)
        calendar, edges = compile_calendar(plain), edges_of(plain, day, 4)
        window = datetime.combine(day, time(), UTC) - timedelta(days=10)
        walk = MinuteWalk(plain, window, 21 * 1440)
        for _ in range(60):
            a, b = sorted((instant_near(random, edges) - window) // MINUTE for _ in "ab")
            length = random.choice((1, 30, 60, 480, b - a, random.randint(1, 3000)))
            start, end = walk.instant(a), walk.instant(b)
            pauses = []
            for _ in range(random.randint(1, 3)):
                begin = (instant_near(random, edges) - window) // MINUTE
                pauses.append((begin, begin + random.choice((0, 15, 240, 2000))))
            paused, spans = walk.paused(pauses), [(walk.instant(p), walk.instant(q)) for p, q in pauses]
            duration = length * MINUTE
            asked: dict[str, tuple[object, object]] = {
                "elapsed": (calendar.elapsed(start, end), walk.elapsed(a, b) * MINUTE),
                "elapsed, paused": (calendar.elapsed(start, end, spans), paused.elapsed(a, b) * MINUTE),
                "is_open": (calendar.is_open(start), walk.is_open[a]),
            }
            for name, got, minute in (
                ("due", calendar.due(start, duration), walk.due(a, length)),
                ("due, paused", calendar.due(start, duration, spans), paused.due(a, length)),
                ("next_open", calendar.next_open(start), walk.next_open(a)),
                ("due_back", calendar.due_back(end, duration), walk.due_back(b, length)),
                ("prev_close", calendar.prev_close(end), walk.prev_close(b)),
            ):
                # Beyond the window the walk knows only that the answer is not inside it.
                if minute is None:
                    inside = got is not None and window < got < walk.instant(walk.minutes)
                    asked[name] = (inside, False)
                else:
                    asked[name] = (got, walk.instant(minute))
            for name, (answer, expected) in asked.items():
                count["cases"] += 1
                count[f"asked {name}"] += 1
                if answer != expected:
                    count[f"differences {name}"] += 1
                    count["differences"] += 1
    return count


@pytest.mark.parametrize("zone", ZONES)
def test_the_minute_walk_agrees(zone):
    assert differences_from_the_walk(zone, seed=7, cases=900)["differences"] == 0


@pytest.mark.proof
def test_proof_that_the_minute_walk_agrees(capsys):
    n, seed = int(os.environ.get("PROOF_N", "200000")), int(os.environ.get("PROOF_SEED", "20260301"))
    total: Counter[str] = Counter()
    for zone in ZONES:
        count = differences_from_the_walk(zone, seed, -(-n // len(ZONES)))
        total += count
        with capsys.disabled():
            say(f"minute walk, {zone}: N={count['cases']} seed={seed} differences={count['differences']}")
    with capsys.disabled():
        say(f"minute walk, all: N={total['cases']} seed={seed} differences={total['differences']}")
        for name in sorted(key[6:] for key in total if key.startswith("asked ")):
            say(f"  {name}: N={total[f'asked {name}']} differences={total[f'differences {name}']}")
    assert total["cases"] >= n
    assert total["differences"] == 0


@pytest.mark.proof
def test_proof_that_the_laws_hold(capsys):
    n, seed = int(os.environ.get("PROOF_N", "200000")), int(os.environ.get("PROOF_SEED", "20260301"))
    broken: Counter[str] = Counter()
    for zone in ZONES:
        random, tried, wrong = Random(f"laws {seed} {zone}"), 0, 0
        while tried < n // len(ZONES) + 1:
            day = day_near(random, zone)
            plain = calendar_near(random, zone, day)
            calendar, edges = compile_calendar(plain), edges_of(plain, day, 3)
            for _ in range(50):
                shake = random.choice((0, 0, 59_999_999))
                instants = sorted(
                    instant_near(random, edges) + timedelta(microseconds=random.randint(0, shake))
                    for _ in range(6)
                )
                a, b = (
                    timedelta(
                        microseconds=random.choice(
                            (1, 10**6 * 60 * random.randint(1, 4000), random.randint(1, 3 * 86_400 * 10**6))
                        )
                    )
                    for _ in "ab"
                )
                found = broken_laws(calendar, instants, a, b)
                tried += 1
                wrong += bool(found)
                broken.update(found)
        with capsys.disabled():
            say(f"laws, {zone}: N={tried} seed={seed} broken={wrong}")
    with capsys.disabled():
        say(f"laws, all: broken {dict(broken) or 'none'}")
    assert not broken
