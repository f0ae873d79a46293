"""What filters are chosen from, written in one go (there is one option for each owner), and how they are taken away."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from leads.drawing.pieces import drawn, joined
from reports.pages.free_filters import FREE_READERS, Option

FILTERS = ("segment", "source", "owner", "team", "campaign", *FREE_READERS, "without", "counted")
register = template.Library()


@register.simple_tag
def choice_options(options: Iterable[Option], chosen: str | None) -> SafeString:
    """Return `<option>` of each, with the chosen one selected."""
    return joined("", "{part}", (_option(option, is_chosen=option.value == chosen) for option in options))


@register.simple_tag(takes_context=True)
def address_without(context: Context, *parameters: str) -> str:
    """Return the address of this page without these parts; without every filter where none is named."""
    request = context["request"]
    query = request.GET.copy()
    for parameter in parameters or FILTERS:
        query.pop(parameter, None)
    return f"?{query.urlencode()}" if query else str(request.path)


def _option(option: Option, *, is_chosen: bool) -> SafeString:
    selected = SafeString(" selected" if is_chosen else "")
    return drawn(
        '<option value="{value}"{selected}>{name}</option>',
        value=option.value,
        selected=selected,
        name=option.name,
    )
