"""What the README tells people to type works, from an empty folder and an empty database."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded.conftest import clean_environment

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: ([\w.-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind):
    return [(name, text) for found, name, text in BLOCK.findall(README) if found == kind]


def files():
    return [block for kind in ("csv", "json") for block in blocks(kind) if block[0]]


@pytest.fixture
def var(tmp_path):
    """A folder of servers that stay up from one command to the next."""
    hold = "import sys; from slaproject.embedded.servers import provide\n"
    hold += "provide(durable=False); print(1); sys.stdin.read()"
    folder = tmp_path / "var"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold],
        env=clean_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline().strip() == "1"
    yield folder
    holder.communicate("")


def test_from_your_own_csv_to_its_waterfall(var, tmp_path):
    assert {name for name, _text in files()} == {"my-leads.csv", "my-attempts.csv", "office.json"}
    for name, text in files():
        (tmp_path / name).write_text(text, encoding="utf-8")
    printed = {}
    for _name, block in blocks("sh"):
        for line in block.strip().splitlines():
            program, script, *arguments = shlex.split(line)
            assert (program, script) == (".venv/bin/python", "manage.py")
            done = subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), *arguments],
                cwd=tmp_path,
                env=clean_environment(var),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            printed[" ".join(arguments[:2])] = done.stdout

    assert json.loads(printed["import leads"].splitlines()[-1])["created"] == 3
    assert json.loads(printed["import attempts"].splitlines()[-1])["created"] == 3
    assert json.loads(printed["plan --quota"])["leads"] == 100
    days = printed["report waterfall"].splitlines()
    assert len(days) == 1 + 31
    assert days[5].startswith("2026-03-05,5,")
    assert ",3," in days[5]
    (march,) = json.loads(printed["report speed"])["buckets"]
    # L-1 was handed off at 9:10 and tried at 10:40; L-2 only got an automated e-mail; L-3 has just its day.
    assert (march["handed_off"], march["attempted"], march["average"]) == (2, 1, 5400)
    assert (march["open"], march["date_only"]) == (1, 1)


def test_every_option_that_the_readme_names_exists():
    contracts = README.split("## Public contracts")[1].split("## Running it for real")[0]
    for command in ("import", "plan", "report", "load_calendar", "refresh_reports"):
        named = {
            option
            for text in re.findall(rf"`manage\.py {command}\b[^`]*`", contracts)
            for option in re.findall(r"--[a-z-]+", text)
        }
        assert named, command
        source = next(ROOT.glob(f"*/management/commands/{command}.py")).read_text(encoding="utf-8")
        for option in named:
            assert f'"{option}"' in source, f"{command} {option}"
