"""The manager's page of what needs somebody now, and giving several leads away at once, with undo."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.access import page
from agreements.rights import Rights
from agreements.site_addresses import next_address
from leads.acting import Acting
from leads.exports.lists import Kind
from leads.models import HandOff, Move
from leads.phrases import clock_words
from leads.readings.capacity import by_the_rules, capacities
from leads.readings.team_work import read_team_work
from leads.services.moving import MOST_AT_ONCE, UNDO_FOR, move_hand_offs, undo_move
from leads.views.actions import person
from leads.views.answers import typed
from leads.views.files import asked_file

RULES = "rules"


def gives_leads(rights: Rights) -> bool:
    """Whether this person gives leads to others at all."""
    return rights.is_administrator or rights.manages_sales


@page("GET", allow=gives_leads)
def team(request: HttpRequest) -> HttpResponse:
    """What needs me now?"""
    if file := asked_file(request, Kind.TEAM):
        return file
    now = timezone.now()
    context = {
        "work": read_team_work(Acting(request.user), now=now),
        "now": now,
        "clock_words": clock_words(now),
    }
    return render(request, "leads/team.html", context)


@page("GET", "POST", allow=gives_leads)
def give_several(request: HttpRequest) -> HttpResponse:
    """Who gets these leads? First with what each person has, would have, and may have at most."""
    me, now = Acting(request.user), timezone.now()
    sent = typed(request)
    asked = _ids((sent if sent is not None else request.GET).getlist("hand_off"))
    seen = HandOff.objects.visible_to(request.user).filter(pk__in=asked, closed_at=None)
    hand_offs = [
        one for one in seen.select_related("lead", "owner", "team").order_by("pk") if me.may_assign(one)
    ]
    people = capacities(me, hand_offs, now=now)
    complaint = "" if hand_offs else _("Choose at least one open lead that is yours to give.")
    if request.method == "POST" and hand_offs:
        chosen = request.POST.get("to", "")
        to = next((row.person for row in people if str(row.person.pk) == chosen), None)
        key = _key(request.POST.get("key", ""))
        if key is not None and (to is not None or chosen == RULES):
            move = move_hand_offs(
                hand_offs=[one.pk for one in hand_offs],
                to=to,
                key=key,
                now=now,
                by=person(request),
                may=me.may_assign,
            )
            if Move.objects.visible_to(request.user).filter(pk=move.pk).exists():
                return redirect("leads:move", move.pk)
        complaint = _("Choose who gets them.")
    context: dict[str, Any] = {
        "hand_offs": hand_offs,
        "people": people,
        "rules": by_the_rules(hand_offs, now=now) if hand_offs else "",
        "complaint": complaint,
        "key": uuid.uuid4(),
        "next": next_address(request),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "leads/give_several.html", context, status=status)


@page("GET", allow=gives_leads)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """What went to whom, and can it still be undone?"""
    now = timezone.now()
    found = get_object_or_404(Move.objects.visible_to(request.user), pk=pk)
    seen = HandOff.objects.visible_to(request.user)
    moved = found.moved.select_related("hand_off__lead", "from_owner", "to_owner").order_by("pk")
    rows = list(moved.filter(hand_off__in=seen))
    n = found.moved.count()
    context = {
        "move": found,
        "rows": rows,
        "sentence": ngettext("%(n)s lead was given away.", "%(n)s leads were given away.", n) % {"n": n}
        if n
        else _("No lead was given away: somebody has them already, or nobody could take them."),
        "may_undo": bool(n) and found.undone_at is None and now - found.made_at <= UNDO_FOR,
        "until": found.made_at + UNDO_FOR,
        "now": now,
    }
    return render(request, "leads/move.html", context)


@page("POST", allow=gives_leads)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Give everything back to whom it was with, but for what was touched since."""
    found = get_object_or_404(Move.objects.visible_to(request.user), pk=pk)
    try:
        undone = undo_move(move=found, now=timezone.now(), by=person(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("leads:move", pk)
    n = len(undone.back)
    messages.success(
        request,
        ngettext("%(n)s lead is back where it was.", "%(n)s leads are back where they were.", n) % {"n": n},
    )
    if undone.left:
        seen = HandOff.objects.visible_to(request.user).filter(pk__in=[one.pk for one in undone.left])
        names = ", ".join(str(one.lead) for one in seen.select_related("lead")[:20])
        left = len(undone.left)
        said = ngettext(
            "%(n)s stays, since somebody has touched it since: %(names)s.",
            "%(n)s stay, since somebody has touched them since: %(names)s.",
            left,
        )
        messages.warning(request, said % {"n": left, "names": names or "…"})
    return redirect("leads:move", pk)


def _ids(values: list[str]) -> list[int]:
    """Read the ids that were ticked; what is no id is nobody's lead."""
    ids = {int(one) for one in values if one.isascii() and one.isdecimal() and len(one) < 19}
    return sorted(ids)[:MOST_AT_ONCE]


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
