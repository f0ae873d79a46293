"""A process that tells and delivers in a child for each line that it reads, so that the child can be killed.

Each line is the instant that the child takes for now. It answers with the child's number, then with how it ended.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

import django


def main() -> None:
    django.setup()
    from slaproject.outbox.bundling import bundle_errands
    from slaproject.outbox.clocks import tell_of_rungs
    from slaproject.outbox.delivery import deliver_next
    from slaproject.outbox.digests import tell_digests
    from slaproject.outbox.reading import read_arrivals

    for line in sys.stdin:
        child = os.fork()
        if not child:
            sys.stdout.write(f"{os.getpid()}\n")
            sys.stdout.flush()
            now = dt.datetime.fromisoformat(line.strip())
            read_arrivals(now=now)
            tell_of_rungs(now=now)
            tell_digests(now=now)
            bundle_errands(now=now)
            while deliver_next(now=now):
                pass
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
