"""Addresses of agreements: signed ones are everybody's to read, drafts those of who writes for a party."""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, Row, everybody, may

WRITERS = "manager sales_director marketing_director administrator"
SIGNATORIES = "sales_director marketing_director"
READERS = " ".join(name for name in EVERY_PERSON if name not in WRITERS.split())
BEGIN = may("sales_director marketing_director administrator", others=403)
VERSION = {"slug": "agreement", "number": "draft"}
WRITE = may(WRITERS)
SIGN = may(SIGNATORIES) | dict.fromkeys(("manager", "administrator"), 403)
AMEND = may(WRITERS, others=403)


def posted(gotten: dict[str, int], status: int) -> dict[str, int]:
    """What an empty form gets where the page is shown: this status."""
    return {name: status if said == 200 else said for name, said in gotten.items()}


AGREEMENTS: tuple[Row, ...] = (
    Row("agreements:agreements", {"GET": everybody()}),
    Row("agreements:new", {"GET": BEGIN, "POST": BEGIN}),
    Row("agreements:agreement", {"GET": everybody()}, {"slug": "agreement"}),
    Row("agreements:amend", {"GET": AMEND, "POST": AMEND}, {"slug": "agreement"}, READERS),
    Row("agreements:version", {"GET": WRITE}, VERSION),
    Row("agreements:edit", {"GET": WRITE, "POST": posted(WRITE, 422)}, VERSION),
    Row("agreements:preview", {"POST": WRITE}, VERSION),
    Row("agreements:sign", {"GET": SIGN, "POST": posted(SIGN, 422)}, VERSION, "manager administrator"),
    Row("agreements:start-over", {"GET": WRITE, "POST": posted(WRITE, 302)}, VERSION),
    Row("agreements:withdraw", {"GET": WRITE, "POST": posted(WRITE, 302)}, VERSION),
    Row("agreements:plan", {"GET": WRITE}, {"pk": "plan"}),
)
