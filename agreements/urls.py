"""Addresses of agreements. That of signing stands in the project's: the service behind it is an upper app's."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import (
    calendars,
    comparing,
    contacts,
    draft_campaign_goals,
    draft_measures,
    draft_obligations,
    drafts,
    negotiation,
    obligations,
    pages,
    records,
    reviews,
    supports,
)

app_name = "agreements"
urlpatterns: list[URLPattern] = [
    path("agreements/", pages.agreements, name="agreements"),
    path("agreements/new/", pages.new_agreement, name="new"),
    path("agreements/<slug:slug>/", pages.agreement, name="agreement"),
    path("agreements/<slug:slug>/compare/", comparing.compare, name="compare"),
    path("agreements/<slug:slug>/amend/", drafts.amend, name="amend"),
    path("agreements/<slug:slug>/versions/<int:number>/", pages.version, name="version"),
    path("agreements/<slug:slug>/versions/<int:number>/edit/", drafts.edit, name="edit"),
    path(
        "agreements/<slug:slug>/versions/<int:number>/negotiation/",
        negotiation.negotiation,
        name="negotiation",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/send-to-review/",
        negotiation.send,
        name="send-to-review",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/ask-for-changes/",
        negotiation.ask,
        name="ask-for-changes",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/comments/<int:pk>/settle/",
        negotiation.settle,
        name="settle-comment",
    ),
    path("agreements/<slug:slug>/versions/<int:number>/preview/", drafts.preview, name="preview"),
    path("agreements/<slug:slug>/versions/<int:number>/start-over/", drafts.over, name="start-over"),
    path("agreements/<slug:slug>/versions/<int:number>/withdraw/", drafts.withdraw, name="withdraw"),
    path(
        "agreements/<slug:slug>/versions/<int:number>/obligations/",
        draft_obligations.draft_obligations,
        name="draft-obligations",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/obligations/new/",
        draft_obligations.new_obligation,
        name="new-obligation",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/obligations/<int:pk>/",
        draft_obligations.edit_obligation,
        name="edit-obligation",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/obligations/<int:pk>/remove/",
        draft_obligations.remove,
        name="remove-obligation",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/campaign-goals/",
        draft_campaign_goals.draft_campaign_goals,
        name="draft-campaign-goals",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/campaign-goals/new/",
        draft_campaign_goals.new_campaign_goal,
        name="new-campaign-goal",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/campaign-goals/<int:pk>/",
        draft_campaign_goals.edit_campaign_goal,
        name="edit-campaign-goal",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/campaign-goals/<int:pk>/remove/",
        draft_campaign_goals.remove,
        name="remove-campaign-goal",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/measures/",
        draft_measures.draft_measures,
        name="draft-measures",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/measures/new/",
        draft_measures.new_measure,
        name="new-measure",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/measures/say/",
        draft_measures.say_measure,
        name="say-measure",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/measures/<int:pk>/",
        draft_measures.edit_measure,
        name="edit-measure",
    ),
    path(
        "agreements/<slug:slug>/versions/<int:number>/measures/<int:pk>/remove/",
        draft_measures.remove,
        name="remove-measure",
    ),
    path("agreements/<slug:slug>/contacts/", contacts.contacts, name="contacts"),
    path("agreements/<slug:slug>/contacts/new/", contacts.new_contact, name="new-contact"),
    path("agreements/<slug:slug>/contacts/<int:pk>/", contacts.contact, name="contact"),
    path("agreements/<slug:slug>/contacts/<int:pk>/remove/", contacts.remove, name="remove-contact"),
    path("agreements/<slug:slug>/supports/", supports.supports, name="supports"),
    path("agreements/<slug:slug>/supports/<int:pk>/remove/", supports.remove, name="remove-support"),
    path("agreements/<slug:slug>/obligations/", obligations.obligations, name="obligations"),
    path("agreements/<slug:slug>/obligations/<int:pk>/", obligations.occurrence, name="occurrence"),
    path("agreements/<slug:slug>/obligations/<int:pk>/hand-on/", obligations.hand_on, name="hand-on"),
    path(
        "agreements/<slug:slug>/deliveries/<int:pk>/file/", obligations.delivered_file, name="delivered-file"
    ),
    path("agreements/<slug:slug>/reviews/", reviews.reviews, name="reviews"),
    path("agreements/<slug:slug>/reviews/<int:pk>/", reviews.review, name="review"),
    path("agreements/<slug:slug>/reviews/<int:pk>/decisions/", reviews.add_decision, name="add-decision"),
    path("agreements/<slug:slug>/decisions/<int:pk>/done/", reviews.decision_done, name="decision-done"),
    path("agreements/<slug:slug>/cancel/", reviews.cancel, name="cancel"),
    path("agreements/<slug:slug>/renew/", reviews.renew, name="renew"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/<str:token>.ics", calendars.calendar_feed, name="calendar-feed"),
    path("agreements/<slug:slug>/record/", records.record, name="record"),
    path("agreements/<slug:slug>/versions/<int:number>/text/", records.signed_text, name="signed-text"),
    path("agreements/<slug:slug>/versions/<int:number>/document/", records.document, name="document"),
    path("plans/<int:pk>/", pages.plan, name="plan"),
]
