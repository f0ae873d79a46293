"""The lists of those who work leads, as files: the queue, the board, what needs a manager, what was handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.table_files import Cell
from leads.acting import Acting
from leads.exports.columns import HAND_OFF, Column, Reader, headings_of
from leads.exports.table import ListFile, NotUnderstood
from leads.models import HandOff
from leads.models.hand_offs import HandOffQuerySet
from leads.readings.board import read_board
from leads.readings.handed_over import handed_over_by
from leads.readings.queue import ME, Rank, may_open, name_of, not_taken, queue_in_order
from leads.readings.team_work import waiting_lists

HEADINGS = headings_of(HAND_OFF)
QUEUE = (Column("group", ("rank",), lambda rank: Rank(rank).title), *HAND_OFF)


def queue_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return all pages of a queue in the order of work, and those that nobody has taken yet."""
    acting, whose = Acting(user), query.get("owner") or ME
    if not may_open(acting, whose):
        raise NotUnderstood
    mine, free = queue_in_order(acting, whose, now=now), not_taken(acting)

    def rows() -> Iterator[list[Cell]]:
        yield from Reader(QUEUE).rows(mine)
        yield from _named(_("Not taken by anybody yet"), free)

    said = "" if whose == ME else _("Owner: %(name)s") % {"name": name_of(acting, whose)}
    return ListFile(headings_of(QUEUE), lambda: mine.count() + free.count(), rows, said)


def team_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return what needs a manager of sales now: the whole of each list."""
    lists = [(one.title, one.found) for one in waiting_lists(Acting(user), now=now)]

    def rows() -> Iterator[list[Cell]]:
        for title, found in lists:
            yield from _named(title, found)

    return ListFile(["list", *HEADINGS], lambda: sum(found.count() for _title, found in lists), rows)


def handed_over_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return everything that this person handed over, newest first."""
    found = handed_over_by(Acting(user))
    return ListFile(HEADINGS, found.count, lambda: Reader(HAND_OFF).rows(found))


def board_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return the board as it stands, person by person."""
    board = read_board(Acting(user), now=now)
    shown = [(person.name, row) for person in board.people for row in person.rows]

    def rows() -> Iterator[list[Cell]]:
        reader = Reader(HAND_OFF, "pk")
        found = HandOff.objects.filter(pk__in=[row.hand_off.pk for _name, row in shown])
        cells: Mapping[int, list[Cell]] = {values[0]: reader.cells(values) for values in reader.values(found)}
        for name, row in shown:
            if row.hand_off.pk in cells:
                yield [name, row.says, *cells[row.hand_off.pk]]

    return ListFile(["person", "why", *HEADINGS], lambda: len(shown), rows)


def _named(name: str, found: HandOffQuerySet) -> Iterator[list[Cell]]:
    for cells in Reader(HAND_OFF).rows(found):
        yield [name, *cells]
