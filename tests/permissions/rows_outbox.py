"""Addresses of what people are told."""

from __future__ import annotations

from tests.permissions.rows import Row, anybody, everybody, may
from tests.permissions.rows_people import administrators

OUTBOX = (
    Row("outbox:alerts", {"GET": everybody()}),
    Row("outbox:bell", {"GET": everybody()}),
    Row("outbox:read-all", {"POST": everybody(302)}),
    Row("outbox:open", {"POST": may("rep", 302)}, {"pk": "alert"}),
    Row("outbox:preferences", {"GET": everybody(), "POST": everybody()}),
    Row("outbox:test", {"POST": everybody(302)}, {"channel": "channel"}),
    # Who has the link has the right to it, signed in or not, and to nothing else.
    Row("outbox:unsubscribe", {"GET": anybody(), "POST": anybody()}, {"token": "unsubscribe_token"}),
    Row("outbox:deliveries", {"GET": administrators()}),
    Row("outbox:replay", {"POST": administrators(302)}, {"pk": "message"}),
)
