"""When an import lets PostgreSQL count its tables anew."""

import pytest
from django.db import connection

from leads.intake import runs
from leads.intake.planner import is_news
from tests.leads.importing import file_of, take

pytestmark = pytest.mark.django_db
HEADING = "external_id,qualified_at"


def leads(first, last):
    return file_of(HEADING, ((f"L-{n}", "2026-03-01") for n in range(first, last)))


def count_anew():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead")


def test_less_than_a_tenth_more_is_left_to_autovacuum():
    take("leads", leads(0, 40))
    count_anew()
    assert [is_news("leads", created) for created in (3, 4, 5)] == [False, True, True]


def test_an_import_tells_the_planner_of_what_it_does_not_know(monkeypatch):
    told = []
    monkeypatch.setattr(runs, "BATCH", 10)
    monkeypatch.setattr(runs, "tell_the_planner", lambda: told.append("told"))
    count_anew()
    take("leads", leads(0, 200))
    assert told == ["told"]
    count_anew()
    take("leads", leads(200, 215))
    assert told == ["told"]
    take("leads", leads(215, 240))
    assert told == ["told", "told"]
