"""Addresses of the reports."""

from __future__ import annotations

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.home, name="home"),
    path("waterfall/", views.waterfall, name="waterfall"),
    path("speed/", views.speed, name="speed"),
    path("depth/", views.depth, name="depth"),
    path("recalibration/", views.recalibration, name="recalibration"),
]
