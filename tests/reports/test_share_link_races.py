"""Share links made and opened by many at once: no more than are allowed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from reports import share_links
from reports.models import ShareLink
from reports.share_links import AT_ONCE, make_share_link, open_share_link
from tests import factories
from tests.factories import NOON
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)


def make(maker):
    return make_share_link(maker=maker, subject="speed", chart="speed", days=7, now=NOON)


def test_a_link_is_opened_as_often_as_it_may_and_not_once_more():
    link, _token = make(factories.user("Vera Viewer"))
    opened = race(*([lambda: [open_share_link(link=link, now=NOON) for _ in range(10)]] * 6))
    assert sum(one for openings in opened for one in openings) == AT_ONCE


def test_links_made_at_once_are_counted_one_after_the_other(monkeypatch):
    monkeypatch.setattr(share_links, "MOST_LIVE", 3)
    maker = factories.user("Vera Viewer")
    made = race(*([lambda: make(maker)] * 6))
    assert ShareLink.objects.count() == 3
    assert sum(isinstance(one, ValidationError) for one in made) == 3
