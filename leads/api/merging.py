"""Two leads that are one, merged by a program, and that undone: the services, rights and sentences of the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from agreements.api.fields import read_rows, written
from agreements.api.scopes import Scope
from agreements.api.writing import Changing, once, read_body
from leads import acting
from leads.acting import Acting
from leads.api import sent
from leads.api.merges import MergeRow
from leads.api.steps import DIRECTOR, described, note_in_log
from leads.models import Lead, Merge
from leads.services.merging import merge_leads, undo_merge


@described(
    "leads_merge",
    {"absorbed": 8, "reason": "The same person", "by": DIRECTOR},
    status=201,
    answer=MergeRow,
)
class MergeLead(Changing):
    """Take another lead into this one, which goes on with the hand-offs, attempts and deals of both.

    The other keeps its id, and `leads/ID/` says of it where it went. Answered by the merge, which can be undone.
    """

    scope = Scope.MERGE_LEADS
    body = sent.Merged

    def post(self, request: Request, pk: int) -> HttpResponse:
        return once(request, lambda: self.act(request, pk))

    def act(self, request: Request, pk: int) -> Response:
        known = Lead.objects.told_to(request.user)
        survivor = get_object_or_404(known, pk=pk)
        given = read_body(self.body, request)
        absorbed = known.filter(pk=given["absorbed"]).first()
        if absorbed is None:
            raise ValidationError({"absorbed": _("There is no such lead.")})
        me = who_merges(request, given.get("by"), [survivor.pk, absorbed.pk])
        made = merge_leads(
            survivor=survivor,
            absorbed=absorbed,
            reason=given["reason"],
            now=timezone.now(),
            by=me.user,
            may_know=lambda lead: Lead.objects.visible_to(me.user).filter(pk=lead.pk).exists(),
        )
        note_in_log(self, request, pk, me)
        location = reverse("api:merge", kwargs={"pk": made.pk}, request=request)
        return Response(merge_as_it_is(made.pk), status=201, headers={"Location": location})


@described("merges_undo", {"by": DIRECTOR}, answer=MergeRow)
class UndoMerge(Changing):
    """Make two leads of one again, each with what it had and what happened to that since. It needs no body."""

    scope = Scope.MERGE_LEADS
    body = sent.ForSomebody

    def post(self, request: Request, pk: int) -> HttpResponse:
        return once(request, lambda: self.act(request, pk))

    def act(self, request: Request, pk: int) -> Response:
        merge = get_object_or_404(Merge.objects.visible_to(request.user), pk=pk)
        given = read_body(self.body, request)
        me = who_merges(request, given.get("by"), [merge.survivor_id])
        undo_merge(merge=merge, now=timezone.now(), by=me.user)
        note_in_log(self, request, pk, me)
        return Response(merge_as_it_is(pk))


def who_merges(request: Request, person: Any, lead_ids: list[int]) -> Acting:
    """Return who acts: the person that was named, who must know these leads and merge on the pages; or the program."""
    if person is None:
        return Acting(request.user)
    if Lead.objects.told_to(person).filter(pk__in=lead_ids).count() < len(set(lead_ids)):
        raise PermissionDenied(_("%(person)s may not see this lead.") % {"person": person})
    me = Acting(person)
    if not me.may_merge():
        raise PermissionDenied(acting.who_may_merge())
    return me


def merge_as_it_is(pk: int) -> dict[str, Any]:
    """Return what is said of a merge."""
    fields = MergeRow._declared_fields
    (row,) = read_rows(Merge.objects.filter(pk=pk), fields)
    return written(row, fields)
