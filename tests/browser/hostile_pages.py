"""What a text does on a page where it was only to be read: it runs, makes an element, asks elsewhere, adds a header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.hostile_text import EXECUTES, FOREIGN, MARK

FOUND = f"""() => [
    ...document.querySelectorAll('[{MARK}]'),
    ...['href', 'src', 'action', '*|href']
        .flatMap((name) => [...document.querySelectorAll(`[${{name}}^="{FOREIGN}"]`)]),
    ...[...document.querySelectorAll('a')].filter((link) => (link.protocol || '').startsWith('javascript')),
].map((element) => element.outerHTML.slice(0, 200))"""
SHOWN = f"""() => ['{EXECUTES}', '{FOREIGN}'].some((text) => document.body.innerText.includes(text))"""
HEADERS = {
    *("allow", "content-disposition", "etag", "last-modified", "link", "ratelimit", "ratelimit-policy"),
    *("cache-control", "connection", "content-length", "content-type", "date", "expires", "server", "vary"),
    *("content-language", "content-security-policy", "cross-origin-opener-policy", "permissions-policy"),
    *("referrer-policy", "x-content-type-options", "x-frame-options", "x-robots-tag", "set-cookie", "pragma"),
}


@dataclass
class Watch:
    """Opens pages, each visitor in a window of their own; `faults` says what texts did there.

    `with_texts` counts the pages on which a hostile text is to be read.
    """

    open_context: Callable[[], Any]
    sign_in: Callable[[Any, Any], None]
    site: str
    opened: int = 0
    with_texts: int = 0
    faults: list[str] = field(default_factory=list)
    _pages: dict[Any, Any] = field(default_factory=dict)
    _where: str = ""

    def open(self, where: str, address: str, visitor: Any = None) -> bool:
        """Open a page as this person, or as nobody who signed in; False for what is no page."""
        page = self._page_of(visitor)
        self._where = where
        answer = page.goto(address)
        said = answer.headers
        self.faults += [f"{where}: a header {name}" for name in said if name not in HEADERS]
        texts = [*said, *said.values()]
        self.faults += [
            f"{where}: {mark} in a header"
            for mark in (EXECUTES, MARK, FOREIGN)
            if any(mark in text for text in texts)
        ]
        if "html" not in said.get("content-type", ""):
            return False
        self.opened += 1
        if answer.status != 200:
            self.faults.append(f"{where}: {answer.status}")
        self.with_texts += page.evaluate(SHOWN)
        if page.evaluate("window.hacked"):
            self.faults.append(f"{where}: executed a text")
        self.faults += [f"{where}: {element}" for element in page.evaluate(FOUND)]
        return True

    def _page_of(self, visitor: Any) -> Any:
        key = visitor and visitor.pk
        if key not in self._pages:
            page = self._pages[key] = self.open_context().new_page()
            page.on("dialog", self._dismiss)
            page.on("request", self._look)
            if visitor is not None:
                self.sign_in(page.context, visitor)
        return self._pages[key]

    def _dismiss(self, dialog: Any) -> None:
        self.faults.append(f"{self._where}: a dialog: {dialog.message}")
        dialog.dismiss()

    def _look(self, request: Any) -> None:
        if not request.url.startswith((f"{self.site}/", "data:", "blob:")):
            self.faults.append(f"{self._where}: asked {request.url}")
