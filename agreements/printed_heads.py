"""The head of an agreement's chain as a signed PDF carries it: readable on the page, and found again by a program.

Definitions. A *head* names an agreement, the position of one of its events and that event's SHA-256. In a PDF it
stands in the document's metadata, uncompressed, as `promise-record:AGREEMENT:POSITION:SHA256:TEXT`, where TEXT is the
SHA-256 of the signed text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = re.compile(rb"promise-record:([-a-zA-Z0-9_]+):([1-9][0-9]*):([0-9a-f]{64}):([0-9a-f]{64})")
TYPED = re.compile(r"([-a-zA-Z0-9_]+):([1-9][0-9]{0,8}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """What an agreement's chain was seen to be; `seen_in` says where."""

    agreement: str
    position: int
    sha256: str
    seen_in: str = ""


def mark(agreement: str, position: int, sha256: str, text_sha256: str) -> str:
    """Write a head as a PDF carries it."""
    return f"promise-record:{agreement}:{position}:{sha256}:{text_sha256}"


def head_in_pdf(pdf: bytes, *, seen_in: str = "") -> Head | None:
    """Return the head that a signed PDF carries; None where there is none, or more than one that differ."""
    found = {match.groups() for match in MARK.finditer(pdf)}
    if len(found) != 1:
        return None
    agreement, position, sha256, _text = found.pop()
    return Head(agreement.decode(), int(position), sha256.decode(), seen_in)


def typed_head(text: str) -> Head | None:
    """Return the head that somebody typed as AGREEMENT:POSITION:SHA256; None where it is none."""
    match = TYPED.fullmatch(text.strip())
    return Head(match[1], int(match[2]), match[3], text.strip()) if match else None
