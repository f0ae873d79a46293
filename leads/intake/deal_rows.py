"""Deals: reading a row, and writing a batch of them, linked to their leads where these are known.

A deal whose lead is not known waits for it: an import that brings the lead links the two.

`won` and `closed_at` are read together: a row that says whether the deal was won says also whether it is closed, an
empty `closed_at` then meaning open. Where `won` says “open”, `closed_at` is the day expected, and passed over. Any
other empty cell says nothing. A deal without an id of its own has its lead's. An amount that names no currency is in
the one that was said for the file, or else the agreement's; that fills in what is not known of a deal, and changes
nothing that is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leads.intake.context import Context, Pending, Written
from leads.intake.faults import Rejected
from leads.intake.former import keep
from leads.intake.identity import naming_its_lead
from leads.intake.mapping import Cells
from leads.intake.moments import Moment
from leads.intake.staging import stage
from leads.intake.values import amount, at_most, currency, currency_written, shortened, word, yes_or_no
from leads.models import ImportChange, Lead

ID_LIMIT = 200
OPEN = "open"
"""What `won` says of a deal that is neither won nor lost yet."""

STAGED = {
    "external_id": "text",
    "lead_external_id": "text",
    "says_state": "boolean",
    "closed_at": "timestamptz",
    "closed_on": "date",
    "is_date_only": "boolean",
    "is_won": "boolean",
    "amount": "numeric",
    "currency": "text",
    "default_currency": "text",
    "origin": "text",
}

# Held against a merge: a deal belongs to the lead that goes on.
HOLD_LEADS = """
SELECT l.id FROM leads_lead l JOIN intake_deal s ON l.system = %(system)s AND l.external_id = s.lead_external_id
ORDER BY l.id FOR KEY SHARE OF l
"""

INSERT = """
INSERT INTO leads_deal (system, external_id, lead_id, lead_external_id, closed_at, closed_on, is_date_only, amount,
    currency, is_won, origin, recorded_by_id)
SELECT %(system)s, s.external_id, coalesce(l.merged_into_id, l.id), coalesce(s.lead_external_id, ''), s.closed_at,
    s.closed_on, s.is_date_only, s.amount, coalesce(s.currency, s.default_currency), s.is_won, coalesce(s.origin, ''),
    %(import)s
