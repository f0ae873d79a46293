"""Addresses of agreements: signed ones are everybody's to read, drafts those of who writes for a party."""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, Row, anybody, everybody, may

WRITERS = "manager sales_director marketing_director administrator"
SIGNATORIES = "sales_director marketing_director"
READERS = " ".join(name for name in EVERY_PERSON if name not in WRITERS.split())
BEGIN = may("sales_director marketing_director administrator", others=403)
VERSION = {"slug": "agreement", "number": "draft"}
WRITE = may(WRITERS)
SIGN = may(SIGNATORIES) | dict.fromkeys(("manager", "administrator"), 403)
AMEND = may(WRITERS, others=403)
DRAFT_OBLIGATION = {**VERSION, "pk": "draft_obligation"}
DRAFT_CAMPAIGN_GOAL = {**VERSION, "pk": "draft_campaign_goal"}
DRAFT_MEASURE = {**VERSION, "pk": "draft_measure"}
# What sales owes: delivered and handed on by those who speak for it.
SPEAK_FOR_SALES = "manager sales_director administrator"
OF_SALES = may(SPEAK_FOR_SALES, others=403)
NOT_OF_SALES = " ".join(name for name in EVERY_PERSON if name not in SPEAK_FOR_SALES.split())
CONTACT = {"slug": "agreement", "pk": "contact"}
NAME = may(SPEAK_FOR_SALES, others=403) | {"auditor": 404}
KNOW_OF_CONTACTS = " ".join(name for name in NOT_OF_SALES.split() if name != "auditor")
REVIEW = {"slug": "agreement", "pk": "review"}
# Ending it is the word of a party's director, and of no administrator.
DIRECTORS = "sales_director marketing_director"
CANCEL = may(DIRECTORS, others=403)
NO_DIRECTORS = " ".join(name for name in EVERY_PERSON if name not in DIRECTORS.split())
PARTIES = "rep manager sales_director marketer other_marketer marketing_director administrator"
# A party's word is said by who speaks for it, and a comment settled by the side that wrote it, which is sales.
SPEAK = may("manager sales_director marketing_director", 422) | {"administrator": 403}
SETTLE = may("manager sales_director", 409) | dict.fromkeys(("marketing_director", "administrator"), 403)


def posted(gotten: dict[str, int], status: int) -> dict[str, int]:
    """What an empty form gets where the page is shown: this status."""
    return {name: status if said in (200, 422) else said for name, said in gotten.items()}


