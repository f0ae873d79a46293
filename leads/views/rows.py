"""Answers to the queue's script: after an action the row as it is now, and how much still waits.

The script asks by the header `HX-Request`, so that an ended session leads to the sign-in page as for every other
fragment. Without a script the same forms lead back to the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from leads.acting import Acting
from leads.drawing.queue_rows import QueueRowDrawing
from leads.forms import PageForm
from leads.models import FollowUpAttempt, HandOff
from leads.readings.queue import read_rows, read_sentence
from leads.services.attempts import SYSTEM

FORBIDDEN, CONFLICT, UNREADABLE = 403, 409, 422


def asks_for_row(request: HttpRequest) -> bool:
    """Whether the queue's script sent this, and puts the answer into its list."""
    return request.method == "POST" and request.headers.get("HX-Request") == "true"


def act_on_row(
    request: HttpRequest,
    form: PageForm,
    act: Callable[[Mapping[str, Any]], str],
    hand_off: HandOff,
) -> HttpResponse:
    """Act on a form that was sent and is right; answer with the row, as done where its key made an attempt."""
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return row_answer(request, said, hand_off, status=UNREADABLE)
    try:
        said = act(form.cleaned_data)
    except ValidationError as error:
        return row_answer(request, " ".join(error.messages), hand_off, status=CONFLICT)
    made = FollowUpAttempt.objects.standing().filter(
        system=SYSTEM, external_id=str(form.cleaned_data.get("key"))
    )
    return row_answer(request, said, hand_off, logged=made.first() if "key" in form.cleaned_data else None)


def row_answer(
    request: HttpRequest,
    said: str,
    hand_off: HandOff | None = None,
    *,
    logged: FollowUpAttempt | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return what the list shows now instead of the row; no row where the person may not see it any more."""
    now, me = timezone.now(), Acting(request.user)
    related = ("lead__segment", "owner", "team", "segment")
    seen = HandOff.objects.visible_to(request.user).filter(closed_at=None).select_related(*related)
    found = seen.filter(pk=hand_off.pk).first() if hand_off is not None else None
    here = request.POST.get("next", "")
    context = {
        "said": said,
        "sentence": read_sentence(me, now=now),
        "row": read_rows([found], me, now=now)[0] if found is not None else None,
        "logged": logged,
        "drawing": QueueRowDrawing(request, here=here, now=now),
        "here": here,
        "now": now,
    }
    return render(request, "leads/_row_answer.html", context, status=status)
