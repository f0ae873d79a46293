"""Attempts from files: appended to the right episode, whatever the order, never changed."""

from __future__ import annotations

import datetime as dt
import random
from itertools import count

import pytest

from leads.intake import runs
from leads.models import AttemptNote, FollowUpAttempt, HandOff
from leads.services.facts import rebuild_facts
from tests import factories
from tests.leads.importing import NOW, counts, file_of, take, whole_tables
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

HEADING = "external_id,lead_external_id,attempted_at,channel,outcome,by,automated,note"
ATTEMPTS = f"""{HEADING}
a1,1,2026-02-02T11:00:00Z,call,no_answer,Rep One,no,rang long
a2,1,2026-02-03,e-mail,sent,,yes,
a3,1,2026-02-02T15:00:00Z,Call,Connected,rosa@example.com,,
a4,2,2026-02-01T15:00:00Z,call,voicemail,,,
""".replace("e-mail", "email")


@pytest.fixture(autouse=True)
def leads():
    """Two leads, handed off on Monday 2 February 2026 at 10:00 UTC."""
    take("leads", file_of("external_id,handed_off_at", [(i, "2026-02-02T10:00:00Z") for i in (1, 2)]))


def test_attempts_come_in_and_give_the_hand_off_its_facts():
    rosa = factories.user("Rosa", email="rosa@example.com")
    assert counts(take("attempts", ATTEMPTS)) == (4, 0, 0, 0)
    one, two = HandOff.objects.order_by("lead__external_id")
    assert one.first_attempt_business_seconds == 3600
    assert one.connected_at == dt.datetime(2026, 2, 2, 15, tzinfo=dt.UTC)
    assert (one.attempts, two.attempts, two.early_attempts) == (2, 0, 1)
    a1, a2, a3 = FollowUpAttempt.objects.filter(hand_off=one).order_by("external_id")
    assert (a1.by_name, a1.note.text) == ("Rep One", "rang long")
    assert (a2.is_date_only, a2.attempted_on, a2.is_automated) == (True, dt.date(2026, 2, 3), True)
    assert a3.by == rosa
    assert rebuild_facts(now=NOW) == 0


def test_the_same_file_again_changes_nothing():
    take("attempts", ATTEMPTS)
    before = whole_tables()
    assert counts(take("attempts", ATTEMPTS)) == (0, 0, 4, 0)
    assert whole_tables() == before


def test_a_trial_leaves_nothing():
    before = whole_tables()
    assert counts(take("attempts", ATTEMPTS, dry_run=True)) == (4, 0, 0, 0)
    assert whole_tables() == before


def test_the_order_of_rows_does_not_matter(monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 7)
    shuffle = random.Random(4)
    outcomes = FollowUpAttempt.Outcome.values
    rows = [
        (
            f"a{i}",
            shuffle.choice("12"),
            f"2026-02-0{shuffle.randrange(1, 9)}T1{i % 10}:00:00Z",
            "call",
            shuffle.choice(outcomes),
            "",
            shuffle.choice(["yes", "no"]),
            "",
        )
        for i in range(40)
    ]
    found = []
    for system in ("one", "two", "three"):
        take(
            "leads",
            file_of("external_id,handed_off_at", [(i, "2026-02-02T10:00:00Z") for i in (1, 2)]),
            source=system,
        )
        take("attempts", file_of(HEADING, rows), source=system)
        found.append(facts_of(system))
        shuffle.shuffle(rows)
    assert found[0] == found[1] == found[2]


def facts_of(system: str) -> list[tuple[object, ...]]:
    ids = list(
        HandOff.objects.filter(lead__system=system).order_by("lead__external_id").values_list("pk", flat=True)
    )
    fields = (
        "first_attempt_at",
        "first_attempt_business_seconds",
        "connected_at",
        "attempts",
        "early_attempts",
    )
    rows = {
        hand_off.pk: tuple(getattr(hand_off, name) for name in fields) for hand_off in HandOff.objects.all()
    }
    return [rows[pk] for pk in ids]


def test_a_row_that_differs_voids_the_old_attempt_and_is_logged_anew():
    take("attempts", ATTEMPTS)
    changed = f"{HEADING}\na1,1,2026-02-02T10:30:00Z,call,no_answer,,,\n"
    assert counts(take("attempts", changed)) == (0, 1, 0, 0)
    old, new = FollowUpAttempt.objects.filter(external_id="a1").order_by("pk")
    assert (old.void_reason, new.voided_at) == ("replaced by an import", None)
    assert (new.by_name, new.note.text) == ("Rep One", "rang long")
    assert HandOff.objects.get(lead__external_id="1").first_attempt_business_seconds == 1800
    before = whole_tables()
    assert counts(take("attempts", changed)) == (0, 0, 1, 0)
    assert whole_tables() == before


def test_another_note_is_written_in_place():
    take("attempts", ATTEMPTS)
    row = (
        "a1",
        "1",
        "2026-02-02T11:00:00Z",
        "call",
        "no_answer",
        "Rep One",
        "no",
        "rang twice\nthen hung up",
    )
    result = take("attempts", file_of(HEADING, [row]))
    assert result.updated == 1
    assert AttemptNote.objects.get(attempt__external_id="a1").text == "rang twice\nthen hung up"
    assert FollowUpAttempt.objects.filter(external_id="a1").count() == 1


def test_what_a_person_voided_stays_voided():
    take("attempts", ATTEMPTS)
    FollowUpAttempt.objects.filter(external_id="a1").update(voided_at=NOW, void_reason="a slip")
    assert counts(take("attempts", ATTEMPTS)) == (0, 0, 4, 0)
    assert FollowUpAttempt.objects.filter(external_id="a1").count() == 1


