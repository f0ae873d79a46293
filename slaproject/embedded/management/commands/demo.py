"""`manage.py demo`: the whole product on this machine with a sample company, until it is stopped."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from slaproject.embedded import servers
from slaproject.embedded.logs import last_lines
from slaproject.embedded.places import BASE, CannotStart, var_folder
from slaproject.embedded.sample_accounts import SAMPLE_PASSWORD, sample_accounts
from slaproject.embedded.signs_of_life import answers, signs_of_life, unseen
from slaproject.heartbeat.models import Heartbeat

FIRST_PORT = 8000
LAST_PORT = 65_535
SECONDS_FOR_CHECK = 180.0
SECONDS_FOR_WEB = 60.0
SECONDS_TO_STOP = 10.0
DEAF_AFTER = timedelta(seconds=180)  # workers have been seen to connect again and then to hear nothing


class Stop(Exception):
    """Someone wants the demo to end."""


class Command(BaseCommand):
    help = "Run web, worker and beat here, on the sample company, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, help="the port of the web server; else 8000 or the next one free"
        )
        parser.add_argument("--empty", action="store_true", help="leave the sample company away")
        parser.add_argument(
            "--check", action="store_true", help="stop with 0 once every part has shown that it works"
        )
        parser.add_argument(
            "--stop-with-parent", action="store_true", help="stop when whoever started this ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= (options["port"] or 0) <= LAST_PORT:
            raise CommandError(f"{options['port']} is no port: one is a number from 1 to {LAST_PORT}.")
        self.parent = os.getppid() if options["stop_with_parent"] else None
        self.var = var_folder()
        self.folder = self.var / "demo"
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, _stop)
        lock = self._only_demo()
        try:
            self._run(options)
        except (Stop, KeyboardInterrupt):
            self.stdout.write("Stopped.")
        finally:
            (self.folder / "running.json").unlink(missing_ok=True)
            os.close(lock)

    def _run(self, options: dict[str, Any]) -> None:
        with self._listener(options["port"]) as listener:
            self.address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            self._prepare(empty=options["empty"])
            since = timezone.now()
            _write(self.folder / "running.json", {"pid": os.getpid(), "address": self.address})
            warden, pipe = self._start_warden(listener.fileno())
        try:
            if options["check"]:
                self._check(warden, signs_of_life(address=self.address, since=since))
                return
            self._wait_for_web(warden)
            self._tell_where()
            self._look_on(warden, pipe)
        finally:
            os.close(pipe)  # the warden takes this as the demo's end
            with contextlib.suppress(subprocess.TimeoutExpired):
                warden.wait(SECONDS_TO_STOP)

    # Before

    def _only_demo(self) -> int:
        """Return the lock that says that a demo runs; the message has the address of one that does already."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CommandError(f"The demo keeps its logs in {self.folder}, and cannot: {error}") from error
        give_up_at = time.monotonic() + SECONDS_TO_STOP
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                running = _read(self.folder / "running.json")
                if _is_alive(running.get("pid", 0)) or time.monotonic() > give_up_at:
                    os.close(lock)
                    where = running.get("address", "an address it has not told yet")
                    raise CommandError(
                        f"A demo runs here already, at {where}. Stop it with Ctrl-C where it was started,\n"
                        "or start another one with data of its own: SLA_VAR=/some/folder make demo"
                    ) from None
                time.sleep(0.1)  # what was killed a moment ago is being cleared away

    def _listener(self, wanted: int | None) -> socket.socket:
        """Return the socket that the web server will listen on: once it is bound here nobody can take the port."""
        for port in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + 1000):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen(128)
            except OSError:
                listener.close()
            else:
                return listener
        raise CommandError(
            f"Port {wanted} cannot be had. Name another, or none: then a free one is found."
            if wanted
            else f"No port from {FIRST_PORT} on is free. Name one with --port."
        )

    def _prepare(self, *, empty: bool) -> None:
        self.stdout.write("Preparing the database …")
        self.stdout.flush()  # a minute may pass, and what is piped is kept back
        call_command("migrate", interactive=False, verbosity=0)
        if not empty:
            call_command("load_sample_company", refresh=True, stdout=self.stdout)

    def _start_warden(self, listener: int) -> tuple[subprocess.Popen[bytes], int]:
        charges = [
            {
                "name": name,
                "command": [sys.executable, "-m", *command],
                "log": str(self.folder / f"{name}.log"),
                "hand_down": [listener] if name == "web" else [],
            }
            for name, command in self._commands(listener).items()
        ]
        for charge in charges:
            Path(str(charge["log"])).unlink(missing_ok=True)
        reading, writing = os.pipe()
        users_lock = servers.users_lock(self.var)
        warden = subprocess.Popen(
            [
                *(sys.executable, "-m", "slaproject.embedded.warden"),
                *("--pipe", str(reading), "--charges", json.dumps(charges)),
            ],
            cwd=BASE,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            pass_fds=[descriptor for descriptor in (reading, listener, users_lock) if descriptor is not None],
            start_new_session=True,  # Ctrl-C is for the demo, which tells the warden
        )
        os.close(reading)
        return warden, writing

    def _commands(self, listener: int) -> dict[str, list[str]]:
        celery = ["celery", "-A", "slaproject.celery"]
        return {
            "web": [
                *("gunicorn", "slaproject.wsgi", "--bind", f"fd://{listener}", "--no-control-socket"),
                *("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "2"),
            ],
            "worker": [
                *celery,
                *("worker", "--concurrency=2", "--loglevel=INFO", "--without-mingle", "--without-gossip"),
            ],
            "beat": [
                *celery,
                *("beat", "--loglevel=INFO", f"--schedule={self.folder / 'beat-schedule'}", "--pidfile="),
            ],
        }

    def _environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name != "STATEMENT_TIMEOUT_MS"}
        environment |= {"DEMO": "1", "PYTHONPATH": servers.import_path(), "PYTHONUNBUFFERED": "1"}
        # One machine and little data: who looks wants to see it move.
        environment.setdefault("BEAT_SECONDS", "5")
        # No mail leaves this machine: who wants to read one finds it here.
        environment.setdefault("EMAIL_URL", f"filemail:///{self.folder / 'mail'}")
        environment.setdefault("SITE_URL", self.address)
        if not environment.get("SECRET_KEY"):
            kept = _read(self.folder / "secret.json") or {"secret_key": secrets.token_urlsafe(48)}
            _write(self.folder / "secret.json", kept)
            environment["SECRET_KEY"] = kept["secret_key"]
        return environment

    # Meanwhile

    def _wait_for_web(self, warden: subprocess.Popen[bytes]) -> None:
        give_up_at = time.monotonic() + SECONDS_FOR_WEB
        while not answers(f"{self.address}livez"):
            self._pause(warden, 0.2)
            if time.monotonic() > give_up_at:
                log = last_lines(self.folder / "web.log")
                raise CommandError(f"The web server does not answer. The end of its log:\n{log}")

    def _tell_where(self) -> None:
        self.stdout.write(f"\n  {self.address}\n")
        accounts = sample_accounts()
        if accounts:
            self.stdout.write(f"  Sign in with the password “{SAMPLE_PASSWORD}” as one of:")
            for account in accounts:
                self.stdout.write(f"    {account.email:<32} {account.name}")
        self.stdout.write(f"\n  Logs and mails: {self.folder}. Ctrl-C stops everything.\n")
        self.stdout.flush()

    def _look_on(self, warden: subprocess.Popen[bytes], pipe: int) -> None:
        asked_at = time.monotonic()
        while True:
            self._pause(warden, 0.5)
            self._bring_servers_back()
            if time.monotonic() - asked_at > DEAF_AFTER.total_seconds():
                asked_at = time.monotonic()
                if self._worker_is_deaf():
                    os.write(pipe, b"worker beat\n")

    def _check(self, warden: subprocess.Popen[bytes], signs: list[Any]) -> None:
        started = time.monotonic()
        missing = signs
        while missing:
            if time.monotonic() - started > SECONDS_FOR_CHECK:
                logs = "\n".join(
                    f"The end of {log.name}:\n{last_lines(log)}" for log in sorted(self.folder.glob("*.log"))
                )
                names = "; ".join(sign.name for sign in missing)
                raise CommandError(
                    f"After {SECONDS_FOR_CHECK:.0f} s these had not answered: {names}.\n{logs}"
                )
            self._pause(warden, 0.3)
            still = unseen(missing)
            for sign in missing:
                if sign not in still:
                    self.stdout.write(f"  {time.monotonic() - started:5.1f} s  {sign.name}")
            missing = still
        self.stdout.write("Web, worker and beat work.")

    def _pause(self, warden: subprocess.Popen[bytes], seconds: float) -> None:
        """Wait, and raise Stop when the parent is gone; CommandError when the warden is."""
        time.sleep(seconds)
        if self.parent is not None and os.getppid() != self.parent:
            raise Stop
        if warden.poll() is not None:
            raise CommandError(
                "The process that looks after web, worker and beat has ended, and with it they."
            )

    def _bring_servers_back(self) -> None:
        if servers.users_lock(self.var) is None or servers.keeper_is_there(self.var):
            return
        self.stdout.write("The embedded servers are gone; starting them again.")
        try:
            addresses = servers.ensure_servers(self.var)
        except CannotStart as problem:
            raise CommandError(str(problem)) from problem
        if addresses.database_url != os.environ["DATABASE_URL"]:
            raise CommandError("The embedded servers came back at another address. Start the demo again.")

    def _worker_is_deaf(self) -> bool:
        close_old_connections()
        try:
            fresh = Heartbeat.objects.fresh(timezone.now(), within=DEAF_AFTER)
            return not fresh.filter(name=Heartbeat.Name.WORKER).exists()
        except DatabaseError:
            return False


def _stop(signal_number: int, frame: FrameType | None) -> None:
    raise Stop


def _write(path: Path, content: dict[str, Any]) -> None:
    new = path.with_name(path.name + ".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(content), encoding="utf-8")
    new.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def _is_alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
