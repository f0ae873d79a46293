"""What the README tells a program's author to type works, line by line, beside a site that is served."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from leads.models import FollowUpAttempt, Lead
from tests import factories
from tests.api import programs

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^## From another program\n(.*?)^## ", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEMO = "http://127.0.0.1:8000"


def blocks() -> list[str]:
    (section,) = SECTION.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    return FENCED.findall(section)


def lines() -> list[list[str]]:
    """The words of each line that calls curl."""
    called = [block for block in blocks() if block.startswith("curl")]
    return [shlex.split(line)[1:] for block in called for line in block.replace("\\\n", " ").splitlines()]


def asked(words: list[str], site: str, secret: str) -> Any:
    """Send what the line would send, as curl does: POST where there is a body."""
    headers, body, address = {}, None, ""
    rest = iter(words)
    for word in rest:
        if word == "-H":
            name, value = next(rest).split(": ", 1)
            headers[name] = value.replace("$TOKEN", secret)
        elif word == "-d":
            body = next(rest).encode()
        else:
            address = word.replace(DEMO, site)
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
        return json.load(answer)


@pytest.fixture
def site(live_server, settings):
    settings.SECURE_SSL_REDIRECT = False
    factories.calendar("Company", is_default=True)
    return live_server.url


@pytest.fixture
def secret():
    return programs.token()[1]


def test_each_line_of_curl_answers(site, secret):
    first, overdue, sent, found, logged = lines()
    assert "leads" in asked(first, site, secret)["addresses"]
    assert asked(overdue, site, secret)["results"] == []
    asked(sent, site, secret)
    (hand_off,) = asked(found, site, secret)["results"]
    assert set(hand_off) == {"id", "state"}
    with_id = [word.replace("/ID/", f"/{hand_off['id']}/") for word in logged]
    assert with_id != logged
    for _once_more in range(2):
        asked(sent, site, secret)
        asked(with_id, site, secret)
    assert Lead.objects.get().external_id == "L-1"
    assert FollowUpAttempt.objects.count() == 1


def test_the_python_of_the_quick_start_runs_as_it_stands(site, secret, tmp_path):
    (program,) = [block for block in blocks() if block.startswith("import")]
    done = subprocess.run(
        [sys.executable, "-c", program.replace(DEMO, site)],
        cwd=tmp_path,
        env={**os.environ, "TOKEN": secret},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[:3] == [f"L-{n} created " for n in range(1, 4)]
    assert [line.split()[0] for line in said[3:]] == ["L-1", "L-2", "L-3"]


def test_the_python_of_the_quick_start_is_typed(tmp_path):
    (program,) = [block for block in blocks() if block.startswith("import")]
    file = tmp_path / "quick_start.py"
    file.write_text(program, encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, str(file)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
