"""A real Chromium against the site as it is served; where none is found the tests are skipped, loudly.

With REQUIRE_BROWSER=1, as in CI, a missing Chromium is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

import pytest
from django.core.signals import request_finished, request_started

from slaproject.bench.chromium import NAMES, OVER_HTTP, chromium_path, opened_chromium
from tests.browser.hostile_pages import Watch
from tests.browser.looks import each_scheme

BASE = Path(__file__).resolve().parents[2]
AXE = BASE / "node_modules" / "axe-core" / "axe.min.js"
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast", "link-in-text-block"],  # what can differ
}
AT_MOST, LOOK_EVERY, QUIET_LOOKS = 10.0, 0.01, 3  # seconds, seconds, looks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))  # one Chromium at a time


@pytest.fixture(scope="session")
def chromium() -> str:
    if found := chromium_path():
        return found
    reason = f"BROWSER TESTS NOT RUN: none of {', '.join(NAMES)} is on the PATH. .ci/run installs one."
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str):
    # Playwright's loop makes Django think that it is called from async code; nothing else runs in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with opened_chromium(chromium) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _served_without_https(settings):
    """The live server speaks http."""
    for name, value in OVER_HTTP.items():
        setattr(settings, name, value)


class _UnderWay:
    """How many requests the site is answering; a page that is left may have sent one that nobody waits for."""

    def __init__(self) -> None:
        self._count, self._lock = 0, Lock()

    def begun(self, **_said: Any) -> None:
        with self._lock:
            self._count += 1

    def ended(self, **_said: Any) -> None:
        with self._lock:
            self._count -= 1

    def wait_for_none(self) -> None:
        """Return when the site was quiet for a moment, or after AT_MOST seconds."""
        until, quiet = monotonic() + AT_MOST, 0
        while quiet < QUIET_LOOKS and monotonic() < until:
            sleep(LOOK_EVERY)
            quiet = quiet + 1 if self._count <= 0 else 0


@pytest.fixture
def open_context(browser, live_server):
    """Return a function that opens a window; its arguments are those of Playwright's `new_context`.

    The windows are closed after the test, and what they asked for is answered before the tables are emptied: else the
    two would wait for each other in the database.
    """
    under_way = _UnderWay()
    request_started.connect(under_way.begun)
    request_finished.connect(under_way.ended)
    contexts: list[Any] = []

    def open_one(**arguments: Any) -> Any:
        contexts.append(browser.new_context(base_url=live_server.url, **arguments))
        return contexts[-1]

    yield open_one
    for context in contexts:
        context.close()
    under_way.wait_for_none()
    request_started.disconnect(under_way.begun)
    request_finished.disconnect(under_way.ended)


@pytest.fixture
def sign_in(live_server) -> Callable[[Any, Any], None]:
    """Return a function that makes a window that of a person, without the sign-in page."""
    from django.conf import settings
    from django.test import Client

    def enter(context: Any, user: Any) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        # The cookie is for https alone; to this machine itself a browser sends such cookies over http too.
        url = live_server.url.replace("http:", "https:")
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url, "secure": True}])

    return enter


@pytest.fixture
def watch(open_context, sign_in, live_server) -> Watch:
    """Return what opens pages and notes whatever hostile texts do there."""
    return Watch(open_context, sign_in, live_server.url)


@pytest.fixture
def assert_accessible() -> Callable[[Any], None]:
    """Return a function that runs axe on a page, in light and in dark, and fails with what it found."""

    def check(page: Any) -> None:
        page.evaluate(
            AXE.read_text(encoding="utf-8")
        )  # as the debugger, which the page's policy does not bind
        problems = []
        for scheme in each_scheme(page):
            found = page.evaluate("rules => axe.run({runOnly: rules})", RULES[scheme])
            problems += [
                f"{scheme}: {violation['id']}: {violation['help']}\n"
                + "\n".join(f"    {node['html']}" for node in violation["nodes"])
                for violation in found["violations"]
            ]
        assert not problems, f"{page.url}\n" + "\n".join(problems)

    return check
