"""The addresses of the whole site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from slaproject.health import livez, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("slaproject.accounts.urls")),
    path("set-up/", include("slaproject.setting_up.urls")),
    path("", include("reports.urls")),
    path("", include("leads.urls")),
    path("", include("agreements.urls")),
]
