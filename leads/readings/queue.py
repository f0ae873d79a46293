"""My queue: open hand-offs in the order in which they have to be worked, and those that nobody has taken yet."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.local_time import start_of_local_day
from agreements.models import Team
from leads.acting import UNDO_FOR, Acting, Allowed
from leads.models import FollowUpAttempt, HandOff
from leads.models.hand_offs import HandOffQuerySet
from leads.readings.clocks import ClockFace, clock_face, with_calendars

PAGE = 50
ME, TEAM = "me", "team"


# Within a group: what has a clock by its due time, what was answered by how long nobody has tried again.
WHEN_NEXT = Coalesce(
    Case(When(first_attempt_at__isnull=False, then=F("last_attempt_at"))), F("due_at"), F("handed_off_at")
)


class Rank(IntEnum):
    """The order of work. Answered ones have no clock any more, and wait for their next attempt."""

    OVERDUE = 0
    AT_RISK = 1
    TODAY = 2
    LATER = 3
    ANSWERED = 4
    NO_CLOCK = 5

    @property
    def title(self) -> str:
        return {
            Rank.OVERDUE: _("Overdue"),
            Rank.AT_RISK: _("At risk"),
            Rank.TODAY: _("Due today"),
            Rank.LATER: _("Due later"),
            Rank.ANSWERED: _("First attempt made: follow up"),
            Rank.NO_CLOCK: _("No clock"),
        }[self]


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off in the queue. `key` makes a form that is sent twice one attempt."""

    hand_off: HandOff
    face: ClockFace
    next_step: str
    allowed: Allowed
    key: str


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
    people = _people(acting)
    complaints: tuple[str, ...] = ()
    if whose not in {ME, *(person.value for person in people)}:
        complaints = (_("You manage nobody of that name; this is your own queue."),)
        whose = ME
    mine = _owned(acting, whose).annotate(rank=_rank(now))
    sizes = dict(mine.values_list("rank").annotate(n=Count("pk")).order_by())
    ordered = mine.order_by("rank", WHEN_NEXT, "pk")
    start = (number - 1) * PAGE
    found = list(_with_all(ordered)[start : start + PAGE + 1])
    waiting = list(_with_all(_free(acting)).order_by("due_at", "pk")[: PAGE + 1])
    with_calendars([*found, *waiting])
    groups = [
        Group(Rank(rank), sizes.get(rank, 0), [_row(one, acting, now) for one in rows])
        for rank, rows in groupby(found[:PAGE], key=lambda one: getattr(one, "rank"))  # noqa: B009
    ]
    return Queue(
        sentence=_sentence(sum(sizes.values()), sizes.get(Rank.OVERDUE, 0), whose, people),
        free_sentence=_free_sentence(len(waiting)),
        groups=groups,
        to_accept=[_row(one, acting, now) for one in waiting[:PAGE]],
        has_more_to_accept=len(waiting) > PAGE,
        whose=whose,
        people=people,
        number=number,
        has_next=len(found) > PAGE,
        logged=_just_logged(acting, now),
        complaints=complaints,
    )


def next_step(hand_off: HandOff) -> str:
    """Say what comes next on an open hand-off: Attempt 2 of 6."""
    if hand_off.connected_at is not None:
        return _("Connected: close it once it is decided")
    given = {"next": hand_off.attempts + 1, "agreed": hand_off.agreed_attempts}
    if hand_off.agreed_attempts is None:
        return _("Attempt %(next)s") % given
    if hand_off.attempts >= hand_off.agreed_attempts:
        return _("All %(agreed)s agreed attempts made") % given
    return _("Attempt %(next)s of %(agreed)s") % given


def _people(acting: Acting) -> list[Person]:
    """Whose queues this person may open beside their own; nobody's unless they manage somebody."""
    users = get_user_model().objects.filter(is_active=True)
    if acting.rights.is_administrator:
        users = users.filter(memberships__team__function=Team.Function.SALES).distinct()
    else:
        users = users.filter(pk__in=acting.people - {acting.rights.user_id})
    named = [Person(str(user.pk), str(user)) for user in users.order_by("name", "pk")]
    return [Person(TEAM, _("Everybody I manage")), *named] if named else []


def _open(acting: Acting) -> HandOffQuerySet:
    """Open hand-offs that are this person's business; an administrator's are all."""
    hand_offs = HandOff.objects.filter(closed_at=None)
    return hand_offs if acting.rights.is_administrator else hand_offs.concerning(acting.rights)


def _owned(acting: Acting, whose: str) -> HandOffQuerySet:
    if whose == ME:
        return _open(acting).filter(owner=acting.rights.user_id)
    if whose != TEAM:
        return _open(acting).filter(owner=int(whose))
    if acting.rights.is_administrator:
        return _open(acting).exclude(owner=None, owner_name="")
    return _open(acting).filter(
        Q(owner__in=acting.people) | Q(owner=None, team__in=acting.rights.managed) & ~Q(owner_name="")
    )


def _free(acting: Acting) -> HandOffQuerySet:
    """Those that nobody owns, here or outside, and that this person may take or give to somebody."""
    free = _open(acting).filter(owner=None, owner_name="")
    if acting.rights.is_administrator:
        return free
    reach = Q(team__in=acting.rights.teams)
    return free.filter(reach | Q(team=None)) if acting.rights.manages_sales else free.filter(reach)


def _with_all(hand_offs: HandOffQuerySet) -> HandOffQuerySet:
    return hand_offs.select_related("lead__segment", "owner", "team", "segment")


def _rank(now: dt.datetime) -> Case:
    zone = str(timezone.get_current_timezone())
    tomorrow = start_of_local_day(timezone.localtime(now).date() + dt.timedelta(days=1), zone)
    return Case(
        When(first_attempt_at__isnull=False, then=Value(Rank.ANSWERED.value)),
        When(due_at__isnull=True, then=Value(Rank.NO_CLOCK.value)),
        When(due_at__lt=now, then=Value(Rank.OVERDUE.value)),
        When(at_risk_at__lte=now, then=Value(Rank.AT_RISK.value)),
        When(due_at__lt=tomorrow, then=Value(Rank.TODAY.value)),
        default=Value(Rank.LATER.value),
        output_field=IntegerField(),
    )


def _row(hand_off: HandOff, acting: Acting, now: dt.datetime) -> Row:
    return Row(
        hand_off, clock_face(hand_off, now), next_step(hand_off), acting.on(hand_off), str(uuid.uuid4())
    )


def _just_logged(acting: Acting, now: dt.datetime) -> FollowUpAttempt | None:
    """The last attempt that this person logged, as long as they can still undo it."""
    attempts = FollowUpAttempt.objects.standing().filter(by=acting.rights.user_id)
    recent = attempts.filter(logged_at__gte=now - UNDO_FOR, hand_off__in=_open_or_closed(acting))
    return recent.select_related("hand_off__lead").order_by("-logged_at", "-pk").first()


def _open_or_closed(acting: Acting) -> HandOffQuerySet:
    hand_offs = HandOff.objects.all()
    return hand_offs if acting.rights.is_administrator else hand_offs.concerning(acting.rights)


def _sentence(waiting: int, overdue: int, whose: str, people: list[Person]) -> str:
    if not waiting:
        return _("All caught up.")
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
    if n > PAGE:
        return _("More than %(n)s leads are not taken by anybody yet.") % {"n": PAGE}
    said = ngettext("%(n)s lead is not taken by anybody yet.", "%(n)s leads are not taken by anybody yet.", n)
    return said % {"n": n} if n else ""
