"""My queue: open hand-offs in the order in which they have to be worked, and those that nobody has taken yet."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import groupby

from django.contrib.auth import get_user_model
from django.db.models import Count, IntegerField, Min, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from agreements.local_time import start_of_local_day
from agreements.models import Team
from leads import phrases
from leads.acting import UNDO_FOR, Acting, Allowed, is_unowned
from leads.models import FollowUpAttempt, HandOff
from leads.models.hand_offs import HandOffQuerySet, in_pause
from leads.readings.clocks import ClockFace, clock_face, with_calendars
from leads.readings.deadlines import DeadlineFace, deadline_ahead
from leads.readings.reasons import definitions_of, why_this_lead

PAGE = 25  # as many as a phone draws at once
MOST_FREE = 10
ME, TEAM = "me", "team"


# Of what is read with a hand-off, what its row shows or is told by.
SHOWN = (
    *(
        "number",
        "closed_at",
        "closed_as",
        "rejection_answer",
        "state",
        "owner_name",
        "assigned_at",
        "accepted_at",
    ),
    *(
        "handed_off_at",
        "due_at",
        "at_risk_at",
        "paused_at",
        "paused_until",
        "acceptance_due_at",
        "outcome_due_at",
    ),
    *("agreed_attempts", "attempts", "first_attempt_at", "connected_at", "next_touch_at"),
    *("version_id", "calendar_revision_id", "segment__name", "team__name", "owner__name", "owner__email"),
    *("lead__name", "lead__company", "lead__external_id", "lead__email", "lead__phone"),
    *("lead__source", "lead__campaign"),
)


class Rank(IntEnum):
    """The order of work. What waits for its next touch, was tried today or is connected, is not counted as work now."""

    OVERDUE = 0
    AT_RISK = 1
    ON_TRACK = 2
    FOLLOW_UP = 3
    NO_CLOCK = 4
    LATER = 5
    PAUSED = 6

    @property
    def title(self) -> str:
        return {
            Rank.OVERDUE: _("Overdue"),
            Rank.AT_RISK: _("At risk"),
            Rank.ON_TRACK: _("On track"),
            Rank.FOLLOW_UP: _("First attempt made: follow up"),
            Rank.NO_CLOCK: _("No clock"),
            Rank.LATER: _("Later: next touch planned, or connected"),
            Rank.PAUSED: _("Paused"),
        }[self]


# In SQL, as all pages of a queue are built of it: expressions of the ORM are put together anew for each.
RANK = f"""
CASE
    WHEN first_attempt_at IS NULL AND paused_at <= %s AND paused_until > %s THEN {Rank.PAUSED:d}
    WHEN first_attempt_at IS NOT NULL AND (next_touch_at > %s OR next_touch_at IS NULL
        AND (connected_at IS NOT NULL OR last_attempt_at >= %s)) THEN {Rank.LATER:d}
    WHEN first_attempt_at IS NOT NULL THEN {Rank.FOLLOW_UP:d}
    WHEN due_at IS NULL THEN {Rank.NO_CLOCK:d}
    WHEN due_at < %s THEN {Rank.OVERDUE:d}
    WHEN at_risk_at <= %s THEN {Rank.AT_RISK:d}
    ELSE {Rank.ON_TRACK:d}
END
"""
# Within a group: what has a clock by its due time, what was answered by its next touch, or its last attempt.
WHEN_NEXT = RawSQL(
    "coalesce(CASE WHEN first_attempt_at IS NOT NULL THEN coalesce(next_touch_at, last_attempt_at) END,"
    " due_at, handed_off_at)",
    (),
)
WAITING = (Rank.OVERDUE, Rank.AT_RISK, Rank.ON_TRACK, Rank.FOLLOW_UP, Rank.NO_CLOCK)


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off in the queue. `key` makes a form that is sent twice one attempt; `is_free`: nobody owns it yet."""

    hand_off: HandOff
    face: ClockFace
    why: list[str]
    next_step: str
    allowed: Allowed
    key: str
    is_free: bool
    deadline: DeadlineFace | None = None


