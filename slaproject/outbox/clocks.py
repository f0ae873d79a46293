"""The ladder of each clock: when its rungs are reached, and who hears of one that was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Greatest

from agreements.models import CalendarRevision
from agreements.readings.inherited_ladder import LadderTerms
from leads.models import HandOff, HandOffEvent, Pause
from slaproject.outbox.hearing import Ladder, Rung, heard_by, is_overtaken
from slaproject.outbox.kinds import SUBJECT_OF_CLOCK
from slaproject.outbox.models import Rung as RungRow
from slaproject.outbox.models import SetAside
from slaproject.outbox.people import Company, people_to_tell
from slaproject.outbox.setting_aside import do_each, left_alone
from slaproject.outbox.telling import Telling, tell

BATCH = 5_000
WAITING = (HandOff.State.RUNNING, HandOff.State.AT_RISK, HandOff.State.OVERDUE)
Kind = HandOffEvent.Kind
# Events after which a clock runs as it now does: a rung that was reached before was nobody's to hear of.
SETS_A_CLOCK = ("handed_off", "re_dated", "reopened", "corrected")
ENDS_A_PAUSE = ("resumed", "pause_ended")


def lay_out_rungs(hand_off_ids: Iterable[int]) -> int:
    """Work out the rungs of these hand-offs anew, where their clocks wait; return how many rungs there are."""
    ids = sorted(set(hand_off_ids))
    waiting = list(HandOff.objects.filter(waiting_clock(), pk__in=ids).select_related("version"))
    revisions = CalendarRevision.objects.in_bulk({one.calendar_revision_id for one in waiting})
    ladders = Ladders(waiting)
    pauses = Pause.objects.spans(one.pk for one in waiting)
    set_at: dict[int, dt.datetime] = dict(
        HandOffEvent.objects.filter(hand_off__in=ids, kind__in=(*SETS_A_CLOCK, *ENDS_A_PAUSE))
        .values_list("hand_off")
        .annotate(
            set_at=Greatest(
                Max("recorded_at", filter=Q(kind__in=SETS_A_CLOCK)),
                Max("happened_at", filter=Q(kind__in=ENDS_A_PAUSE)),
            )
        )
    )
    rows = []
    for one in waiting:
        assert one.allowance is not None and one.due_at is not None
        reached = ladders.of(one).rungs(
            revisions[one.calendar_revision_id].compiled(),
            started_at=one.handed_off_at,
            allowance=one.allowance,
            due_at=one.due_at,
            pauses=pauses.get(one.pk, ()),
        )
        rows += [
            RungRow(hand_off=one, rung=rung.value, reached_at=at, due_at=one.due_at)
            for rung, at in reached.items()
            if one.pk not in set_at or at >= set_at[one.pk]
        ]
    RungRow.objects.filter(hand_off__in=ids).delete()
    RungRow.objects.bulk_create(rows, batch_size=5_000)
    return len(rows)


def waiting_clock() -> Q:
    """Clocks that wait for a first attempt on a hand-off that is open."""
    return Q(
        state__in=WAITING,
        due_at__isnull=False,
        allowance__isnull=False,
        first_attempt_at=None,
        closed_at=None,
    )


class Ladders:
    """The ladder of each hand-off: that of the version whose terms it has, or what that inherits on the same day."""

    def __init__(self, hand_offs: Iterable[HandOff]) -> None:
        self._terms = LadderTerms(one.re_dated_under_id or one.version_id or 0 for one in hand_offs)

    def of(self, hand_off: HandOff) -> Ladder:
        if hand_off.re_dated_under_id is not None:
            day = self._terms.first_day(hand_off.re_dated_under_id)
            return ladder_of(self._terms.of(hand_off.re_dated_under_id, day))
        if hand_off.version_id is not None:
            return ladder_of(self._terms.of(hand_off.version_id, hand_off.handed_off_on))
        return Ladder()


def ladder_of(terms: Mapping[str, Any]) -> Ladder:
    """Return the ladder of these terms; what they say nothing about is as usual."""
    given = dict(terms)
    if "early_share" in given:
        given["early"] = Fraction(given.pop("early_share"))
    return Ladder(**given)


def tell_of_rungs(*, now: dt.datetime) -> int:
    """Tell of the rungs that were reached; return how many of them. Two at once do not get in each other's way.

    One that cannot be told is set aside, and the others are told all the same.
    """
    total = 0
    while True:
        with transaction.atomic():
            reached = {
                one.pk: one
                for one in RungRow.objects.filter(reached_at__lte=now)
                .exclude(pk__in=left_alone(SetAside.Source.RUNG, now))
                .order_by("reached_at", "pk")
                .select_for_update(skip_locked=True)[:BATCH]
            }

            def pass_on(ids: Sequence[int], rows: dict[int, RungRow] = reached) -> None:
                some = [(one.hand_off_id, Rung(one.rung), one) for one in map(rows.__getitem__, ids)]
                tell(tellings_of(some, now), now=now)
                RungRow.objects.filter(pk__in=ids).delete()

            total += len(do_each(SetAside.Source.RUNG, list(reached), pass_on, now=now))
        if len(reached) < BATCH:
            return total


def tellings_of(
    reached: Sequence[tuple[int, Rung, RungRow | HandOffEvent]], now: dt.datetime
) -> Iterator[Telling]:
    """Say who is to be told that these hand-offs reached these rungs; nobody of a clock that waits no more.

    Nor of what was reached before anybody noted the hand-off: that is an import's history.
    """
    ids = {hand_off_id for hand_off_id, _rung, _row in reached}
    waiting = HandOff.objects.filter(waiting_clock()).in_bulk(ids)
    noted = noted_at(ids)
    company, can_sign_in, ladders = Company.read(), people_to_tell(), Ladders(waiting.values())
    for hand_off_id, rung, row in reached:
        hand_off = waiting.get(hand_off_id)
        if hand_off is None or hand_off.due_at is None:
            continue
        if isinstance(row, RungRow):
            happened_at = row.reached_at
            if row.due_at != hand_off.due_at:
                continue  # the clock was moved: its rungs are laid out anew
        else:
            happened_at = row.happened_at
        if hand_off_id in noted and happened_at < noted[hand_off_id]:
            continue
        if is_overtaken(rung, now, at_risk_at=hand_off.at_risk_at, due_at=hand_off.due_at):
            continue
        if (rung is Rung.OVERDUE and now <= hand_off.due_at) or (
            rung is Rung.AT_RISK and _is_early(hand_off, now)
        ):
            continue  # the event is of a clock that was moved since
        if rung is Rung.EARLY and hand_off.owner_id is None:
            continue  # nobody's lead is its managers' business once it is at risk
        told = company.told(hand_off, heard_by(rung, ladders.of(hand_off)), can_sign_in)
        for person_id, place in told.items():
            yield Telling(
                person_id=person_id,
                kind=rung.value,
                about=hand_off_id,
                subject=SUBJECT_OF_CLOCK["overdue_for_managers" if place != "owner" else rung.value],
                place=place.value,
                happened_at=happened_at,
                hand_off_id=hand_off_id,
            )


def is_done_since(hand_off: HandOff, at: dt.datetime) -> bool:
    """Whether somebody tried or reached the lead since: nothing of that instant is left to do."""
    tried_at = hand_off.last_attempt_at
    return hand_off.connected_at is not None or (tried_at is not None and tried_at >= at)


def is_answered(hand_off: HandOff) -> bool:
    """Whether sales took the lead: by accepting it, or by trying it."""
    return hand_off.accepted_at is not None or hand_off.first_attempt_at is not None


def noted_at(hand_off_ids: Iterable[int]) -> dict[int, dt.datetime]:
    """Return when these hand-offs were noted, where an event says so: later than they were made, by an import."""
    begun = HandOffEvent.objects.filter(hand_off__in=set(hand_off_ids), kind=Kind.HANDED_OFF)
    return dict(begun.values_list("hand_off", "recorded_at"))


def _is_early(hand_off: HandOff, now: dt.datetime) -> bool:
    return hand_off.at_risk_at is None or now < hand_off.at_risk_at
