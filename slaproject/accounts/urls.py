"""Addresses of people and their accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from slaproject.accounts import people, views

urlpatterns: list[URLPattern] = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/password/", views.change_password, name="change-password"),
    path("password-reset/", views.forgotten_password, name="reset-password"),
    path("password-reset/sent/", views.link_is_sent, name="reset-password-sent"),
    path("password-reset/<uidb64>/<token>/", views.choose_password, name="choose-password"),
    path("invitation/<uidb64>/<token>/", views.invitation, name="invitation"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite-person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/place/", people.give_place, name="give-place"),
    path("people/<int:pk>/place/leave/", people.take_place, name="take-place"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="deactivate-person"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="reactivate-person"),
    path("people/<int:pk>/invitation/", people.renew_invitation, name="renew-invitation"),
]
