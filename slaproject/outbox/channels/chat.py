"""A message in a chat, by the incoming webhook that its service gives out: Slack, Teams, Google Chat, Discord.

Each of these takes one POST of JSON, so no library stands in between: the address is checked and pinned as that of any
webhook (`posting`), which a library that opens connections of its own would not let us do. What people typed is made
plain by the rules of the service, so that no name becomes a link, formats anything or calls a channel together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from slaproject.outbox.channels.posting import Refused, check_url, post_json
from slaproject.outbox.messages import Words

HOSTS = {
    "hooks.slack.com": "slack",
    "chat.googleapis.com": "google",
    "discord.com": "discord",
    "discordapp.com": "discord",
}
TEAMS = (
    ".webhook.office.com",
    ".logic.azure.com",
    ".api.powerplatform.com",
    ".environment.api.powerplatform.com",
)


def service_of(url: str) -> str:
    """Return which service an address belongs to; Refused when it is none of those known."""
    _scheme, host, _port, _path = check_url(url)
    if (service := HOSTS.get(host)) is not None:
        return service
    if host.endswith(TEAMS):
        return "teams"
    if settings.ALLOW_PRIVATE_TARGETS:
        return "slack"  # a test's own server
    raise Refused(_("Take the incoming webhook that Slack, Teams, Google Chat or Discord gives out."))


def send(url: str, words: Words) -> None:
    """Post one message; see posting.post_json for what it raises."""
    post_json(url, WRITERS[service_of(url)](words))


def _lines(words: Words, plain: Callable[[str], str], link: Callable[[str], str] = str) -> list[str]:
    """Return the lines of a message: what people typed a part of is made plain, our own addresses are links."""
    told = (f"• {plain(_tamed(one.text))} {link(one.url) if one.url else ''}".strip() for one in words.lines)
    return [words.greeting, *told, *filter(None, (words.more, words.why, words.settings_line))]


def _tamed(text: str) -> str:
    """Break up, by a space without width, what a chat makes a link, a mention or a picture of by itself."""
    return LIVE.sub(lambda found: f"{found[0]}\u200b", text)


# The dot of a host's name (also one that browsers read as such), a scheme's or a picture's colon, a mention's sign.
LIVE = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61](?=\w)|:(?=[a-z/+_-])|[@#]|:(?=\d+\b:)", re.IGNORECASE)


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(text: str) -> str:
    """Put a backslash before each sign of Markdown."""
    return MARKDOWN.sub(r"\\\g<0>", text)


MARKDOWN = re.compile(r"[\\`*_~|<>\[\](){}#&!]")


def _alike(text: str) -> str:
    """Draw signs of formatting by others that look alike, where nothing escapes them."""
    return text.translate(ALIKE)


ALIKE = str.maketrans("<>*_~`", "‹›∗＿∼ˋ")


def _of_slack(words: Words) -> Any:
    text = _entities("\n".join(_lines(words, str)))
    return {"text": text, "mrkdwn": False, "link_names": False, "unfurl_links": False, "unfurl_media": False}


def _of_google(words: Words) -> Any:
    return {"text": "\n".join(_lines(words, _alike))}


def _of_discord(words: Words) -> Any:
    lines, length = [], 0
    for line in _lines(words, _escaped):
        length += len(line) + 1
        if length > MOST_OF_DISCORD:
            break
        lines.append(line)
    return {"content": "\n".join(lines), "allowed_mentions": {"parse": []}}


MOST_OF_DISCORD = 1_900


def _of_teams(words: Words) -> Any:
    lines = _lines(words, _escaped, lambda url: f"[{url}]({url})")
    blocks = [{"type": "TextBlock", "text": line, "wrap": True} for line in lines]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


WRITERS = {"slack": _of_slack, "google": _of_google, "discord": _of_discord, "teams": _of_teams}