AGREEMENTS: tuple[Row, ...] = (
    Row("agreements:agreements", {"GET": everybody()}),
    Row("agreements:new", {"GET": BEGIN, "POST": BEGIN}),
    Row("agreements:agreement", {"GET": everybody()}, {"slug": "agreement"}),
    Row("agreements:amend", {"GET": AMEND, "POST": AMEND}, {"slug": "agreement"}, READERS),
    Row("agreements:version", {"GET": WRITE}, VERSION),
    Row("agreements:edit", {"GET": WRITE, "POST": posted(WRITE, 422)}, VERSION),
    Row("agreements:preview", {"POST": WRITE}, VERSION),
    Row("agreements:sign", {"GET": SIGN, "POST": posted(SIGN, 422)}, VERSION, "manager administrator"),
    Row("agreements:compare", {"GET": everybody()}, {"slug": "agreement"}),
    Row("agreements:negotiation", {"GET": WRITE, "POST": SPEAK}, VERSION, "administrator"),
    Row("agreements:send-to-review", {"POST": posted(WRITE, 302)}, VERSION),
    Row("agreements:ask-for-changes", {"POST": posted(SPEAK, 409)}, VERSION, "administrator"),
    Row(
        "agreements:settle-comment",
        {"POST": SETTLE},
        VERSION | {"pk": "comment"},
        "marketing_director administrator",
    ),
    Row("agreements:start-over", {"GET": WRITE, "POST": posted(WRITE, 302)}, VERSION),
    Row("agreements:withdraw", {"GET": WRITE, "POST": posted(WRITE, 302)}, VERSION),
    Row("agreements:record", {"GET": everybody()}, {"slug": "agreement"}),
    Row("agreements:signed-text", {"GET": everybody()}, {"slug": "agreement", "number": "signed"}),
    Row("agreements:document", {"GET": everybody()}, {"slug": "agreement", "number": "signed"}),
    Row("agreements:plan", {"GET": WRITE}, {"pk": "plan"}),
    Row("agreements:draft-obligations", {"GET": WRITE}, VERSION),
    Row("agreements:new-obligation", {"GET": WRITE, "POST": posted(WRITE, 422)}, VERSION),
    Row("agreements:edit-obligation", {"GET": WRITE, "POST": posted(WRITE, 422)}, DRAFT_OBLIGATION),
    Row("agreements:remove-obligation", {"POST": posted(WRITE, 302)}, DRAFT_OBLIGATION),
    Row("agreements:draft-campaign-goals", {"GET": WRITE}, VERSION),
    Row("agreements:new-campaign-goal", {"GET": WRITE, "POST": posted(WRITE, 422)}, VERSION),
    Row("agreements:edit-campaign-goal", {"GET": WRITE, "POST": posted(WRITE, 422)}, DRAFT_CAMPAIGN_GOAL),
    Row("agreements:remove-campaign-goal", {"POST": posted(WRITE, 302)}, DRAFT_CAMPAIGN_GOAL),
    Row("agreements:draft-measures", {"GET": WRITE}, VERSION),
    Row("agreements:new-measure", {"GET": WRITE, "POST": posted(WRITE, 422)}, VERSION),
    Row("agreements:say-measure", {"POST": WRITE}, VERSION),
    Row("agreements:edit-measure", {"GET": WRITE, "POST": posted(WRITE, 422)}, DRAFT_MEASURE),
    Row("agreements:remove-measure", {"POST": posted(WRITE, 302)}, DRAFT_MEASURE),
    Row("agreements:contacts", {"GET": everybody()}, {"slug": "agreement"}),
    Row(
        "agreements:new-contact",
        {"GET": AMEND, "POST": posted(AMEND, 422)},
        {"slug": "agreement"},
        READERS,
    ),
    # The scene's contact is one of sales; auditors know of none.
    Row("agreements:contact", {"GET": NAME, "POST": posted(NAME, 422)}, CONTACT, KNOW_OF_CONTACTS),
    Row("agreements:remove-contact", {"POST": posted(NAME, 302)}, CONTACT, KNOW_OF_CONTACTS),
    Row(
        "agreements:supports",
        {"GET": everybody(), "POST": posted(AMEND, 422)},
        {"slug": "agreement"},
        READERS,
    ),
    Row(
        "agreements:remove-support",
        {"POST": posted(AMEND, 302)},
        {"slug": "agreement", "pk": "support"},
        READERS,
    ),
    Row("agreements:obligations", {"GET": everybody()}, {"slug": "agreement"}),
    Row(
        "agreements:occurrence",
        {"GET": everybody(), "POST": posted(OF_SALES, 422)},
        {"slug": "agreement", "pk": "occurrence"},
        NOT_OF_SALES,
    ),
    Row(
        "agreements:hand-on",
        {"GET": OF_SALES, "POST": posted(OF_SALES, 302)},
        {"slug": "agreement", "pk": "obligation"},
        NOT_OF_SALES,
    ),
    Row(
        "agreements:reviews", {"GET": everybody(), "POST": posted(AMEND, 422)}, {"slug": "agreement"}, READERS
    ),
    Row("agreements:review", {"GET": everybody(), "POST": posted(AMEND, 422)}, REVIEW, READERS),
    Row("agreements:add-decision", {"POST": posted(AMEND, 422)}, REVIEW, READERS),
    # The scene's decision is the rep's to do.
    Row(
        "agreements:decision-done",
        {"POST": may(f"rep {WRITERS}", 302, others=403)},
        {"slug": "agreement", "pk": "decision"},
        READERS,
    ),
    Row(
        "agreements:cancel", {"GET": CANCEL, "POST": posted(CANCEL, 422)}, {"slug": "agreement"}, NO_DIRECTORS
    ),
    # What has no end, or a draft already, is not renewed: 409.
    Row("agreements:renew", {"GET": AMEND, "POST": posted(AMEND, 409)}, {"slug": "agreement"}, READERS),
    Row("agreements:calendar", {"GET": everybody(), "POST": everybody()}),
    # Who has the secret has the right, signed in or not.
    Row("agreements:calendar-feed", {"GET": anybody()}, {"token": "calendar_token"}),
    # What was delivered is the parties' own: neither other teams' nor onlookers'.
    Row("agreements:delivered-file", {"GET": may(PARTIES)}, {"slug": "agreement", "pk": "delivery"}),
)
