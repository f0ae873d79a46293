"""What a report weighs and how soon a phone shows it: in a real Chromium, over a slow line, with a slow processor.

The data is made in a database of its own, which is dropped afterwards. The site is served by this process to one
browser, compressed on the way as a proxy does it. The line is that of a phone on slow 4G, the processor a quarter as
fast as this machine's.

Each page is opened twice in a browser that knows nothing yet: the first time everything comes over the line, the second
time only what may have changed. A page is there with its largest paint, and its charts with the last of them; of what
moved after it had been painted the share is told, of which a tenth is good. Weights are of what comes over the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from django.urls import reverse
from django.utils.http import urlencode

from slaproject.bench.chromium import NAMES, OVER_HTTP, chromium_path, opened_chromium
from slaproject.bench.databases import own_database
from slaproject.bench.history import make_reported_history
from slaproject.bench.rows import Disagreement, Row, compared

LEADS, RUNS = 100_000, 3
WITHIN = 2.5  # seconds: what Chromium's own makers call good for the largest paint
WINDOW = {"width": 390, "height": 844}
LINE = {
    "offline": False,
    "latency": 150,  # ms
    "downloadThroughput": 1_600_000 / 8,  # bytes a second
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
PATIENCE = 120_000  # ms
PAGES = ("reports:waterfall", "reports:speed", "reports:depth", "reports:review")

# Runs before the page: notes what the browser paints, what moves, and when each chart says that it is drawn.
WATCH = """
window.seen = {painted: 0, moved: 0, drawn: 0};
new PerformanceObserver(list => list.getEntries().forEach(entry => { seen.painted = entry.startTime; }))
    .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (!entry.hadRecentInput) { seen.moved += entry.value; }
})).observe({type: "layout-shift", buffered: true});
new MutationObserver(changes => changes.forEach(change => {
    if (change.target.dataset.drawn) { seen.drawn = performance.now(); }
})).observe(document, {subtree: true, attributes: true, attributeFilter: ["data-drawn"]});
"""
DRAWN = """() => document.querySelector("[data-chart]") !== null
    && document.querySelector("[data-chart]:not([data-drawn])") === null"""
# One frame later the paint of what was drawn has been noted.
SEEN = """() => new Promise(resolve => requestAnimationFrame(() => setTimeout(() => resolve({...seen, came: [
    ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
].map(entry => [entry.name, entry.transferSize])}), 100)))"""


class Visit(NamedTuple):
    """How a page came: seconds until its largest paint and its last chart, what moved, and bytes by kind."""

    painted: float
    drawn: float
    moved: float
    size: int
    script: int


def run(leads: int | None = None) -> list[Row]:
    """Rows of first and second visits; CommandError without a Chromium, Disagreement where a page is not itself."""
    path = chromium_path()
    if path is None:
        raise CommandError(f"pages: none of {', '.join(NAMES)} is on the PATH")
    size = leads or LEADS
    rows: list[Row] = []
    with own_database():
        history = make_reported_history(leads=size)
        query = urlencode({"agreement": "bench", "month": f"{history.months[-1].start:%Y-%m}"})
        with _served(history.director) as (site, cookie), opened_chromium(path) as browser:
            _visits(browser, site, cookie, f"{reverse(PAGES[0])}?{query}")  # thrown away: the server's first
            for name in PAGES:
                address = f"{reverse(name)}?{query}"
                both = [_visits(browser, site, cookie, address) for _ in range(RUNS)]
                rows += _rows(name.partition(":")[2], size, both)
    return rows


def _rows(page: str, leads: int, both: list[tuple[Visit, Visit]]) -> list[Row]:
    rows: list[Row] = []
    for which, visits in zip(("first", "again"), zip(*both, strict=True), strict=True):
        size = median(visit.size for visit in visits) / 1_000
        script = median(visit.script for visit in visits) / 1_000
        moved = max(visit.moved for visit in visits)
        unit: dict[str, Any] = {
            "yardstick": [1 / WITHIN] * RUNS,
            "goal": 1,
            "leads": leads,
            "unit": "a second",
        }
        weight = f"{size:,.0f} kB, of it scripts {script:,.0f} kB"
        rows += [
            compared(
                f"{page}, {which}: {weight}; moved {moved:.3f}; largest paint in {WITHIN} s",
                product=[1 / visit.painted for visit in visits],
                **unit,
            ),
            compared(
                f"{page}, {which}: last chart in {WITHIN} s",
                product=[1 / visit.drawn for visit in visits],
                **unit,
            ),
        ]
    return rows


@contextmanager
def _served(user: Any) -> Iterator[tuple[str, str]]:
    """The site's address, and the cookie by which a browser is that person's."""
    with override_settings(
        **OVER_HTTP, MIDDLEWARE=["django.middleware.gzip.GZipMiddleware", *settings.MIDDLEWARE]
    ):
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        server = LiveServerThread("localhost", lambda site: site)  # type: ignore[arg-type]  # static files are WhiteNoise's
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        try:
            yield f"http://localhost:{server.port}", client.cookies[settings.SESSION_COOKIE_NAME].value
        finally:
            server.terminate()
            connections.close_all()


def _visits(browser: Any, site: str, cookie: str, address: str) -> tuple[Visit, Visit]:
    """Open the page twice as somebody whose browser has nothing of it yet."""
    context = browser.new_context(viewport=WINDOW, base_url=site)
    try:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        context.add_init_script(WATCH)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", LINE)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        return _visit(page, address), _visit(page, address)
    finally:
        context.close()


def _visit(page: Any, address: str) -> Visit:
    answer = page.goto(address, timeout=PATIENCE)
    if answer.status != 200 or urlsplit(page.url).path != urlsplit(address).path:
        raise Disagreement(f"{address} came to {page.url} with {answer.status}")
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    seen = page.evaluate(SEEN)
    sizes: dict[str, int] = dict(seen["came"])
    return Visit(
        painted=seen["painted"] / 1_000,
        drawn=seen["drawn"] / 1_000,
        moved=seen["moved"],
        size=sum(sizes.values()),
        script=sum(size for name, size in sizes.items() if urlsplit(name).path.endswith(".js")),
    )
