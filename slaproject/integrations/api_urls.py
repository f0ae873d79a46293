"""Every address of the API."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from agreements.api import agreements, calendars, plans
from leads.api import (
    attempts,
    deals,
    hand_offs,
    handing_over,
    imports,
    leads,
    merges,
    merging,
    sending,
    steps,
)
from reports.api import explore, measures, months, reports
from slaproject.integrations import api
from slaproject.webhooks.api import Webhook

app_name = "api"
urlpatterns: list[URLPattern] = [
    path("", api.Root.as_view(), name="root"),
    path("schema/", api.Schema.as_view(), name="schema"),
    path("leads/", leads.Leads.as_view(), name="leads"),
    path("leads/bulk/", sending.ManyLeads.as_view(), name="many-leads"),
    path("leads/<int:pk>/", leads.OneLead.as_view(), name="lead"),
    path("leads/<int:pk>/hand-over/", handing_over.HandOver.as_view(), name="hand-over"),
    path("leads/<int:pk>/merge/", merging.MergeLead.as_view(), name="merge-lead"),
    path("merges/", merges.Merges.as_view(), name="merges"),
    path("merges/<int:pk>/", merges.OneMerge.as_view(), name="merge"),
    path("merges/<int:pk>/undo/", merging.UndoMerge.as_view(), name="undo-merge"),
    path("hand-offs/", hand_offs.HandOffs.as_view(), name="hand-offs"),
    path("hand-offs/<int:pk>/", hand_offs.OneHandOff.as_view(), name="hand-off"),
    path("hand-offs/<int:pk>/explain/", hand_offs.ExplainHandOff.as_view(), name="explain-hand-off"),
    path("hand-offs/<int:pk>/accept/", steps.Accept.as_view(), name="accept"),
    path("hand-offs/<int:pk>/assign/", steps.Assign.as_view(), name="assign"),
    path("hand-offs/<int:pk>/reject/", steps.Reject.as_view(), name="reject"),
    path("hand-offs/<int:pk>/log-attempt/", steps.LogAttempt.as_view(), name="log-attempt"),
    path("hand-offs/<int:pk>/pause/", steps.Pause.as_view(), name="pause"),
    path("hand-offs/<int:pk>/resume/", steps.Resume.as_view(), name="resume"),
    path("hand-offs/<int:pk>/next-touch/", steps.NextTouch.as_view(), name="next-touch"),
    path("hand-offs/<int:pk>/close/", steps.Close.as_view(), name="close"),
    path("hand-offs/<int:pk>/agree/", steps.Agree.as_view(), name="agree-to-rejection"),
    path("hand-offs/<int:pk>/dispute/", steps.Dispute.as_view(), name="dispute"),
    path("hand-offs/<int:pk>/decide/", steps.Decide.as_view(), name="decide-dispute"),
    path("hand-offs/<int:pk>/rate/", steps.Rate.as_view(), name="rate"),
    path("attempts/", attempts.Attempts.as_view(), name="attempts"),
    path("attempts/<int:pk>/", attempts.OneAttempt.as_view(), name="attempt"),
    path("attempts/<int:pk>/undo/", steps.UndoAttempt.as_view(), name="undo-attempt"),
    path("deals/", deals.Deals.as_view(), name="deals"),
    path("deals/bulk/", sending.ManyDeals.as_view(), name="many-deals"),
    path("deals/<int:pk>/", deals.OneDeal.as_view(), name="deal"),
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/<int:pk>/", imports.OneImport.as_view(), name="import"),
    path("agreements/", agreements.Agreements.as_view(), name="agreements"),
    path("agreements/<slug:slug>/", agreements.OneAgreement.as_view(), name="agreement"),
    path("agreements/<slug:slug>/versions/", agreements.Versions.as_view(), name="versions"),
    path("agreements/<slug:slug>/versions/<int:number>/", agreements.OneVersion.as_view(), name="version"),
    path("agreements/<slug:slug>/measure-values/", measures.MeasureValues.as_view(), name="measure-values"),
    path("measure-values/<int:pk>/void/", measures.VoidValue.as_view(), name="void-value"),
    path("plans/", plans.Plans.as_view(), name="plans"),
    path("plans/<int:pk>/", plans.OnePlan.as_view(), name="plan"),
    path("calendars/", calendars.Calendars.as_view(), name="calendars"),
    path("calendars/<slug:slug>/", calendars.OneCalendar.as_view(), name="calendar"),
    path("calendars/<slug:slug>/explain/", calendars.ExplainCalendar.as_view(), name="explain-calendar"),
    path("reports/waterfall/", reports.WaterfallOf.as_view(), name="waterfall"),
    path("reports/speed/", reports.SpeedOf.as_view(), name="speed"),
    path("reports/depth/", reports.DepthOf.as_view(), name="depth"),
    path("reports/explore/", explore.ExplorationOf.as_view(), name="explore"),
    path("reports/landing/", months.LandingOf.as_view(), name="landing"),
    path("reports/gap/", months.GapOf.as_view(), name="gap"),
    path("reports/recalibration/", reports.RecalibrationOf.as_view(), name="recalibration"),
    path("webhooks/<slug:key>/", Webhook.as_view(), name="webhook"),
    re_path(r"^(?P<rest>(?s:.)+)\Z", api.Nothing.as_view(), name="nothing"),  # `path:` knows no line end
]
