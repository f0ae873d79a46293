"""A process that closes the months in a child for each line that it reads, so that the child can be killed.

Each line is the instant as of which to close. It answers with the child's number, then with how the child ended.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

import django


def main() -> None:
    django.setup()
    from reports.closing import close_months

    for line in sys.stdin:
        child = os.fork()
        if not child:
            sys.stdout.write(f"{os.getpid()}\n")
            sys.stdout.flush()
            close_months(now=dt.datetime.fromisoformat(line.strip()))
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
