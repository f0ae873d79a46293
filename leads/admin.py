"""Leads in the admin: entering goes through the services, so that clocks and figures follow."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.admin import CarefulAdmin
from agreements.terms import company_zone
from leads.forms import AttemptForm, DealForm, HandOverForm, LeadForm
from leads.models import (
    AttemptNote,
    Deal,
    Dispute,
    FollowUpAttempt,
    HandOff,
    HandOffEvent,
    HeldBack,
    Import,
    Lead,
    Pause,
)
from leads.services.attempts import SYSTEM, log_attempt, void_attempt
from leads.services.hand_offs import hand_over


class ThroughServiceAdmin(CarefulAdmin):
    """Adding calls a service."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Lead)
class LeadAdmin(CarefulAdmin):
    form = LeadForm
    list_display = ("external_id", "name", "company", "source", "segment", "origin", "qualified_on")
    list_filter = ("origin", "segment", "source")
    search_fields = ("external_id", "name", "company", "email")
    date_hierarchy = "qualified_on"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Lead, form: ModelForm, change: bool) -> None:
        if not change:
            obj.system = SYSTEM
            obj.created_at = timezone.now()
        if "qualified_at" in form.changed_data:
            obj.qualified_on = obj.qualified_at.astimezone(company_zone()).date()
            obj.is_qualified_date_only = False
        super().save_model(request, obj, form, change)


@admin.register(HandOff)
class HandOffAdmin(ThroughServiceAdmin):
    form = HandOverForm
    list_display = (
        "lead",
        "number",
        "handed_off_at",
        "team",
        "owner",
        "state",
        "due_at",
        "attempts",
        "closed_as",
    )
    list_filter = ("state", "closed_as", "team", "agreement")
    list_select_related = ("lead", "team", "owner")
    search_fields = ("lead__external_id", "lead__name", "lead__company", "owner__name", "owner_name")
    raw_id_fields = ("lead",)
    date_hierarchy = "handed_off_on"

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        assert request.user.is_authenticated
        given = form.cleaned_data
        hand_off = hand_over(
            lead=given["lead"],
            team=given["team"],
            owner=given["owner"],
            agreement=given["agreement"],
            at=given["handed_off_at"],
            now=timezone.now(),
            by=request.user,
        )
        obj.pk, obj.number = hand_off.pk, hand_off.number


@admin.register(FollowUpAttempt)
class FollowUpAttemptAdmin(ThroughServiceAdmin):
    form = AttemptForm
    list_display = (
        "hand_off",
        "attempted_at",
        "channel",
        "outcome",
        "by",
        "by_name",
        "is_automated",
        "voided_at",
    )
    list_filter = ("channel", "outcome", "is_automated")
    list_select_related = ("hand_off__lead", "by")
    raw_id_fields = ("hand_off",)
    actions = ["void"]

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        assert request.user.is_authenticated
        given = form.cleaned_data
        attempt = log_attempt(
            hand_off=given["hand_off"],
            attempted_at=given["attempted_at"],
            channel=given["channel"],
            outcome=given["outcome"],
            note=given["note_text"],
            now=timezone.now(),
            by=request.user,
        )
        obj.pk = attempt.pk

    @admin.action(description=_("Void (undo)"))
    def void(self, request: HttpRequest, queryset: QuerySet[FollowUpAttempt]) -> None:
        assert request.user.is_authenticated
        voided = sum(
            void_attempt(attempt=attempt, now=timezone.now(), by=request.user) for attempt in queryset
        )
        self.message_user(request, _("Voided: %(n)s.") % {"n": voided})


@admin.register(AttemptNote)
class AttemptNoteAdmin(CarefulAdmin):
    list_display = ("attempt", "text")
    raw_id_fields = ("attempt",)


@admin.register(Deal)
class DealAdmin(CarefulAdmin):
    form = DealForm
    list_display = ("external_id", "lead", "closed_on", "amount", "currency", "is_won", "origin")
    list_filter = ("is_won", "origin")
    list_select_related = ("lead",)
    raw_id_fields = ("lead", "recorded_by")
    search_fields = ("external_id", "lead__external_id")


@admin.register(HandOffEvent)
class HandOffEventAdmin(ThroughServiceAdmin):
    list_display = ("happened_at", "hand_off", "kind", "actor")
    list_filter = ("kind",)
    list_select_related = ("hand_off__lead", "actor")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Pause)
class PauseAdmin(ThroughServiceAdmin):
    list_display = ("hand_off", "starts_at", "ends_at", "reason", "paused_by")
    list_filter = ("reason",)
    list_select_related = ("hand_off__lead", "paused_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Dispute)
class DisputeAdmin(ThroughServiceAdmin):
    list_display = ("hand_off", "opened_at", "opened_by", "outcome", "decided_at", "decided_by")
    list_filter = ("outcome",)
    list_select_related = ("hand_off__lead", "opened_by", "decided_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(HeldBack)
class HeldBackAdmin(ThroughServiceAdmin):
    list_display = ("hand_off", "sweep", "until_at", "times", "error")
    list_filter = ("sweep",)
    list_select_related = ("hand_off__lead",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Import)
class ImportAdmin(ThroughServiceAdmin):
    list_display = (
        "started_at",
        "kind",
        "system",
        "file_name",
        "rows",
        "created",
        "updated",
        "unchanged",
        "rejected",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
