"""The addresses of the whole site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from agreements import urls as agreement_urls
from agreements.views.signing import sign
from leads.services.amending import sign_amendment
from slaproject.health import livez, readyz
from slaproject.metrics import metrics

# The page is the lower app's; what a signature does to hand-offs the upper one's.
agreements: list[URLPattern] = [
    *agreement_urls.urlpatterns,
    path(
        "agreements/<slug:slug>/versions/<int:number>/sign/",
        sign,
        {"sign_by": sign_amendment},
        name="sign",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("slaproject.integrations.api_urls")),
    path("", include("slaproject.integrations.urls")),
    path("", include("slaproject.accounts.urls")),
    path("", include("slaproject.outbox.urls")),
    path("", include("slaproject.webhooks.urls")),
    path("set-up/", include("slaproject.setting_up.urls")),
    path("", include("reports.urls")),
    path("", include("leads.urls")),
    path("", include((agreements, "agreements"))),
]
