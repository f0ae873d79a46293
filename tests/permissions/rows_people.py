"""Addresses of people and their accounts."""

from __future__ import annotations

from tests.permissions.rows import EVERY_PERSON, Row, anybody, everybody, may

# Who is signed in has no business there, by whatever method, and is sent to their first page.
SIGNED_IN = dict.fromkeys((*EVERY_PERSON, "integration"), 302)
PERSON = {"pk": "person"}


def administrators(status: int = 200) -> dict[str, int]:
    """Return `status` for the administrator; others are told that this is not for them, whoever it is about."""
    return may("administrator", status, others=403)


PEOPLE = (
    Row(
        "sign-in",
        {method: anybody(200, **SIGNED_IN) for method in ("GET", "POST")}
        | {method: anybody(405, **SIGNED_IN) for method in ("PUT", "PATCH", "DELETE")},
    ),
    Row("sign-out", {"POST": anybody(302)}),
    Row("account", {"GET": everybody(), "POST": everybody()}),
    Row("change-password", {"GET": everybody(), "POST": everybody()}),
    Row("reset-password", {"GET": anybody(), "POST": anybody()}),
    Row("reset-password-sent", {"GET": anybody()}),
    # Who has the link has the right, whoever is signed in at this browser.
    Row(
        "choose-password",
        {"GET": anybody(), "POST": anybody()},
        {"uidb64": "forgetful_uid", "token": "forgetful_token"},
    ),
    Row(
        "invitation",
        {"GET": anybody(), "POST": anybody()},
        {"uidb64": "invited_uid", "token": "invited_token"},
    ),
    Row("people", {"GET": administrators()}),
    Row("invite-person", {"GET": administrators(), "POST": administrators()}),
    Row("person", {"GET": administrators(), "POST": administrators()}, PERSON),
    Row("give-place", {"POST": administrators()}, PERSON),
    *(
        Row(name, {"POST": administrators(302)}, PERSON)
        for name in ("take-place", "reactivate-person", "renew-invitation")
    ),
    # The scene's person answers for a lead and more: without colleagues to hand it to, nothing is closed.
    Row("deactivate-person", {"GET": administrators(), "POST": administrators(422)}, PERSON),
)
