"""Several threads at once on the real database, each with a connection of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections


def rounds(small: int) -> int:
    """How often to race: few times in the suite, PROOF_ROUNDS times in a proof."""
    return int(os.environ.get("PROOF_ROUNDS", small))


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Start all at the same instant; return what each returned, or the ValidationError or DatabaseError it raised."""
    start = Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return runner()
        except (ValidationError, DatabaseError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))
