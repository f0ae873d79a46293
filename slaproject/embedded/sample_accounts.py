"""The people of the sample company who can sign in to the demo, all with one password that everyone may know."""

from __future__ import annotations

from slaproject.accounts.models import User

SAMPLE_DOMAIN = "acme.example"
SAMPLE_PASSWORD = "promises-kept"


def sample_accounts(limit: int = 12) -> list[User]:
    """Return the sample people in the order in which they were made, those who tell the story first."""
    return list(
        User.objects.filter(email__iendswith=f"@{SAMPLE_DOMAIN}", is_active=True).order_by("pk")[:limit]
    )
