"""How much memory this process took at most."""

from __future__ import annotations

from pathlib import Path


def most_megabytes() -> int:
    """Return the peak of what was resident of it; `getrusage` would count what its parent had when it forked."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) // 1024
