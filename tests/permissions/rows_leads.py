"""Addresses of leads: whose lead it is, who manages them, who handed it off; what each may do with it."""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, Row, everybody, may

LOOK_ON = ("viewer", "auditor")
WORKERS = " ".join(name for name in EVERY_PERSON if name not in LOOK_ON)
MARKETING = "marketer other_marketer marketing_director administrator"
MANAGERS = "manager sales_director administrator"
OF_MANAGERS = "manager sales_director"
SEE = f"rep marketer {MANAGERS}"
DECIDE = "manager other_manager sales_director administrator"
SALES = "rep other_rep manager other_manager sales_director administrator"
OF_TEAM = "rep manager sales_director"


def of_leads(people: str, status: int = 200, *, others: int = 404, seen_by: str = "") -> dict[str, int]:
    """What people get who work leads: `status`, or a refusal where they see but may not; others find nothing."""
    named = may(people, status, others=others)
    return named | dict.fromkeys((*seen_by.split(), *LOOK_ON), 403)


def action(name: str, own: str, people: str, status: int = 200, *, seen_by: str = "") -> Row:
    """A row of something that people do with an object of the scene."""
    expected = of_leads(people, status, seen_by=seen_by)
    return Row(f"leads:{name}", {"GET": expected, "POST": expected}, {"pk": own}, seen_by)


def of_rule(status: int = 200) -> dict[str, int]:
    """What people get at the rule of the scene's team: who manages it `status`, who manages another finds nothing."""
    return of_leads(MANAGERS, status, others=403) | {"other_manager": 404}


def of_sales(people: str) -> dict[str, int]:
    """What people of sales get at something of a rep: a redirect where it is theirs to do; others are not let in."""
    expected = of_leads(SALES, 404, others=403)
    return expected | dict.fromkeys(people.split(), 302)


def of_move(status: int) -> dict[str, int]:
    """What people get at a move that the manager made."""
    found = of_leads(DECIDE, 404, others=403)
    return found | dict.fromkeys(("manager", "administrator"), status)


def of_data(status: int = 200) -> dict[str, int]:
    """What people get at a lead of the rep whose data they may mend: the marketing director does not know whom it is
    about, the others do not answer for data.
    """
    return may("sales_director administrator", status, others=403) | {"marketing_director": 404}


RULE = of_rule()


def presses(name: str, own: str, people: str, *, seen_by: str) -> Row:
    """A button alone: whoever may press it is led on, and told where there is nothing to do."""
    return action(name, own, people, 302, seen_by=seen_by)