@dataclass(frozen=True, slots=True)
class Group:
    rank: Rank
    size: int
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Person:
    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The page: `whose` as the address has it, `people` to choose from where there is a choice."""

    sentence: str
    free_sentence: str
    groups: list[Group]
    to_accept: list[Row]
    has_more_to_accept: bool
    whose: str
    people: list[Person]
    number: int
    has_next: bool
    logged: FollowUpAttempt | None
    complaints: tuple[str, ...]


def read_queue(acting: Acting, *, whose: str, number: int, now: dt.datetime) -> Queue:
    """Return one page of the queue of the person, or of those whom they manage."""
    people = people_of(acting)
    complaints: tuple[str, ...] = ()
    if not _is_among(whose, people):
        complaints = (_("You manage nobody of that name; this is your own queue."),)
        whose = ME
    mine = queue_in_order(acting, whose, now=now)
    sizes = _sizes(mine)
    start = (number - 1) * PAGE
    found = list(_with_all(mine)[start : start + PAGE + 1])
    waiting = list(_with_all(not_taken(acting))[: MOST_FREE + 1])
    rows = read_rows([*found[:PAGE], *waiting[:MOST_FREE]], acting, now=now)
    ranked = zip((getattr(one, "rank") for one in found[:PAGE]), rows, strict=False)  # noqa: B009
    groups = [
        Group(Rank(rank), sizes.get(rank, 0), [row for _rank, row in of_rank])
        for rank, of_rank in groupby(ranked, key=lambda one: one[0])
    ]
    return Queue(
        sentence=_sentence(mine, sizes, whose, people, now),
        free_sentence=_free_sentence(len(waiting)),
        groups=groups,
        to_accept=rows[len(found[:PAGE]) :],
        has_more_to_accept=len(waiting) > MOST_FREE,
        whose=whose,
        people=people,
        number=number,
        has_next=len(found) > PAGE,
        logged=_just_logged(acting, now),
        complaints=complaints,
    )


def may_open(acting: Acting, whose: str) -> bool:
    """Whether there is a queue of that name for this person."""
    return whose == ME or _is_among(whose, people_of(acting))


def name_of(acting: Acting, whose: str) -> str:
    """Return what somebody else's queue is called: by whose it is."""
    return next(person.name for person in people_of(acting) if person.value == whose)


def queue_in_order(acting: Acting, whose: str, *, now: dt.datetime) -> HandOffQuerySet:
    """Return the hand-offs of a queue in the order of work, each with its `rank`."""
    return _owned(acting, whose).annotate(rank=_rank(now)).order_by("rank", WHEN_NEXT, "pk")


def not_taken(acting: Acting) -> HandOffQuerySet:
    """Return those that nobody owns yet and that this person may take or give to somebody, due first."""
    return _free(acting).order_by(Least("acceptance_due_at", "due_at"), "pk")


def read_sentence(acting: Acting, *, now: dt.datetime) -> str:
    """Return how much waits for the person now."""
    mine = _owned(acting, ME).annotate(rank=_rank(now))
    return _sentence(mine, _sizes(mine), ME, [], now)


def read_rows(hand_offs: list[HandOff], acting: Acting, *, now: dt.datetime) -> list[Row]:
    """Return these hand-offs as rows of a queue, in their order."""
    with_calendars(hand_offs)
    definitions = definitions_of(hand_offs)
    return [
        Row(
            one,
            clock_face(one, now),
            why_this_lead(one, definitions),
            next_step(one),
            acting.on(one),
            str(uuid.uuid4()),
            is_unowned(one),
            deadline_ahead(one, now),
        )
        for one in hand_offs
    ]


def next_step(hand_off: HandOff) -> str:
    """Say what comes next on an open hand-off: Attempt 2 of 6."""
    if hand_off.connected_at is not None:
        return _("Connected: close it once it is decided")
    lead = hand_off.lead
    return _attempt(
        hand_off.attempts, hand_off.agreed_attempts, bool(lead.phone), bool(lead.email), get_language()
    )


@lru_cache(maxsize=1_024)
def _attempt(made: int, agreed: int | None, has_phone: bool, has_email: bool, language: str | None) -> str:
    """Say in this language, which is the active one, which attempt comes next; rows of a page say few such things.

    The way proposed is the one that stops the clock soonest, as far as it is known.
    """
    given = {"next": made + 1, "agreed": agreed}
    if agreed is None:
        step = _("Attempt %(next)s") % given
    elif made >= agreed:
        return _("All %(agreed)s agreed attempts made") % given
    else:
        step = _("Attempt %(next)s of %(agreed)s") % given
    how = _("call") if has_phone else _("e-mail") if has_email else ""
    return _("%(step)s: %(how)s") % {"step": step, "how": how} if how else step


def people_of(acting: Acting) -> list[Person]:
    """Whose queues this person may open beside their own; nobody's unless they manage somebody."""
    users = get_user_model().objects.filter(is_active=True)
    if acting.rights.is_administrator:
        users = users.filter(memberships__team__function=Team.Function.SALES).distinct()
    else:
        users = users.filter(pk__in=acting.people - {acting.rights.user_id})
    named = [Person(str(user.pk), str(user)) for user in users.order_by("name", "pk")]
    return [Person(TEAM, _("Everybody I manage")), *named] if named else []


def _is_among(whose: str, people: list[Person]) -> bool:
    return whose in {ME, *(person.value for person in people)}


