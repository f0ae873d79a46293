"""Whatever is asked, the API answers as it describes: no server error, no answer that is not in its description.

Who asks is nobody, each role at a browser, a token for everything, and one for each scope. Every operation's own
example does what it says: see `test_examples.py`.
"""

from __future__ import annotations

import logging
import os
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from agreements.api.scopes import Scope
from slaproject.integrations.tokens import make_token
from tests import factories
from tests.api.asked import Asked, ask_everything
from tests.api.programs import LATER
from tests.permissions.scene import EVERY_ONE_WITH_AN_ACCOUNT, Scene, make_scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_pace", "hushed")]
EXAMPLES = int(os.environ.get("PROOF_ROUNDS", "200"))
SEED = int(os.environ.get("PROOF_SEED", "1"))
# For the suite: covering all operations takes minutes.
A_FEW = "/(calendars/{slug}/explain|log-attempt)/$"


@pytest.fixture
def hushed():
    """A log of each refusal would be longer than everything else."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def ask_as(who: str, scene: Scene, **how: Any) -> Asked:
    """Ask as nobody, as a person of the scene, as its token for everything, or as one for a single scope."""
    if who in Scope.values:
        terms: dict[str, Any] = {"name": who, "scopes": [who], "expires_at": LATER, "now": factories.NOON}
        _token, secret = make_token(**terms, by=scene.people["administrator"])
        return ask_everything(scene, token=secret, **how)
    if who in ("anonymous", "token"):
        return ask_everything(scene, token=scene.secret if who == "token" else "", **how)
    browser = Client()
    browser.force_login(scene.people[who])
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    return ask_everything(scene, cookie=f"{cookie.key}={cookie.value}", **how)


def is_as_described(asked: Asked, who: str) -> None:
    assert asked.requests
    found = "\n\n".join(f"{label}: {title}\n{said}" for (label, title), said in asked.faults.items())
    assert not asked.faults, f"as {who}, seed {SEED}:\n{found}"
    for label, statuses in asked.statuses.items():
        if who in ("anonymous", "deactivated"):
            assert set(statuses) == {401}, label
        elif who not in Scope.values and who != "token" and not label.startswith("GET"):
            assert set(statuses) <= {401, 403, 405}, label  # 405: asked by a method that nobody may use there


@pytest.mark.parametrize("who", ["anonymous", "rep", "token"])
def test_whatever_is_asked_is_answered_as_described(who):
    phases = ("examples", "fuzzing", "stateful") if who == "token" else ("fuzzing",)
    is_as_described(ask_as(who, make_scene(), examples=1, seed=SEED, phases=phases), who)


def test_every_limit_of_a_few_operations_is_kept():
    is_as_described(
        ask_as("token", make_scene(), examples=1, seed=SEED, phases=["coverage"], only=A_FEW), "token"
    )


@pytest.mark.proof
@pytest.mark.parametrize("who", ["anonymous", *EVERY_ONE_WITH_AN_ACCOUNT, "token", *Scope.values])
def test_whatever_is_asked_however_often(who):
    asked = ask_as(who, make_scene(), examples=EXAMPLES, seed=SEED)
    print(
        f"\n{who}: {EXAMPLES} examples an operation, seed {SEED}: {asked.requests:,} requests of "
        f"{len(asked.statuses)} operations, {len(asked.reached())} reached; {len(asked.faults)} faults"
    )
    is_as_described(asked, who)