ENTERS = of_leads(MARKETING, others=403)
LEADS = (
    Row("leads:queue", {"GET": of_leads(WORKERS)}),
    Row("leads:handed-over", {"GET": of_leads(MARKETING, others=403)}),
    Row("leads:search", {"GET": everybody()}),
    Row("leads:leads", {"GET": of_leads(WORKERS)}),
    Row("leads:quality", {"GET": may("marketing_director sales_director administrator", others=403)}),
    Row("leads:new-lead", {"GET": ENTERS, "POST": ENTERS}),
    Row("leads:lead", {"GET": of_leads(SEE)}, {"pk": "lead"}),
    Row("leads:panel", {"GET": of_leads(SEE, 302)}, {"pk": "lead"}),
    Row("leads:explain", {"GET": of_leads(SEE)}, {"pk": "free_hand_off"}),
    Row("leads:merge", {"GET": of_data(), "POST": of_data()}, {"pk": "lead"}),
    Row("leads:undo-merge", {"POST": of_data(302)}, {"pk": "merge"}),
    action("hand-over", "new_lead", MARKETING),
    action("assign", "hand_off", MANAGERS, seen_by="rep marketer"),
    action("accept", "free_hand_off", OF_TEAM, 302, seen_by="marketer administrator"),
    action("reject", "hand_off", f"rep {MANAGERS}", seen_by="marketer"),
    action("log-attempt", "hand_off", f"rep {MANAGERS}", seen_by="marketer"),
    action("pause", "hand_off", f"rep {MANAGERS}", seen_by="marketer"),
    presses("resume", "hand_off", f"rep {MANAGERS}", seen_by="marketer"),
    # An empty form plans nothing, and that is a plan.
    Row(
        "leads:next-touch",
        {
            "GET": of_leads(f"rep {MANAGERS}", seen_by="marketer"),
            "POST": of_leads(f"rep {MANAGERS}", 302, seen_by="marketer"),
        },
        {"pk": "hand_off"},
        "marketer",
    ),
    presses("agree-to-rejection", "hand_off", "marketer administrator", seen_by=f"rep {OF_MANAGERS}"),
    action("dispute", "hand_off", "marketer administrator", seen_by=f"rep {OF_MANAGERS}"),
    action("decide-dispute", "hand_off", MANAGERS, seen_by="rep marketer"),
    action("close", "free_hand_off", MANAGERS, seen_by="rep marketer"),
    Row(
        "leads:rate",
        {
            "GET": of_leads(f"rep {MANAGERS}", 302, seen_by="marketer"),
            "POST": of_leads(f"rep {MANAGERS}", 302, seen_by="marketer"),
        },
        {"pk": "hand_off"},
        "marketer",
    ),
    Row(
        "leads:re-dating",
        {"GET": may("manager sales_director marketing_director administrator")},
        {"slug": "agreement", "number": "draft"},
    ),
    # No open hand-off counts by hours that these replace: there is nothing to propose.
    Row(
        "leads:new-hours",
        {"GET": may("administrator", others=403), "POST": may("administrator", 409, others=403)},
        {"slug": "calendar"},
    ),
    # An empty form says for no team that it agrees.
    Row(
        "leads:hours-proposal",
        {
            "GET": everybody(),
            "POST": may("sales_director marketing_director administrator", 409, others=403),
        },
        {"pk": "hours_proposal"},
        "rep other_rep manager other_manager marketer other_marketer viewer auditor",
    ),
    # Who manages a team decides how its leads are routed; rules of other teams are not there for them.
    Row("leads:routing", {"GET": of_leads(DECIDE, others=403)}),
    Row("leads:routing-caps", {"POST": of_leads(DECIDE, 302, others=403)}),
    Row(
        "leads:new-routing-rule", {"GET": of_leads(DECIDE, others=403), "POST": of_leads(DECIDE, others=403)}
    ),
    Row("leads:routing-rule", {"GET": RULE, "POST": RULE}, {"pk": "routing_rule"}),
    Row("leads:move-routing-rule", {"POST": of_rule(302)}, {"pk": "routing_rule"}),
    Row("leads:delete-routing-rule", {"POST": of_rule(302)}, {"pk": "routing_rule"}),
    # A file is its asker's alone; reports come to everybody as files. Asking for no list at all is asking for what is
    # not there.
    Row("leads:exports", {"GET": everybody()}),
    Row("leads:new-export", {"POST": of_leads(WORKERS, 404)}),
    Row("leads:export-file", {"GET": may("rep")}, {"pk": "export"}),
    Row("leads:discard-export", {"POST": may("rep", 302)}, {"pk": "export"}),
    # So is one that comes by itself. An empty form names no list.
    Row("leads:schedules", {"GET": everybody()}),
    Row("leads:new-schedule", {"GET": everybody(404), "POST": everybody(404)}),
    *(
        Row(f"leads:{name}-schedule", {"POST": may("rep", 302)}, {"pk": "export_schedule"})
        for name in ("pause", "resume", "remove")
    ),
    # Of sales everybody says when they are away; managers also for their people.
    Row("leads:away", {"GET": of_leads(SALES, others=403), "POST": of_leads(SALES, others=403)}),
    Row("leads:board", {"GET": of_leads(SALES, others=403)}),
    # An empty form is refused to who may change the rules of the board; of another team these are not there.
    Row(
        "leads:board-rule",
        {"POST": of_leads(SALES, 404, others=403) | dict.fromkeys(MANAGERS.split(), 422)},
        {"slug": "team"},
    ),
    Row("leads:end-absence", {"POST": of_sales(f"rep {MANAGERS}")}, {"pk": "absence"}),
    Row("leads:move-work", {"POST": of_sales(MANAGERS)}, {"pk": "person"}),
    # Several leads are given away by who manages; what was given together is its giver's to undo, here long ago.
    Row("leads:team", {"GET": of_leads(DECIDE, others=403)}),
    Row(
        "leads:give-several", {"GET": of_leads(DECIDE, others=403), "POST": of_leads(DECIDE, 422, others=403)}
    ),
    Row("leads:move", {"GET": of_move(200)}, {"pk": "move"}),
    Row("leads:undo-move", {"POST": of_move(302)}, {"pk": "move"}),
    # Logged months ago: who logged it is too late, and is told so; who manages them is asked for a reason.
    action("undo-attempt", "attempt", MANAGERS, seen_by="rep marketer"),
)
