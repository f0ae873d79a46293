"""Depth of follow-up: how often sales tried to reach the leads that have not connected.

Counted are qualifying attempts up to and including the one that connected; attempts after the connection
never count. "Not connected" leaves out hand-offs that connected and those that were rejected or recycled.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.shares import Share, share
from reports.speed import Summary, summarise


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One hand-off as depth sees it."""

    attempts: int
    """Qualifying attempts, those after the connection left out."""
    is_connected: bool = False
    """The last of the attempts was a real two-way contact."""
    is_withdrawn: bool = False
    """Rejected or recycled."""
    is_closed_unreachable: bool = False
    is_window_over: bool = False
    """The agreed follow-up window has ended, or the hand-off was closed: depth may be judged."""

    def __post_init__(self) -> None:
        if self.attempts < 0:
            raise ValueError("attempts cannot be negative")
        if self.is_connected and not self.attempts:
            raise ValueError("a connection needs an attempt")


@dataclass(frozen=True, slots=True)
class DepthSummary:
    """Depth over one bucket; all but `handed_off` speak of the hand-offs that have not connected.

    `average` is attempts ÷ hand-offs. `distribution` counts hand-offs by number of attempts and has every key
    from 0 to the larger of the agreed number and the most made.
    """

    handed_off: int
    not_connected: int
    attempts: int
    average: Share
    worked: Share
    fully_worked: Share
    distribution: dict[int, int]


@dataclass(frozen=True, slots=True)
class DepthReport:
    """All hand-offs of the bucket, the judged ones of them, and how many are too young to be judged."""

    overall: DepthSummary
    judged: DepthSummary
    young: int


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Of `total` hand-offs (none withdrawn), those with at least k attempts.

    `attempted` made the k-th attempt; `connected_earlier` needed fewer than k and count as fulfilled, shown
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


def depth(hand_offs: Sequence[FollowUp], agreed: int) -> DepthReport:
    """The depth of a bucket against the agreed number of attempts (1 or more)."""
    judged = [hand_off for hand_off in hand_offs if hand_off.is_window_over]
    young = [
        hand_off
        for hand_off in hand_offs
        if not (hand_off.is_window_over or hand_off.is_connected or hand_off.is_withdrawn)
    ]
    return DepthReport(summarise_depth(hand_offs, agreed), summarise_depth(judged, agreed), len(young))


def summarise_depth(hand_offs: Sequence[FollowUp], agreed: int) -> DepthSummary:
    """Attempts on the hand-offs that have not connected: average, worked, fully worked, distribution."""
    _check_agreed(agreed)
    counts = Counter(
        hand_off.attempts for hand_off in hand_offs if not (hand_off.is_connected or hand_off.is_withdrawn)
    )
    n = counts.total()
    attempts = sum(made * hand_offs_with for made, hand_offs_with in counts.items())
    return DepthSummary(
        handed_off=len(hand_offs),
        not_connected=n,
        attempts=attempts,
        average=share(attempts, n),
        worked=share(n - counts[0], n),
        fully_worked=share(sum(c for made, c in counts.items() if made >= agreed), n),
        distribution={made: counts[made] for made in range(max([agreed, *counts]) + 1)},
    )


def at_least(hand_offs: Iterable[FollowUp], up_to: int) -> list[AtLeast]:
    """For k = 1 … `up_to`, the hand-offs with at least k attempts; rejected and recycled ones left out."""
    _check_agreed(up_to)
    kept = [hand_off for hand_off in hand_offs if not hand_off.is_withdrawn]
    made = Counter(hand_off.attempts for hand_off in kept)
    connected = Counter(hand_off.attempts for hand_off in kept if hand_off.is_connected)
    return [
        AtLeast(
            k=k,
            attempted=sum(n for attempts, n in made.items() if attempts >= k),
            connected_earlier=sum(n for attempts, n in connected.items() if attempts < k),
            total=len(kept),
        )
        for k in range(1, up_to + 1)
    ]


def stopped_too_early(hand_offs: Iterable[FollowUp], agreed: int) -> Share:
    """Closed as unreachable below the agreed number of attempts, out of all closed as unreachable."""
    _check_agreed(agreed)
    closed = [h for h in hand_offs if h.is_closed_unreachable and not (h.is_connected or h.is_withdrawn)]
    return share(sum(hand_off.attempts < agreed for hand_off in closed), len(closed))


def spacing(attempt_seconds: Iterable[Sequence[int]]) -> Summary:
    """Seconds between successive attempts on one hand-off, over all hand-offs.

    Each sequence holds one hand-off's attempts as seconds since the hand-off, in any order.
    """
    return summarise(
        [later - earlier for moments in attempt_seconds for earlier, later in pairwise(sorted(moments))]
    )


def _check_agreed(agreed: int) -> None:
    if agreed < 1:
        raise ValueError("the agreed number of attempts must be 1 or more")
