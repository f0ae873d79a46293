"""Addresses of the pages about webhooks."""

from __future__ import annotations

from django.urls import URLPattern, path

from slaproject.webhooks import views

app_name = "webhooks"
urlpatterns: list[URLPattern] = [
    path("webhooks/in/", views.inlets, name="inlets"),
    path("webhooks/in/new/", views.new_inlet, name="new-inlet"),
    path("webhooks/in/<int:pk>/new-secret/", views.renew_secret, name="renew-secret"),
    path("webhooks/in/<int:pk>/end-older-secret/", views.end_older_secret, name="end-older-secret"),
    path("webhooks/in/<int:pk>/close/", views.close_inlet, name="close-inlet"),
    path("webhooks/in/failed/<int:pk>/again/", views.take_again, name="take-again"),
]
