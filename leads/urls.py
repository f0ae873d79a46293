"""Addresses of leads and their hand-offs."""

from __future__ import annotations

from django.urls import path

from leads.views import (
    actions,
    away,
    board,
    disputes,
    exports,
    life,
    moving,
    new_hours,
    pages,
    quality,
    ratings,
    re_dating,
    routing,
    search,
)

app_name = "leads"
urlpatterns = [
    path("queue/", pages.queue, name="queue"),
    path("handed-over/", pages.handed_over, name="handed-over"),
    path("search/", search.find, name="search"),
    path("data-quality/", quality.quality, name="quality"),
    path("leads/", pages.leads, name="leads"),
    path("leads/new/", pages.new_lead, name="new-lead"),
    path("leads/<int:pk>/", pages.lead, name="lead"),
    path("leads/<int:pk>/panel/", pages.panel, name="panel"),
    path("leads/<int:pk>/hand-over/", actions.hand_over, name="hand-over"),
    path("hand-offs/<int:pk>/assign/", actions.assign, name="assign"),
    path("hand-offs/<int:pk>/accept/", actions.accept, name="accept"),
    path("hand-offs/<int:pk>/reject/", actions.reject, name="reject"),
    path("hand-offs/<int:pk>/log/", actions.log_attempt, name="log-attempt"),
    path("hand-offs/<int:pk>/close/", actions.close, name="close"),
    path("hand-offs/<int:pk>/agree/", disputes.agree, name="agree-to-rejection"),
    path("hand-offs/<int:pk>/dispute/", disputes.dispute, name="dispute"),
    path("hand-offs/<int:pk>/decide/", disputes.decide, name="decide-dispute"),
    path("hand-offs/<int:pk>/pause/", life.pause, name="pause"),
    path("hand-offs/<int:pk>/resume/", life.resume, name="resume"),
    path("hand-offs/<int:pk>/next-touch/", life.next_touch, name="next-touch"),
    path("hand-offs/<int:pk>/rate/", ratings.rate, name="rate"),
    path("hand-offs/<int:pk>/explain/", pages.explain, name="explain"),
    path(
        "agreements/<slug:slug>/versions/<int:number>/open-hand-offs/", re_dating.re_dating, name="re-dating"
    ),
    path("calendars/<slug:slug>/open-hand-offs/", new_hours.new_hours, name="new-hours"),
    path("hours-proposals/<int:pk>/", new_hours.hours_proposal, name="hours-proposal"),
    path("attempts/<int:pk>/undo/", actions.undo_attempt, name="undo-attempt"),
    path("routing/", routing.routing, name="routing"),
    path("routing/caps/", routing.caps, name="routing-caps"),
    path("routing/rules/new/", routing.new_rule, name="new-routing-rule"),
    path("routing/rules/<int:pk>/", routing.rule, name="routing-rule"),
    path("routing/rules/<int:pk>/move/", routing.move, name="move-routing-rule"),
    path("routing/rules/<int:pk>/delete/", routing.delete, name="delete-routing-rule"),
    path("files/", exports.exports, name="exports"),
    path("files/new/", exports.new_export, name="new-export"),
    path("files/<int:pk>/", exports.export_file, name="export-file"),
    path("files/<int:pk>/discard/", exports.discard_export, name="discard-export"),
    path("away/", away.away, name="away"),
    path("away/<int:pk>/end/", away.end, name="end-absence"),
    path("people/<int:pk>/open-leads/", away.move_work, name="move-work"),
    path("team/", moving.team, name="team"),
    path("board/", board.board, name="board"),
    path("board/rules/<slug:slug>/", board.board_rule, name="board-rule"),
    path("hand-offs/give/", moving.give_several, name="give-several"),
    path("moves/<int:pk>/", moving.move, name="move"),
    path("moves/<int:pk>/undo/", moving.undo, name="undo-move"),
]
