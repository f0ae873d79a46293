"""Who may do what with a lead and its hand-offs: decided here alone, for pages, buttons and the sentences that refuse.

Definitions. A hand-off's *owner* works it, and so does who *manages* it: a manager of the owner; without an owner here
a manager of the receiving team; without a team either, whoever manages sales. Administrators manage all, and so do
programs, which come by the API alone, where their token says what they were made for. A hand-off is
*free* while nobody owns it, here or outside: people of the receiving team may take it or give it back. Whether the
hand-off is still open is not asked here: the services refuse what came too late, in a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from agreements.models import Membership
from agreements.rights import Rights, rights_of
from leads import clock
from leads.models import FollowUpAttempt, HandOff

UNDO_FOR = dt.timedelta(minutes=15)
RUNS = (clock.State.RUNNING, clock.State.AT_RISK)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one person may do with one hand-off, as buttons need it."""

    work: bool
    assign: bool
    accept: bool
    reject: bool
    pause: bool
    resume: bool
    answer: bool
    decide: bool


def answers_for_data(rights: Rights) -> bool:
    """Directors of marketing and sales, and administrators: they mend what is wrong with the data."""
    directs = bool(rights.directed) and (rights.manages_marketing or rights.manages_sales)
    return rights.is_administrator or directs


class Acting:
    """One person before leads and hand-offs; reads whom they manage once."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.rights = rights_of(user)

    @cached_property
    def people(self) -> frozenset[int]:
        """The ids of those whom this person manages."""
        if not self.rights.managed:
            return frozenset()
        managed = Membership.objects.filter(team__in=self.rights.managed)
        return frozenset(managed.values_list("user_id", flat=True))

    def owns(self, hand_off: HandOff) -> bool:
        return hand_off.owner_id is not None and hand_off.owner_id == self.rights.user_id

    def manages(self, hand_off: HandOff) -> bool:
        if self.rights.knows_all_leads:
            return True
        if hand_off.owner_id is not None:
            return hand_off.owner_id in self.people
        if hand_off.team_id is not None:
            return hand_off.team_id in self.rights.managed
        return self.rights.manages_sales

    def may_work(self, hand_off: HandOff) -> bool:
        """Whether this person may log attempts on it, and close it."""
        return self.owns(hand_off) or self.manages(hand_off)

    def may_assign(self, hand_off: HandOff) -> bool:
        """Whether this person gives it to somebody: who manages it, as they know whom the lead is about."""
        return self.manages(hand_off)

    def may_accept(self, hand_off: HandOff) -> bool:
        """Whether accepting is this person's to do; somebody else may have been first, which the service says."""
        return self.owns(hand_off) or hand_off.team_id in self.rights.teams

    def may_reject(self, hand_off: HandOff) -> bool:
        is_free = is_unowned(hand_off) and hand_off.team_id in self.rights.teams
        return is_free or self.may_work(hand_off)

    def may_hand_over(self) -> bool:
        return self.rights.may_hand_over or self.rights.is_integration

    def may_answer_rejections(self) -> bool:
        """Whether this person speaks for marketing, of the leads that they may see."""
        return self.rights.may_hand_over

    def may_merge(self) -> bool:
        """Whether this person merges leads that they may know, and undoes it."""
        return answers_for_data(self.rights) or self.rights.is_integration

    def may_undo(self, attempt: FollowUpAttempt, *, now: dt.datetime) -> bool:
        return self.may_undo_own(attempt, now=now) or self.manages(attempt.hand_off)

    def may_undo_own(self, attempt: FollowUpAttempt, *, now: dt.datetime) -> bool:
        """Whether it is this person's own slip of a moment ago: then no reason is asked for."""
        is_own = attempt.by_id is not None and attempt.by_id == self.rights.user_id
        return is_own and now - attempt.logged_at <= UNDO_FOR

    def on(self, hand_off: HandOff) -> Allowed:
        """Return what to offer on this hand-off: nothing but late attempts once it is closed."""
        is_open = hand_off.closed_at is None
        is_waiting = is_unowned(hand_off) or (hand_off.accepted_at is None and self.owns(hand_off))
        is_rejected = hand_off.closed_as == HandOff.ClosedAs.REJECTED
        return Allowed(
            work=self.may_work(hand_off),
            assign=is_open and self.may_assign(hand_off),
            accept=is_open and is_waiting and self.may_accept(hand_off),
            reject=is_open and self.may_reject(hand_off),
            answer=is_rejected and not hand_off.rejection_answer and self.may_answer_rejections(),
            decide=hand_off.rejection_answer == HandOff.RejectionAnswer.DISPUTED and self.manages(hand_off),
            pause=is_open and hand_off.state in RUNS and self.may_work(hand_off),
            resume=is_open and hand_off.state == clock.State.PAUSED and self.may_work(hand_off),
        )


