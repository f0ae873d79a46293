"""A process that takes webhooks in a child for each line that it reads, so that the child can be killed.

Each line is the instant that the child takes for now. It answers with the child's number, then with how it ended.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

import django


def main() -> None:
    django.setup()
    from slaproject.webhooks.taking import take_next

    for line in sys.stdin:
        child = os.fork()
        if not child:
            sys.stdout.write(f"{os.getpid()}\n")
            sys.stdout.flush()
            while take_next(now=dt.datetime.fromisoformat(line.strip())):
                pass
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
