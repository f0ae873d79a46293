"""People in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.admin import TeamAdmin
from agreements.models import Team
from leads.services.leaving import move_open_work, move_work_left
from slaproject.accounts.forms import AddUserForm, ChangeUserForm
from slaproject.accounts.models import User


def _change_own_password(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """Lead to the site's own page, which counts wrong passwords."""
    return redirect("change-password")


admin.site.password_change = _change_own_password  # type: ignore[assignment, method-assign]


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People by e-mail and name."""

    form = ChangeUserForm
    add_form = AddUserForm
    ordering = ("email",)
    list_display = ("email", "name", "time_zone", "language", "role", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "role", "language")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("How they see times and words"), {"fields": ("time_zone", "language", "uses_shortcuts")}),
        (
            _("What they may do"),
            {"fields": ("role", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    "name",
                    "time_zone",
                    "language",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def save_model(self, request: HttpRequest, obj: User, form: ChangeUserForm, change: bool) -> None:
        """Save the person: who is closed here loses sessions, links and open leads as on the person's page, and who
        only looks on from now on their open leads.
        """
        is_closed = change and "is_active" in form.changed_data and not obj.is_active
        if is_closed:
            obj.closings += 1
        super().save_model(request, obj, form, change)
        if not change:
            return
        assert request.user.is_authenticated
        if is_closed:
            move_open_work(person=obj, now=timezone.now(), by=request.user)
        elif {"role", "is_superuser"} & set(form.changed_data):
            move_work_left(person=obj, now=timezone.now(), by=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People are deactivated, never deleted: what they did stays theirs."""
        return False


admin.site.unregister(Team)


@admin.register(Team)
class TeamOfPeopleAdmin(TeamAdmin):
    """Teams; the open leads of who is taken out of one here go to others, as on the person's page."""

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        assert request.user.is_authenticated
        team = form.instance
        before = set(team.memberships.values_list("user", flat=True))
        super().save_formset(request, form, formset, change)
        gone = before - set(team.memberships.values_list("user", flat=True))
        for person in User.objects.filter(pk__in=gone).order_by("pk"):
            move_work_left(person=person, team=team, now=timezone.now(), by=request.user)
