"""A document of each report, as the description of the API shows it."""

from __future__ import annotations

from typing import Any


def _of(part: float, whole: float) -> dict[str, float]:
    return {"numerator": part, "denominator": whole}


DAYS = {"from": "2026-03-01", "to": "2026-04-01"}
AS_OF = "2026-03-15T23:00:00+00:00"
WATERFALL = {
    **DAYS,
    "goal": 124,
    "profile": "calendar_days",
    "measure": "handed_off",
    "as_of": AS_OF,
    "days": [
        {
            "on": "2026-03-01",
            "day": 1,
            "goal": 4,
            "goal_cumulative": 4,
            "actual": 3,
            "actual_cumulative": 3,
            "gap": -1,
        }
    ],
    "summary": {
        "goal": 124,
        "actual": 50,
        "goal_to_date": 60,
        "gap": -10,
        "gap_days": -2.5,
        "share_of_target": _of(50, 60),
        "share_of_goal": _of(50, 124),
        "days": 31,
        "days_seen": 15,
        "remaining_days": 16,
        "remaining_business_days": 12,
        "needed_per_remaining_day": 4.625,
        "needed_per_remaining_business_day": 6.166666666666667,
        "straight_line": 103.33333333333333,
        "verdict": "behind",
        "is_muted": False,
    },
}
SPEED_OF_DAYS: dict[str, Any] = {
    **DAYS,
    "handed_off": 50,
    "date_only": 0,
    "attempted": 40,
    "open": 10,
    "open_overdue": 4,
    "average": 5400.5,
    "median": 3600,
    "p90": 14400,
    "average_elapsed": 20000,
    "median_elapsed": 7200,
    "p90_elapsed": 72000,
    "in_time": _of(33, 42),
    "not_yet_due": {"answered": 2, "open": 6},
    "routing_average": 600,
    "rep_average": 4800.5,
}
SPEED = {
    "by": "month",
    "as_of": AS_OF,
    "goal": {"average": 7200, "allowance": 14400, "in_time_share": 0.9},
    "buckets": [SPEED_OF_DAYS],
    "total": {**SPEED_OF_DAYS, "kaplan_meier_median": 4500},
    "groups": [{"group": "web", **SPEED_OF_DAYS}],
}
DEPTH_SUMS: dict[str, Any] = {
    **DAYS,
    "handed_off": 50,
    "not_connected": 4,
    "attempts": 10,
    "average": 2.5,
    "worked": _of(3, 4),
    "fully_worked": _of(1, 4),
    "judged": {
        "not_connected": 2,
        "attempts": 7,
        "average": 3.5,
        "worked": _of(2, 2),
        "fully_worked": _of(1, 2),
    },
    "young": {"not_connected": 2, "attempts": 3},
    "stopped_early": _of(1, 2),
}
DEPTH_OF_DAYS: dict[str, Any] = {**DEPTH_SUMS, "distribution": {"0": 1, "1": 1, "3": 1, "6": 1}}
SPACING = {"n": 6, "average": 90000.5, "median": 86400}
DEPTH = {
    "by": "month",
    "as_of": AS_OF,
    "goal": {"attempts": 6},
    "buckets": [DEPTH_OF_DAYS],
    "total": {
        **DEPTH_OF_DAYS,
        "at_least": [{"k": 1, "attempted": 49, "connected_earlier": 0, "total": 50}],
        "spacing": SPACING,
    },
    "attempt_days": [{"k": 1, "n": 49, "days": [30, 15, 4, 0, 0, 0, 0, 0, 0, 0, 0], "median": 0}],
    "groups": [{"group": "web", **DEPTH_SUMS, "spacing": SPACING}],
}
RECALIBRATION = {
    **DAYS,
    "as_of": AS_OF,
    "currency": "EUR",
    "deals_left_out": 1,
    "same_month": {
        "marketing_leads": 50,
        "customers": 6,
        "close_rate": _of(6, 50),
        "average_deal": 2400.5,
        "marketing_share": _of(14403, 20000),
        "revenue_marketing": 14403,
        "revenue_all": 20000,
    },
    "cohort": {
        "marketing_leads": 50,
        "customers": 2,
        "close_rate": _of(2, 50),
        "close_rate_interval": {"low": 0.011, "high": 0.135, "n": 50},
        "average_deal": 2000,
        "average_deal_interval": {"low": 1500, "high": 2500, "n": 2},
        "marketing_share": _of(4000, 5000),
        "marketing_share_interval": None,
        "revenue_marketing": 4000,
        "revenue_all": 5000,
        "is_immature": True,
    },
    "cycle_days": {"n": 6, "average": 31.5, "median": 30, "p90": 45, "won_before_qualified": 0},
}
