"""The links to what a page shows as files."""

from __future__ import annotations

from typing import Any

from django import template

from agreements.downloads import address_as
from agreements.table_files import Format

register = template.Library()


@register.inclusion_tag("agreements/_files.html")
def file_links(address: str, title: str) -> dict[str, Any]:
    """List items with a link for each kind of file; `title` says of what, to who cannot see where they stand."""
    return {
        "title": title,
        "files": [(form.value.upper(), address_as(address, form)) for form in Format],
    }
