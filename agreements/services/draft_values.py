"""What a draft says, field by field: one flat mapping that is edited, compared and noted.

Keys are those of the form: ``starts_on``, ``ends_on``, ``reach``, ``review_rhythm``, ``summary``,
``review_after_misses``, ``cancel_after_misses``, ``early_share``, ``manager_lag``, ``director_lag``,
``rejection_reasons``, ``clause-TOPIC-PARTY`` (``clause-TOPIC-0-SEGMENT`` for one segment alone),
``goal-SEGMENT-YYYY-MM``, ``counting-0-TERM`` (how all goals are counted, by ``weight_mon`` to ``weight_sun`` too) and
``acceptance-``, ``speed-``, ``depth-``, ``worked-`` or ``outcome-SEGMENT-TERM``; a party or segment is its id, 0 the
clause of both sides or the promise for all leads. A key that is not there says as much as one that is None or "":
nothing was agreed, or, of the reach, new hand-offs only.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from agreements.models import Clause, Commitment, MonthGoal, Party, Plan, Team, Version
from agreements.opening_hours import WEEKDAYS
from agreements.weekday_weights import weights_of, with_weights

Value = str | dt.date | dt.timedelta | Decimal | int | None

Kind = Commitment.Kind
LADDER = ("early_share", "manager_lag", "director_lag")
OWN = (
    "starts_on",
    "ends_on",
    "reach",
    "review_rhythm",
    "summary",
    "review_after_misses",
    "cancel_after_misses",
    *LADDER,
    "rejection_reasons",
)
PREFIXES = {
    Kind.ACCEPTANCE: "acceptance",
    Kind.SPEED: "speed",
    Kind.DEPTH: "depth",
    Kind.SHARE_WORKED: "worked",
    Kind.OUTCOME: "outcome",
}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
# The first term of each is the promise itself: without it there is none.
TERMS = {
    "acceptance": ("allowance", "in_time_share"),
    "speed": ("allowance", "average_goal", "in_time_share", "at_risk_share", "pause_limit"),
    "depth": ("attempts", "window", "counts_automated"),
    "worked": ("share",),
    "outcome": ("allowance", "in_time_share"),
}
COUNTING = ("profile", "measure", "tolerance", "counts_recycled", "counts_sales_origin")
# Of a goal line by weekday weights: term → weekday, Monday first.
WEIGHTS = {f"weight_{day}": day for day in WEEKDAYS}
# Terms that always have a value in the table; in a form they may be left empty.
USUAL: dict[str, Value] = {
    "profile": Commitment.Profile.CALENDAR_DAYS.value,
    "measure": Commitment.Measure.HANDED_OFF.value,
    "tolerance": Decimal("0.1"),
    "counts_recycled": False,
    "counts_sales_origin": False,
    "at_risk_share": Decimal("0.75"),
    "window": dt.timedelta(days=14),
    "counts_automated": False,
}


MONTHS_OF_AN_OPEN_END = 12
# A form may send a thousand fields: what does not fit stays as the draft has it.
MOST_MONTHS = 36


def clause_key(topic: str, party_id: int | None, segment_id: int | None = None) -> str:
    return f"clause-{topic}-{party_id or 0}" + (f"-{segment_id}" if segment_id else "")


def clause_of_key(key: str) -> tuple[str, int | None, int | None]:
    """Return topic, party and segment of a clause's key."""
    _kind, topic, party, *segment = key.split("-")
    return topic, int(party) or None, int(segment[0]) if segment else None


def goal_key(segment_id: int | None, month_on: dt.date) -> str:
    return f"goal-{segment_id or 0}-{month_on:%Y-%m}"


def month_of_key(key: str) -> dt.date:
    """Return the month of a goal's key."""
    return dt.datetime.strptime(key.split("-", 2)[2], "%Y-%m").date()  # noqa: DTZ007


def months_of_version(starts_on: dt.date, ends_on: dt.date | None) -> list[dt.date]:
    """Return the months of a version's days: a year of an open end, never more than MOST_MONTHS."""
    months, month = list[dt.date](), starts_on.replace(day=1)
    for _n in range(MONTHS_OF_AN_OPEN_END if ends_on is None else MOST_MONTHS):
        if ends_on is not None and month >= ends_on:
            break
        months.append(month)
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return months


