"""The embedded servers live exactly as long as someone uses them, whoever is killed."""

from __future__ import annotations

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from slaproject.embedded.servers import keeper_is_there

from .conftest import processes_of, wait_until

pytestmark = pytest.mark.xdist_group("servers")  # they say how soon what was killed is gone
TRIALS = [pytest.param(1, id="small"), pytest.param(10, id="large", marks=pytest.mark.proof)]


def listens(url: str) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", urlsplit(url).port)) == 0


def test_a_second_user_shares_the_servers_of_the_first(start_user):
    with ThreadPoolExecutor(4) as pool:  # all at once: one of them starts the keeper
        found = list(pool.map(lambda _: start_user().addresses(), range(4)))
    assert len(set(found)) == 1


def test_servers_stay_while_one_of_two_users_lives(start_user, var):
    first, second = start_user(), start_user()
    database_url, broker_url, keeper = first.addresses()
    second.addresses()
    first.end()
    with pytest.raises(AssertionError):
        wait_until(lambda: not psutil.pid_exists(keeper), seconds=1)
    assert listens(database_url)
    assert listens(broker_url)
    second.end()
    wait_until(lambda: not keeper_is_there(var))


def test_only_who_knows_the_passwords_gets_in(start_user):
    database_url, broker_url, _ = start_user().addresses()
    for parts in (urlsplit(database_url), urlsplit(broker_url)):
        assert parts.hostname == "127.0.0.1"
        assert len(parts.password or "") >= 24
    stranger = urlsplit(database_url)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=stranger.port, user="sla", password="guess", dbname="sla")
    with socket.create_connection(("127.0.0.1", urlsplit(broker_url).port or 0), timeout=2) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")


def test_database_is_utf8_in_utc(start_user):
    database_url, _, _ = start_user().addresses()
    with psycopg.connect(database_url) as connection:
        shown = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("server_encoding", "timezone", "jit", "listen_addresses", "unix_socket_directories")
        }
        assert connection.execute("SELECT upper('zażółć')").fetchone() == ("ZAŻÓŁĆ",)
    assert shown == {
        "server_encoding": ("UTF8",),
        "timezone": ("UTC",),
        "jit": ("off",),
        "listen_addresses": ("127.0.0.1",),
        "unix_socket_directories": ("",),
    }


@pytest.mark.parametrize("trials", TRIALS)
def test_killed_user_leaves_no_server_and_the_data_stay(start_user, var, trials):
    slowest = 0.0
    for trial in range(trials):
        user = start_user()
        database_url, _, _ = user.addresses()
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (trial int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [trial])
        user.end(signal.SIGKILL)
        slowest = max(slowest, wait_until(lambda: not processes_of(var), seconds=5))
    database_url, _, _ = start_user().addresses()
    with psycopg.connect(database_url) as connection:
        kept = [row[0] for row in connection.execute("SELECT trial FROM kept ORDER BY trial")]
    assert kept == list(range(trials))
    print(f"{trials} killed users, 0 left servers; the slowest end took {slowest:.2f} s")


@pytest.mark.parametrize("trials", TRIALS)
def test_killed_keeper_takes_its_servers_along_and_the_next_user_recovers(start_user, var, trials):
    for trial in range(trials):
        user = start_user()
        database_url, _, keeper = user.addresses()
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (trial int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [trial])
        os.kill(keeper, signal.SIGKILL)
        successor = start_user()  # at once: the killed keeper's PostgreSQL may not be gone yet
        new_url, _, new_keeper = successor.addresses()
        assert new_keeper != keeper
        with psycopg.connect(new_url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (trial + 1,)
        user.end()
        successor.end()
        wait_until(lambda: not processes_of(var), seconds=5)
    print(f"{trials} killed keepers, {trials} recoveries")


def test_postgres_that_dies_comes_back_where_its_users_look(start_user, var):
    user = start_user()
    database_url, _, keeper = user.addresses()
    postmaster = next(child for child in psutil.Process(keeper).children() if "postgres" in child.name())
    postmaster.kill()
    wait_until(lambda: not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE)

    def answers() -> bool:
        try:
            psycopg.connect(database_url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(answers, seconds=10)


def test_user_who_comes_while_the_servers_stop_gets_new_ones(start_user):
    for _ in range(3):
        first = start_user()
        first.addresses()
        first.end()
        database_url, _, _ = start_user().addresses()  # the keeper of the first is stopping, or about to
        psycopg.connect(database_url).close()
