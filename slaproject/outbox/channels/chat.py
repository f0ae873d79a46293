"""A message in a chat, by the incoming webhook that its service gives out: Slack, Teams, Google Chat, Discord.

Each of these takes one POST of JSON, so no library stands in between: the address is checked and pinned as that of any
webhook (`posting`), which a library that opens connections of its own would not let us do. What people typed is escaped
by the rules of the service, so that no name becomes a link or calls a channel together.
"""

from __future__ import annotations

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


def _lines(words: Words) -> list[str]:
    lines = [words.greeting, *(f"• {line.text} {line.url}".strip() for line in words.lines)]
    return [*lines, *filter(None, (words.more, words.why, words.settings_line))]


def _of_slack(words: Words) -> Any:
    text = "\n".join(_lines(words)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": text, "unfurl_links": False}


def _of_google(words: Words) -> Any:
    return {"text": "\n".join(_lines(words)).replace("<", "‹").replace(">", "›")}


def _of_discord(words: Words) -> Any:
    return {"content": "\n".join(_lines(words))[:1900], "allowed_mentions": {"parse": []}}


def _of_teams(words: Words) -> Any:
    blocks = [{"type": "TextBlock", "text": _plain(line), "wrap": True} for line in _lines(words)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str) -> str:
    """Teams reads Markdown: no name becomes a link."""
    return text.translate({ord(character): f"\\{character}" for character in "[]*`"})


WRITERS = {"slack": _of_slack, "google": _of_google, "discord": _of_discord, "teams": _of_teams}
