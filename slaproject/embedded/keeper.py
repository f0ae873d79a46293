"""The process that owns the embedded servers: `python -m slaproject.embedded.keeper`, started by their first user.

Three files in `var` say who is there, all by `flock`, which the kernel takes back at any death, so none goes stale:
`keeper.lock`  held by the keeper from before its start (its starter locks it and hands the descriptor down) to its end;
`users.lock`   held shared by every process that uses the servers. A few times a second the keeper tries to get it for
               itself; once it does, nobody uses the servers: it stops them and goes, holding the lock until they have
               stopped, so that a user who arrives meanwhile waits and then starts a new keeper;
`start.lock`   held by a user while it looks for a keeper or starts one, so that two first users start one keeper.
`servers.json` has the addresses, and is there only while the servers answer. The keeper restarts a server that dies,
and a keeper that is killed takes its servers along (on Linux; elsewhere the next keeper stops what it finds).
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from slaproject.embedded import places
from slaproject.embedded.places import CannotStart
from slaproject.embedded.postgres import Postgres, free_port, is_free
from slaproject.embedded.valkey import Valkey

SECONDS_BETWEEN_LOOKS = 0.2


class _Asked(Exception):
    """Someone asked the keeper to end."""


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, complete or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _remembered(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return what the file has, made at the first time and kept."""
    with contextlib.suppress(FileNotFoundError):
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    made = make()
    write_private(path, json.dumps(made))
    return made


def _port(wanted: str | None) -> int:
    return int(wanted) if wanted and is_free(int(wanted)) else free_port()


def _make_servers(var: Path, *, durable: bool) -> tuple[Postgres, Valkey, str]:
    user = places.server_user()
    home = places.servers_folder(var, user)
    kept = _remembered(
        home / "secrets.json",
        lambda: {
            "postgres": secrets.token_urlsafe(24),
            "valkey": secrets.token_urlsafe(24),
            "secret_key": secrets.token_urlsafe(48),
        },
    )
    ports: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        ports = json.loads((home / "ports.json").read_text(encoding="utf-8"))
    postgres = Postgres(
        home=home, binaries=places.postgres_binaries(home, user), user=user, port=_port(ports.get("postgres")),
        password=kept["postgres"], durable=durable,
    )  # fmt: skip
    valkey = Valkey(
        home=home,
        binary=places.valkey_binary(home, user),
        user=user,
        port=_port(ports.get("valkey")),
        password=kept["valkey"],
    )
    return postgres, valkey, kept["secret_key"]


def keep(var: Path, *, durable: bool, keeper_lock: int) -> None:
    """Start the servers, keep them up as long as someone uses them, stop them."""
    users = os.open(var / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    addresses = var / "servers.json"
    postgres, valkey, secret_key = _make_servers(var, durable=durable)
    try:
        valkey.start()
        postgres.start()
        write_private(
            postgres.home / "ports.json",
            json.dumps({"postgres": str(postgres.port), "valkey": str(valkey.port)}),
        )
        write_private(
            addresses,
            json.dumps(
                {
                    "keeper": os.getpid(),
                    "database_url": postgres.url,
                    "broker_url": valkey.url,
                    "secret_key": secret_key,
                }
            ),
        )
        while not _locked(users):
            time.sleep(SECONDS_BETWEEN_LOOKS)
            for server in (postgres, valkey):
                if not server.is_alive():
                    sys.stderr.write(f"{type(server).__name__} died; starting it again\n")
                    server.start()  # on its old port, where its users look for it
    finally:
        addresses.unlink(missing_ok=True)
        for server in (valkey, postgres):
            server.stop()
        os.close(
            keeper_lock
        )  # before users.lock, which the exit gives back: who waits for that must find no keeper


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ask_to_end(*_arguments: object) -> None:
    raise _Asked


def main() -> None:
    """Detach from whoever started this, then keep."""
    parser = argparse.ArgumentParser(
        description="Owns the embedded servers; started by their first user, not by hand."
    )
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--keeper-lock", type=int, required=True)
    parser.add_argument("--not-durable", action="store_true")
    arguments = parser.parse_args()
    if os.fork():
        os._exit(0)  # the starter waits for this one only, and never has to wait for the keeper
    os.set_inheritable(arguments.keeper_lock, False)
    for signal_number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _ask_to_end)
    os.umask(0o077)
    os.chdir("/")
    error_file = arguments.var / "keeper.error"
    try:
        keep(arguments.var, durable=not arguments.not_durable, keeper_lock=arguments.keeper_lock)
    except _Asked:
        pass
    except CannotStart as problem:
        write_private(error_file, str(problem))
        raise SystemExit(1) from problem
    except BaseException as problem:
        write_private(
            error_file,
            f"The keeper of the embedded servers failed: {type(problem).__name__}: {problem}\n"
            f"See {arguments.var / 'keeper.log'}.",
        )
        raise


if __name__ == "__main__":
    main()
