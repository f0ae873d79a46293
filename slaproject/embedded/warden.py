"""The process above the demo's web server, worker and beat: `python -m slaproject.embedded.warden`, started by `demo`.

It holds the reading end of a pipe to the demo. When that ends, however the demo ended, it stops them all. Until then it
starts again what dies, after a pause that grows, and says so; and it restarts one that the demo names on the pipe. It
also holds the demo's place among the users of the embedded servers, so that these go last.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from slaproject.embedded.parents import die_with_parent

SECONDS_TO_STOP = 1.5
LONGEST_PAUSE = 30.0
SECONDS_THAT_FORGIVE = 60.0  # one that ran so long starts with the shortest pause again
SECONDS_BETWEEN_LOOKS = 0.2


def say(text: str) -> None:
    """Tell whoever watches the demo; nobody may."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


@dataclass
class Charge:
    """One process in the warden's care, in a session of its own, with all that it starts."""

    name: str
    command: Sequence[str]
    log: Path
    hand_down: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    pause: float = 1.0
    started: float = field(default=0.0)
    start_after: float = field(default=0.0)

    def look_after(self, now: float) -> None:
        """Start it when it is due, and note when it has died."""
        if self.process is None:
            if now >= self.start_after:
                self._start(now)
            return
        ended = self.process.poll()
        if ended is None:
            return
        self._sweep()
        if now - self.started > SECONDS_THAT_FORGIVE:
            self.pause = 1.0
        say(
            f"{self.name} ended ({_how(ended)}); starting it again in {self.pause:.0f} s. Its log: {self.log}"
        )
        self.process, self.start_after = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def ask_to_end(self) -> None:
        """Let it end by itself."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def has_ended(self) -> bool:
        """Whether the process, though perhaps not what it started, is gone."""
        return self.process is None or self.process.poll() is not None

    def end(self) -> None:
        """Kill what is left of it and of what it started."""
        if self.process is not None:
            self._sweep()
            self.process.wait()
            self.process = None

    def _start(self, now: float) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.hand_down,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self.started = now

    def _sweep(self) -> None:
        if self.process is not None:
            # The group has its first process's id, also when that is gone and others of the group are not.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _how(ended: int) -> str:
    return f"exit code {ended}" if ended >= 0 else f"signal {signal.Signals(-ended).name}"


def stop(charges: Sequence[Charge]) -> None:
    """Stop them all: politely for SECONDS_TO_STOP, then not."""
    for charge in charges:
        charge.ask_to_end()
    give_up_at = time.monotonic() + SECONDS_TO_STOP
    while time.monotonic() < give_up_at and not all(charge.has_ended() for charge in charges):
        time.sleep(0.05)
    for charge in charges:
        charge.end()


def watch(charges: Sequence[Charge], pipe: int) -> None:
    """Look after the charges until the other end of the pipe is closed."""
    while True:
        now = time.monotonic()
        for charge in charges:
            charge.look_after(now)
        readable, _, _ = select.select([pipe], [], [], SECONDS_BETWEEN_LOOKS)
        if not readable:
            continue
        words = os.read(pipe, 4096)
        if not words:
            return
        for charge in charges:
            if charge.name.encode() in words.split():  # the demo asks for this one to be started anew
                say(f"{charge.name} is stopped and started again.")
                charge.end()
                charge.start_after = 0.0


def _asked_to_end(*_arguments: object) -> None:
    raise SystemExit(0)


def main() -> None:
    """Start what the arguments describe, and look after it."""
    parser = argparse.ArgumentParser(
        description="Looks after the demo's processes; started by the demo, not by hand."
    )
    parser.add_argument("--pipe", type=int, required=True)
    parser.add_argument("--charges", required=True, help="JSON: a list of name, command, log and descriptors")
    arguments = parser.parse_args()
    os.set_inheritable(arguments.pipe, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _asked_to_end)
    charges = [
        Charge(one["name"], one["command"], Path(one["log"]), one["hand_down"])
        for one in json.loads(arguments.charges)
    ]
    try:
        watch(charges, arguments.pipe)
    finally:
        stop(charges)


if __name__ == "__main__":
    main()
