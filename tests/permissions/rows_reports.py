"""Addresses of reports."""

from __future__ import annotations

from tests.permissions.rows import Row, everybody, may
from tests.permissions.scene import WRITERS

REPORTS = (
    Row("reports:home", {"GET": everybody(302)}),
    *(
        Row(f"reports:{name}", {"GET": everybody()})
        for name in ("waterfall", "speed", "depth", "recalibration", "marketing", "sales", "review")
    ),
    # Everybody may calculate; goals are put into drafts by directors. What was kept is its author's alone.
    Row("reports:calculator", {"GET": everybody()}),
    Row(
        "reports:use-as-goal",
        {"POST": may("sales_director marketing_director administrator", 302, others=403)},
    ),
    Row("reports:compare", {"GET": everybody()}),
    Row("reports:scenarios", {"GET": everybody()}),
    Row("reports:save-scenario", {"GET": everybody(302), "POST": everybody(422)}),
    Row("reports:scenario", {"GET": may("marketing_director", 302)}, {"pk": "scenario"}),
    Row(
        "reports:rename-scenario",
        {"GET": may("marketing_director"), "POST": may("marketing_director", 422)},
        {"pk": "scenario"},
    ),
    Row("reports:delete-scenario", {"POST": may("marketing_director", 302)}, {"pk": "scenario"}),
    # What terms would have meant is about nobody in particular; a draft's own are for who may read it.
    Row("reports:simulator", {"GET": everybody()}, {"slug": "agreement"}),
    Row(
        "reports:simulated",
        {"POST": may(" ".join(WRITERS))},
        {"slug": "agreement", "number": "draft"},
    ),
)
