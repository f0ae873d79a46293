"""Signing a version: by each party's signatory, under the same text; the last signature puts it in force."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, Party, Signature, Version
from agreements.rights import rights_of
from agreements.services.campaign_goals import uncovered
from agreements.services.deliveries import write_out
from agreements.services.measure_terms import signed_with_other_period
from agreements.services.negotiation import refuse_unsettled
from agreements.services.signed_rows import rows_text
from agreements.services.signed_text import canonical_text, sha256_of

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@transaction.atomic
def sign_version(
    *, version: Version, signer: User, now: dt.datetime, text_sha256: str | None = None
) -> Signature:
    """Sign for the party whose signatory `signer` is; with the last signature the version is in force.

    Who signs for several parties signs once for each, as long as they belong to its team. `text_sha256` is the hash of
    what the signer saw: a text that changed meanwhile is refused. Signing supersedes the versions that governed the new
    one's days, from its first day on. Raises ValidationError when the signer signs for no party or has signed already,
    when the version is signed, promises nothing or has unsettled comments, or when its days overlap a version that
    started later.
    """
    # The agreement first, as whoever begins a version does: signatures under two drafts wait for each other.
    Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    # Work on hand-offs needs the key of their version when it ends: that may be read meanwhile.
    locked = Version.objects.select_for_update(of=("self",), no_key=True)
    version = locked.select_related("agreement").get(pk=version.pk)
    if version.is_signed:
        raise ValidationError(_("This version is signed by all parties already."))
    if version.state == Version.State.WITHDRAWN:
        raise ValidationError(_("This draft was withdrawn. Nothing was signed."))
    parties = list(
        Party.objects.filter(agreement=version.agreement, signatory__isnull=False).select_related("team")
    )
    # A customer signs on paper: then one signature is given here.
    if len(parties) < (1 if version.agreement.kind == Agreement.Kind.CUSTOMER else 2):
        raise ValidationError(_("An agreement is signed by two parties at least. Name who signs for each."))
    named = [party for party in parties if party.signatory_id == signer.pk]
    if not named:
        raise ValidationError(
            _("%(signer)s signs for no party of this agreement."), params={"signer": str(signer)}
        )
    teams = rights_of(signer).teams
    mine = [party for party in named if party.team_id in teams]
    if not mine:
        raise ValidationError(
            _("%(signer)s does not belong to %(team)s any more, and cannot sign for it."),
            params={"signer": str(signer), "team": named[0].team.name},
        )
    refuse_unsettled(version)
    _refuse_unsignable(version)
    text = canonical_text(version)
    digest = sha256_of(text)
    if text_sha256 is not None and text_sha256 != digest:
        raise ValidationError(_("The text changed since you read it. Read it again before you sign."))
    given = list(version.signatures.all())
    signed = {signature.party_id for signature in given}
    party = next((party for party in mine if party.pk not in signed), None)
    if party is None:
        raise ValidationError(
            _("%(team)s has signed this version already."), params={"team": mine[0].team.name}
        )
    if any(signature.text_sha256 != digest for signature in given):
        raise ValidationError(_("The text changed after the other party signed. Write a new version."))
    signature = Signature.objects.create(
        version=version, party=party, signer=signer, signed_at=now, text_sha256=digest
    )
    _note(
        version,
        AgreementEvent.Kind.SIGNED,
        now,
        signer,
        {"party": party.team.slug, "sha256": digest, "signature": signature.pk},
    )
    if {signature.party_id for signature in [*given, signature]} >= {party.pk for party in parties}:
        _put_in_force(version, signer, now, text)
    return signature


def _refuse_unsignable(version: Version) -> None:
    commitments = list(version.commitments.select_related("party__team").prefetch_related("month_goals"))
    if not commitments and version.agreement.parent_id is None:
        raise ValidationError(_("This version promises nothing yet."))
    for commitment in commitments:
        if commitment.party.agreement_id != version.agreement_id:
            raise ValidationError(
                _("%(team)s promises something here as a party of another agreement."),
                params={"team": commitment.party.team.name},
            )
        for goal in commitment.month_goals.all():
            if goal.month_on < version.starts_on.replace(day=1) or (
                version.ends_on is not None and goal.month_on >= version.ends_on
            ):
                raise ValidationError(
                    _("The goal for %(month)s lies outside the version's days."),
                    params={"month": goal.month_on.strftime("%Y-%m")},
                )
    for obligation in version.obligations.select_related("from_party__team", "to_party__team"):
        for party in (obligation.from_party, obligation.to_party):
            if party.agreement_id != version.agreement_id:
                raise ValidationError(
                    _("%(team)s owes or is owed something here as a party of another agreement."),
                    params={"team": party.team.name},
                )
    for of_campaign in version.campaign_goals.select_related("party__team"):
        if of_campaign.party.agreement_id != version.agreement_id:
            raise ValidationError(
                _("%(team)s promises something here as a party of another agreement."),
                params={"team": of_campaign.party.team.name},
            )
        if uncovered(version, of_campaign):
            raise ValidationError(
                _("The goal of “%(name)s” lies outside the version's days."),
                params={"name": of_campaign.name},
            )
    for measure in version.measures.select_related("party__team"):
        if measure.party.agreement_id != version.agreement_id:
            raise ValidationError(
                _("%(team)s promises something here as a party of another agreement."),
                params={"team": measure.party.team.name},
            )
        other = signed_with_other_period(version.agreement_id, name=measure.name, period=measure.period)
        if other is not None:
            raise ValidationError(
                _(
                    "Version %(number)s measures “%(name)s” %(period)s: give the measure another name here, so that "
                    "values of both are not taken for each other."
                ),
                params={
                    "number": other.version.number,
                    "name": measure.name,
                    "period": other.get_period_display(),
                },
            )
    later = (
        Version.objects.signed()
        .filter(agreement=version.agreement, starts_on__gte=version.starts_on)
        .exclude(in_force__isempty=True)
        .order_by("starts_on")
        .first()
    )
    if later is not None and (version.ends_on is None or later.starts_on < version.ends_on):
        raise ValidationError(
            _("Version %(number)s is signed from %(day)s on: two versions cannot govern the same days."),
            params={"number": later.number, "day": later.starts_on.isoformat()},
        )


def _put_in_force(version: Version, signer: User, now: dt.datetime, text: str) -> None:
    days = (version.starts_on, version.ends_on)
    earlier = Version.objects.signed().filter(agreement=version.agreement, in_force__overlap=days)
    # Their order joins the agreement, whose row work needs; so it does the keys of these.
    for superseded in earlier.select_for_update(of=("self",), no_key=True):
        superseded.ended_on = max(version.starts_on, superseded.starts_on)
        superseded.save(update_fields=["ended_on"])
        _note(
            superseded,
            AgreementEvent.Kind.SUPERSEDED,
            now,
            signer,
            {"by_version": version.number, "ended_on": superseded.ended_on.isoformat()},
        )
        write_out(superseded, now)
    moved = {"from": str(version.state), "to": str(Version.State.SIGNED)}
    version.state = Version.State.SIGNED
    version.signed_at = now
    version.signed_text, version.text_sha256 = text, sha256_of(text)
    version.signed_rows = rows_text(version)
    try:
        version.save(update_fields=["state", "signed_at", "signed_text", "signed_rows", "text_sha256"])
    except IntegrityError as error:
        if version.agreement.is_for_a_segment:
            raise ValidationError(
                _("Another service agreement for this segment was signed for some of these days already.")
            ) from error
        raise ValidationError(_("Another version was signed for some of these days meanwhile.")) from error
    _note(
        version,
        AgreementEvent.Kind.IN_FORCE,
        now,
        signer,
        moved | {"sha256": version.text_sha256, "rows_sha256": sha256_of(version.signed_rows)},
    )


def _note(
    version: Version, kind: AgreementEvent.Kind, now: dt.datetime, actor: User, data: dict[str, Any]
) -> None:
    AgreementEvent.objects.create(
        agreement_id=version.agreement_id, version=version, kind=kind, happened_at=now, actor=actor, data=data
    )
