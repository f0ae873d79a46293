"""The texts of the product, read from its sources."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from django.conf import settings
from django.utils.translation.template import templatize

ROOMS = ("agreements", "leads", "reports", "slaproject")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def texts(root: Path = settings.BASE_DIR) -> Catalog:
    """Return every text that Python modules and Django templates below `root` give to gettext, in the order of
    their files, each with the files that it stands in.
    """
    found = Catalog(charset="utf-8", fuzzy=False)
    for file in files(root):
        method = "python" if file.suffix == ".py" else _of_template
        with file.open("rb") as source:
            for line, text, _comments, context in extract(method, source, KEYWORDS, (), {}):
                place = (file.relative_to(root).as_posix(), line)
                found.add(text, locations=[place], context=context)
    return found


def files(root: Path = settings.BASE_DIR) -> Iterator[Path]:
    for room in ROOMS:
        for file in sorted((root / room).rglob("*")):
            inside = file.relative_to(root).parts
            is_template = "templates" in inside and file.suffix in {".html", ".txt"}
            if is_template or (file.suffix == ".py" and "migrations" not in inside):
                yield file


def _of_template(
    source: Any, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """Babel's extraction of Python, of what Django makes of a template for xgettext.

    Django blots out all that is no text, line by line; an indentation that is left would be a fault in Python.
    """
    blotted = "\n".join(line.lstrip() for line in templatize(source.read().decode()).split("\n"))
    yield from extract_python(BytesIO(blotted.encode()), keywords, comment_tags, options)
