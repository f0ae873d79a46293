"""Campaigns and sources: read by everybody; planned by the managers and directors of marketing."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import table_answer
from agreements.models import Agreement, Campaign
from agreements.readings.standing import name_list
from agreements.services.campaigns import change_campaign, drop_campaign, plan_campaign
from reports.forms.campaigns import CampaignForm
from reports.forms.filters import read_query
from reports.pages.campaigns import campaign_page, campaigns_page, planning_parties
from reports.pages.frame import NoSuchAgreement, month_value, open_page, page_of_agreement
from reports.pages.shared import UNSHARED
from reports.plotly_figures import figure
from reports.readings.campaigns import names_known
from reports.views.live import follows, render_figures

REFUSED = 422


@page()
@follows
def campaigns(request: HttpRequest) -> HttpResponse:
    """How much of the month's goal is planned, and what do campaigns and sources bring?"""
    asked = read_query(request.GET)
    try:
        opened = open_page(asked, now=timezone.now(), user=request.user, filters=())
    except NoSuchAgreement as error:
        raise Http404 from error
    contents = campaigns_page(opened, request.user)
    if asked.file is not None:
        name, table = contents.table(asked.table)
        return table_answer(asked.file, table.flat_rows(), name=f"{name}-{opened.month_value}")
    return render_figures(request, "reports/campaigns.html", {"page": opened, "contents": contents})


@page()
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Will this campaign bring what was planned of it?"""
    found = campaign_page(_campaign(request, pk), request.user, now=timezone.now())
    if (asked := read_query(request.GET)).file is not None:
        return table_answer(asked.file, found.chart.table.flat_rows(), name=f"campaign-{pk}")
    drawn = figure(found.chart, as_of=found.page.as_of_sentence, file=f"campaign-{pk}")
    context = {
        "contents": found,
        "page": found.page,
        "figure": drawn,
        "share_state": urlencode({"campaign": pk}),
        "unshared": UNSHARED,
    }
    return render(request, "reports/campaign.html", context)


@page("GET", "POST")
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Plan leads of a campaign, or of a source."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    return _edit(request, agreement, None)


@page("GET", "POST")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is planned of a campaign."""
    found = _campaign(request, pk)
    return _edit(request, found.agreement, found)


@page("POST")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a plan away; its leads stay."""
    found = _campaign(request, pk)
    _refuse_others(request, found.agreement)
    drop_campaign(campaign=found, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("“%(name)s” is planned no more; its leads stay.") % {"name": found.name})
    return redirect(_month_of(found))


def _edit(request: HttpRequest, agreement: Agreement, found: Campaign | None) -> HttpResponse:
    _refuse_others(request, agreement)
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = CampaignForm(given, currency=agreement.currency, campaign=found)
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        said = {**form.terms(), "now": now, "by": request.user}
        try:
            if found is None:
                saved = plan_campaign(agreement=agreement, of=form.cleaned_data["of"], **said)
            else:
                saved = change_campaign(campaign=found, **said)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, _("Saved."))
            return redirect("reports:campaign", saved.pk)
    today = now.astimezone(agreement.zone).date()
    scope = page_of_agreement(agreement, month=today.replace(day=1), now=now).scope
    context = {"form": form, "agreement": agreement, "campaign": found, "names": names_known(scope)}
    status = REFUSED if request.method == "POST" else None
    return render(request, "reports/edit_campaign.html", context, status=status)


def _campaign(request: HttpRequest, pk: int) -> Campaign:
    seen = Campaign.objects.visible_to(request.user).select_related("agreement__calendar")
    return get_object_or_404(seen, pk=pk)


def _refuse_others(request: HttpRequest, agreement: Agreement) -> None:
    """Refuse who does not plan for marketing, saying who does."""
    marketing, mine = planning_parties(agreement, request.user)
    if not mine:
        teams = name_list([party.team.name for party in marketing])
        raise PermissionDenied(
            _("Campaigns are planned by the managers and directors of %(teams)s.") % {"teams": teams}
        )


def _month_of(campaign: Campaign) -> str:
    parts = {"month": month_value(campaign.starts_on), "agreement": campaign.agreement.slug}
    return f"{reverse('reports:campaigns')}?{urlencode(parts)}"
