"""Depth of follow-up: how often sales tried to reach the leads that have not connected.

Counted are attempts up to and including the one that connected; attempts after the connection never count.
A *tally* says how many hand-offs had how many attempts: {attempts: hand-offs}. Hand-offs that were rejected
or recycled are in no tally.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.shares import Share, share

Tally = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Of `total` hand-offs, those with at least k attempts.

    `attempted` had a k-th attempt; `connected_earlier` needed fewer than k and count as fulfilled, shown
    apart.
    """

    k: int
    attempted: int
    connected_earlier: int
    total: int

    @property
    def fulfilled(self) -> Share:
        """Attempted or connected earlier, of all."""
        return share(self.attempted + self.connected_earlier, self.total)


def at_least(not_connected: Tally, connected: Tally, *, agreed: int | None) -> list[AtLeast]:
    """For k = 1 up to the agreed number or the most made, the hand-offs with at least k attempts.

    `connected` tallies those that connected by the attempts it took. Nothing handed off: no k, unless agreed.
    """
    if agreed is not None and agreed < 1:
        raise ValueError("the agreed number of attempts must be 1 or more")
    total = sum(not_connected.values()) + sum(connected.values())
    return [
        AtLeast(
            k=k,
            attempted=sum(
                n for tally in (not_connected, connected) for made, n in tally.items() if made >= k
            ),
            connected_earlier=sum(n for made, n in connected.items() if made < k),
            total=total,
        )
        for k in range(1, max([agreed or 0, *not_connected, *connected]) + 1)
    ]
