"""Addresses of reports."""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, Row, anybody, everybody, may
from tests.permissions.rows_agreements import READERS, posted
from tests.permissions.scene import WRITERS

EVERYBODY = " ".join(EVERY_PERSON)
PROPOSE = may("manager sales_director marketing_director", others=403)
ACKNOWLEDGE = may("sales_director marketing_director", 302, others=403)
READERS_ONLY = f"{READERS} administrator"
DIAGNOSE = may("manager sales_director administrator", 422, others=403)
TEAMS = "rep manager sales_director marketer other_marketer marketing_director"
NOT_OF_TEAMS = " ".join(name for name in EVERY_PERSON if name not in TEAMS.split())
ENTER = may("manager sales_director marketing_director administrator", 422, others=403)
# The scene's value is due no more: a director of the other side may void it, who promised reads how.
VOID = may("manager sales_director marketing_director administrator", others=403)
END = may("rep manager sales_director administrator", others=403)

# Planned by who speaks for marketing, read by everybody.
PLAN = may("marketing_director administrator", others=403)
NOT_PLANNING = " ".join(name for name in EVERY_PERSON if name not in ("marketing_director", "administrator"))

REPORTS = (
    Row("reports:home", {"GET": everybody(302)}),
    Row(
        "reports:my-figures",
        {"GET": may("rep other_rep manager other_manager sales_director administrator", others=403)},
    ),
    *(
        Row(f"reports:{name}", {"GET": everybody()})
        for name in (
            "waterfall",
            "counted",
            "behind",
            "campaigns",
            "speed",
            "depth",
            "explore",
            "recalibration",
            "marketing",
            "sales",
            "review",
        )
    ),
    Row("reports:campaign", {"GET": everybody()}, {"pk": "campaign"}),
    Row(
        "reports:edit-campaign",
        {"GET": PLAN, "POST": posted(PLAN, 422)},
        {"pk": "campaign"},
        NOT_PLANNING,
    ),
    Row("reports:remove-campaign", {"POST": posted(PLAN, 302)}, {"pk": "campaign"}, NOT_PLANNING),
    Row(
        "reports:new-campaign",
        {"GET": PLAN, "POST": posted(PLAN, 422)},
        {"slug": "agreement"},
        NOT_PLANNING,
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
    # Measured rates are made a draft by who writes for a party; an empty form chooses none, and says so.
    Row(
        "reports:draft-from-rates",
        {"POST": may("manager sales_director marketing_director administrator", 302, others=403)},
        {"slug": "agreement"},
        EVERYBODY,
    ),
    # What came of the promises is everybody's to read; what is done about a miss is the matter of who missed.
    Row("reports:kept", {"GET": everybody()}, {"slug": "agreement"}),
    Row(
        "reports:propose-excuse",
        {"GET": PROPOSE, "POST": posted(PROPOSE, 422)},
        {"slug": "agreement"},
        f"{READERS} administrator",
    ),
    # An empty form is no answer. Asked are the teams of the parties alone.
    Row(
        "reports:pulse",
        {"GET": everybody(), "POST": may(TEAMS, 422, others=403)},
        {"slug": "agreement"},
        NOT_OF_TEAMS,
    ),
    # Values are entered by who speaks for a party, and voided by who speaks for that one: here, sales.
    Row("reports:measures", {"GET": everybody()}, {"slug": "agreement"}),
    Row("reports:enter-value", {"POST": ENTER}, {"slug": "agreement"}, READERS),
    Row("reports:void-value", {"GET": VOID, "POST": posted(VOID, 422)}, {"pk": "measure_value"}, EVERYBODY),
    # What a month amounted to is everybody's to read; a party's director takes it as it stands, and no administrator.
    Row("reports:editions", {"GET": everybody()}, {"slug": "agreement"}),
    Row("reports:edition", {"GET": everybody()}, {"pk": "edition"}, EVERYBODY),
    Row("reports:edition-document", {"GET": everybody()}, {"pk": "edition", "paper": "paper"}, EVERYBODY),
    # A view for oneself is nobody else's; what it shows is what who opens it may see.
    Row("reports:saved-views", {"GET": everybody()}),
    Row("reports:save-view", {"GET": everybody(302), "POST": everybody(422)}),
    Row("reports:saved-view", {"GET": may("marketing_director", 302)}, {"pk": "saved_view"}),
    Row(
        "reports:rename-view",
        {"GET": may("marketing_director"), "POST": may("marketing_director", 422)},
        {"pk": "saved_view"},
    ),
    Row("reports:delete-view", {"POST": may("marketing_director", 302)}, {"pk": "saved_view"}),
    Row("reports:begin-with-view", {"POST": may("marketing_director", 302)}, {"pk": "saved_view"}),
    # A link for people without an account is its maker's, and the administrator's to end; whoever has it looks.
    Row("reports:shares", {"GET": everybody()}),
    Row("reports:share", {"GET": everybody(302), "POST": everybody(422)}),
    Row("reports:revoke-share", {"POST": may("marketing_director administrator", 302)}, {"pk": "share_link"}),
    Row("reports:shared", {"GET": anybody()}, {"token": "share_token"}),
    Row("reports:acknowledge-edition", {"POST": ACKNOWLEDGE}, {"pk": "edition"}, EVERYBODY),
    Row("reports:strike", {"GET": everybody(), "POST": DIAGNOSE}, {"pk": "strike"}, EVERYBODY),
    Row("reports:add-action", {"POST": DIAGNOSE}, {"pk": "strike"}, EVERYBODY),
    Row("reports:end-action", {"GET": END, "POST": posted(END, 422)}, {"pk": "action"}, EVERYBODY),
    Row(
        "reports:excuse",
        {"GET": everybody(), "POST": may("marketing_director", 422, others=403)},
        {"pk": "excuse"},
        EVERYBODY,
    ),
)
