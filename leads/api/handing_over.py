"""A lead that is there already, handed over by a program."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from agreements.api.scopes import Scope
from agreements.api.writing import Changing, once, read_body
from leads import acting
from leads.acting import Acting
from leads.api import sent
from leads.api.answers import as_it_is
from leads.api.steps import MARKETER, REP, described, note_in_log
from leads.models import Lead
from leads.services.hand_offs import hand_over


@described("leads_hand_over", {"team": "inside-sales", "owner": REP, "by": MARKETER}, status=201)
class HandOver(Changing):
    """Hand a lead over to a sales team, now: one that was recycled, for instance. Answered by the new hand-off."""

    scope = Scope.WRITE_LEADS
    body = sent.Given

    def post(self, request: Request, pk: int) -> HttpResponse:
        return once(request, lambda: self.act(request, pk))

    def act(self, request: Request, pk: int) -> Response:
        lead = get_object_or_404(Lead.objects.told_to(request.user), pk=pk)
        given = read_body(self.body, request)
        person = given.get("by")
        if person is not None and not Lead.objects.told_to(person).filter(pk=pk).exists():
            raise PermissionDenied(_("%(person)s may not see this lead.") % {"person": person})
        me = Acting(person or request.user)
        if not me.may_hand_over():
            raise PermissionDenied(acting.who_may_hand_over())
        made = hand_over(
            lead=lead, team=given["team"], owner=given.get("owner"), by=me.user, now=timezone.now()
        )
        note_in_log(self, request, pk, me)
        answer = as_it_is(made.pk)
        location = reverse("api:hand-off", kwargs={"pk": made.pk}, request=request)
        return Response(answer.data, status=201, headers={"Location": location})
