"""What a request says its words are written in: a text encoding, or else it is read as if it had not said it.

Django reads a query by the charset that `Content-Type` names before any of the site's own code runs. One that Python
knows and that is none of text, like rot13 or base64, would fail there, with an answer to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
USUAL = ("utf-8", "utf8")
SAMPLES = (bytes(range(256)), b"\xff-\xff")


def reading_text(application: Application) -> Application:
    """Wrap a WSGI application: no request that reaches it names a charset that is none of text."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if ";" in (said := environ.get("CONTENT_TYPE") or ""):
            environ["CONTENT_TYPE"] = readable(said)
        return application(environ, start_response)

    return checked


def readable(content_type: str) -> str:
    """Return a content type without a charset that is none of text; without any parameter if they cannot be read."""
    try:
        kind, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return content_type.partition(";")[0].strip()
    charset = next((value for name, value in parameters.items() if name.lower() == "charset"), None)
    if charset is None or is_of_text(charset):
        return content_type
    kept = {name: value for name, value in parameters.items() if name.lower() != "charset"}
    return "; ".join([kind, *(f'{name}="{_escaped(value)}"' for name, value in kept.items())])


def is_of_text(charset: str) -> bool:
    """Whether every sequence of bytes can be read as text by a charset, with marks where it means nothing."""
    if charset.lower() in USUAL:
        return True
    try:
        return all(isinstance(sample.decode(charset, "replace"), str) for sample in SAMPLES)
    except (LookupError, ValueError):  # a UnicodeError is one, and so is a name with a zero byte
        return False


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
