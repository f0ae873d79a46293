"""Answers the test vectors of ../shared/vectors through the product's own functions.

The answers have the form of a vector's ``expected``; instants are ISO 8601 in UTC. An op that the product has
no use for is answered NotImplemented.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agreements.business_time import Calendar, NegativeDuration, compiled, resolve_local
from agreements.funnel import lead_value, leads_from_value, plan, stages
from leads.clock import State, clock_state, warn_after
from reports.periods import Period
from reports.shares import share
from reports.waterfall import build_waterfall

Vector = dict[str, Any]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _at(instant: datetime | None) -> dict[str, Any]:
    return {"instant": None if instant is None else instant.isoformat()}


def _pauses(vector: Vector) -> list[tuple[datetime, datetime]]:
    return [(_instant(begin), _instant(end)) for begin, end in vector.get("pauses") or ()]


def _number(value: Fraction | int) -> int | float:
    return int(value) if value == int(value) else float(value)


def _elapsed(calendar: Calendar, vector: Vector) -> dict[str, Any]:
    open_time = calendar.elapsed(_instant(vector["start"]), _instant(vector["end"]), _pauses(vector))
    answer: dict[str, Any] = {"seconds": _number(Fraction(open_time // timedelta(microseconds=1), 1_000_000))}
    if "minutes_floor" in vector.get("expected", {}):
        answer["minutes_floor"] = open_time // timedelta(minutes=1)
    return answer


def _due(calendar: Calendar, vector: Vector) -> dict[str, Any]:
    duration = timedelta(seconds=vector["duration_seconds"])
    return _at(calendar.due(_instant(vector["start"]), duration, _pauses(vector)))


def _due_back(calendar: Calendar, vector: Vector) -> dict[str, Any]:
    return _at(calendar.due_back(_instant(vector["end"]), timedelta(seconds=vector["duration_seconds"])))


def _is_open(calendar: Calendar, vector: Vector) -> dict[str, Any]:
    return {"bool": calendar.is_open(_instant(vector["at"]))}


def _next_open(calendar: Calendar, vector: Vector) -> dict[str, Any]:
    return _at(calendar.next_open(_instant(vector["start"])))


def _prev_close(calendar: Calendar, vector: Vector) -> dict[str, Any]:
    return _at(calendar.prev_close(_instant(vector["end"])))


def _resolve_local(vector: Vector) -> dict[str, Any]:
    return _at(resolve_local(datetime.fromisoformat(vector["wall"]), vector["tz"]))


STATUS_WORDS = {State.RUNNING: "due", State.OVERDUE: "missed"}  # the vectors' words for these two


def _status(vector: Vector) -> dict[str, Any]:
    now, responded_at = _instant(vector["now"]), vector.get("responded_at")
    at_risk_at = None
    if vector.get("target_seconds") is not None and vector.get("elapsed_seconds") is not None:
        share = Decimal(str(vector.get("warn_fraction", "0.75")))
        used, allowance = (timedelta(seconds=vector[key]) for key in ("elapsed_seconds", "target_seconds"))
        at_risk_at = now if used >= warn_after(allowance, share) else None
    state = clock_state(
        due_at=_instant(vector["due_at"]),
        now=now,
        at_risk_at=at_risk_at,
        first_attempt_at=None if responded_at is None else _instant(responded_at),
        paused_at=now if vector.get("paused") else None,  # the vectors do not say since when
    )
    return {"status": STATUS_WORDS.get(state, str(state))}


def _average(vector: Vector) -> dict[str, Any]:
    from reports.speed import summarise

    summary = summarise(vector["values_seconds"])
    return {
        "mean_seconds": None if summary.average is None else _number(summary.average),
        "median_seconds": None if summary.median is None else _number(summary.median),
        "count": summary.n,
    }


ON_A_CALENDAR = {
    "elapsed": _elapsed,
    "due": _due,
    "due_back": _due_back,
    "is_open": _is_open,
    "next_open": _next_open,
    "prev_close": _prev_close,
}
WITHOUT_ONE = {"resolve_local": _resolve_local, "status": _status, "average": _average}


def answer_business_time(calendar: dict[str, Any], vector: Vector) -> Any:
    """The product's answer to one vector of business_time; ``calendar`` is not read by ops that need none."""
    op = vector["op"]
    try:
        if op in ON_A_CALENDAR:
            return ON_A_CALENDAR[op](compiled(calendar), vector)
        if op in WITHOUT_ONE:
            return WITHOUT_ONE[op](vector)
    except NegativeDuration:
        return {"error": "negative_duration"}
    return NotImplemented


