"""Addresses of reports."""

from __future__ import annotations

from tests.permissions.rows import Row, everybody

REPORTS = (
    Row("reports:home", {"GET": everybody(302)}),
    *(
        Row(f"reports:{name}", {"GET": everybody()})
        for name in ("waterfall", "speed", "depth", "recalibration")
    ),
)
