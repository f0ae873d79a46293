"""The colours of charts, as pages are given them: seen on their ground, and told apart by people who see fewer hues.

Each meaning has a shape or a word beside its colour all the same. Simulated are dichromats, by the three published
methods that ColorAide has: Brettel 1997, Viénot 1999 and Machado 2009. Contrast is WCAG's, ΔE76 the distance in CIELAB,
of which 2.3 is just noticed; two colours of one palette at 11 were found too close (DULL, below).
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import combinations

import pytest
from coloraide import Color
from django.conf import settings
from django.contrib.staticfiles import finders
from django.shortcuts import resolve_url
from django.templatetags.static import static

MEANINGS = ("actual", "goal", "ok", "breach")
SIGHTS = ("protan", "deutan", "tritan")
METHODS = ("brettel", "vienot", "machado")
GRAPHICS, TEXT = 3, 4.5
APART = 25
DULL = ("#12436d", "#801650")
"""Two of a palette for official statistics that people who see no red take for each other at ΔE76 11."""
THEMES = {"light": ":root", "dark": '[data-bs-theme="dark"]'}
TOKEN = re.compile(r"--chart-(\w+):\s*([^;]+);")
SHADE = re.compile(
    r"\.heat \.heat-(\d) \{\s*background: color-mix\(in srgb, var\(--chart-actual\) (\d+)%, var\(--chart-ground\)\);"
)


class Stylesheets(HTMLParser):
    """The addresses of a page's stylesheets."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") == "stylesheet":
            self.addresses.append(given["href"] or "")


def served(client, address: str) -> str:
    return b"".join(client.get(address)).decode()


@pytest.fixture
def themes(client, db) -> dict[str, dict[str, Color]]:
    """The colours by theme and meaning, from the stylesheets of a page that anybody may open."""
    page = client.get(resolve_url(settings.LOGIN_URL)).content.decode()
    found: dict[str, dict[str, Color]] = {name: {} for name in THEMES}
    for address in Stylesheets(page).addresses:
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", without_comments(served(client, address))):
            for name, wanted in THEMES.items():
                if selector.strip() == wanted:
                    found[name] |= {token: Color(value) for token, value in TOKEN.findall(body)}
    return found


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


def nearest(colours: dict[str, Color], sight: str, method: str) -> float:
    """ΔE76 of the two that come closest, as somebody sees them."""
    seen = [colour.filter(sight, 1, method=method) for colour in colours.values()]
    return min(one.delta_e(other, method="76") for one, other in combinations(seen, 2))


@pytest.mark.parametrize("theme", THEMES)
def test_each_colour_of_a_chart_is_seen_on_its_ground(themes, theme):
    ground = themes[theme]["ground"]
    for meaning in MEANINGS:
        assert themes[theme][meaning].contrast(ground) >= GRAPHICS, meaning
    assert themes[theme]["ink"].contrast(ground) >= TEXT


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_the_four_colours_of_charts_are_told_apart_whoever_sees_them(themes, theme, sight, method):
    colours = {meaning: themes[theme][meaning] for meaning in MEANINGS}
    assert nearest(colours, sight, method) >= APART


def test_themes_differ_and_no_other_stylesheet_says_otherwise(themes):
    assert all(themes["light"][name].to_string() != themes["dark"][name].to_string() for name in MEANINGS)
    for path, storage in (item for finder in finders.get_finders() for item in finder.list([])):
        if path.endswith(".css") and path.startswith("slaproject/") and not path.endswith("/app.css"):
            with storage.open(path) as file:
                assert not TOKEN.search(file.read().decode()), path


@pytest.mark.parametrize("method", METHODS)
def test_a_palette_that_cannot_be_told_apart_is_found_out(method):
    dull = dict(enumerate(map(Color, DULL)))
    distance = nearest(dull, "protan", method)
    assert distance == pytest.approx(11, abs=0.5)
    assert distance < APART


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_read_on_every_shade_of_the_heat_table(client, db, themes, theme):
    css = served(client, static("slaproject/charts.css"))
    shades = {int(shade): int(percent) for shade, percent in SHADE.findall(css)}
    assert sorted(shades) == [1, 2, 3, 4, 5] and sorted(shades.values()) == [shades[n] for n in range(1, 6)]
    assert re.search(r"\.heat td \{[^}]*color: var\(--chart-ink\);", css)
    colours = themes[theme]
    for percent in shades.values():
        cell = colours["ground"].mix(colours["actual"], percent / 100, space="srgb")
        assert colours["ink"].contrast(cell) >= TEXT, percent
