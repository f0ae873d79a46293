"""The tests' databases are copies of one that was migrated once: it is kept until a migration changes.

Migrating takes as long as many tests together, and each worker of pytest-xdist needs a database of its own.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

BASE = Path(__file__).resolve().parents[1]
NAME = "sla_migrated_"
ONE_AT_A_TIME = 7_302_114
"""The key of the lock under which a template is made; nothing else takes it."""


def template_database() -> str:
    """Return the name of a migrated database on the server of DATABASE_URL; make it where there is none."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = NAME + what_is_migrated()
    with psycopg.connect(urlunsplit(url._replace(path="/postgres")), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        there = server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [NAME]
        ).fetchall()
        if (name,) in there:
            return name
        for (old,) in there:  # of other migrations, or cut off half-way
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
        half_made = f"{name}_half_made"
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half_made)))
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=BASE,
            env=os.environ | {"DATABASE_URL": urlunsplit(url._replace(path=f"/{half_made}"))},
            check=True,
        )
        renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(renamed.format(sql.Identifier(half_made), sql.Identifier(name)))
    return name


def what_is_migrated() -> str:
    """Return a digest of all migrations, the product's own and, by the lock, those of its libraries."""
    digest = hashlib.sha256((BASE / "requirements.lock").read_bytes())
    for migration in sorted(BASE.glob("*/migrations/*.py")) + sorted(BASE.glob("*/*/migrations/*.py")):
        digest.update(str(migration.relative_to(BASE)).encode())
        digest.update(migration.read_bytes())
    return digest.hexdigest()[:16]
