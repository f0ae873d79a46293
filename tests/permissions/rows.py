"""How a row of the permission matrix is written: an address, and for each method who gets which status."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.permissions.scene import IDENTITIES, NOT_SIGNED_IN

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TO_SIGN_IN = 302
EVERY_PERSON = tuple(name for name in IDENTITIES if name not in (*NOT_SIGNED_IN, "integration"))


@dataclass(frozen=True)
class Row:
    """One address with its methods; a method that is not named is refused with 405 to everybody not in `refused`.

    `filled` names for each part of the address which of the scene's own objects stands there. `seen_by` are those
    who see that object but are refused (403) what the address does with it.
    """

    url_name: str
    methods: dict[str, dict[str, int]]
    filled: dict[str, str] = field(default_factory=dict)
    seen_by: str = ""
    refused: dict[str, int] = field(default_factory=dict)

    def expected(self, method: str, identity: str) -> int:
        by_identity = self.methods.get(method)
        return self.refused.get(identity, 405) if by_identity is None else by_identity[identity]


def may(people: str, status: int = 200, *, others: int = 404) -> dict[str, int]:
    """Return what everybody gets: `status` for these people, `others` for the others who are signed in.

    Who is not signed in is sent to sign in; a program's account has no pages (403).
    """
    named = people.split()
    assert set(named) <= set(IDENTITIES), people
    return {
        name: TO_SIGN_IN
        if name in NOT_SIGNED_IN
        else status
        if name in named
        else 403
        if name == "integration"
        else others
        for name in IDENTITIES
    }


def everybody(status: int = 200) -> dict[str, int]:
    """Return `status` for every person who is signed in."""
    return may(" ".join(EVERY_PERSON), status)


def anybody(status: int = 200, **but: int) -> dict[str, int]:
    """Return `status` for all, signed in or not, but for those named."""
    return {name: but.get(name, status) for name in IDENTITIES}
