"""In which order promises stand, wherever they are listed: by the team that made them, then as agreements list them."""

from __future__ import annotations

from agreements.models import Evaluation, Team

FUNCTIONS: list[str] = list(Team.Function)
PROMISES: list[str] = list(Evaluation.Promise)


def place_of_team(team: Team) -> tuple[int, str]:
    """Return where the promises of a team stand: marketing's first."""
    return FUNCTIONS.index(team.function), team.name


def place_of_promise(one: Evaluation) -> tuple[int, int]:
    """Return where a promise stands among those of its team; of all segments before those of one."""
    return PROMISES.index(one.promise), one.segment_id or 0
