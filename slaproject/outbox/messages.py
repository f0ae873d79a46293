"""The words of one message: what still stands of all that it was made for, with where to read on and how to stop it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.charts.description import Chart, Table
from reports.pages.digests import Digest, Link
from slaproject.outbox.digests import WEEKLY, digests_of
from slaproject.outbox.kinds import Subject
from slaproject.outbox.models import Alert, Message
from slaproject.outbox.unsubscribing import token_for
from slaproject.outbox.wording import Said, one_line, say

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    kind: str
    text: str
    why: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """One agreement in a digest; what people typed is in one line."""

    name: str
    month: str
    url: str
    sentences: tuple[str, ...]
    chart: Chart
    under_chart: str
    numbers: Table | None

    @property
    def number_lines(self) -> list[str]:
        """The rows of the numbers, where there is no table."""
        if self.numbers is None:
            return []
        lines = []
        for name, *cells in self.numbers.rows:
            named = zip(self.numbers.columns[1:], cells, strict=True)
            said = (f"{column.name} {cell.text}" for column, cell in named if cell.text)
            lines.append(f"{name.text}: {', '.join(said)}")
        return lines


@dataclass(frozen=True, slots=True)
class Words:
    """A message as every channel can say it. Addresses are whole, or empty where the site's is not known."""

    message_id: int
    sent_at: dt.datetime
    subject: str
    greeting: str
    lines: tuple[Line, ...] = ()
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    n_more: int = 0
    more: str = ""
    why: str = ""
    settings_line: str = ""
    all_url: str = ""
    settings_url: str = ""
    unsubscribe_url: str = ""


def words_of(message: Message, person: Any, *, now: dt.datetime) -> Words | None:
    """Return what a message says now; None when nothing is left to tell."""
    with translation.override(person.language):
        if message.is_test:
            return _of_test(message, now)
        alerts = Alert.objects.filter(errands__message=message).select_related("agreement").order_by("pk")
        if message.is_digest:
            return _of_digest(message, person, alerts.get(), now)
        said = [one for one in say(alerts, person) if not one.is_settled]
        return _of_alerts(message, person, said, now) if said else None


def _of_test(message: Message, now: dt.datetime) -> Words:
    said = _("This is the test that you asked for: messages reach you here.")
    return Words(message.pk, now, said, said)


def _of_digest(message: Message, person: Any, alert: Alert, now: dt.datetime) -> Words | None:
    """Word a digest in the reader's zone; its pictures are for mails alone, other ways say its sentences."""
    with timezone.override(zoneinfo.ZoneInfo(person.time_zone)):
        digests = digests_of(alert, person, now=now)
        parts = tuple(_part(one) for one in digests)
        if not parts:
            return None
        (said,) = say([alert], person)
    first = {"agreement": parts[0].name, "finding": parts[0].chart.title}
    template = (
        _("%(agreement)s, the week: %(finding)s") if alert.kind == WEEKLY else _("%(agreement)s: %(finding)s")
    )
    return replace(
        _framed(message, person, [said], now),
        subject=one_line(template % first)[:150],
        greeting=said.text,
        lines=tuple(
            Line(alert.pk, alert.kind, one_line(f"{one.name}: {' '.join(one.sentences)}"), said.why, one.url)
            for one in parts
        ),
        parts=parts,
        links=tuple(Link(one.name, url) for one in digests[0].links if (url := absolute(one.path))),
        why=said.why,
    )


def _part(digest: Digest) -> Part:
    return Part(
        name=one_line(digest.agreement.name),
        month=digest.month,
        url=absolute(digest.links[0].path),
        sentences=tuple(one_line(one) for one in digest.sentences),
        chart=digest.chart,
        under_chart=one_line(f"{digest.chart.subtitle} · {digest.as_of}"),
        numbers=digest.numbers,
    )


def _of_alerts(message: Message, person: Any, said: list[Said], now: dt.datetime) -> Words:
    first, rest = said[:MOST_LINES], len(said) - MOST_LINES
    subject = first[0].text
    if len(said) > 1:
        subject = _("%(first)s, and %(n)s more") % {"first": first[0].text[:120], "n": len(said) - 1}
    reasons = {one.why for one in said}
    return replace(
        _framed(message, person, said, now),
        subject=one_line(subject)[:150],
        greeting=ngettext("%(n)s notice", "%(n)s notices", len(said)) % {"n": len(said)},
        lines=tuple(
            Line(one.alert.pk, one.alert.kind, one.text, one.why, absolute(one.path)) for one in first
        ),
        n_more=max(rest, 0),
        more=_("And %(n)s more.") % {"n": rest} if rest > 0 else "",
        why=next(iter(reasons)) if len(reasons) == 1 else "",
    )


def _framed(message: Message, person: Any, said: list[Said], now: dt.datetime) -> Words:
    """Return what stands around every message about these: where all of it is, how it is chosen and ended."""
    settings_url = absolute(reverse("outbox:preferences"))
    return Words(
        message_id=message.pk,
        sent_at=now,
        subject="",
        greeting="",
        settings_line=(_("What reaches you, and how: %(url)s") % {"url": settings_url})
        if settings_url
        else "",
        all_url=absolute(reverse("outbox:alerts")),
        settings_url=settings_url,
        unsubscribe_url=_unsubscribe_url(person, {Subject(one.alert.subject) for one in said}),
    )


def _unsubscribe_url(person: Any, subjects: Iterable[Subject]) -> str:
    """Return the link that ends mails about these; about signing there is no end, and so no link."""
    ending = sorted(one.value for one in subjects if one is not Subject.SIGNING)
    return absolute(reverse("outbox:unsubscribe", args=[token_for(person.pk, ending)])) if ending else ""


def absolute(path: str) -> str:
    """Return the whole address of a page; empty while the site's own address is not set."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else ""
