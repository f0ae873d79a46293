"""Which agreement a hand-off falls under, and from which it has each term: the rule beside a slow recomputation."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping

import pytest

from agreements.levels import InForce, Place, Trees, look_up
from agreements.terms import TermsBook
from tests import factories
from tests.oracles.levels import KINDS, LEVELS, Asked, Found, World, terms_found
from tests.worlds.levelled import SEGMENTS, TEAMS, make_levelled
from tests.worlds.levelled_rows import TIMED, forget_what_nobody_can_sign, store

UTC = zoneinfo.ZoneInfo("UTC")
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
ALWAYS = dt.date(2020, 1, 1)
MARKETING, NORTH, SOUTH = 1, 2, 3
EXECUTIVE = 7


def place(pk, level, parent=None, *, teams=(MARKETING, NORTH), segment=None, until=None, since=ALWAYS):
    versions = (InForce(pk * 10, since, until),)
    return Place(pk, level, parent, segment, frozenset(teams), UTC, versions)


def covering(*places, team=NORTH, segment=None):
    found = Trees(places).covering(NOON, None, team_id=team, segment_id=segment)
    return found.id if found else None


COMPANY = place(1, 1, teams=(MARKETING, NORTH, SOUTH))
OF_NORTH = place(2, 2, parent=1)
OF_EXECUTIVES = place(3, 3, parent=2, segment=EXECUTIVE)


def test_the_most_specific_agreement_in_force_counts():
    assert covering(COMPANY, OF_NORTH, OF_EXECUTIVES, segment=EXECUTIVE) == 3
    assert covering(COMPANY, OF_NORTH, OF_EXECUTIVES) == 2
    assert covering(COMPANY, OF_NORTH, OF_EXECUTIVES, team=SOUTH, segment=EXECUTIVE) == 1


def test_where_a_teams_agreement_has_ended_the_companys_takes_over_also_for_a_team_that_is_no_party_of_it():
    company = place(1, 1, teams=(MARKETING, SOUTH))
    assert covering(company, place(2, 2, parent=1, until=dt.date(2026, 3, 1))) == 1
    assert covering(company, place(2, 2, parent=1, since=dt.date(2026, 4, 1))) is None  # not begun by then


def test_several_of_the_most_specific_level_give_no_terms():
    assert covering(COMPANY, OF_NORTH, place(4, 2, parent=1)) is None
    assert covering(COMPANY, place(4, 1)) is None


def test_with_no_team_an_agreement_of_some_teams_says_nothing():
    assert covering(COMPANY, OF_NORTH, team=None) == 1
    everybody = place(3, 3, parent=1, teams=(MARKETING, NORTH, SOUTH), segment=EXECUTIVE)
    assert covering(COMPANY, OF_NORTH, everybody, team=None, segment=EXECUTIVE) == 3
    assert covering(COMPANY, place(2, 2), team=None) is None  # two trees


def test_a_promise_is_looked_up_in_the_segment_then_for_all_then_above():
    class Own(dict):
        def own(self, kind, segment_id):
            return self.get((kind, segment_id))

    books: Mapping[int, Own] = {
        30: Own({("speed", None): "own for all"}),
        20: Own({("speed", EXECUTIVE): "of the team's segment", ("depth", EXECUTIVE): "segment, above"}),
        10: Own({("depth", None): "the company's"}),
    }
    assert look_up("speed", EXECUTIVE, [30, 20, 10], books) == ("own for all", 30)
    assert look_up("depth", EXECUTIVE, [30, 20, 10], books) == ("segment, above", 20)
    assert look_up("depth", None, [30, 20, 10], books) == ("the company's", 10)
    assert look_up("mql_goal", None, [30, 20, 10], books) is None


def test_a_circle_that_no_database_would_hold_hangs_nobody():
    chain = Trees([place(1, 1, parent=2), place(2, 2, parent=1)]).chain(1)
    assert [one.id for one in chain] == [1, 2]


class Laid:
    """A random company as the pure rule takes it."""

    def __init__(self, world: World) -> None:
        self.ids = {name: pk for pk, name in enumerate(world, 1)}
        self.names = {pk: name for name, pk in self.ids.items()}
        teams = {name: pk for pk, name in enumerate(TEAMS, 1)}
        self.segments = {name: pk for pk, name in enumerate(SEGMENTS)}
        self.teams = teams
        self.promises = {}
        places = []
        for name, one in world.items():
            spans = []
            for number, version in enumerate(one.versions):
                pk = self.ids[name] * 100 + number
                spans.append(InForce(pk, version.starts_on, version.ends_on))
                self.promises[pk] = self._promising(version.promises)
            places.append(
                Place(
                    id=self.ids[name],
                    level=LEVELS[one.level],
                    parent_id=self.ids[one.parent] if one.parent else None,
                    segment_id=self.segments[one.segment] or None,
                    teams=frozenset(teams[team] for team in one.parties),
                    zone=zoneinfo.ZoneInfo(one.zone),
                    versions=tuple(spans),
                )
            )
        self.trees = Trees(places)

    def _promising(self, promises):
        segments = self.segments

        class Own:
            def own(self, kind, segment_id):
                key = next(name for name, pk in segments.items() if pk == (segment_id or 0))
                return promises.get((kind, key))

        return Own()

    def found(self, asked: Asked) -> Found | None:
        segment = self.segments[asked.segment] or None
        team = self.teams.get(asked.team)
        if asked.named is not None:
            place = self.trees.governing(self.ids[asked.named], asked.at, asked.on)
        else:
            place = self.trees.covering(asked.at, asked.on, team_id=team, segment_id=segment)
        if place is None:
            return None
        day = place.day(asked.at, asked.on)
        chain = [one.version_on(day) for one in self.trees.chain(place.id)]
        versions = [pk for pk in chain if pk is not None]
        promises = {}
        for kind in KINDS:
            held = look_up(kind, segment if kind != "mql_goal" else None, versions, self.promises)
            if held:
                promises[kind] = (self.names[held[1] // 100], held[1] % 100, held[0])
        return Found(self.names[place.id], day, versions[0] % 100, promises)


def compare(seeds) -> dict[str, int]:
    seen = {"asked": 0, "found": 0, "inherited": 0, "service": 0}
    for seed in seeds:
        world, questions = make_levelled(seed)
        laid = Laid(world)
        for asked in questions:
            expected = terms_found(world, asked)
            assert laid.found(asked) == expected, (seed, asked)
            seen["asked"] += 1
            if expected:
                seen["found"] += 1
                seen["service"] += world[expected.agreement].level == "service"
                seen["inherited"] += any(p[0] != expected.agreement for p in expected.promises.values())
    return seen


def test_the_rule_equals_the_slow_recomputation():
    seen = compare(range(300))
    assert seen["asked"] == 12_000
    assert min(seen["found"], seen["inherited"], seen["service"]) > 300, seen


@pytest.mark.proof
def test_the_rule_equals_the_slow_recomputation_in_many_worlds():
    print(compare(range(1_000, 6_000)))


def compare_stored(seed: int) -> int:
    world, questions = make_levelled(seed)
    forget_what_nobody_can_sign(world)
    teams, segments, made, versions = store(world)
    book = TermsBook()
    for asked in questions:
        named = made.get(asked.named or "")
        terms = book.terms(
            at=asked.at,
            on=asked.on,
            agreement_id=named.pk if named else None,
            agreement_zone=named.zone if named else None,
            team_id=teams[asked.team].pk if asked.team else None,
            segment_id=segments[asked.segment].pk if asked.segment else None,
        )
        expected = terms_found(world, asked)
        if expected is None:
            assert terms.version_id is None, (seed, asked)
            assert terms.agreement_id == (named.pk if named else None)
            continue
        assert terms.version_id is not None
        assert versions[terms.version_id] == (expected.agreement, expected.number), (seed, asked)
        assert terms.on == expected.day
        said = {kind: expected.promises.get(kind, ("", 0, 0))[2] for kind in KINDS}
        times = (terms.allowance, terms.acceptance, terms.outcome)
        assert times == tuple(dt.timedelta(minutes=said[kind]) or None for kind in TIMED), (seed, asked)
        assert terms.attempts == (said["depth"] or None), (seed, asked)
        goal = said["mql_goal"]
        assert terms.promised.counts_recycled == bool(goal and goal % 2 == 0), (seed, asked)
        assert terms.promised.counts_sales_origin == bool(goal and goal % 3 == 0), (seed, asked)
    return len(questions)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_the_terms_that_a_hand_off_finds_equal_the_slow_recomputation(seed):
    compare_stored(seed)


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(100, 400))
def test_the_terms_that_a_hand_off_finds_equal_the_slow_recomputation_in_many_companies(seed):
    compare_stored(seed)


@pytest.mark.django_db
def test_levels_do_not_ask_the_database_more(django_assert_num_queries):
    company = factories.agreement("company")
    factories.signed(company)
    below = factories.agreement("below", level=2, parent=company)
    version = factories.draft(below, allowance=None, attempts=None)
    factories.sign(version)
    book = TermsBook()
    team = factories.party(below, "sales").team
    with django_assert_num_queries(0):
        terms = book.terms(at=NOON, team_id=team.pk)
    assert (terms.version_id, terms.allowance, terms.attempts) == (version.pk, dt.timedelta(hours=4), 6)
