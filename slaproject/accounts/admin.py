"""People in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.services.leaving import move_open_work
from slaproject.accounts.forms import AddUserForm, ChangeUserForm
from slaproject.accounts.models import User


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
        """Save the person; who is closed here loses sessions, links and open leads as on the person's page."""
        is_closed = change and "is_active" in form.changed_data and not obj.is_active
        if is_closed:
            obj.closings += 1
        super().save_model(request, obj, form, change)
        if is_closed:
            assert request.user.is_authenticated
            move_open_work(person=obj, now=timezone.now(), by=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People are deactivated, never deleted: what they did stays theirs."""
        return False
