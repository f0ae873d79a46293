"""Digests when workers are many: each is told and sent once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from reports import rollups
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.digests import tell_digests
from slaproject.outbox.models import Message
from tests.outbox.office import HOUR, office
from tests.races import race
from tests.reports.sample_month import MARCH

EVENING = dt.datetime(2026, 3, 17, 18, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_tell_and_send_each_once():
    here = office(goals={MARCH: 31})
    here.given(EVENING - 2 * HOUR)
    rollups.refresh(now=EVENING, wait=True)
    mail.outbox.clear()

    def work():
        tell_digests(now=EVENING)
        while deliver_next(now=EVENING):
            pass

    assert race(*[work] * 5) == [None] * 5
    assert sorted(one.to[0] for one in mail.outbox) == sorted([here.manager.email, here.director.email])
    assert set(Message.objects.filter(is_digest=True).values_list("state", flat=True)) == {"sent"}