def still(may: Callable[[HandOff], bool], who: Callable[[HandOff], str]) -> Callable[[HandOff], None]:
    """Ask once more under the lock, of the hand-off as it is now; a service then refuses, saying who may.

    Between the page's question and the lock somebody else may have taken it, or got it.
    """

    def check(hand_off: HandOff) -> None:
        if not may(hand_off):
            raise ValidationError(who(hand_off))

    return check


def is_unowned(hand_off: HandOff) -> bool:
    """Whether nobody owns it, neither here nor outside."""
    return hand_off.owner_id is None and not hand_off.owner_name


def who_may_work(hand_off: HandOff) -> str:
    """Say who may log attempts: the refusal of everybody else."""
    if is_unowned(hand_off):
        return _("Nobody owns this lead yet: who accepts it logs the attempts.")
    return _("Only %(owner)s or who manages them can log attempts here.") % _owner(hand_off)


def who_may_pause(hand_off: HandOff) -> str:
    """Say who may pause a clock, and let it go on."""
    if is_unowned(hand_off):
        return _("Nobody owns this lead yet: who accepts it can pause its clock.")
    return _("Only %(owner)s or who manages them can pause this clock or let it go on.") % _owner(hand_off)


def who_may_rate(hand_off: HandOff) -> str:
    """Say who may rate the lead."""
    if is_unowned(hand_off):
        return _("Nobody owns this lead yet: who accepts it can rate it.")
    return _("Only %(owner)s or who manages them can rate this lead.") % _owner(hand_off)


def who_may_close(hand_off: HandOff) -> str:
    """Say who may close a hand-off."""
    if is_unowned(hand_off):
        return _("Nobody owns this lead yet: who accepts it can close it.")
    return _("Only %(owner)s or who manages them can close this.") % _owner(hand_off)


def who_may_reject(hand_off: HandOff) -> str:
    """Say who may give a lead back."""
    if is_unowned(hand_off):
        return _("Only people of %(team)s can give this lead back.") % _team(hand_off)
    return _("Only %(owner)s or who manages them can give this lead back.") % _owner(hand_off)


def who_may_accept(hand_off: HandOff) -> str:
    """Say who may accept a hand-off."""
    if is_unowned(hand_off):
        return _("Only people of %(team)s can accept this lead.") % _team(hand_off)
    return _("Only %(owner)s can accept this lead.") % _owner(hand_off)


def who_may_assign(hand_off: HandOff) -> str:
    """Say who may give a hand-off to somebody."""
    if is_unowned(hand_off):
        return _("Only a manager of %(team)s can give this lead to somebody.") % _team(hand_off)
    return _("Only who manages %(owner)s can give this lead to somebody.") % _owner(hand_off)


def who_may_undo(attempt: FollowUpAttempt) -> str:
    """Say who may undo an attempt."""
    minutes = {"minutes": UNDO_FOR // dt.timedelta(minutes=1)}
    return (
        _(
            "Who logged an attempt can undo it for %(minutes)s minutes; after that, who manages the lead's owner can."
        )
        % minutes
    )


def who_may_hand_over() -> str:
    """Say who may hand a lead over."""
    return _("Only people of marketing hand leads over.")


def who_may_merge() -> str:
    """Say who may make one lead of two, and two of one again."""
    return _("Only directors of marketing and sales, and administrators, merge leads.")


def who_may_answer_rejections() -> str:
    """Say who may agree to a rejection or dispute it."""
    return _("Only people of marketing answer a rejection.")


def who_may_decide(hand_off: HandOff) -> str:
    """Say who may decide a dispute."""
    if is_unowned(hand_off):
        return _("Only a manager of %(team)s decides a dispute.") % _team(hand_off)
    return _("Only who manages %(owner)s decides a dispute.") % _owner(hand_off)


def _owner(hand_off: HandOff) -> dict[str, object]:
    return {"owner": hand_off.owner or hand_off.owner_name}


def _team(hand_off: HandOff) -> dict[str, object]:
    return {"team": hand_off.team or _("the sales team")}
