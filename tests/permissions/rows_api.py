"""Addresses of the API, and of the pages on which tokens for it are made.

A token for everything stands at the API's door as `token`; who is signed in at a browser only reads. A program's
account without its token is refused.
"""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, METHODS, Row, everybody, may
from tests.permissions.rows_leads import SEE
from tests.permissions.rows_people import administrators
from tests.permissions.scene import IDENTITIES

AT_THE_DOOR = {"anonymous": 401, "deactivated": 401, "integration": 403}
NOT_SIGNED = dict.fromkeys(IDENTITIES, 401)
ONLY_READ = AT_THE_DOOR | dict.fromkeys(EVERY_PERSON, 403)


def reading(people: str = " ".join(EVERY_PERSON), status: int = 200) -> dict[str, int]:
    """What everybody gets who reads: `status` for these people and for the token."""
    return may(people, status) | AT_THE_DOOR | {"token": status}


def resource(name: str, filled: dict[str, str] | None = None, people: str = " ".join(EVERY_PERSON)) -> Row:
    """An address of the API that is only read."""
    return Row(f"api:{name}", {"GET": reading(people)}, filled or {}, refused=ONLY_READ)


def sent_to(name: str) -> Row:
    """An address that is read, and to which programs send; here without saying of which system."""
    return Row(f"api:{name}", {"GET": reading(), "POST": ONLY_READ | {"token": 400}}, refused=ONLY_READ)


def step(name: str, own: str, status: int = 400) -> Row:
    """An address of the API that only changes something, asked with an empty body: for programs alone."""
    return Row(f"api:{name}", {"POST": ONLY_READ | {"token": status}}, {"pk": own}, refused=ONLY_READ)


API = (
    resource("root"),
    resource("schema"),
    Row(
        "api:nothing",
        {"GET": reading(status=404)}
        | {method: ONLY_READ | {"token": 404} for method in METHODS if method != "GET"},
        {"rest": "rest"},
    ),
    sent_to("leads"),
    Row("api:many-leads", {"POST": ONLY_READ | {"token": 400}}, refused=ONLY_READ),
    resource("lead", {"pk": "lead"}, SEE),
    step("hand-over", "new_lead"),
    step("merge-lead", "new_lead"),
    resource("merges"),
    resource("merge", {"pk": "merge"}, SEE),
    # It was made more than 30 days ago.
    step("undo-merge", "merge", 409),
    resource("hand-offs"),
    resource("hand-off", {"pk": "hand_off"}, SEE),
    resource("explain-hand-off", {"pk": "hand_off"}, SEE),
    # An empty body lacks who does it, or what. To end a pause it is enough, but here is none.
    *(
        step(name, "hand_off")
        for name in (
            *("accept", "assign", "reject", "log-attempt", "pause", "next-touch", "close"),
            *("agree-to-rejection", "dispute", "decide-dispute", "rate"),
        )
    ),
    step("resume", "hand_off", 409),
    step("undo-attempt", "attempt"),
    resource("attempts"),
    resource("attempt", {"pk": "attempt"}, SEE),
    sent_to("deals"),
    Row("api:many-deals", {"POST": ONLY_READ | {"token": 400}}, refused=ONLY_READ),
    resource("deal", {"pk": "deal"}, SEE),
    resource("imports"),
    resource("import", {"pk": "import"}, "administrator"),
    resource("agreements"),
    resource("agreement", {"slug": "agreement"}),
    resource("versions", {"slug": "agreement"}),
    resource("version", {"slug": "agreement", "number": "signed"}),
    # For programs alone to enter, but for everybody to read.
    Row(
        "api:measure-values",
        {"GET": reading(), "POST": ONLY_READ | {"token": 400}},
        {"slug": "agreement"},
        refused=ONLY_READ,
    ),
    step("void-value", "measure_value"),
    resource("plans"),
    resource("plan", {"pk": "agreed_plan"}),
    resource("calendars"),
    resource("calendar", {"slug": "calendar"}),
    # The question lacks its instant, or its days: who asks is told so.
    Row("api:explain-calendar", {"GET": reading(status=400)}, {"slug": "calendar"}, refused=ONLY_READ),
    *(
        Row(f"api:{name}", {"GET": reading(status=400)}, refused=ONLY_READ)
        for name in ("waterfall", "speed", "depth", "recalibration", "explore", "landing", "gap")
    ),
    # Its signature lets a webhook in, and nothing else does.
    Row(
        "api:webhook",
        {"POST": NOT_SIGNED},
        {"key": "inlet_key"},
        refused=NOT_SIGNED,
    ),
    Row("integrations:described", {"GET": everybody()}),
    Row("integrations:tokens", {"GET": administrators()}),
    Row("integrations:new-token", {"GET": administrators(), "POST": administrators()}),
    Row("integrations:revoke", {"POST": administrators(302)}, {"pk": "token"}),
    Row("webhooks:inlets", {"GET": administrators()}),
    Row("webhooks:new-inlet", {"GET": administrators(), "POST": administrators()}),
    # The number of the secret that is to be replaced is missing: somebody else was first.
    Row("webhooks:renew-secret", {"POST": administrators(302)}, {"pk": "inlet"}),
    Row("webhooks:end-older-secret", {"POST": administrators(302)}, {"pk": "inlet"}),
    Row("webhooks:close-inlet", {"POST": administrators(302)}, {"pk": "inlet"}),
    Row("webhooks:take-again", {"POST": administrators(302)}, {"pk": "incoming"}),
    Row("webhooks:outlets", {"GET": administrators()}),
    Row("webhooks:new-outlet", {"GET": administrators(), "POST": administrators()}),
    Row("webhooks:test-outlet", {"POST": administrators(302)}, {"pk": "outlet"}),
    Row("webhooks:renew-outlet-secret", {"POST": administrators(302)}, {"pk": "outlet"}),
    Row("webhooks:end-older-outlet-secret", {"POST": administrators(302)}, {"pk": "outlet"}),
    Row("webhooks:close-outlet", {"POST": administrators(302)}, {"pk": "outlet"}),
    Row("webhooks:send-again", {"POST": administrators(302)}, {"pk": "dispatch"}),
)