def _open(acting: Acting) -> HandOffQuerySet:
    """Open hand-offs that are this person's business; an administrator's are all."""
    hand_offs = HandOff.objects.filter(closed_at=None)
    return hand_offs if acting.rights.is_administrator else hand_offs.concerning(acting.rights)


def _owned(acting: Acting, whose: str) -> HandOffQuerySet:
    if whose == ME:
        return HandOff.objects.filter(closed_at=None, owner=acting.rights.user_id)
    if whose != TEAM:
        return HandOff.objects.filter(closed_at=None, owner=int(whose))
    if acting.rights.is_administrator:
        return _open(acting).exclude(owner=None, owner_name="")
    return _open(acting).filter(
        Q(owner__in=acting.people) | Q(owner=None, team__in=acting.rights.managed) & ~Q(owner_name="")
    )


def _free(acting: Acting) -> HandOffQuerySet:
    """Those that nobody owns, here or outside, and that this person may take or give to somebody."""
    free = HandOff.objects.filter(closed_at=None, owner=None, owner_name="")
    if acting.rights.is_administrator:
        return free
    reach = Q(team__in=acting.rights.teams)
    return free.filter(reach | Q(team=None)) if acting.rights.manages_sales else free.filter(reach)


def _with_all(hand_offs: HandOffQuerySet) -> HandOffQuerySet:
    return hand_offs.select_related("lead", "owner", "team", "segment").only(*SHOWN)


def _rank(now: dt.datetime) -> RawSQL:
    today = start_of_local_day(timezone.localtime(now).date(), str(timezone.get_current_timezone()))
    return RawSQL(RANK, (now, now, now, today, now, now), output_field=IntegerField())


def _sizes(ranked: HandOffQuerySet) -> dict[int, int]:
    by_rank = ranked.values("rank").annotate(n=Count("pk")).order_by()  # type: ignore[misc]  # annotated
    return {row["rank"]: row["n"] for row in by_rank}


def _just_logged(acting: Acting, now: dt.datetime) -> FollowUpAttempt | None:
    """The last attempt that this person logged, as long as they can still undo it."""
    attempts = FollowUpAttempt.objects.standing().filter(by=acting.rights.user_id)
    recent = attempts.filter(logged_at__gte=now - UNDO_FOR)
    if not recent.exists():
        return None
    own = recent.filter(hand_off__in=_open_or_closed(acting)).select_related("hand_off__lead")
    return own.order_by("-logged_at", "-pk").first()


def _open_or_closed(acting: Acting) -> HandOffQuerySet:
    hand_offs = HandOff.objects.all()
    return hand_offs if acting.rights.is_administrator else hand_offs.concerning(acting.rights)


def _sentence(
    mine: HandOffQuerySet, sizes: dict[int, int], whose: str, people: list[Person], now: dt.datetime
) -> str:
    """Say how much waits, and where nothing does, when something will."""
    waiting = sum(sizes.get(rank, 0) for rank in WAITING)
    if waiting:
        return _waiting(waiting, sizes.get(Rank.OVERDUE, 0), whose, people)
    times = mine.aggregate(
        touch=Min("next_touch_at", filter=Q(next_touch_at__gt=now)),
        pause=Min("paused_until", filter=in_pause(now)),
    )
    following = min((at for at in times.values() if at is not None), default=None)
    if following is None:
        return _("All caught up.")
    return _("All caught up: next due %(at)s.") % {"at": phrases.moment(following, now=now)}


def _waiting(waiting: int, overdue: int, whose: str, people: list[Person]) -> str:
    if whose == ME:
        said = ngettext("%(n)s lead waits for you", "%(n)s leads wait for you", waiting) % {"n": waiting}
    elif whose == TEAM:
        said = ngettext("%(n)s lead waits for your people", "%(n)s leads wait for your people", waiting) % {
            "n": waiting
        }
    else:
        name = next(person.name for person in people if person.value == whose)
        said = ngettext("%(n)s lead waits for %(name)s", "%(n)s leads wait for %(name)s", waiting) % {
            "n": waiting,
            "name": name,
        }
    late = ngettext("%(n)s is overdue", "%(n)s are overdue", overdue) % {"n": overdue}
    late = late if overdue else _("none is overdue")
    return _("%(waiting)s; %(overdue)s.") % {"waiting": said, "overdue": late}


def _free_sentence(n: int) -> str:
    if n > MOST_FREE:
        return _("More than %(n)s leads are not taken by anybody yet.") % {"n": MOST_FREE}
    said = ngettext("%(n)s lead is not taken by anybody yet.", "%(n)s leads are not taken by anybody yet.", n)
    return said % {"n": n} if n else ""
