"""The options of a field to choose from, written in one go: there is one for each owner, many for template nodes."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from leads.drawing.pieces import drawn, joined
from reports.pages.frame import Option

register = template.Library()


@register.simple_tag
def choice_options(options: Iterable[Option], chosen: str | None) -> SafeString:
    """Return `<option>` of each, with the chosen one selected."""
    return joined("", "{part}", (_option(option, is_chosen=option.value == chosen) for option in options))


def _option(option: Option, *, is_chosen: bool) -> SafeString:
    selected = SafeString(" selected" if is_chosen else "")
    return drawn(
        '<option value="{value}"{selected}>{name}</option>',
        value=option.value,
        selected=selected,
        name=option.name,
    )
