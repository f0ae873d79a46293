"""Addresses of what one is told."""

from __future__ import annotations

from django.urls import URLPattern, path

from slaproject.outbox import views

app_name = "outbox"
urlpatterns: list[URLPattern] = [
    path("notices/", views.alerts, name="alerts"),
    path("notices/bell/", views.bell, name="bell"),
    path("notices/read/", views.read_all, name="read-all"),
    path("notices/<int:pk>/open/", views.open_alert, name="open"),
    path("notices/preferences/", views.preferences, name="preferences"),
    path("notices/preferences/test/<slug:channel>/", views.send_test, name="test"),
    path("notices/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("notices/deliveries/", views.deliveries, name="deliveries"),
    path("notices/deliveries/<int:pk>/again/", views.replay, name="replay"),
]
