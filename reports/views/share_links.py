"""Links for people without an account: made, listed, revoked by who is signed in; opened by whoever has one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from agreements.access import page
from reports.charts import words
from reports.forms.share_links import ShareForm
from reports.models import ShareLink
from reports.pages.share_names import names_of_links
from reports.pages.shared import address_of_subject, see_shared
from reports.plotly_figures import figure
from reports.share_links import INTERVAL, find_share_link, make_share_link, open_share_link, revoke_share_link

A_PAGE = 50


@page("GET", "POST")
def share(request: HttpRequest) -> HttpResponse:
    """What will be shown, to whom, for how long? The address is shown this once."""
    form = ShareForm(request.POST if request.method == "POST" else request.GET)
    asked = form.subject_asked()
    if asked is None:
        if request.method == "GET":
            return redirect("reports:shares")
        messages.error(request, _("It is not said what to share: begin at the chart or the edition."))
        return _listed(request, status=422)
    now = timezone.now()
    link = ShareLink(maker=request.user, **asked)  # type: ignore[misc]  # is somebody
    shown = see_shared(link, now)
    if shown is None:
        raise Http404
    context = {"form": form, "shown": shown, "back": address_of_subject(link)}
    if request.method == "POST" and form.is_valid():
        try:
            made, token = make_share_link(
                maker=request.user,  # type: ignore[arg-type]
                subject=link.subject,
                chart=link.chart,
                query=link.query,
                edition=link.edition,
                days=form.cleaned_data["days"],
                now=now,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            # Shown once, in the answer itself: only its hash is kept.
            address = request.build_absolute_uri(reverse("reports:shared", args=[token]))
            return render(request, "reports/share_made.html", context | {"link": made, "address": address})
    return render(request, "reports/share.html", context, status=422 if request.method == "POST" else 200)


@page()
def shares(request: HttpRequest) -> HttpResponse:
    """What do I show to others, and until when?"""
    return _listed(request)


@page("POST")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link: from now on it is as if it had never been there."""
    link = get_object_or_404(ShareLink.objects.visible_to(request.user), pk=pk)
    if revoke_share_link(link=link, now=timezone.now()):
        messages.success(request, _("The link shows nothing any more."))
    return redirect("reports:shares")


@require_http_methods(["GET", "HEAD"])
@cache_control(private=True, no_store=True)
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """One chart or one edition, for whoever has the link: the secret is the right, no session is asked for."""
    now = timezone.now()
    link = find_share_link(token, now)
    if link is None:
        raise Http404
    if not open_share_link(link=link, now=now):
        answer = HttpResponse(_("This link is opened too often: try again soon."), status=429)
        answer.headers["Retry-After"] = str(int(INTERVAL.total_seconds()))
        return answer
    shown = see_shared(link, now)
    if shown is None:
        raise Http404
    said = _("as of %(at)s") % {"at": words.clock_time(shown.as_of, now)}
    context = {
        "shown": shown,
        "link": link,
        "as_of": said,
        "charts": [
            (chart, figure(chart, as_of=said, file=chart.key)) for chart in shown.charts if not chart.is_empty
        ],
    }
    answer = render(request, "reports/shared.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _listed(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    found = ShareLink.objects.visible_to(request.user).select_related("maker", "edition__agreement")
    links = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = [
        (one, name, address_of_subject(one), one.revoked_at is None and one.expires_at > now)
        for one, name in zip(links, names_of_links(list(links), request.user), strict=True)
    ]
    return render(request, "reports/shares.html", {"links": links, "rows": rows}, status=status)