def test_rows_without_an_id_are_known_by_their_content():
    file = "lead_external_id,attempted_at,channel,outcome\n1,2026-02-02T11:00:00Z,call,voicemail\n"
    twice = file + file.splitlines()[1] + "\n"
    assert counts(take("attempts", twice)) == (1, 0, 1, 0)
    assert counts(take("attempts", file.replace("11:00:00Z", "12:00:00+01:00"))) == (0, 0, 1, 0)
    assert FollowUpAttempt.objects.get().external_id.startswith("~")


def test_an_attempt_falls_in_the_latest_episode_begun_by_then():
    first = HandOff.objects.get(lead__external_id="1")
    first.closed_as, first.closed_at = "recycled", dt.datetime(2026, 2, 5, tzinfo=dt.UTC)
    first.save()
    take("leads", "external_id,handed_off_at\n1,2026-02-10T10:00:00Z\n")
    rows = [
        ("early", "1", "2026-02-01T10:00:00Z"),
        ("one", "1", "2026-02-03T10:00:00Z"),
        ("two", "1", "2026-02-10T10:00:00Z"),
        ("day", "1", "2026-02-10"),
    ]
    take("attempts", file_of(HEADING, [(*row, "call", "no_answer", "", "", "") for row in rows]))
    episodes = dict(FollowUpAttempt.objects.values_list("external_id", "hand_off__number"))
    assert episodes == {"early": 1, "one": 1, "two": 2, "day": 2}


REJECTED = [
    ({"lead_external_id": "99"}, "no lead “99” is known"),
    ({"lead_external_id": ""}, "lead_external_id: empty"),
    ({"attempted_at": "2026-03-05T10:00:00Z"}, "future"),
    ({"channel": "pigeon"}, "known are call, email, message, social, meeting, visit, other"),
    ({"outcome": "Left voice mail"}, "known are no_answer, voicemail"),
    ({"outcome": ""}, "outcome: empty"),
    ({"automated": "perhaps"}, "neither yes nor no"),
]


@pytest.mark.parametrize(("cells", "reason"), REJECTED)
def test_a_row_is_rejected_with_its_reason(tmp_path, cells, reason):
    good = {
        "external_id": "a",
        "lead_external_id": "1",
        "attempted_at": "2026-02-02T11:00:00Z",
        "channel": "call",
        "outcome": "no answer",
        "automated": "",
    }
    errors = tmp_path / "errors.csv"
    rows = [good.values(), (good | {"external_id": "b"} | cells).values()]
    assert counts(take("attempts", file_of(",".join(good), map(list, rows)), errors=errors)) == (1, 0, 0, 1)
    assert reason in errors.read_text(encoding="utf-8")


def test_words_of_the_mapping_are_understood():
    mapping = {"values": {"outcome": {"Left voice mail": "voicemail"}}, "defaults": {"channel": "call"}}
    file = "lead_external_id,attempted_at,outcome\n1,2026-02-02T11:00:00Z,left VOICE mail\n"
    assert counts(take("attempts", file, mapping=mapping)) == (1, 0, 0, 0)


def test_queries_do_not_grow_with_rows():
    size, numbers = [5], count()

    def use():
        system = f"system {next(numbers)}"
        handed_off = [(i, "2026-02-02T10:00:00Z") for i in range(size[0])]
        take("leads", file_of("external_id,handed_off_at", handed_off), source=system)
        for outcome in ("voicemail", "connected", "connected"):
            rows = [
                (f"a{i}", i, "2026-02-02T11:00:00Z", "call", outcome, "", "", f"note {outcome}")
                for i in range(size[0])
            ]
            take("attempts", file_of(HEADING, rows), source=system)

    assert_same_queries(use, add_rows=lambda: size.__setitem__(0, 40), at_most=150)


def test_rows_that_name_their_systems_are_of_these():
    """Attempts of one id in two systems are two, of leads of a third; what the row says nothing of is the file's."""
    take("leads", file_of("external_id,handed_off_at", [("1", "2026-02-02T10:00:00Z")]), source="crm")
    heading = "external_id,system,lead_external_id,lead_system,attempted_at,channel,outcome"
    rows = [
        ("a", "phones", "1", "crm", "2026-02-02T11:00:00Z", "call", "no_answer"),
        ("a", "", "1", "", "2026-02-02T12:00:00Z", "call", "no_answer"),
        ("a", "phones", "1", "crm", "2026-02-02T13:00:00Z", "call", "voicemail"),
        ("", "phones", "1", "crm", "2026-02-02T14:00:00Z", "call", "no_answer"),
        ("b", "", "1", "nowhere", "2026-02-02T14:00:00Z", "call", "no_answer"),
        ("c", "x" * 65, "1", "", "2026-02-02T14:00:00Z", "call", "no_answer"),
    ]
    result = take("attempts", file_of(heading, rows))
    assert counts(result) == (3, 0, 1, 2)
    assert [reason for _row, reason in result.reasons] == [
        "lead_external_id: no lead “1” of “nowhere” is known; import the leads first",
        "system: 65 characters, at most 64 are kept",
    ]
    found = FollowUpAttempt.objects.order_by("attempted_at")
    assert [(one.system, one.outcome, one.hand_off.lead.system) for one in found] == [
        ("import", "no_answer", "import"),
        ("phones", "voicemail", "crm"),
        ("phones", "no_answer", "crm"),
    ]
    before = whole_tables()
    assert counts(take("attempts", file_of(heading, rows))) == (0, 0, 4, 2)
    assert whole_tables() == before
