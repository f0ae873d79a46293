"""The sample company, which has some of everything: no page asks more than 25 times, no link leads to a refusal."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from agreements.models import Agreement, Strike
from reports import rollups
from reports.closing import close_months
from slaproject.accounts.models import User
from slaproject.embedded.sample_accounts import SAMPLE_DOMAIN
from slaproject.embedded.sample_company.loading import load_sample_company
from tests.query_counts import MOST_QUERIES

PEOPLE = ("marketing.director", "sales.director")
OF_EACH = 3
"""So many addresses of each view are asked for: agreements of several levels, months that are over."""
LINK = re.compile(r'href="(/[^"#]*)')


@pytest.mark.django_db
def test_each_page_that_is_linked_is_there_and_asks_at_most_25_times():
    now = timezone.now()
    load_sample_company(now=now, scale=Decimal("0.02"))
    rollups.rebuild()
    rollups.refresh(now=now, wait=True)
    close_months(now=now)
    assert Agreement.objects.exclude(parent=None).exists(), "an agreement that inherits was asked for"
    assert Strike.objects.exists(), "a month with strikes was asked for"
    views, refused, too_many = set[str](), list[tuple[int, str, str]](), list[tuple[int, str, str]]()
    for name in PEOPLE:
        client = Client()
        client.force_login(User.objects.get(email=f"{name}@{SAMPLE_DOMAIN}"))
        for status, address, is_page in linked_from_the_start(client):
            if status >= 400:
                refused.append((status, name, address))
            elif is_page:
                views.add(resolve(address.partition("?")[0]).view_name)
                with CaptureQueriesContext(connection) as queries:  # not the first call: that asks for more
                    client.get(address)
                if len(queries) > MOST_QUERIES:
                    too_many.append((len(queries), name, address))
    assert len(views) > 60, f"only {len(views)} views were found by following links"
    assert not refused
    assert not sorted(too_many, reverse=True)


def linked_from_the_start(client: Client) -> Iterator[tuple[int, str, bool]]:
    """Follow the links from the start page, at most three to each view; yield status, address and if it is a page."""
    waiting, known, of_view = deque(["/", "/agreements/"]), {"/", "/agreements/"}, Counter[str]()
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        yield answer.status_code, address, is_page
        links = LINK.findall(answer.content.decode()) if is_page else []
        for link in [answer["Location"]] if answer.status_code in (301, 302) else links:
            link = unescape(link)
            path = link.partition("?")[0]
            if link in known or path.startswith(("/static/", "/api/", "/admin/")):
                continue
            view = resolve(path).view_name
            if of_view[view] < OF_EACH:
                of_view[view] += 1
                known.add(link)
                waiting.append(link)