FROM intake_deal s LEFT JOIN leads_lead l ON l.system = %(system)s AND l.external_id = s.lead_external_id
ORDER BY s.external_id
ON CONFLICT (system, external_id) DO NOTHING
RETURNING external_id
"""

# A day that the file says without a time does not overwrite the time that is known of that day.
IS_KEPT = "(NOT s.says_state OR coalesce(s.is_date_only AND s.closed_on = d.closed_on, false))"
LEAD = """(SELECT coalesce(l.merged_into_id, l.id) FROM leads_lead l
    WHERE l.system = d.system AND l.external_id = s.lead_external_id)"""
SAID = {
    "lead_id": f"CASE WHEN s.lead_external_id IS NULL THEN d.lead_id ELSE {LEAD} END",
    "lead_external_id": "coalesce(s.lead_external_id, d.lead_external_id)",
    "closed_at": f"CASE WHEN {IS_KEPT} THEN d.closed_at ELSE s.closed_at END",
    "closed_on": f"CASE WHEN {IS_KEPT} THEN d.closed_on ELSE s.closed_on END",
    "is_date_only": f"CASE WHEN {IS_KEPT} THEN d.is_date_only ELSE s.is_date_only END",
    "is_won": "CASE WHEN s.says_state THEN s.is_won ELSE d.is_won END",
    "amount": "coalesce(s.amount, d.amount)",
    "currency": "coalesce(s.currency, nullif(d.currency, ''), s.default_currency)",
    "origin": "coalesce(s.origin, d.origin)",
}

DIFFERING = f"""
SELECT d.id, d.external_id
FROM leads_deal d JOIN intake_deal s ON d.system = %(system)s AND d.external_id = s.external_id
WHERE ({", ".join(f"d.{name}" for name in SAID)}) IS DISTINCT FROM ({", ".join(SAID.values())})
ORDER BY d.id FOR UPDATE OF d
"""

UPDATE = f"""
UPDATE leads_deal d SET {", ".join(f"{name} = {said}" for name, said in SAID.items())}
FROM intake_deal s
WHERE d.id = ANY(%(ids)s) AND d.system = %(system)s AND d.external_id = s.external_id
"""

WAITING = """
SELECT d.lead_external_id
FROM leads_deal d JOIN intake_deal s ON d.system = %(system)s AND d.external_id = s.external_id
WHERE d.lead_id IS NULL AND d.lead_external_id <> '' ORDER BY d.external_id
"""


class DealRow(NamedTuple):
    """One deal as a row says it. None: the row says nothing of it."""

    key: str
    lead_external_id: str | None
    closed: Moment | None
    is_won: bool | None
    amount: Decimal | None
    currency: str | None
    origin: str | None


class Deals:
    """Rows of deals."""

    def __init__(self, context: Context, cells: Cells) -> None:
        self._context = context

    def read(self, cells: dict[str, str]) -> DealRow:
        """The deal that these cells say."""
        cells = naming_its_lead(cells, self._context.mapping.defaults)
        lead_external_id = cells.get("lead_external_id")
        key = cells.get("external_id") or lead_external_id
        if not key:
            raise Rejected(_("external_id: empty, and lead_external_id as well"))
        is_open = cells.get("won", "").casefold() == OPEN
        at = "" if is_open else cells.get("closed_at", "")
        closed = self._context.moments.read(at, "closed_at") if at else None
        is_won: bool | None = None
        if "won" in cells:
            is_won = not is_open and yes_or_no(cells["won"], "won")
        if is_won and closed is None:
            raise Rejected(_("closed_at: empty, though the deal is won"))
        if is_won is None and closed is not None:
            raise Rejected(_("won: empty, though the deal is closed"))
        said_currency = _currency(cells)
        row = DealRow(
            key=at_most(key, ID_LIMIT, "external_id"),
            lead_external_id=at_most(lead_external_id, ID_LIMIT, "lead_external_id")
            if lead_external_id
            else None,
            closed=closed,
            is_won=is_won,
            amount=amount(cells["amount"], self._context.mapping.decimal, "amount")
            if "amount" in cells
            else None,
            currency=said_currency,
            origin=word(cells["origin"], Lead.Origin.values, "origin") if "origin" in cells else None,
        )
        if row.amount is not None and said_currency is None:
            self._context.without_currency += 1
        return row

    def write(self, rows: list[Pending[DealRow]], cursor: Any) -> Written:
        """Write deals that are new or differ."""
        context = self._context
        staged = (self._staged(pending.row) for pending in rows)
        stage(cursor, "intake_deal", STAGED, staged, by=("external_id", "lead_external_id"))
        parameters = {"system": context.system, "import": context.import_id}
        cursor.execute(HOLD_LEADS, parameters)
        cursor.execute(INSERT, parameters)
        new = {key for (key,) in cursor.fetchall()}
        differing: dict[int, str] = {}
        if len(new) < len(rows):
            cursor.execute(DIFFERING, parameters)
            differing = dict(cursor.fetchall())
            if differing:
                keep(context, ImportChange.Kind.DEAL, differing, cursor)
                cursor.execute(UPDATE, {**parameters, "ids": list(differing)})
        cursor.execute(WAITING, parameters)
        waited_for = [lead for (lead,) in cursor.fetchall()]
        unchanged = len(rows) - len(new) - len(differing)
        return Written(len(new), len(differing), unchanged, [], new, set(differing.values()), waited_for)

    def _staged(self, row: DealRow) -> tuple[Any, ...]:
        context, closed = self._context, row.closed
        return (
            row.key,
            row.lead_external_id,
            row.is_won is not None,
            closed.at if closed else None,
            context.day(closed, context.agreement_id) if closed else None,
            closed.is_date_only if closed else False,
            bool(row.is_won),
            row.amount,
            row.currency,
            context.usual_currency,
            row.origin,
        )


def _currency(cells: dict[str, str]) -> str | None:
    """The currency of its column, else the one that the amount is written in; Rejected where they are two."""
    said = currency(cells["currency"], "currency") if "currency" in cells else None
    written = currency_written(cells["amount"], "amount") if "amount" in cells else None
    if said and written and said != written:
        raise Rejected(
            _("amount: “%(text)s” is written in %(written)s, but the currency is %(said)s")
            % {"text": shortened(cells["amount"]), "written": written, "said": said}
        )
    return said or written
