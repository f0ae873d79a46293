"""The last signature under a version that is for open hand-offs too, while these are worked: nothing is lost."""

import datetime as dt
from functools import partial
from random import Random

import pytest

from agreements.models import AgreementEvent, Team, Version
from leads.models import HandOff
from leads.services.amending import sign_amendment
from leads.services.attempts import log_attempt
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import close, hand_over
from leads.services.re_dating import re_date_what_begins
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.races import race, rounds

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
NINE = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
OLD, NEW = (4 * HOUR, 6), (8 * HOUR, 3)


def terms_of(row):
    return row.allowance, row.agreed_attempts


def race_of_a_signature_with_the_work(turn):
    agreement = factories.agreement(f"raced-{turn}")
    factories.signed(agreement)
    team = factories.party(agreement, Team.Function.SALES).team
    version = factories.draft(agreement, starts_on=NINE.date(), allowance=NEW[0], attempts=NEW[1])
    Version.objects.filter(pk=version.pk).update(reach="also_open")
    first, last = (party.signatory for party in agreement.parties.order_by("pk"))
    now = NINE + 3 * HOUR
    sign_amendment(version=version, signer=first, now=now)
    give = partial(hand_over, at=NINE, now=now, team=team)
    tried, closed, untouched = (give(lead=factories.lead(NINE)) for _ in range(3))
    random = Random(turn)
    work = [
        partial(sign_amendment, version=version, signer=last, now=now),
        partial(
            log_attempt,
            hand_off=tried,
            attempted_at=NINE + random.randrange(1, 180) * MINUTE,
            channel="call",
            outcome="no_answer",
            now=now,
        ),
        partial(close, hand_off=closed, closed_as="lost", at=now, now=now),
        partial(give, lead=factories.lead(NINE)),
        partial(sweep_clocks, now=now),
        partial(re_date_what_begins, now=now),
    ]
    random.shuffle(work)
    results = race(*work)
    assert not [result for result in results if isinstance(result, Exception)], results
    rows = list(HandOff.objects.filter(agreement=agreement).order_by("pk"))
    assert len(rows) == 4 and rows[0].follow_up_attempts.count() == 1
    tried, closed, untouched, given = rows
    # Whichever came first: a decided speed has the old allowance, an undecided one the new.
    assert tried.agreed_attempts == NEW[1]
    re_dated_first = tried.events.get(kind="re_dated").pk < tried.events.get(kind="attempted").pk
    assert tried.allowance == (NEW if re_dated_first else OLD)[0]
    assert tried.state == "met"
    re_dated = closed.events.filter(kind="re_dated").first()
    assert terms_of(closed) == (OLD if re_dated is None else NEW)
    assert re_dated is None or re_dated.pk < closed.events.get(kind="closed").pk
    assert [terms_of(untouched), terms_of(given)] == [NEW, NEW]
    assert AgreementEvent.objects.filter(agreement=agreement, kind="re_dated").count() == 1
    assert rebuild_facts(now=now) == 0


@pytest.mark.django_db(transaction=True)
def test_signature_and_work_at_once_lose_nothing():
    for turn in range(3):
        race_of_a_signature_with_the_work(turn)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_signature_and_work_at_once_lose_nothing_however_often():
    n = rounds(100)
    for turn in range(n):
        race_of_a_signature_with_the_work(turn)
    print(
        f"{n} of {n} rounds of a signature with the work: nothing lost, closed ones unchanged, re-dated once"
    )
