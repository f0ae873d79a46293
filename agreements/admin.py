"""Agreements in the admin: for entering what has no page of its own yet. Signed terms are read-only there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from django.db.models import JSONField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from agreements.forms.records import (
    BusinessCalendarForm,
    CalendarRevisionForm,
    CommitmentForm,
    JSONText,
    PlanForm,
)
from agreements.models import (
    Agreement,
    AgreementEvent,
    BusinessCalendar,
    CalendarRevision,
    Commitment,
    Membership,
    MonthGoal,
    Party,
    Plan,
    Segment,
    Signature,
    Team,
    Version,
)
from agreements.services.calendars import revise_calendar
from agreements.services.planning import store_plan

UNIQUE_VIOLATION = "23505"


class CarefulAdmin(admin.ModelAdmin):
    """What a service or the database refuses is said in the form, which comes back as it was typed."""

    formfield_overrides = {JSONField: {"form_class": JSONText}}

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        try:
            return super().get_changelist_instance(request)
        except (OverflowError, DataError) as error:  # the day after 9999-12-31, a filter with a NUL
            raise IncorrectLookupParameters from error

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            refusal = " ".join(error.messages)
        except (IntegrityError, DataError) as error:
            refusal = said_by_database(error)
        except OverflowError:
            refusal = gettext("A date or a length is too far away to count with.")
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", "")
        if not refusal:
            return form

        class RefusedForm(form):  # type: ignore[misc, valid-type]
            def clean(self) -> Any:
                self.add_error(None, refusal)
                return super().clean()

        return RefusedForm


def said_by_database(error: Exception) -> str:
    """Return why the database refused a row: its guards speak in sentences."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        return str(error)
    if diagnosis.sqlstate == UNIQUE_VIOLATION:
        return gettext("There is one like this already.")
    return str(diagnosis.message_primary)


class AppendOnlyAdmin(CarefulAdmin):
    """Rows are looked at, perhaps added, never changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(AppendOnlyAdmin):
    """Rows that only the product writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 1


@admin.register(Team)
class TeamAdmin(CarefulAdmin):
    list_display = ("name", "function", "calendar")
    list_filter = ("function",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = [MembershipInline]


@admin.register(Segment)
class SegmentAdmin(CarefulAdmin):
    list_display = ("name", "priority", "lead_value")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(CarefulAdmin):
    form = BusinessCalendarForm
    list_display = ("name", "country", "subdivision", "is_default")
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        if obj.is_default:
            BusinessCalendar.objects.exclude(pk=obj.pk).filter(is_default=True).update(is_default=False)
        super().save_model(request, obj, form, change)


@admin.register(CalendarRevision)
class CalendarRevisionAdmin(AppendOnlyAdmin):
    """Adding one writes the public holidays of the calendar's country into it."""

    form = CalendarRevisionForm
    list_display = ("calendar", "number", "created_at", "created_by", "note")
    list_filter = ("calendar",)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        revision = revise_calendar(
            calendar=obj.calendar,
            definition=obj.definition,
            note=obj.note,
            now=timezone.now(),
            by=request.user,
        )
        obj.pk = revision.pk


@admin.register(Plan)
class PlanAdmin(AppendOnlyAdmin):
    """Adding one derives the leads of each month from the quota."""

    form = PlanForm
    list_display = ("starts_on", "ends_on", "quota", "currency", "leads", "agreement")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        assert isinstance(form, PlanForm) and request.user.is_authenticated
        obj.pk = store_plan(**form.inputs(), now=timezone.now(), by=request.user).pk


class PartyInline(admin.TabularInline):
    model = Party
    extra = 2


@admin.register(Agreement)
class AgreementAdmin(CarefulAdmin):
    list_display = ("name", "level", "parent", "kind", "time_zone", "currency", "calendar")
    list_select_related = ("parent", "calendar")
    prepopulated_fields = {"slug": ("name",)}
    inlines = [PartyInline]


class DraftOnlyMixin:
    """What belongs to a signed version can be read, and nothing else."""

    def version_of(self, obj: Any) -> Version | None:
        return obj if isinstance(obj, Version) else None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_draft(obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_draft(obj) and super().has_delete_permission(request, obj)  # type: ignore[misc]

    def _is_draft(self, obj: Any) -> bool:
        version = self.version_of(obj)
        return version is None or not version.is_signed


class CommitmentInline(DraftOnlyMixin, admin.StackedInline):
    model = Commitment
    form = CommitmentForm
    formfield_overrides = {JSONField: {"form_class": JSONText}}
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_draft(obj) and super().has_add_permission(request, obj)


@admin.register(Version)
class VersionAdmin(DraftOnlyMixin, CarefulAdmin):
    list_display = ("agreement", "number", "state", "starts_on", "ends_on", "ended_on")
    list_filter = ("state", "agreement")
    fields = ("agreement", "number", "starts_on", "ends_on", "reach", "summary")
    inlines = [CommitmentInline]

    def save_model(self, request: HttpRequest, obj: Version, form: ModelForm, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
            obj.created_by = request.user if request.user.is_authenticated else None
        super().save_model(request, obj, form, change)


class MonthGoalInline(DraftOnlyMixin, admin.TabularInline):
    model = MonthGoal
    extra = 1

    def version_of(self, obj: Any) -> Version | None:
        return obj.version if isinstance(obj, Commitment) else None


@admin.register(Commitment)
class CommitmentAdmin(DraftOnlyMixin, CarefulAdmin):
    form = CommitmentForm
    list_display = ("version", "kind", "segment", "party")
    list_filter = ("kind", "version__agreement")
    list_select_related = ("version__agreement", "segment", "party__team", "party__agreement")
    inlines = [MonthGoalInline]

    def version_of(self, obj: Any) -> Version | None:
        return obj.version if isinstance(obj, Commitment) else None


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    list_display = ("version", "party", "signer", "signed_at")


@admin.register(AgreementEvent)
class AgreementEventAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "agreement", "version", "kind", "actor")
    list_filter = ("kind", "agreement")
