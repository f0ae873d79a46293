"""Agreeing on a draft: sent to review, commented, changed where asked, settled; what is unsettled is signed by nobody.

A draft may be signed without any of this: two directors who agree at once are not slowed down. Once it was sent to
review it is in review or waits for changes until it is signed or withdrawn; its words may be edited in either state.
Whoever acts holds the locks of the agreement's row and of the version's, so a comment and a signature wait for each
other: either the comment is there first and the signature is refused, or the other way round.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Agreement, AgreementEvent, Answer, Comment, Party, Version
from agreements.models.negotiation import LONGEST_REMARK
from agreements.services.draft_values import as_stored
from agreements.services.drafting import note

if TYPE_CHECKING:
    from slaproject.accounts.models import User

State, Kind = Version.State, AgreementEvent.Kind
SENDABLE = (State.DRAFT, State.CHANGES_ASKED)
NEGOTIATED = (State.IN_REVIEW, State.CHANGES_ASKED)
SHOWN_OF_A_COMMENT = 60


@transaction.atomic
def send_to_review(*, version: Version, now: dt.datetime, by: User) -> Version:
    """Send a draft, or one to which changes were asked for, to all parties to be read and commented.

    Raises ValidationError when it is in review already, signed or withdrawn.
    """
    version = _locked(version)
    if version.state == State.IN_REVIEW:
        raise ValidationError(_("This draft is in review already."))
    unsettled = version.comments.unsettled().count()
    moved = _move(version, State.IN_REVIEW)
    note(version, Kind.SUBMITTED, now, by, moved | ({"unsettled": unsettled} if unsettled else {}))
    return version


@transaction.atomic
def ask_for_changes(*, version: Version, party: Party, now: dt.datetime, by: User) -> Version:
    """Ask, for a party, that a draft in review be changed: as its unsettled comments say.

    Raises ValidationError when the draft is not in review, the party has no unsettled comment, or a signature stands
    under the text, which can then not be edited.
    """
    version = _locked(version)
    if version.state == State.CHANGES_ASKED:
        raise ValidationError(_("Changes to this draft were asked for already."))
    _refuse_unless_negotiated(version)
    if not version.comments.unsettled().filter(party=party).exists():
        raise ValidationError(_("Write a comment first: it says what is to be changed."))
    given = version.signatures.select_related("party__team").first()
    if given is not None:
        raise ValidationError(
            _("%(team)s has signed this text, which then stays: start over as a new draft to change it."),
            params={"team": given.party.team.name},
        )
    moved = _move(version, State.CHANGES_ASKED)
    note(version, Kind.CHANGES_ASKED, now, by, moved | {"party": party.team.slug})
    return version


@transaction.atomic
def write_comment(
    *,
    version: Version,
    party: Party,
    about: str,
    text: str,
    token: uuid.UUID,
    now: dt.datetime,
    by: User,
) -> Comment:
    """Comment on a part of a draft (`about` is its key), or on all of it, for a party.

    The same `token` again returns the comment that is there. Raises ValidationError when the draft is neither in review
    nor waiting for changes, and for a text that is empty or too long.
    """
    version = _locked(version)
    known = Comment.objects.filter(token=token, version=version, author=by).first()
    if known is not None:
        return known
    _refuse_unless_negotiated(version)
    comment = Comment.objects.create(
        version=version,
        party=party,
        author=by,
        about=about,
        text=_remark(text),
        written_at=now,
        token=token,
    )
    note(version, Kind.COMMENTED, now, by, {"comment": comment.pk, "about": about, "party": party.team.slug})
    return comment


@transaction.atomic
def answer_comment(
    *, comment: Comment, party: Party, text: str, token: uuid.UUID, now: dt.datetime, by: User
) -> Answer:
    """Answer a comment that is not settled yet. The same `token` again returns the answer that is there."""
    version = _locked(comment.version)
    known = Answer.objects.filter(token=token, comment=comment, author=by).first()
    if known is not None:
        return known
    _refuse_unless_negotiated(version)
    comment = _unsettled(comment)
    answer = Answer.objects.create(
        comment=comment, party=party, author=by, text=_remark(text), written_at=now, token=token
    )
    note(version, Kind.ANSWERED, now, by, {"comment": comment.pk, "party": party.team.slug})
    return answer


@transaction.atomic
def settle_comment(*, comment: Comment, now: dt.datetime, by: User) -> Comment:
    """Settle a comment, for the party that wrote it: it no longer keeps the draft from being signed."""
    version = _locked(comment.version)
    _refuse_unless_negotiated(version)
    comment = _unsettled(comment)
    comment.settled_at, comment.settled_by = now, by
    comment.save(update_fields=["settled_at", "settled_by"])
    note(version, Kind.SETTLED, now, by, {"comment": comment.pk, "party": comment.party.team.slug})
    return comment


def refuse_unsettled(version: Version) -> None:
    """Raise ValidationError naming what keeps a version from being signed: changes asked for, unsettled comments."""
    found = list(version.comments.unsettled().select_related("party__team"))
    if found:
        said = "; ".join(
            f"“{Truncator(one.text).chars(SHOWN_OF_A_COMMENT)}” ({one.party.team.name})" for one in found
        )
        raise ValidationError(
            ngettext(
                "%(n)s comment is not settled yet, so nobody can sign: %(comments)s",
                "%(n)s comments are not settled yet, so nobody can sign: %(comments)s",
                len(found),
            ),
            params={"n": len(found), "comments": said},
        )
    if version.state == State.CHANGES_ASKED:
        raise ValidationError(
            _("Changes were asked for: send the draft to review again before it is signed.")
        )


def _locked(version: Version) -> Version:
    Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    found = Version.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=version.pk)
    if found.is_signed:
        raise ValidationError(_("This version is signed by all parties: there is nothing to negotiate."))
    if found.state == State.WITHDRAWN:
        raise ValidationError(_("This draft was withdrawn: there is nothing to negotiate."))
    return found


def _move(version: Version, state: str) -> dict[str, Any]:
    """Put a draft into a state; return from which to which, as an event keeps it."""
    moved = {"from": str(version.state), "to": str(state)}
    version.state = state
    version.save(update_fields=["state"])
    return moved


def _refuse_unless_negotiated(version: Version) -> None:
    if version.state not in NEGOTIATED:
        raise ValidationError(_("This draft is not in review yet: send it to review first."))


def _unsettled(comment: Comment) -> Comment:
    # The version's lock is held: whoever settles it waits for that.
    found = Comment.objects.select_related("party__team").get(pk=comment.pk)
    if found.settled_at is not None:
        raise ValidationError(_("This comment is settled already."))
    return found


def _remark(text: str) -> str:
    said = str(as_stored(text) or "")
    if not said:
        raise ValidationError({"text": _("Write what you have to say.")})
    if len(said) > LONGEST_REMARK:
        raise ValidationError({"text": _("20,000 characters are the most.")})
    return said
