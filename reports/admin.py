"""Editions, share links and the checks of figures in the admin: looked at, and nothing else."""

from __future__ import annotations

from django.contrib import admin

from agreements.admin import ReadOnlyAdmin
from reports.models import Acknowledgement, Edition, FigureCheck, ShareLink


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ("agreement", "month_on", "number", "as_of", "sha256")
    list_filter = ("agreement",)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ("edition", "party", "person", "acknowledged_at")
    list_select_related = ("edition__agreement", "party__agreement", "party__team", "person")


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = ("subject", "chart", "maker", "made_at", "expires_at", "revoked_at", "last_opened_at")
    list_filter = ("subject",)
    list_select_related = ("maker",)
    exclude = ("token_sha256",)


@admin.register(FigureCheck)
class FigureCheckAdmin(ReadOnlyAdmin):
    list_display = ("month_on", "checked_at", "hand_offs", "figures", "wrong_hand_offs", "wrong_figures")
    list_filter = ("checked_at",)
