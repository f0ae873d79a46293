"""A list that can be written as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agreements.table_files import Cell


class NotUnderstood(Exception):
    """The address asks for something that is not known here: its page says what, and there is no file."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """What its columns are called, how many rows it has, and the rows; both are read when they are asked for.

    `said` tells which rows these are, in words: filters and order that differ from the usual.
    """

    headings: list[str]
    count: Callable[[], int]
    rows: Callable[[], Iterator[list[Cell]]]
    said: str = ""


def said_together(parts: Iterable[str]) -> str:
    """Join what is said of a list, leaving out what is empty."""
    return " · ".join(filter(None, parts))
