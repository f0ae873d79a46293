"""The steps of a hand-off that programs take: the services, rights and sentences of the pages.

Each step is done for the person that the request names, by that person's rights, or else by the program itself: what
it was made for is its token's to say. What only people say, needs one to be named.
"""

from __future__ import annotations

import datetime as dt
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from agreements.api.reading import etag_of
from agreements.api.refusals import Refused
from agreements.api.scopes import Scope
from agreements.api.writing import Changing, WritingSchema, once, read_body
from agreements.models import Membership, Team
from leads import acting
from leads.acting import Acting
from leads.api import sent
from leads.api.answers import IF_MATCH, as_it_is, attempt_as_it_is, refuse_changed
from leads.api.attempts import AttemptRow
from leads.api.hand_offs import HandOffRow
from leads.api.merges import MergeRow
from leads.models import FollowUpAttempt, HandOff
from leads.services import attempts, disputes, hand_offs, next_touches, pauses, ratings

logger = logging.getLogger(__name__)
RELATED = ("lead", "owner", "team", "calendar_revision__calendar", "agreement", "version")
REP, MANAGER, MARKETER = "rep@example.com", "manager@example.com", "marketer@example.com"
DIRECTOR = "sales.director@example.com"
ANSWERS = {
    HandOffRow: {
        "id": 12,
        "lead": 7,
        "lead_external_id": "L-1",
        "owner": REP,
        "state": "running",
        "due_at": "2026-03-04T16:00:00Z",
    },
    AttemptRow: {"id": 31, "hand_off": 12, "channel": "call", "outcome": "no_answer", "by": REP},
    MergeRow: {"id": 3, "survivor": 7, "absorbed": 8, "reason": "The same person", "by": DIRECTOR},
}
Given = Mapping[str, Any]


def described(name: str, example: Given, *, status: int = 200, answer: Any = HandOffRow) -> Any:
    """Describe a step: what it takes, with an example, and what it answers."""

    def describe(view: Any) -> Any:
        operation = extend_schema(
            operation_id=name.replace("-", "_"),
            tags=[name.split("_")[0]],
            request=view.body,
            responses={status: answer},
            examples=[
                OpenApiExample(view.__name__, dict(example), request_only=True),
                OpenApiExample("Done", ANSWERS[answer], response_only=True, status_codes=[str(status)]),
            ],
        )
        return extend_schema_view(post=operation)(view)

    return describe


class StepSchema(WritingSchema):
    """The description of a step."""

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), IF_MATCH]


class Step(ABC, Changing):
    """A step of one hand-off. `may` says whose right it is, and `who` the sentence by which others are refused."""

    scope = Scope.WORK
    schema = StepSchema()
    body: type[serializers.Serializer]
    may: staticmethod[[Acting, HandOff], bool]
    who: staticmethod[[HandOff], str]

    def post(self, request: Request, pk: int) -> HttpResponse:
        answer = once(request, lambda: self.act(request, pk))
        if answer.status_code == 200:  # the hand-off, as it would be read now
            answer.headers["ETag"] = etag_of(answer.content)
        return answer

    def act(self, request: Request, pk: int) -> Response:
        hand_off = get_object_or_404(self.known(request).select_related(*RELATED), pk=pk)
        given = read_body(self.body, request)
        me = for_whom(request, given, hand_off)
        if not self.may(me, hand_off):
            raise PermissionDenied(self.who(hand_off))
        refuse_changed(request, hand_off)
        done = self.take(hand_off, given, me, timezone.now())
        note_in_log(self, request, pk, me)
        return done

    def known(self, request: Request) -> QuerySet[HandOff]:
        return HandOff.objects.visible_to(request.user)

    def still(self, me: Acting) -> Callable[[HandOff], None]:
        """Return the question that services ask once more under the lock."""
        return acting.still(lambda hand_off: self.may(me, hand_off), self.who)

    @abstractmethod
    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        """Call the service, and answer with the hand-off as it is then."""


@described("hand-offs_accept", {"by": REP})
class Accept(Step):
    """Accept a hand-off for a person; one that nobody owns becomes theirs. Of many at once the first wins."""

    body = sent.BySomebody
    may, who = staticmethod(Acting.may_accept), staticmethod(acting.who_may_accept)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        hand_offs.accept(hand_off=hand_off, at=now, now=now, by=me.user)
        return as_it_is(hand_off.pk)


