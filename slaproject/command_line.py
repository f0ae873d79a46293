"""What manage.py does around Django: servers for commands that need them, plain words when one does not answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

NEED_NO_SERVER = {
    "collectstatic",
    "compilemessages",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "translations",
    "version",
}


def run(arguments: Sequence[str]) -> None:
    """Run a management command; end with a message instead of a traceback when a server does not answer."""
    for argument in arguments:
        if _is_no_text(argument):
            _end(f"{argument!r} is not text in UTF-8.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slaproject.settings")
    os.environ.setdefault("STATEMENT_TIMEOUT_MS", "0")  # a migration or an import takes as long as it takes
    if _needs_servers(arguments):
        _provide_servers()
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError
    from kombu.exceptions import OperationalError as BrokerError

    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the settings, and with them the environment
    except ImproperlyConfigured as error:
        _end(str(error))
    try:
        execute_from_command_line(list(arguments))
    except OperationalError as error:
        explanation = _unreachable_database()
        if explanation is None:
            raise
        _end(f"{explanation}\nIt said: {error}".rstrip())
    except BrokerError as error:
        _end(
            f"The broker at {_address('CELERY_BROKER_URL')} (CELERY_BROKER_URL) cannot be reached.\n"
            f"Start it or correct CELERY_BROKER_URL.\nIt said: {error}"
        )


def _is_no_text(argument: str) -> bool:
    try:
        argument.encode()
    except UnicodeEncodeError:
        return True
    return False


def _needs_servers(arguments: Sequence[str]) -> bool:
    if (
        len(arguments) < 2
        or arguments[1].startswith("-")
        or {"--help", "-h", "--version"} & set(arguments[2:])
    ):
        return False
    return arguments[1] not in NEED_NO_SERVER


def _provide_servers() -> None:
    if os.environ.get("DATABASE_URL"):
        return
    from slaproject.embedded.places import CannotStart

    try:
        from slaproject.embedded.servers import provide

        provide()
    except CannotStart as problem:
        _end(str(problem))


def _unreachable_database() -> str | None:
    """Return what to tell when the database cannot be connected to; None when it can, so the error was another."""
    from django.db import OperationalError, connection

    try:
        connection.close()
        connection.ensure_connection()
    except OperationalError:
        return (
            f"The database at {_address('DATABASE_URL')} (DATABASE_URL) cannot be reached.\n"
            "Start it or correct DATABASE_URL; without DATABASE_URL the embedded PostgreSQL is used."
        )
    return None


def _address(variable: str) -> str:
    """Return the address in that variable without its password."""
    url = os.environ.get(variable, "")
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, host = parts.username or "", parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{user}:***@{host}").geturl()


def _end(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    raise SystemExit(1)