def is_personal(key: str) -> bool:
    """Whether a field named people. Contacts have rows of their own now; events from before still name the field."""
    return key.startswith("contact-")


def is_words(key: str) -> bool:
    """Whether a field holds words that people write: kept apart from what is hashed."""
    return key == "summary" or key.startswith("clause-")


def draft_values(version: Version, promises: Iterable[Commitment] | None = None) -> dict[str, Value]:
    """Return everything that the version says, by key; what it does not say has no key.

    `promises` are its commitments with their goals, if they were read already.
    """
    if promises is None:
        promises = version.commitments.prefetch_related("month_goals")
    values: dict[str, Value] = {
        "starts_on": version.starts_on,
        "ends_on": version.ends_on,
        "reach": version.reach if version.is_for_open_ones else "",
        "review_rhythm": version.review_rhythm,
        "summary": version.summary,
        "review_after_misses": version.review_after_misses,
        "cancel_after_misses": version.cancel_after_misses,
        **{name: getattr(version, name) for name in LADDER},
        "rejection_reasons": version.rejection_reasons,
    }
    for clause in version.clauses.all():
        values[clause_key(clause.topic, clause.party_id, clause.segment_id)] = clause.text
    for commitment in promises:
        segment = commitment.segment_id or 0
        if commitment.kind == Kind.MQL_GOAL:
            for goal in commitment.month_goals.all():
                values[goal_key(segment, goal.month_on)] = goal.goal
            if not segment:
                values |= {f"counting-0-{term}": getattr(commitment, term) for term in COUNTING}
                weights = weights_of(commitment.weekday_weights)
                values |= {f"counting-0-weight_{day}": weight for day, weight in weights.items()}
        elif prefix := PREFIXES.get(Kind(commitment.kind)):
            for term in TERMS[prefix]:
                values[f"{prefix}-{segment}-{term}"] = getattr(commitment, term)
    return {key: value for key, value in values.items() if not is_nothing(value)}


def is_nothing(value: Value) -> bool:
    return value is None or value == ""


