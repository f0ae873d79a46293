"""The rows of a chart's table, written in one go: a page has hundreds of cells, too many for a template node each."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.templatetags.l10n import unlocalize
from django.utils.safestring import SafeString

from leads.drawing.pieces import drawn, joined
from reports.charts.description import Cell, Table
from reports.charts.heat import HeatTable

register = template.Library()


@register.simple_tag
def table_rows(table: Table) -> SafeString:
    """Return `<tr>` of each row: its heading, which may lead somewhere, and its cells with their raw values."""
    return joined("\n", "{part}", (_row(_data(row[0], _linked(row[0])), row[1:]) for row in table.rows))


@register.simple_tag
def table_total(table: Table) -> SafeString:
    """Return the `<tr>` of the table's total."""
    heading, *cells = table.total
    return _row(heading.text, cells)


@register.simple_tag
def heat_rows(heat: HeatTable) -> SafeString:
    """Return `<tr>` of each row of a heat table, whose cells have a class for their shade."""
    rows = []
    for heading, shaded, total in heat.rows:
        cells = [
            drawn('<td class="heat-{shade}">{data}</td>', shade=shade, data=_data(cell, cell.text))
            for cell, shade in shaded
        ]
        rows.append(
            drawn(
                '<tr><th scope="row">{heading}</th>{cells}<td>{total}</td></tr>',
                heading=_data(heading, heading.text),
                cells=joined("", "{part}", cells),
                total=_data(total, total.text),
            )
        )
    return joined("\n", "{part}", rows)


def _row(heading: str, cells: Iterable[Cell]) -> SafeString:
    others = joined("", "<td>{part}</td>", (_data(cell, cell.text) for cell in cells))
    return drawn('<tr><th scope="row">{heading}</th>{others}</tr>', heading=heading, others=others)


def _linked(cell: Cell) -> str:
    if not cell.address:
        return cell.text
    return drawn('<a href="{address}">{text}</a>', address=cell.address, text=cell.text)


def _data(cell: Cell, shown: str) -> SafeString:
    value = "" if cell.value is None else unlocalize(cell.value)
    return drawn('<data value="{value}">{shown}</data>', value=value, shown=shown)
