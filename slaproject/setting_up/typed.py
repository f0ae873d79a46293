"""How every form of these pages is filled and put to its service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from slaproject.setting_up.forms import DressedForm

Made = TypeVar("Made")


def typed(request: HttpRequest) -> Mapping[str, Any] | None:
    """Return what was sent, or what was kept of it while somebody signed in again; None for a fresh form."""
    if request.method == "POST":
        return request.POST
    return getattr(request, "kept", None) or None


def accepted(form: DressedForm, service: Callable[..., Made], **more: Any) -> Made | None:
    """Call the service with what the form says; None, with the faults in the form, when either refuses it."""
    if not form.is_valid():
        return None
    try:
        return service(**more, **form.said())
    except ValidationError as error:
        form.add_error(None, error)
        return None
