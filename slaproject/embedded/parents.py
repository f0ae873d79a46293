"""Children that do not outlive their parent. Linux tells a child of its parent's death; elsewhere this does nothing."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` that has the kernel send `signal_number` to the child when this process dies.

    A change of user clears the wish, so it must be made after it: `subprocess` calls `preexec_fn` after `user=`.
    The kernel means the parent's *thread*: call Popen from the main thread. None where the system cannot do it.
    """
    if platform.system() != "Linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def wish() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
        if os.getppid() != parent:  # it died before the wish was made
            os._exit(1)

    return wish
