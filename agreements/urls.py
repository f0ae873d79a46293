"""Addresses of agreements. That of signing stands in the project's: the service behind it is an upper app's."""

from __future__ import annotations

from django.urls import URLPattern, path

from agreements.views import drafts, pages

app_name = "agreements"
urlpatterns: list[URLPattern] = [
    path("agreements/", pages.agreements, name="agreements"),
    path("agreements/new/", pages.new_agreement, name="new"),
    path("agreements/<slug:slug>/", pages.agreement, name="agreement"),
    path("agreements/<slug:slug>/amend/", drafts.amend, name="amend"),
    path("agreements/<slug:slug>/versions/<int:number>/", pages.version, name="version"),
    path("agreements/<slug:slug>/versions/<int:number>/edit/", drafts.edit, name="edit"),
    path("agreements/<slug:slug>/versions/<int:number>/preview/", drafts.preview, name="preview"),
    path("agreements/<slug:slug>/versions/<int:number>/start-over/", drafts.over, name="start-over"),
    path("agreements/<slug:slug>/versions/<int:number>/withdraw/", drafts.withdraw, name="withdraw"),
    path("plans/<int:pk>/", pages.plan, name="plan"),
]
