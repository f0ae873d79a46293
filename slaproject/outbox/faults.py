"""What may be noted of a fault: kind, number, and where it arose; never what it says, which may hold addresses."""

from __future__ import annotations

import os
import smtplib
import traceback

from slaproject.outbox.channels.posting import NotTaken, Refused


def fault_of(error: BaseException) -> str:
    """Return a fault as it may be kept: our own words as they are, of others their kind and number."""
    if isinstance(error, NotTaken | Refused):
        return str(error)[:300]
    kind = type(error).__name__ if type(error).__module__.split(".")[0] in KNOWN else "Exception"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = sorted({code for one in error.recipients.values() if isinstance(code := one[0], int)})
        return " ".join([kind, *map(str, answers)])
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{kind} {error.smtp_code}" if isinstance(error.smtp_code, int) else kind
    if isinstance(error, OSError) and isinstance(error.errno, int) and error.errno > 0:
        return f"{kind}: {os.strerror(error.errno)}"
    return kind


def whence(error: BaseException) -> str:
    """Return where a fault arose, for the log: file and line, without what stood in its variables."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{one.filename.rsplit('/', 1)[-1]}:{one.lineno}" for one in reversed(frames[-6:]))


# Where the names of exceptions are written by programmers, and not made up as a program runs.
KNOWN = {
    "agreements",
    "builtins",
    "celery",
    "django",
    "http",
    "json",
    "leads",
    "psycopg",
    "reports",
    "slaproject",
    "smtplib",
    "socket",
    "ssl",
    "urllib",
    "zoneinfo",
}
