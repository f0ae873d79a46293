"""Addresses of the pages about webhooks."""

from __future__ import annotations

from django.urls import URLPattern, path

from slaproject.webhooks import inlet_views, outlet_views

app_name = "webhooks"
urlpatterns: list[URLPattern] = [
    path("webhooks/in/", inlet_views.inlets, name="inlets"),
    path("webhooks/in/new/", inlet_views.new_inlet, name="new-inlet"),
    path("webhooks/in/<int:pk>/new-secret/", inlet_views.renew_secret, name="renew-secret"),
    path("webhooks/in/<int:pk>/end-older-secret/", inlet_views.end_older_secret, name="end-older-secret"),
    path("webhooks/in/<int:pk>/close/", inlet_views.close_inlet, name="close-inlet"),
    path("webhooks/in/failed/<int:pk>/again/", inlet_views.take_again, name="take-again"),
    path("webhooks/out/", outlet_views.outlets, name="outlets"),
    path("webhooks/out/new/", outlet_views.new_outlet, name="new-outlet"),
    path("webhooks/out/<int:pk>/test/", outlet_views.test_outlet, name="test-outlet"),
    path("webhooks/out/<int:pk>/new-secret/", outlet_views.renew_secret, name="renew-outlet-secret"),
    path(
        "webhooks/out/<int:pk>/end-older-secret/",
        outlet_views.end_older_secret,
        name="end-older-outlet-secret",
    ),
    path("webhooks/out/<int:pk>/close/", outlet_views.close_outlet, name="close-outlet"),
    path("webhooks/out/sent/<int:pk>/again/", outlet_views.send_again, name="send-again"),
]
