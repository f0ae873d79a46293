"""The options of a filter: each has its value, one is chosen, and nothing of a name is ever markup."""

from __future__ import annotations

from html.parser import HTMLParser

from django.template.loader import render_to_string

from reports.pages.free_filters import Option
from tests.hostile_text import HOSTILE_TEXTS


class Drawn(HTMLParser):
    """The options of a field as a browser takes them."""

    def __init__(self, options: list[Option], chosen: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.options: list[dict[str, str | None]] = []
        self.names: list[str] = []
        said = {"name": "owner", "label": "Owner", "options": options, "chosen": chosen}
        self.feed(render_to_string("reports/_filter.html", said))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "option":
            self.options.append(dict(attrs))
            self.names.append("")

    def handle_data(self, data):
        if self.names:
            self.names[-1] += data


def test_one_option_is_chosen():
    found = Drawn([Option("7", "Ada"), Option("name:Bo", "Bo")], "7")
    assert found.options == [{"value": ""}, {"value": "7", "selected": None}, {"value": "name:Bo"}]


def test_names_stay_text():
    found = Drawn([Option(text, text) for text in HOSTILE_TEXTS], HOSTILE_TEXTS[0])
    assert found.tags == {"div", "label", "select", "option"}
    assert {name for option in found.options for name in option} == {"value", "selected"}
    assert len(found.options) == len(HOSTILE_TEXTS) + 1
    said = zip(found.options[1:], HOSTILE_TEXTS, strict=True)
    assert all(option["value"].split() == text.split() for option, text in said)
