"""The rows of a chart's table, written in one go: a page has hundreds of cells, too many for a template node each."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.templatetags.l10n import unlocalize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from reports.charts.description import Cell, Table

register = template.Library()


@register.simple_tag
def table_rows(table: Table) -> SafeString:
    """Return `<tr>` of each row: its heading, which may lead somewhere, and its cells with their raw values."""
    return _joined(_row(_data(row[0], _linked(row[0])), row[1:]) for row in table.rows)


@register.simple_tag
def table_total(table: Table) -> SafeString:
    """Return the `<tr>` of the table's total."""
    heading, *cells = table.total
    return _joined([_row(conditional_escape(heading.text), cells)])


def _row(heading: str, cells: Iterable[Cell]) -> str:
    others = "".join(f"<td>{_data(cell, conditional_escape(cell.text))}</td>" for cell in cells)
    return f'<tr><th scope="row">{heading}</th>{others}</tr>'


def _linked(cell: Cell) -> str:
    text = conditional_escape(cell.text)
    return f'<a href="{conditional_escape(cell.address)}">{text}</a>' if cell.address else text


def _data(cell: Cell, shown: str) -> str:
    value = "" if cell.value is None else conditional_escape(unlocalize(cell.value))
    return f'<data value="{value}">{shown}</data>'


def _joined(rows: Iterable[str]) -> SafeString:
    return mark_safe("\n".join(rows))
