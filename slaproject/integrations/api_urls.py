"""Every address of the API."""

from __future__ import annotations

from django.urls import URLPattern, path

from slaproject.integrations import api

app_name = "api"
urlpatterns: list[URLPattern] = [
    path("", api.Root.as_view(), name="root"),
    path("schema/", api.Schema.as_view(), name="schema"),
    path("<path:rest>", api.Nothing.as_view(), name="nothing"),
]
