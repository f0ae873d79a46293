"""Why leads came back: the agreed reasons of rejection and how often each was given."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.readings.numbers import number
from reports.readings.returned import Reason
from reports.shares import share


def returned_finding(reasons: Sequence[Reason], count: int) -> str:
    """Say how many of the month's leads came back, and why most often."""
    if not count:
        return _("None of the month's leads was sent back.")
    said = {"n": words.amount(count), "reason": reasons[0].label, "most": words.amount(reasons[0].count)}
    return (
        ngettext(
            "%(n)s lead of the month was sent back: %(reason)s.",
            "%(n)s leads of the month were sent back, most often: %(reason)s (%(most)s).",
            count,
        )
        % said
    )


def returned_table(reasons: Sequence[Reason], count: int) -> Table:
    """Return the reasons, the most frequent first, each with its part of all that came back."""
    rows = [(reason.label, reason.label, reason.count) for reason in reasons]
    if rest := count - sum(reason.count for reason in reasons):
        rows.append((_("other reasons"), "", rest))
    return Table(
        caption=_("Why leads came back"),
        columns=(
            Column("reason", _("Reason")),
            Column("leads", _("Leads sent back")),
            Column("share", _("Share of them")),
        ),
        rows=tuple((Cell(name, key), *_cells(n, count)) for name, key, n in rows),
        total=(Cell(_("All"), ""), *_cells(count, count)),
    )


def _cells(n: int, count: int) -> tuple[Cell, Cell]:
    part = share(n, count)
    return Cell(words.amount(n), n), Cell(words.percent(part), number(part.value))
