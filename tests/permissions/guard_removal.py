"""A pytest plugin that knows each call of `visible_to` in the product, and takes calls away.

Each test runs as it is, then once more without the calls that it came by and whose absence no test has noticed yet:
these then answer as `all()`. Where it fails so, it runs without each of them; a test that fails without one has noticed
it. The last test of a run is not tried so: with it the session's fixtures end. Set in the environment by
test_guards_are_needed: GUARDS_NOTED, a file for what was found. A call is told from others by where its expression
stands, so two in one line are two.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import wraps
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

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
    """Stands before `visible_to`: which calls a test came by, and those that are taken away."""

    def __init__(self) -> None:
        self.removed: frozenset[str] = frozenset()
        self.passed: set[str] = set()

    def put_before(self, owner: Any) -> None:
        guard = owner.visible_to

        @wraps(guard)
        def watched(rows: Any, user: Any) -> Any:
            name = _guard_of(sys._getframe(1))
            self.passed.add(name)
            return rows.all() if name in self.removed else guard(rows, user)

        owner.visible_to = watched


class Trial:
    """Runs tests again without the calls that they came by, until some test has noticed the absence of each."""

    MOST_SECONDS = 9.0
    """Tests that need more of the processor, such as walks of all pages, are not run again."""

    def __init__(self, watch: Watch, guards: Iterable[str]) -> None:
        self.watch = watch
        self.waiting = set(guards)
        self.noticed_by: dict[str, str] = {}
        self.tried: Counter[str] = Counter()

    def try_without(self, item: pytest.Item, nextitem: pytest.Item) -> None:
        """Run a test that has just passed again, without all the calls that wait; where it then fails, without each.

        A call that is taken away only lets more be seen: a test that bears the absence of all bears that of each.
        """
        passed = sorted(self.watch.passed & self.waiting)
        self.tried.update(passed)
        if not passed or not self._fails(item, nextitem, passed) or self._fails(item, nextitem, []):
            return  # also one that cannot be run twice: it tells nothing
        for guard in passed:
            if self._fails(item, nextitem, [guard]):
                self.noticed_by[guard] = item.nodeid
                self.waiting.discard(guard)
                note()

    def _fails(self, item: Any, nextitem: pytest.Item, removed: Iterable[str]) -> bool:
        item._initrequest()  # a fresh request, as for the first run
        self.watch.removed = frozenset(removed)
        try:
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
        finally:
            self.watch.removed = frozenset()
        return any(report.failed for report in reports)


watch = Watch()
trial = Trial(watch, guards())


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


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if "GUARDS_NOTED" not in os.environ:
        return None
    watch.passed = set()
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    begun = time.process_time()
    reports = runtestprotocol(item, nextitem=nextitem, log=True)
    is_quick = time.process_time() - begun < trial.MOST_SECONDS
    if is_quick and nextitem is not None and not any(report.failed for report in reports):
        trial.try_without(item, nextitem)
        if not trial.waiting:
            item.session.shouldstop = "each call that is taken away is noticed"
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def note() -> None:
    """Keep what was found so far, so that a run that is cut short leaves it."""
    if file := os.environ.get("GUARDS_NOTED"):
        Path(file).write_text(json.dumps({"noticed_by": trial.noticed_by, "tried": trial.tried}))


def pytest_sessionfinish() -> None:
    note()
