"""Addresses of what lets programs in."""

from __future__ import annotations

from django.urls import URLPattern, path

from slaproject.integrations import views

app_name = "integrations"
urlpatterns: list[URLPattern] = [
    path("integrations/", views.tokens, name="tokens"),
    path("integrations/api/", views.described, name="described"),
    path("integrations/new/", views.new_token, name="new-token"),
    path("integrations/<int:pk>/revoke/", views.revoke, name="revoke"),
]
