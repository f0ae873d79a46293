"""Removes the embedded servers' data, wherever it is: `python -m slaproject.embedded.removal`, for `make clean`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from slaproject.embedded.places import folder_outside, var_folder
from slaproject.embedded.servers import keeper_is_there


def remove(var: Path) -> None:
    """Remove `var`, those inside it, and what lies elsewhere for them; SystemExit when they are in use."""
    places = [var, *(lock.parent for lock in var.glob("*/keeper.lock"))]
    for place in places:
        if keeper_is_there(place):
            raise SystemExit(
                f"The servers of {place} are in use. Stop the demo, tests or command that uses them first."
            )
    for place in places:
        shutil.rmtree(folder_outside(place), ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)


if __name__ == "__main__":
    remove(var_folder())
    sys.exit(0)
