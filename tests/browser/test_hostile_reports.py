"""Hostile text stays text where it is chosen, kept or shown to others: explored, saved, planned, frozen and shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import cycle, product
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from agreements.models import Agreement, Scenario, Segment, Team
from leads.models import Lead
from reports import rollups
from reports.closing import close_months
from reports.editions import make_editions
from reports.models import Edition, SavedView, ShareLink
from reports.share_links import make_share_link
from slaproject.accounts.models import User
from tests import factories
from tests.browser.hostile_pages import Watch
from tests.hostile_text import (
    EXECUTES,
    FOREIGN,
    HOSTILE_TEXTS,
    KEPT_OF_CHART,
    KEPT_OF_EDITION,
    MARK,
    put_into,
)
from tests.reports.sample_month import Company, make_month

MARCH_1, APRIL_20 = dt.date(2026, 3, 1), dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
DRAWN = 40  # so many bars are drawn: as many texts stand on a page of groups at once
TURNS = -(-len(HOSTILE_TEXTS) // 4)  # of names of which there are few rows, each turn has four others
MARCH = {"first": "2026-03-01", "last": "2026-03-31", "agreement": "company"}
SENT = {"X-Injected": MARK, "Content-Type": "text/html"}
GROUPED = (
    *product(("source", "campaign", "country"), ("", "segment")),
    *(("week", "campaign"), ("team", "source"), ("segment", "country"), ("rep", "team")),
)
SHARED = (
    ("explore", "explore", MARCH | {"by": "source", "split": "segment"}),
    ("explore", "explore", MARCH | {"by": "campaign"}),
    ("waterfall", "sources", {"month": "2026-03"}),
    ("speed", "speed", {"month": "2026-03"}),
    ("depth", "heat", {"month": "2026-03"}),
)


@pytest.fixture
def company(transactional_db, monkeypatch) -> Company:
    """March with its edition, views and scenarios of the administrator, and two teams beside the parties."""
    monkeypatch.setattr(timezone, "now", lambda: APRIL_20)
    made = make_month(goal=44)
    close_months(now=APRIL_20)
    make_editions(now=APRIL_20)
    for place in range(4):
        factories.segment(f"Segment {place}")
        for kind, said in ((SavedView, {"query": urlencode(MARCH | {"by": "source"})}), (Scenario, {})):
            kind._default_manager.create(author=made.admin, name=str(place), saved_at=APRIL_20, **said)
    return made


def spoil(company: Company, turn: int) -> Edition:
    """Put the texts of this turn into whatever has a name; return an edition of March that froze them."""
    texts = [text.replace("\0", "") for text in HOSTILE_TEXTS]
    turned = texts[4 * turn :] + texts[: 4 * turn]
    for lead, text in zip(Lead.objects.order_by("pk"), cycle(turned[:DRAWN])):
        Lead.objects.filter(pk=lead.pk).update(source=text[:100], campaign=text[:100], country=text[:64])
    for model, longest in (
        (Agreement, 120),
        (Segment, 60),
        (Team, 60),
        (User, 90),
        (SavedView, 70),
        (Scenario, 70),
    ):
        for row, text in zip(model._default_manager.order_by("pk"), cycle(turned)):
            model._default_manager.filter(pk=row.pk).update(name=f"{text[:longest]} {row.pk}")
    rollups.rebuild()
    first = Edition.objects.get(agreement=company.agreement, month_on=MARCH_1, number=1)
    endless = cycle(turned)
    said = put_into(first.snapshot, endless, kept=KEPT_OF_EDITION)
    said["charts"] = [put_into(one, endless, kept=KEPT_OF_CHART) for one in first.snapshot["charts"]]
    return factories.edition(company.agreement, first.month_on, turn + 2, **said)


def pages(company: Company, edition: Edition) -> Iterator[tuple[str, Any]]:
    """Address and visitor of everything that shows these names by choice, by a link, or as it was frozen."""
    admin = company.admin
    for by, split in GROUPED:
        yield f"/explore/?{urlencode(MARCH | {'by': by, 'split': split})}", admin
    view = SavedView.objects.order_by("pk")[0]
    for name in ("saved-view", "rename-view"):
        yield reverse(f"reports:{name}", args=[view.pk]), admin
    yield reverse("reports:saved-views"), admin
    kept = Scenario.objects.order_by("pk")
    yield reverse("reports:scenarios"), admin
    yield f"{reverse('reports:compare')}?{urlencode([('scenario', one.pk) for one in kept])}", admin
    yield reverse("reports:rename-scenario", args=[kept[0].pk]), admin
    tried = {"allowance_0": "4", "allowance_1": "0", "segment": company.executives.slug}
    yield f"{reverse('reports:simulator', args=['company'])}?{urlencode(tried)}", admin
    yield reverse("reports:edition", args=[edition.pk]), admin
    yield reverse("reports:editions", args=["company"]), admin
    yield f"{reverse('reports:share')}?subject=edition&edition={edition.pk}", admin
    for subject, chart, query in SHARED:
        asked: dict[str, Any] = {"subject": subject, "chart": chart, "query": urlencode(query)}
        yield f"{reverse('reports:share')}?{urlencode(asked)}", admin
        yield link_to(company, **asked), None
    yield link_to(company, subject="edition", edition=edition), None
    yield reverse("reports:shares"), admin


def link_to(company: Company, **what: Any) -> str:
    _link, token = make_share_link(maker=company.admin, days=7, now=APRIL_20, **what)
    return reverse("reports:shared", args=[token])


def watched(company: Company, turns: Iterable[int], watch: Watch) -> list[str]:
    for turn in turns:
        edition = spoil(company, turn)
        ShareLink.objects.update(revoked_at=APRIL_20)  # those of the turn before
        for address, visitor in pages(company, edition):
            assert watch.open(f"{address[:120]} in turn {turn}", address, visitor)
    return watch.faults


def test_hostile_text_stays_text_where_it_is_chosen_kept_and_shared(company, watch):
    faults = watched(company, [0], watch)
    assert watch.opened == len(list(pages(company, Edition.objects.latest("number"))))
    assert watch.with_texts == watch.opened, "there is nothing to find where no text stands"
    assert not faults, "\n".join(faults[:20])


def test_what_a_text_can_do_is_noticed(watch, open_context):
    body = f"""<title>x</title><b {MARK}>x</b><a href="javascript:{EXECUTES}">x</a>
        <a href="{FOREIGN}">x</a><img src="{FOREIGN}x.png"><script>{EXECUTES}; alert(1)</script>"""
    context = open_context()
    context.route(
        "**/hostile/", lambda route: route.fulfill(body=body, content_type="text/html", headers=SENT)
    )
    context.route(f"{FOREIGN}**", lambda route: route.abort())
    watch.open_context = lambda: context
    assert watch.open("here", "/hostile/")
    said = "\n".join(watch.faults)
    for fault in (
        *(
            "a header x-injected",
            f"{MARK} in a header",
            "a dialog: 1",
            f"asked {FOREIGN}x.png",
            "executed a text",
        ),
        *(f"<b {MARK}", f'<a href="{FOREIGN}"', '<a href="javascript:', f'<img src="{FOREIGN}'),
    ):
        assert f"here: {fault}" in said


@pytest.mark.proof
def test_all_hostile_texts_stay_text_where_they_are_chosen_kept_and_shared(company, watch):
    faults = watched(company, range(TURNS), watch)
    print(
        f"\nhostile texts: {len(HOSTILE_TEXTS)}, pages of reports opened: {watch.opened}, faults: {len(faults)}"
    )
    assert not faults, "\n".join(faults[:20])
