"""Filters of which stored figures know nothing: country, channel of the first attempt, hour of arrival, outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leads.models import FollowUpAttempt, HandOff
from reports.charts.exploration import hour_name
from reports.charts.explored_words import BY_NAMES, WITHOUT
from reports.readings.explored import By
from reports.readings.scope import CHANNELS, HOURS, OUTCOMES, country_key, key_among


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    name: str


def _read_country(text: str) -> tuple[str, str]:
    key = country_key(text)
    return key, key


def _read_among(by: By, known: Mapping[str, str]) -> Callable[[str], tuple[str, str]]:
    def read(text: str) -> tuple[str, str]:
        key = key_among(known, text)
        return key, _named(by, key)

    return read


def _named(by: By, key: str) -> str:
    """Return what a channel, an hour or an outcome is called."""
    match by:
        case By.CHANNEL if key:
            return str(FollowUpAttempt.Channel(key).label)
        case By.HOUR if key:
            return hour_name(key)
        case By.OUTCOME if key:
            return str(HandOff.ClosedAs(key).label)
    return str(WITHOUT[by])


FREE_READERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "country": _read_country,
    "channel": _read_among(By.CHANNEL, CHANNELS),
    "hour": _read_among(By.HOUR, HOURS),
    "outcome": _read_among(By.OUTCOME, OUTCOMES),
}
"""How each is read from an address: its key and its name; ValidationError for what names nothing."""


def free_names() -> dict[str, str]:
    """Return what the filters are called."""
    return {name: str(BY_NAMES[By(name)]) for name in FREE_READERS}


def free_options() -> dict[str, tuple[Option, ...]]:
    """Return what there is to choose from, where it is few."""
    among = ((By.CHANNEL, CHANNELS), (By.HOUR, HOURS), (By.OUTCOME, OUTCOMES))
    return {
        by.value: tuple(
            Option(word, _named(by, key)) for word, key in sorted(known.items(), key=lambda one: not one[1])
        )
        for by, known in among
    }