def as_stored(value: Value) -> Value:
    """Return the value as it comes back from the table, so that equal ones are equal: one kind of line break."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return None if is_nothing(value) else value


def changes_between(old: Mapping[str, Value], new: Mapping[str, Value]) -> dict[str, tuple[Value, Value]]:
    """Return key → (old, new) of all that differ; a key that is in neither differs in nothing."""
    pairs = {key: (old.get(key), new.get(key)) for key in {*old, *new}}
    return {
        key: pair
        for key, pair in sorted(pairs.items())
        if pair[0] != pair[1] and not (is_nothing(pair[0]) and is_nothing(pair[1]))
    }


def as_json(value: Value) -> Any:
    """Return a value as an event keeps it: days and exact numbers as text, lengths in seconds."""
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def write_values(version: Version, values: Mapping[str, Value], *, plan: Plan | None = None) -> None:
    """Write those fields of a draft; others stay. Goals among them refer to `plan` where one is given.

    A promise whose first term is nothing is taken out of the draft. The caller holds the version's lock and has
    checked the values.
    """
    empty = {"summary": "", "reach": Version.Reach.NEW_ONLY, "review_rhythm": "", "rejection_reasons": ""}
    for name in OWN:
        if name in values:
            setattr(version, name, values[name] or empty.get(name))
    version.save(update_fields=[*OWN])
    parties = {party.pk: party for party in version.agreement.parties.select_related("team")}
    by_promise: dict[tuple[str, int], dict[str, Value]] = defaultdict(dict)
    for key, value in values.items():
        kind, _, rest = key.partition("-")
        if kind == "clause":
            _write_clause(version, key, str(value or ""))
        elif kind in ("goal", "counting") or kind in KINDS:
            segment, _, term = rest.partition("-")
            by_promise[kind, int(segment)][term] = value
    for (kind, segment_id), terms in by_promise.items():
        if kind == "goal":
            _write_goals(version, segment_id or None, terms, parties, plan)
        elif kind == "counting":
            _write_counting(version, terms, parties)
        else:
            _write_promise(version, kind, segment_id or None, terms, parties)


def party_for(kind: Commitment.Kind, parties: Mapping[int, Party]) -> Party:
    """Return who makes a promise of this kind: marketing the goal, sales all others; who signs comes first."""
    function = Team.Function.MARKETING if kind == Kind.MQL_GOAL else Team.Function.SALES
    return min(
        parties.values(), key=lambda one: (one.team.function != function, one.signatory_id is None, one.pk)
    )


def _write_clause(version: Version, key: str, text: str) -> None:
    topic, party_id, segment_id = clause_of_key(key)
    same: dict[str, Any] = {
        "version": version,
        "topic": topic,
        "party_id": party_id,
        "segment_id": segment_id,
    }
    if text:
        Clause.objects.update_or_create(**same, defaults={"text": text})
    else:
        Clause.objects.filter(**same).delete()


def _write_goals(
    version: Version,
    segment_id: Any,
    goals: Mapping[str, Value],
    parties: Mapping[int, Party],
    plan: Plan | None,
) -> None:
    promise = version.commitments.filter(kind=Kind.MQL_GOAL, segment_id=segment_id).first()
    if promise is None:
        if all(is_nothing(goal) for goal in goals.values()):
            return
        of_all = version.commitments.filter(kind=Kind.MQL_GOAL, segment=None).first()
        promise = Commitment.objects.create(
            version=version,
            kind=Kind.MQL_GOAL,
            segment_id=segment_id,
            party=party_for(Kind.MQL_GOAL, parties),
            **({term: getattr(of_all, term) for term in (*COUNTING, "weekday_weights")} if of_all else {}),
        )
    removed = 0
    for month, goal in goals.items():
        same: dict[str, Any] = {"commitment": promise, "month_on": dt.date.fromisoformat(f"{month}-01")}
        if is_nothing(goal):
            removed += MonthGoal.objects.filter(**same).delete()[0]
        else:
            MonthGoal.objects.update_or_create(
                **same, defaults={"goal": goal} | ({"plan": plan} if plan is not None else {})
            )
    if segment_id and removed and not promise.month_goals.exists():
        promise.delete()


def _write_counting(version: Version, terms: Mapping[str, Value], parties: Mapping[int, Party]) -> None:
    """Write how the goals are counted: those of segments as that of all leads, since they are parts of it.

    Weights are kept where the goal line goes by them, and nowhere else.
    """
    said = {
        term: USUAL[term] if is_nothing(terms[term]) else terms[term] for term in COUNTING if term in terms
    }
    weights: dict[str, Any] = {day: terms[term] for term, day in WEIGHTS.items() if term in terms}
    promises = version.commitments.filter(kind=Kind.MQL_GOAL)
    if not promises.filter(segment=None).exists():
        if said == {term: USUAL[term] for term in said}:
            return
        party = party_for(Kind.MQL_GOAL, parties)
        Commitment.objects.create(version=version, kind=Kind.MQL_GOAL, party=party)
    if said:
        promises.update(**said)
    for promise in promises.all():
        is_by_weekday = promise.profile == Commitment.Profile.WEIGHTS
        kept = with_weights(promise.weekday_weights, weights) if is_by_weekday else {}
        if kept != promise.weekday_weights:
            promise.weekday_weights = kept
            promise.save(update_fields=["weekday_weights"])


def _write_promise(
    version: Version,
    prefix: str,
    segment_id: Any,
    terms: Mapping[str, Value],
    parties: Mapping[int, Party],
) -> None:
    kind = KINDS[prefix]
    promise = version.commitments.filter(kind=kind, segment_id=segment_id).first()
    if promise is None:
        promise = Commitment(
            version=version, kind=kind, segment_id=segment_id, party=party_for(kind, parties)
        )
    for term, value in terms.items():
        setattr(promise, term, USUAL.get(term) if is_nothing(value) else value)
    if not is_nothing(getattr(promise, TERMS[prefix][0])):
        promise.save()
    elif promise.pk:
        promise.delete()
