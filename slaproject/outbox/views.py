"""Pages of what one is told: the notices, what reaches whom how, and for administrators what became of the messages."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from agreements.access import administrators, page
from agreements.downloads import asked_format, file_answer
from slaproject.accounts.models import User
from slaproject.outbox import choosing, delivery
from slaproject.outbox.alert_files import HEADINGS, alert_rows
from slaproject.outbox.bell import count_text
from slaproject.outbox.forms import PreferencesForm
from slaproject.outbox.kinds import Channel
from slaproject.outbox.marking import mark_all_read, mark_read
from slaproject.outbox.models import Address, Alert, Arrival, Message, SetAside, Subject
from slaproject.outbox.unsubscribing import end_mails, read_token
from slaproject.outbox.wording import say

A_PAGE = 25
TESTED = (Channel.MAIL, Channel.CHAT, Channel.WEBHOOK)


@page()
def alerts(request: HttpRequest) -> HttpResponse:
    """What am I told, and what have I not read yet?"""
    mine = Alert.objects.visible_to(request.user).select_related("agreement").order_by("-made_at", "-pk")
    is_unread = request.GET.get("show") == "unread"
    listed = mine.unread() if is_unread else mine
    if file := asked_format(request.GET):
        name = f"notices-{timezone.localdate().isoformat()}"
        return file_answer(file, HEADINGS, alert_rows(listed, request.user), name=name)
    shown = Paginator(listed, A_PAGE).get_page(request.GET.get("page"))
    found = {one.alert.pk: one for one in say(shown.object_list, request.user)}
    context = {
        "rows": [(alert, found.get(alert.pk)) for alert in shown.object_list],
        "shown": shown,
        "is_unread": is_unread,
        "has_unread": mine.unread().exists(),
    }
    return render(request, "outbox/alerts.html", context)


@page("POST")
def open_alert(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read, and go where it leads."""
    alert = get_object_or_404(Alert.objects.visible_to(request.user).select_related("agreement"), pk=pk)
    mark_read(alert=alert, now=timezone.now())
    said = say([alert], request.user)
    return redirect(said[0].path if said else "outbox:alerts")


@page("POST")
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    mark_all_read(person=request.user, now=timezone.now())
    return redirect("outbox:alerts")


@page()
def bell(request: HttpRequest) -> HttpResponse:
    """How many notices are unread: asked by an open page from time to time."""
    return render(request, "outbox/_bell.html", {"unread": count_text(request.user)})


@page("GET", "POST")
def preferences(request: HttpRequest) -> HttpResponse:
    """What reaches me, how, and how soon?"""
    form = PreferencesForm(request.POST or getattr(request, "kept", None), person=request.user)
    if request.method == "POST" and form.is_valid():
        choosing.choose(person=request.user, chosen=form.chosen)
        for channel in (Channel.CHAT, Channel.WEBHOOK):
            choosing.name_address(person=request.user, channel=channel, url=form.cleaned_data[channel.value])
        messages.success(request, _("Saved."))
        return redirect("outbox:preferences")
    hook = Address.objects.visible_to(request.user).filter(channel=Channel.WEBHOOK).first()
    return render(request, "outbox/preferences.html", {"form": form, "hook": hook, "tested": TESTED})


@page("POST")
def send_test(request: HttpRequest, channel: str) -> HttpResponse:
    """Send me a test by this way."""
    if channel not in TESTED:
        raise Http404
    try:
        choosing.ask_for_test(person=request.user, channel=Channel(channel), now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("A test is on its way. It is there within a minute."))
    return redirect("outbox:preferences")


# A mail program asks for this by itself (RFC 8058) and has no token of ours: the signed address is the right to it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End mails about something by the link in one of them, signed in or not; only a POST does it."""
    found = read_token(token)
    person = User.objects.filter(pk=found[0], is_active=True).first() if found else None
    if found is None or person is None:
        raise Http404
    is_done = request.method == "POST"
    if is_done:
        end_mails(person_id=person.pk, subjects=found[1])
    subjects = [Subject(one.value).label for one in found[1]]
    return render(request, "outbox/unsubscribe.html", {"subjects": subjects, "is_done": is_done})


@page(allow=administrators)
def deliveries(request: HttpRequest) -> HttpResponse:
    """What became of the messages, and which of them are parked?"""
    kept = Message.objects.select_related("person").order_by("-pk")
    state = request.GET.get("state", "")
    if state in Message.State.values:
        kept = kept.filter(state=state)
    context = {
        "shown": Paginator(kept, A_PAGE * 2).get_page(request.GET.get("page")),
        "state": state,
        "states": Message.State.choices,
        "n_parked": Message.objects.filter(state=Message.State.PARKED).count(),
        "aside": SetAside.objects.order_by("source", "row_id")[:A_PAGE],
        "n_aside": SetAside.objects.count() + Arrival.objects.filter(tries__gt=0).count(),
        "unread": Arrival.objects.filter(tries__gt=0).order_by("id")[:A_PAGE],
        "n_waiting": Message.objects.filter(state=Message.State.WAITING).count(),
    }
    return render(request, "outbox/deliveries.html", context)


@page("POST", allow=administrators)
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a parked message again."""
    get_object_or_404(Message, pk=pk)
    if delivery.replay(message_id=pk, now=timezone.now()):
        messages.success(request, _("It is sent again."))
    return redirect("outbox:deliveries")
