"""What stands in the answers of report pages: texts, and rows of files."""

from __future__ import annotations

import csv
import html
import re
from io import StringIO


def texts(answer, tag: str) -> list[str]:
    """The texts of all elements of this tag, but those of dialogs that wait to be opened."""
    page = re.sub(r"<dialog\b.*?</dialog>", "", answer.text, flags=re.S)
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split()) for text in found]


def first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.S)
    assert found is not None, pattern
    return found.group(1)


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
