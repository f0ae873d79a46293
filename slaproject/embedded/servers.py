"""Finds the embedded servers, or starts them, for a process that will use them as long as it lives."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from slaproject.embedded.logs import last_lines
from slaproject.embedded.places import BASE, CannotStart, var_folder

SECONDS_TO_START = 120.0
_held: dict[Path, int] = {}  # users.lock of each var; open as long as this process lives


@dataclass(frozen=True)
class Addresses:
    """Where the embedded servers listen, passwords included, and the secret key that is kept with their data."""

    database_url: str
    broker_url: str
    secret_key: str
    keeper: int


def ensure_servers(var: Path, *, durable: bool = True) -> Addresses:
    """Return the addresses of the servers of `var`, started when nobody runs them; CannotStart says why not.

    From the first call on this process is one of their users: they stay until it ends, however it ends.
    With `durable=False` they are quicker, and a killed server may forget its last second: for tests.
    """
    var = var.resolve()
    _hold_users_lock(var)
    start = os.open(var / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(start, fcntl.LOCK_EX)
        _start_keeper_unless_there(var, durable=durable)
        return _wait_for_addresses(var)
    finally:
        os.close(start)


def put_into_environment(addresses: Addresses) -> None:
    """Let settings, and every process started from here, find the servers."""
    os.environ["DATABASE_URL"] = addresses.database_url
    os.environ.setdefault("CELERY_BROKER_URL", addresses.broker_url)
    os.environ.setdefault("SECRET_KEY", addresses.secret_key)


def provide(*, durable: bool = True, var: Path | None = None) -> None:
    """Point the environment at the embedded servers, unless DATABASE_URL names a server already."""
    if not os.environ.get("DATABASE_URL"):
        put_into_environment(ensure_servers(var or var_folder(), durable=durable))


def users_lock(var: Path) -> int | None:
    """Return the descriptor that makes this process a user, for a child that needs the servers longer than it does.

    None when this process uses other servers.
    """
    return _held.get(var.resolve())


def _hold_users_lock(var: Path) -> None:
    if var in _held:
        return
    try:
        if not var.is_dir():
            var.mkdir(parents=True)
            var.chmod(0o711)  # the servers' own user may have to pass
        descriptor = os.open(var / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(
            f"The folder of the embedded servers cannot be used: {error}.\n"
            "Name another with SLA_VAR, or set DATABASE_URL."
        ) from error
    fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits while a keeper stops
    _held[var] = descriptor


def _start_keeper_unless_there(var: Path, *, durable: bool) -> None:
    lock = os.open(var / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for left_by_a_killed_keeper in ("servers.json", "keeper.error"):
            (var / left_by_a_killed_keeper).unlink(missing_ok=True)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))
        }
        environment["PYTHONPATH"] = import_path()
        with (var / "keeper.log").open("wb") as log:
            subprocess.run(
                [
                    sys.executable, "-m", "slaproject.embedded.keeper", "--var", str(var), "--keeper-lock", str(lock),
                    *([] if durable else ["--not-durable"]),
                ],
                cwd=BASE, env=environment, pass_fds=[lock], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, check=False,
            )  # fmt: skip
    finally:
        os.close(lock)  # the lock is the keeper's now


def _wait_for_addresses(var: Path) -> Addresses:
    give_up_at = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < give_up_at:
        try:
            return Addresses(**json.loads((var / "servers.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            pass
        if not keeper_is_there(var):
            break
        time.sleep(0.03)
    try:
        problem = (var / "keeper.error").read_text(encoding="utf-8")
    except OSError:
        log = var / "keeper.log"
        problem = f"The keeper of the embedded servers could not start. The end of its log, {log}:\n{last_lines(log)}"
    raise CannotStart(problem)


def import_path() -> str:
    """Return the PYTHONPATH by which a process started from here finds this product, wherever it works."""
    return os.pathsep.join(filter(None, [str(BASE), os.environ.get("PYTHONPATH")]))


def keeper_is_there(var: Path) -> bool:
    """Whether a keeper runs, or is about to, for this folder."""
    try:
        lock = os.open(var / "keeper.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
