"""Reports as flat rows, for CSV: one row a day or bucket, the same figures as in JSON."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]


def flat_rows(report: str, document: dict[str, Any]) -> Rows:
    """Return the rows of a report's JSON; nested figures become columns like `in_time_numerator`."""
    match report:
        case "waterfall":
            return [flat(day) for day in document["days"]]
        case "recalibration":
            return [
                {"figures": part, "name": name, "value": value}
                for part in ("same_month", "cohort", "cycle_days")
                for name, value in flat(document[part]).items()
            ]
    rows = [flat(bucket, leave_out=("distribution",)) for bucket in document["buckets"]]
    for row, bucket in zip(rows, document["buckets"], strict=True):
        if "distribution" in bucket:
            row["distribution"] = " ".join(f"{made}:{n}" for made, n in bucket["distribution"].items())
    return rows


def flat(document: dict[str, Any], *, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a nested dict as one level, names joined by underscores."""
    row: dict[str, Any] = {}
    for name, value in document.items():
        if name in leave_out:
            continue
        if isinstance(value, dict):
            row |= {f"{name}_{inner}": number for inner, number in flat(value).items()}
        else:
            row[name] = value
    return row
