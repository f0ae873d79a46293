"""The bench of the forecast sets the landing beside straight lines, kind by kind."""

import json
from pathlib import Path

from slaproject.bench import forecast
from slaproject.bench.lead_worlds import WORLDS
from slaproject.bench.management.commands.bench import table
from slaproject.bench.value_worlds import MIXES


def test_every_kind_has_its_rows(monkeypatch):
    monkeypatch.setattr(forecast, "OF_A_KIND", 1)
    monkeypatch.setattr(forecast, "OF_A_MIX", 1)
    monkeypatch.setattr(forecast, "DAYS", 400)
    monkeypatch.setattr(forecast, "OLIST", Path("/nowhere"))
    rows = forecast.run()
    assert len(rows) == 5 * (len(WORLDS) + 1 + len(MIXES)) == len({row["name"] for row in rows})
    assert all(row["ratio"] > 0 for row in rows)
    json.dumps(rows)
    assert len(table(rows)) == len(rows) + 1
