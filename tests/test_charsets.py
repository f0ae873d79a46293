"""A request may say that its words are written in anything at all: it is answered."""

from __future__ import annotations

import importlib.util
import io

import pytest

from slaproject.charsets import is_of_text, readable
from slaproject.wsgi import application

# Nothing is asked of the database; but between requests a WSGI server's thread looks whether its connection is old.
pytestmark = pytest.mark.django_db
NONE_OF_TEXT = ["rot13", "ROT13", '"rot13"', "base64", "hex", "zlib", "bz2", "uu", "quopri", "undefined", "idna",
    "punycode", "a\0b", "nothing"]  # fmt: skip


def asked(content_type: str, *, path: str = "/livez") -> str:
    """Ask the site as a WSGI server does, and return its status."""
    found: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "a=%E9%FF-%00&b=xyz",
        "CONTENT_TYPE": content_type,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
    }
    for _part in application(environ, lambda status, _headers, *_more: found.append(status)):
        pass
    return found[0][:3]


@pytest.mark.parametrize("charset", NONE_OF_TEXT)
def test_a_charset_that_is_none_of_text_is_as_if_none_was_named(charset):
    assert asked(f"text/plain; charset={charset}") == "200"
    assert asked(f"text/plain; a=b; charset*=utf-8''{charset}") == "200"


@pytest.mark.parametrize(
    "said", ["text/plain; x*=nope''x", "text/plain; charset*=rot13''x", "; ;=;", "text/plain;*="]
)
def test_parameters_that_cannot_be_read_are_left_out(said):
    assert asked(said) == "200"


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF8", "utf-16", "utf-7", "latin-1", "cp1250", "euc-kr", "ascii"]
)
def test_a_charset_of_text_stays(charset):
    said = f"text/plain; charset={charset}"
    assert is_of_text(charset) and readable(said) == said and asked(said) == "200"


def test_what_else_a_type_says_stays():
    said = r'multipart/form-data; charset=rot13; boundary="a;\"b"'
    assert readable(said) == r'multipart/form-data; boundary="a;\"b"'
    assert readable('text/plain; a="b; charset=rot13"') == 'text/plain; a="b; charset=rot13"'


def test_there_is_no_other_door_that_would_need_it():
    assert importlib.util.find_spec("slaproject.asgi") is None