def _reverse_funnel(inputs: Vector) -> dict[str, Any]:
    result = plan(
        quota=inputs["quota"],
        marketing_share=inputs.get("marketing_share", 1),
        average_deal=inputs["avg_deal"],
        rates=inputs["rates"],
    )
    return {
        "marketing_revenue": str(result.revenue_goal),
        "customers": str(result.customers_exact),
        "leads_exact": str(result.leads_exact),
        "leads": result.leads,
    }


def _forward_funnel(inputs: Vector) -> dict[str, Any]:
    return {"stages": [_decimal(count) for count in stages(inputs["top"], inputs["rates"])]}


def _lead_value(inputs: Vector) -> dict[str, Any]:
    close_rate = stages(1, inputs["rates"])[-1] if inputs.get("rates") else inputs.get("close_rate", 1)
    value = _decimal(lead_value(inputs["avg_deal"], close_rate))
    return {"lead_value": value, "value": value}


def _leads_from_value(inputs: Vector) -> dict[str, Any]:
    return {"leads": leads_from_value(inputs["target_revenue"], inputs["lead_value"])}


def _waterfall(inputs: Vector) -> dict[str, Any]:
    days, day, first = inputs["days"], inputs["day"], date(2026, 1, 1)
    result = build_waterfall(
        days=Period(first, first + timedelta(days=days)),
        goal_by_day=[Decimal(inputs["goal"])] * days,
        weight_by_day=[Fraction(1, days)] * days,
        actual_by_day=[Decimal(inputs["actual"])] + [Decimal(0)] * (days - 1),
        as_of_day=first + timedelta(days=day - 1),
    )
    summary = result.summary
    answers = {
        "daily": result.days[0].goal,
        "pace": summary.goal_to_date,
        "gap": summary.gap,
        "attainment": summary.share_of_target and summary.share_of_target.value,
        "projected": summary.straight_line,
        "needed_per_remaining_day": summary.needed_per_remaining_day,
    }
    return {name: None if figure is None else str(figure) for name, figure in answers.items()}


def _ratio(inputs: Vector) -> dict[str, Any]:
    value = share(Decimal(inputs["part"]), Decimal(inputs["of"])).value
    return {"error": "undefined"} if value is None else {"ratio": _decimal(value)}


def _decimal(value: Fraction) -> str:
    """Decimal text where that is exact, else the fraction."""
    text = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{text.normalize():f}" if Fraction(text) == value else str(value)


def _in_the_form_of(expected: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Only what was asked for; a number where a number is expected."""
    if "error" in answer:
        return answer
    return {
        name: float(Fraction(answer[name])) if isinstance(form, float) and answer[name] else answer[name]
        for name, form in expected.items()
        if name in answer
    }


FUNNEL = {
    "reverse_funnel": _reverse_funnel,
    "forward_funnel": _forward_funnel,
    "lead_value": _lead_value,
    "leads_from_value": _leads_from_value,
    "waterfall": _waterfall,
    "ratio": _ratio,
}


def answer_funnel(vector: Vector) -> Any:
    """The product's answer to one vector of funnel; inputs that it refuses are ``{"error": "undefined"}``."""
    if vector["op"] not in FUNNEL:
        return NotImplemented
    try:
        answer = FUNNEL[vector["op"]](vector["inputs"])
    except ValueError:
        return {"error": "undefined"}
    return _in_the_form_of(vector["expected"], answer) if "expected" in vector else answer
