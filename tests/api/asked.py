"""Asking the API whatever its description allows and forbids, by Schemathesis, in this process.

All requests are answered on the connection of the test that asks. Who sits at a browser is said by a cookie that the
server is given with each request; a token is shown by the request itself, as programs do.
"""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished
from schemathesis.openapi import from_dict

from slaproject.integrations.api import whole_schema
from tests.permissions.scene import Scene

PHASES = ("examples", "coverage", "fuzzing", "stateful")
CHECKS: dict[str, Any] = {
    # No description says that a name is known, that one day comes after another, or that a step goes just now.
    "positive_data_acceptance": {"enabled": False},
    # Asked as nobody in a run of its own; this check does not work without a network.
    "ignored_auth": {"enabled": False},
}


@dataclass
class Asked:
    """How often each operation was answered by each status; what was wrong with an answer, said once a kind."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(found.total() for found in self.statuses.values())

    def reached(self) -> set[str]:
        """The operations that did once what was asked."""
        return {name for name, found in self.statuses.items() if any(200 <= one < 300 for one in found)}


class App:
    """The product as a WSGI application, on the connection of the thread that made this."""

    def __init__(self, cookie: str = "") -> None:
        self.cookie, self.answer, self.lent = cookie, get_wsgi_application(), connections["default"]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if self.cookie:
            environ["HTTP_COOKIE"] = self.cookie
        connections["default"] = self.lent
        answer = self.answer(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()


def ask_everything(
    scene: Scene,
    *,
    examples: int,
    seed: int,
    cookie: str = "",
    token: str = "",
    phases: Iterable[str] = PHASES,
    only: str = "",
) -> Asked:
    """Ask every operation so many times a phase; by the same seed the same.

    `only` is a pattern of addresses.
    """
    checks = CHECKS if token else CHECKS | {"unsupported_method": {"enabled": False}}  # rights come first
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "headers": {"Authorization": f"Bearer {token}"} if token else {},
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "checks": checks,
            "phases": {name: {"enabled": name in phases} for name in PHASES},
            "continue-on-failure": True,
            "operations": [
                # At the door of webhooks a signature comes before all else.
                {"include-path-regex": "/webhooks/", "checks": {"unsupported_method": {"enabled": False}}},
                # Of many rows each is refused by itself, in an answer that says so of all of them.
                {"include-path-regex": "/bulk/$", "checks": {"negative_data_rejection": {"enabled": False}}},
            ],
        }
    )
    known = known_ids(scene)
    schema: Any = from_dict(_described(known, is_person=bool(cookie)), config=config)
    if only:
        schema = schema.include(path_regex=only)
    app = schema.app = App(cookie)

    @schema.hook
    def map_path_parameters(context: Any, path_parameters: Any) -> Any:
        """Let most requests be about something that is there."""
        filled = known.get(_kind(context.operation.path), {})
        if path_parameters and len(str(path_parameters)) % 4:
            return {name: filled.get(name, value) for name, value in path_parameters.items()}
        return path_parameters

    asked = Asked()
    app.lent.inc_thread_sharing()
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        for event in from_schema(schema).execute():
            if isinstance(event, ScenarioFinished):
                _note(asked, event.recorder)
            elif isinstance(event, NonFatalError):
                asked.faults[str(event.label), "error"] = repr(event.value)
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)
        app.lent.dec_thread_sharing()
    return asked


def known_ids(scene: Scene) -> dict[str, dict[str, Any]]:
    """What stands in the addresses of each kind, so that something is there."""
    own = scene.own
    return {
        "leads": {"id": own["new_lead"]},
        "hand-offs": {"id": own["hand_off"]},
        "attempts": {"id": own["attempt"]},
        "merges": {"id": own["merge"]},
        "deals": {"id": own["deal"]},
        "imports": {"id": own["import"]},
        "plans": {"id": own["agreed_plan"]},
        "agreements": {"slug": own["agreement"], "number": own["signed"]},
        "measure-values": {"id": own["measure_value"]},
        "calendars": {"slug": own["calendar"]},
        "webhooks": {"key": own["inlet_key"]},
    }


def _kind(path: str) -> str:
    return path.split("/")[3]


def _described(known: dict[str, dict[str, Any]], *, is_person: bool) -> Any:
    """Return the description with these ids as the examples of its addresses' parts.

    Who sits at a browser needs no token: that is said to programs alone, and taken out for them.
    """
    filled = copy.deepcopy(whole_schema())
    for path, operations in filled["paths"].items():
        for operation in operations.values():
            if is_person:
                operation["security"] = []
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["example"] = known[_kind(path)][parameter["name"]]
    return filled


def _note(asked: Asked, recorder: Any) -> None:
    for key, node in recorder.cases.items():
        sent = recorder.interactions.get(key)
        if sent is not None and sent.response is not None:
            asked.statuses[node.value.operation.label][sent.response.status_code] += 1
        for check in recorder.checks.get(key, ()):
            if check.failure_info is not None:
                failure, label = check.failure_info.failure, node.value.operation.label
                said = f"{failure.message}\n{check.failure_info.code_sample}\n{sent.response.content[:400]!r}"
                asked.faults.setdefault((label, f"{check.name}: {failure.title}"), said)
