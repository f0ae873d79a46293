"""Every page of the site: nothing for axe to find, nothing wider than the window, nothing that the policy stops.

With SCREENSHOTS=FOLDER a picture of each is stored there.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from reports import rollups
from slaproject.languages.places import translated_languages
from tests import factories
from tests.browser.every_page import every_page
from tests.browser.looks import keep, width_of
from tests.browser.test_report_pages import TOO_WIDE
from tests.permissions.scene import make_scene

WIDTHS = (320, 390, 768, 1280)
NOTE_VIOLATIONS = """
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
        window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
# What is asked for by a page, to stand in it, or by a machine.
NOT_PAGES = {
    "livez",
    "readyz",
    "metrics",
    "outbox:bell",
    "set-up-upload-progress",
    "set-up-import-undo-progress",
}


@pytest.fixture
def scene(transactional_db):
    made = make_scene()
    rollups.refresh(now=factories.NOON, wait=True)
    return made


@pytest.mark.parametrize(
    "language", ["en", *(pytest.param(code, marks=pytest.mark.proof) for code in translated_languages())]
)
def test_every_page_fits_and_is_accessible(
    scene, open_context, sign_in, assert_accessible, live_server, language
):
    contexts: dict[str, Any] = {}
    faults: list[str] = []
    seen = 0
    for name, address, visitor in every_page(scene):
        if name in NOT_PAGES:
            continue
        if visitor not in contexts:
            contexts[visitor] = open_context(viewport={"width": 390, "height": 844})
            contexts[visitor].add_init_script(NOTE_VIOLATIONS)
            picked = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
            contexts[visitor].add_cookies([picked])
            if visitor in scene.people:
                sign_in(contexts[visitor], scene.people[visitor])
        page = contexts[visitor].new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        answer = page.goto(address)
        if "html" not in answer.headers.get("content-type", ""):
            page.close()
            continue
        seen += 1
        assert page.evaluate("document.documentElement.lang") == language
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if width_of(page) > width:
                faults.append(f"{name} at {width}: {page.evaluate(TOO_WIDE)[:3]}")
            keep(page, f"{name.replace(':', '-')}-{width}-{language}")
        page.set_viewport_size({"width": 390, "height": 844})
        try:
            assert_accessible(page)
        except AssertionError as fault:
            faults.append(f"{name}: {fault}")
        faults += [f"{name}: stopped by the policy: {one}" for one in page.evaluate("window.violations")]
        faults += [f"{name}: {one}" for one in errors]
        page.close()
    assert seen >= 40
    assert not faults, "\n".join(faults)
