"""No name of a lead becomes a link, a mention or formatting in a chat, whatever the chat understands."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from slaproject.outbox.channels import chat
from slaproject.outbox.messages import Line, Words
from tests.hostile_text import HOSTILE_TEXTS

OURS = "https://sla.example.com/leads/7/"
NAMES = [
    "[Click](https://evil.example/)", "https://evil.example/x?y=1", "www.evil.example", "evil.example/login",
    "<https://evil.example|Invoice>", "<!channel>", "<!here>", "<@U123>", "<#C123>", "<users/all>", "@everyone",
    "@here", "<@123456789>", "<@&42>", "<at>Boss</at>", "mailto:boss@evil.example", "boss@evil.example",
    "*bold*", "**bold**", "_slanted_", "__under__", "~gone~", "~~gone~~", "`code`", "```block```", "||spoiler||",
    "> quoted", "# Heading", "-# small", "- item", "1. item", "![i](https://evil.example/i.png)", "\\[a\\](b)",
    "\\", "a\\*b*", "<t:1700000000:R>", "</deploy:1>", "<:smile:1>", ":smile:", "&lt;!channel&gt;", "&#91;a&#93;(b)",
    "tel:112", "javascript:alert(1)", "slack://open", "evil\u3002example", "ftp://evil.example", "[x]: https://evil.example",
]  # fmt: skip
LINKED = re.compile(r"[a-z][a-z0-9+.-]*://[^\s)\]>]+", re.I)
BARE = re.compile(
    r"(?<![\w@])[\w-]+(?:[.\u3002\uff0e\uff61][\w-]+)*[.\u3002\uff0e\uff61](?:com|example|png|org)\b", re.I
)


def words(name: str) -> Words:
    line = Line(1, "overdue", f"Overdue: {name} was due by 16:00.", "why", OURS)
    return Words(1, dt.datetime(2026, 3, 4, tzinfo=dt.UTC), "s", "1 notice", lines=(line,))


def texts(service: str, name: str) -> list[str]:
    payload = json.loads(json.dumps(chat.WRITERS[service](words(name))))
    if service == "teams":
        return [one["text"] for one in payload["attachments"][0]["content"]["body"]]
    return [payload["content" if service == "discord" else "text"]]


def unescaped(text: str) -> str:
    """Take away each character that a backslash makes plain."""
    return re.sub(r"\\[^A-Za-z0-9\s]", "", text)


@pytest.mark.parametrize("name", [*NAMES, *HOSTILE_TEXTS[::5]])
@pytest.mark.parametrize("service", chat.WRITERS)
def test_no_name_becomes_a_link_or_calls_somebody(service, name):
    said = "\n".join(texts(service, name[:100]))
    assert said.count(OURS) >= 1, "our own link stays whole"
    rest = unescaped(said).replace(f"[{OURS}]({OURS})", "").replace(OURS, "")
    assert not LINKED.search(rest) and not BARE.search(rest), rest
    assert not re.search(r"@\w", rest) and not re.search(r":[a-z+]", rest, re.I)
    assert "<" not in rest, "calls, dates and commands all begin so"
    assert "](" not in rest or service in ("slack", "google"), "these two know no such links"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("service", ["discord", "teams"])
def test_no_name_formats_anything_where_a_backslash_makes_plain(service, name):
    said = "\n".join(texts(service, name)).replace(f"[{OURS}]({OURS})", "").replace(OURS, "")
    assert not re.search(r"[*_~`|\[\]<]", unescaped(said)), said
    if service == "teams":
        assert "&" not in unescaped(said), "no character by its number either"


def test_where_nothing_escapes_formatting_it_is_switched_off_or_drawn_alike():
    payload = chat.WRITERS["slack"](words("*bold* _x_"))
    assert payload["mrkdwn"] is False and payload["link_names"] is False
    assert payload["unfurl_links"] is payload["unfurl_media"] is False
    assert chat.WRITERS["discord"](words("x"))["allowed_mentions"] == {"parse": []}
    (said,) = texts("google", "*bold* _slanted_ ~gone~ `code` <users/all>")
    assert not re.search(r"[*_~`<>]", said.replace(OURS, ""))


@pytest.mark.parametrize("service", chat.WRITERS)
def test_a_usual_name_reads_as_it_is(service):
    name = "Zoë O’Brien-Łukasz 김 · Bakery & Sons"
    said = "\n".join(texts(service, name)).replace("&amp;", "&").replace("\\&", "&")
    assert name in said and "16:00." in said


def test_a_long_message_keeps_within_the_limit_of_discord_and_cuts_no_line_in_two():
    one = Line(1, "overdue", "*" * 400, "why", OURS)
    many = Words(1, dt.datetime(2026, 3, 4, tzinfo=dt.UTC), "s", "20 notices", lines=(one,) * 20)
    content = chat.WRITERS["discord"](many)["content"]
    assert len(content) <= 2000 and content.endswith(OURS)
