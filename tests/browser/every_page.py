"""All pages of the site, taken from the permission matrix: each with somebody who may see it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from tests.permissions.matrix import MATRIX
from tests.permissions.scene import Scene

# Who is asked first: those who have most to see on a page.
BY_PREFERENCE = (
    "sales_director",
    "marketing_director",
    "rep",
    "marketer",
    "administrator",
    "viewer",
    "anonymous",
)
# Addresses that give a file out: no browser shows it.
FILES = (
    "agreements:signed-text",
    "agreements:document",
    "agreements:calendar-feed",
    "agreements:delivered-file",
    "set-up-upload-rejected",
    "leads:export-file",
    "reports:edition-document",
)


def every_page(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Name, address and visitor of each page that answers 200 to somebody."""
    for row in MATRIX:
        statuses = row.methods.get("GET", {})
        visitors = [name for name in BY_PREFERENCE if statuses.get(name) == 200]
        if visitors and row.url_name not in FILES:
            values = {part: scene.own[name] for part, name in row.filled.items()}
            yield row.url_name, reverse(row.url_name, kwargs=values), visitors[0]