@described("hand-offs_assign", {"owner": REP, "by": MANAGER})
class Assign(Step):
    """Give a hand-off to somebody of sales; its clock runs on."""

    body = sent.Assigned
    may, who = staticmethod(Acting.may_assign), staticmethod(acting.who_may_assign)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        places = Membership.objects.taking_part().filter(
            user=given["owner"], team__function=Team.Function.SALES
        )
        if not me.rights.knows_all_leads:
            places = places.filter(team__in=me.rights.managed | {hand_off.team_id or 0})
        if not places.exists():
            raise ValidationError(
                {"owner": _("This person is in none of the sales teams that it may go to.")}
            )
        hand_offs.assign(
            hand_off=hand_off, owner=given["owner"], at=now, now=now, by=me.user, still=self.still(me)
        )
        return as_it_is(hand_off.pk)


@described("hand-offs_reject", {"reason": "wrong_contact", "by": REP})
class Reject(Step):
    """Give a lead back to marketing, with the reason."""

    body = sent.Rejected
    may, who = staticmethod(Acting.may_reject), staticmethod(acting.who_may_reject)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        hand_offs.close(
            hand_off=hand_off,
            closed_as=HandOff.ClosedAs.REJECTED,
            at=now,
            now=now,
            by=me.user,
            reason=given["reason"],
            reason_text=given["text"],
            still=self.still(me),
        )
        return as_it_is(hand_off.pk)


@described(
    "hand-offs_log_attempt",
    {"channel": "call", "outcome": "no_answer", "attempted_at": "2026-03-04T12:30:00Z", "by": REP},
    status=201,
    answer=AttemptRow,
)
class LogAttempt(Step):
    """Log one attempt. Answered by the attempt; the facts of its hand-off are worked out with it."""

    body = sent.Logged
    may, who = staticmethod(Acting.may_work), staticmethod(acting.who_may_work)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        made = attempts.log_attempt(
            hand_off=hand_off,
            attempted_at=given.get("attempted_at"),
            channel=given["channel"],
            outcome=given["outcome"],
            is_automated=given["is_automated"],
            note=given["note"],
            now=now,
            by=me.user,
            is_by_hand=True,
            still=self.still(me),
        )
        location = reverse("api:attempt", kwargs={"pk": made.pk}, request=self.request)
        return Response(attempt_as_it_is(made.pk), status=201, headers={"Location": location})


@described("hand-offs_pause", {"until": "2026-03-06T09:00:00Z", "reason": "asked_later", "by": REP})
class Pause(Step):
    """Pause the clock of a hand-off from now on, as its agreement allows."""

    body = sent.Paused
    may, who = staticmethod(Acting.may_work), staticmethod(acting.who_may_pause)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        pauses.pause(
            hand_off=hand_off,
            until=given["until"],
            reason=given["reason"],
            now=now,
            by=me.user,
            still=self.still(me),
        )
        return as_it_is(hand_off.pk)


@described("hand-offs_resume", {"by": REP})
class Resume(Step):
    """End a pause now. It needs no body."""

    body = sent.ForSomebody
    may, who = staticmethod(Acting.may_work), staticmethod(acting.who_may_pause)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        pauses.resume(hand_off=hand_off, now=now, by=me.user, still=self.still(me))
        return as_it_is(hand_off.pk)


@described("hand-offs_next_touch", {"at": "2026-03-06T09:00:00Z", "by": REP})
class NextTouch(Step):
    """Plan when a lead is tried next, or (null) that it is not."""

    body = sent.Planned
    may, who = staticmethod(Acting.may_work), staticmethod(acting.who_may_work)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        next_touches.plan_next_touch(
            hand_off=hand_off, at=given["at"], now=now, by=me.user, still=self.still(me)
        )
        return as_it_is(hand_off.pk)


@described("hand-offs_close", {"closed_as": "won", "by": REP})
class Close(Step):
    """Say how a hand-off ended. To give it back with a reason there is `reject/`."""

    body = sent.Closed
    may, who = staticmethod(Acting.may_work), staticmethod(acting.who_may_close)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        hand_offs.close(
            hand_off=hand_off,
            closed_as=given["closed_as"],
            returns_on=given.get("returns_on"),
            at=now,
            now=now,
            by=me.user,
            still=self.still(me),
        )
        return as_it_is(hand_off.pk)


