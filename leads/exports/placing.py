"""Files in the folder of the server (`EXPORT_FOLDER`): whole or not there, whatever happens to the worker.

A file is written beside its place under a hidden name, and renamed once all of it is on the disk. Written twice, the
later one stands there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings

READABLE = 0o640  # by whoever has the folder's group
PART = ".part"
STRAYS_AFTER = dt.timedelta(days=1)


class NoFolder(OSError):
    """There is no folder for files of the server."""


def folder() -> Path:
    """Return the folder; NoFolder where none is named."""
    if not settings.EXPORT_FOLDER:
        raise NoFolder
    return Path(settings.EXPORT_FOLDER)


def place(content: IO[bytes], name: str, *, is_still_wanted: Callable[[], None]) -> int:
    """Put a file into the folder under this name; return its size. OSError where it cannot be.

    `is_still_wanted` is asked once all is written, and raises where it is not.
    """
    into = folder()
    handle, part = tempfile.mkstemp(prefix=f".{name}.", suffix=PART, dir=into)
    try:
        with os.fdopen(handle, "wb") as out:
            shutil.copyfileobj(content, out)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        Path(part).chmod(READABLE)
        is_still_wanted()
        Path(part).replace(into / name)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return size


def unplace(name: str) -> None:
    """Take a file out of the folder, if it is there."""
    with contextlib.suppress(OSError):
        (folder() / name).unlink(missing_ok=True)


def sweep_strays(*, now: dt.datetime) -> int:
    """Take away what workers that were killed left half-written; return how many."""
    with contextlib.suppress(OSError):
        old = (now - STRAYS_AFTER).timestamp()
        strays = [one for one in folder().glob(f".*{PART}") if one.stat().st_mtime < old]
        for one in strays:
            one.unlink(missing_ok=True)
        return len(strays)
    return 0
