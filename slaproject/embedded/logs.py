"""What the embedded processes wrote last, for the message that one of them failed."""

from __future__ import annotations

from pathlib import Path


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log, indented, for an error message."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (the log is empty)"
