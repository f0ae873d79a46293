"""Signed links by which someone chooses a password: they expire, serve once, and end when the address changes
or the account is closed."""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from slaproject.accounts.models import User


class LinkTokens(PasswordResetTokenGenerator):
    """Tokens that end with the account: one that is opened again needs a new link."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.closings}"


class InvitationTokens(LinkTokens):
    """Tokens of those who have no password yet; they serve for nothing else."""

    key_salt = "slaproject.accounts.links.InvitationTokens"


invitation_tokens = InvitationTokens()
reset_tokens = LinkTokens()


def uid_of(person: User) -> str:
    """Return the part of a link that says whose it is."""
    return urlsafe_base64_encode(force_bytes(person.pk))


def link_path(person: User) -> str:
    """Return the path at which this person chooses a password: the invitation of who has none yet."""
    name, tokens = (
        ("invitation", invitation_tokens) if person.is_invited else ("choose-password", reset_tokens)
    )
    return reverse(name, kwargs={"uidb64": uid_of(person), "token": tokens.make_token(person)})


def person_of_uid(uidb64: str) -> User | None:
    """Return whose link this is, if it is that of someone who may sign in."""
    try:
        pk = int(urlsafe_base64_decode(uidb64).decode())
    except ValueError:  # UnicodeDecodeError is one
        return None
    return User.objects.filter(pk=pk, is_active=True).exclude(role=User.Role.INTEGRATION).first()
