"""Which month's pulse is asked on a day: pure.

Definitions. A month's pulse is asked from the last ASKED_BEFORE_END days of the month until the next month's is, so
that at most one is asked at a time. It ends earlier where the month's results are closed: what they say was judged
then.
"""

from __future__ import annotations

import datetime as dt

ASKED_BEFORE_END = 7
FEWEST = 3
"""An average of fewer answers is not shown, and not judged: it would tell who said what."""
LOW = 3
"""The middle of the scale from 1 to 5: a party whose average lies below is not well served."""


def month_asked(today: dt.date) -> dt.date:
    """Return the first day of the month whose pulse is asked on this day."""
    ahead = (today + dt.timedelta(days=ASKED_BEFORE_END)).replace(day=1)
    return (ahead - dt.timedelta(days=1)).replace(day=1)