class OfMarketing(Step):
    """What marketing says to a rejection."""

    may = staticmethod(lambda me, _hand_off: me.may_answer_rejections())
    who = staticmethod(lambda _hand_off: acting.who_may_answer_rejections())


@described("hand-offs_agree", {"by": MARKETER})
class Agree(OfMarketing):
    """Agree to a rejection, for somebody of marketing."""

    body = sent.BySomebody

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        disputes.agree_to_rejection(hand_off=hand_off, now=now, by=me.user)
        return as_it_is(hand_off.pk)


@described("hand-offs_dispute", {"words": "The number was right: I called it myself.", "by": MARKETER})
class Dispute(OfMarketing):
    """Dispute a rejection, for somebody of marketing; sales decides."""

    body = sent.Disputed

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        disputes.dispute_rejection(hand_off=hand_off, words=given["words"], now=now, by=me.user)
        return as_it_is(hand_off.pk)


@described("hand-offs_decide", {"outcome": "withdrawn", "answer": "You are right.", "by": MANAGER})
class Decide(Step):
    """Uphold a disputed rejection or withdraw it, for a manager of sales."""

    body = sent.Decided
    may, who = staticmethod(Acting.manages), staticmethod(acting.who_may_decide)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        disputes.decide_dispute(
            hand_off=hand_off,
            outcome=given["outcome"],
            answer=given["answer"],
            now=now,
            by=me.user,
            still=self.still(me),
        )
        return as_it_is(hand_off.pk)


@described("hand-offs_rate", {"grade": "good", "reason": "ready", "by": REP})
class Rate(Step):
    """Say how good the lead was, for who works it; also once it is closed."""

    body = sent.Rated
    may, who = staticmethod(Acting.may_work), staticmethod(acting.who_may_rate)

    def take(self, hand_off: HandOff, given: Given, me: Acting, now: dt.datetime) -> Response:
        ratings.rate_lead(
            hand_off=hand_off,
            grade=given["grade"],
            reason=given["reason"],
            now=now,
            by=me.user,
            still=self.still(me),
        )
        return as_it_is(hand_off.pk)


@described("attempts_undo", {"reason": "Logged on the wrong lead.", "by": MANAGER}, answer=AttemptRow)
class UndoAttempt(Changing):
    """Undo an attempt: it stays in sight, with the reason, and counts no more."""

    scope = Scope.WORK
    body = sent.Undone

    def post(self, request: Request, pk: int) -> HttpResponse:
        return once(request, lambda: self.act(request, pk))

    def act(self, request: Request, pk: int) -> Response:
        visible = FollowUpAttempt.objects.visible_to(request.user)
        related = ("hand_off__lead", "hand_off__owner", "hand_off__team")
        attempt = get_object_or_404(visible.select_related(*related), pk=pk)
        given = read_body(self.body, request)
        me, now = for_whom(request, given, attempt.hand_off), timezone.now()
        if not me.may_undo(attempt, now=now):
            raise PermissionDenied(acting.who_may_undo(attempt))
        if not given["reason"] and not me.may_undo_own(attempt, now=now):
            raise ValidationError({"reason": _("Say why it is undone.")})
        undone = attempts.void_attempt(
            attempt=attempt,
            now=now,
            by=me.user,
            reason=given["reason"],
            still=acting.still(
                lambda hand_off: me.may_undo_own(attempt, now=now) or me.manages(hand_off),
                lambda _hand_off: acting.who_may_undo(attempt),
            ),
        )
        if not undone:
            raise Refused(_("This attempt was undone already."))
        note_in_log(self, request, pk, me)
        return Response(attempt_as_it_is(pk))


def for_whom(request: Request, given: Given, hand_off: HandOff) -> Acting:
    """Return who acts: the person that was named, who must see the lead as on the pages, or the program itself."""
    person = given.get("by")
    if person is None:
        return Acting(request.user)
    me = Acting(person)
    seen = HandOff.objects.visible_to(person).values("pk")
    reach = HandOff.objects.filter(Q(pk__in=seen) | Q(team__in=me.rights.teams))
    if not reach.filter(pk=hand_off.pk).exists():
        raise PermissionDenied(_("%(person)s may not see this lead.") % {"person": person})
    return me


def note_in_log(view: Any, request: Request, pk: int, me: Acting) -> None:
    """Events name the person for whom something was done; the log, the token that did it."""
    logger.info("%s %s by token %s for user %s", type(view).__name__, pk, request.auth.pk, me.user.pk)
