"""A pytest plugin that knows each call of `visible_to` in the product: it notes which test comes by which call, or
takes one call away.

Set in the environment by test_guards_are_needed: GUARDS_NOTED, a folder for the notes; GUARD_REMOVED, the call that
answers as `all()`. A call is told from others by where its expression stands, so two in one line are two.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import wraps
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

BASE = Path(__file__).resolve().parents[2]
MANAGERS = "django/db/models/manager.py"
APPS = ("agreements", "leads", "reports", "slaproject")


def guards() -> Iterator[str]:
    """Name every call of `visible_to` in the product: file:line:column-line:column."""
    for app in APPS:
        for file in sorted((BASE / app).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "visible_to"
                ):
                    yield _name(file, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _name(file: Path, *place: int | None) -> str:
    return "{}:{}:{}-{}:{}".format(file.relative_to(BASE), *place)


def _guard_of(frame: FrameType) -> str:
    while frame.f_code.co_filename.endswith(MANAGERS):
        assert frame.f_back
        frame = frame.f_back
    file = Path(frame.f_code.co_filename)
    if not file.is_relative_to(BASE):
        return ""
    line, end_line, column, end_column = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    return _name(file, line, column, end_line, end_column)


class Watch:
    """Stands before `visible_to`: which test came by which call, and the one that is taken away."""

    def __init__(self) -> None:
        self.removed = os.environ.get("GUARD_REMOVED", "")
        self.running = ""
        self.tests_by_guard: dict[str, set[str]] = defaultdict(set)

    def put_before(self, owner: Any) -> None:
        guard = owner.visible_to

        @wraps(guard)
        def watched(rows: Any, user: Any) -> Any:
            name = _guard_of(sys._getframe(1))
            self.tests_by_guard[name].add(self.running)
            return rows.all() if name == self.removed else guard(rows, user)

        owner.visible_to = watched


watch = Watch()


def pytest_collection_finish() -> None:
    from django.db.models import Manager, QuerySet

    waiting: list[Any] = [QuerySet, Manager]
    while waiting:
        waiting += waiting[0].__subclasses__()
        owner = waiting.pop(0)
        written = vars(owner).get("visible_to")
        if written and not written.__code__.co_filename.endswith(
            MANAGERS
        ):  # that one passes on to its queryset
            watch.put_before(owner)


def pytest_runtest_setup(item: Any) -> None:
    watch.running = item.nodeid


def pytest_sessionfinish() -> None:
    if folder := os.environ.get("GUARDS_NOTED"):
        found = {name: sorted(tests) for name, tests in watch.tests_by_guard.items()}
        Path(folder, f"{uuid4()}.json").write_text(json.dumps(found))
