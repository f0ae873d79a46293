"""Leads that were merged, as the page of the one that goes on tells of them; and two side by side before that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.acting import Acting
from leads.models import FollowUpAttempt, HandOff, Lead, Merge
from leads.services.merging import CONTACT, open_of, why_not_undone


@dataclass(frozen=True, slots=True)
class MergedLead:
    """A lead that was merged into the one of the page; `refusal` says why that cannot be undone."""

    merge: Merge
    refusal: str
    may_undo: bool

    @property
    def until(self) -> dt.date:
        """The last day on which it can be undone, for the reader."""
        return timezone.localdate(self.merge.undoable_until)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two leads that are compared."""

    lead: Lead
    hand_offs: list[HandOff]
    attempts: int
    deals: int


@dataclass(frozen=True, slots=True)
class Line:
    """What both say of one thing, and what is left of it."""

    label: str
    survivor: str
    absorbed: str
    result: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two leads side by side, and what a merge does to them."""

    survivor: Side
    absorbed: Side
    lines: list[Line]
    consequences: list[str]

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both, in the order of the columns."""
        return self.survivor, self.absorbed


def merges_of(lead: Lead) -> list[Merge]:
    """Return the merges of this lead, in order: also undone ones, and those of leads that came with another."""
    merges = Merge.objects.filter(Q(survivor=lead) | Q(absorbed=lead) | Q(absorbed__merged_into=lead))
    return list(merges.select_related("survivor", "absorbed", "by", "undone_by").order_by("pk"))


def merged_in(lead: Lead, merges: list[Merge], acting: Acting, *, now: dt.datetime) -> list[MergedLead]:
    """Return the leads that were merged into this one and are in it still, newest first."""
    found = []
    for merge in reversed(merges):
        if merge.undone_at is None and merge.absorbed_id != lead.pk:
            refusal = why_not_undone(merge, merge.survivor, now=now)
            found.append(MergedLead(merge, refusal, acting.may_merge() and not refusal))
    return found


def told_of(lead: Lead, merges: list[Merge]) -> Iterator[tuple[dt.datetime, str, str]]:
    """Tell when the lead was merged, what was merged into it, and by whom; what went apart is not named."""
    for merge in merges:
        if merge.absorbed_id == lead.pk:
            text = _("Merged into another lead")
        elif merge.undone_at is not None:
            text = _("Another lead was merged into this one")
        else:
            text = _("%(lead)s was merged into this lead") % {"lead": merge.absorbed}
        if merge.reason:
            text = _("%(merged)s: %(reason)s") % {"merged": text, "reason": merge.reason}
        yield merge.made_at, text, str(merge.by)
        if merge.undone_at is not None:
            yield merge.undone_at, _("That merge was undone"), str(merge.undone_by or "")


def suspects(lead: Lead, alike: list[Lead], acting: Acting, words: list[str]) -> list[Lead]:
    """Return whom this lead could be: those found by these words, or else what looks alike already."""
    if not words:
        return alike
    found = Lead.objects.visible_to(acting.user).with_words(words).exclude(pk=lead.pk)
    return list(found.order_by("-qualified_at", "-pk")[:20])


def compare(survivor: Lead, absorbed: Lead) -> Comparison:
    """Return two leads side by side, with what a merge makes of them."""
    sides = _side(survivor), _side(absorbed)
    return Comparison(*sides, _lines(survivor, absorbed), _consequences(*sides))


def _side(lead: Lead) -> Side:
    hand_offs = list(lead.hand_offs.select_related("owner", "team").order_by("number"))
    attempts = FollowUpAttempt.objects.standing().filter(hand_off__lead=lead).count()
    return Side(lead, hand_offs, attempts, lead.deals.count())


def _lines(survivor: Lead, absorbed: Lead) -> list[Line]:
    lines = []
    for name in CONTACT:
        one, other = getattr(survivor, name), getattr(absorbed, name)
        if one or other:
            lines.append(Line(_label(name), one, other, one or other))
    for name, said in (
        ("origin", lambda lead: str(lead.get_origin_display())),
        ("source", lambda lead: lead.source),
        ("campaign", lambda lead: lead.campaign),
        ("segment", lambda lead: str(lead.segment or "")),
        ("qualified_on", lambda lead: _day(lead.qualified_on)),
    ):
        one, other = said(survivor), said(absorbed)
        if one or other:
            lines.append(Line(_label(name), one, other, one))
    one, other = (f"{lead.system} · {lead.external_id}" for lead in (survivor, absorbed))
    lines.append(Line(_("Known as"), one, other, _("both")))
    return lines


def _label(name: str) -> str:
    return str(Lead._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _consequences(survivor: Side, absorbed: Side) -> list[str]:
    said: dict[str, object] = {"survivor": survivor.lead, "absorbed": absorbed.lead}
    n = len(absorbed.hand_offs)
    lines = [
        _("%(hand_offs)s, %(attempts)s and %(deals)s come over.")
        % {
            "hand_offs": ngettext("%(n)s hand-off", "%(n)s hand-offs", n) % {"n": n},
            "attempts": ngettext("%(n)s attempt", "%(n)s attempts", absorbed.attempts)
            % {"n": absorbed.attempts},
            "deals": ngettext("%(n)s deal", "%(n)s deals", absorbed.deals) % {"n": absorbed.deals},
        }
    ]
    first, second = open_of(survivor.lead), open_of(absorbed.lead)
    if first is not None and second is not None:
        said |= {"first": _owner(first), "second": _owner(second)}
        lines.append(
            _(
                "Both are with sales. The work of %(first)s goes on; that of %(second)s is closed as cancelled. What "
                "was late by then stays late."
            )
            % said
        )
    begun = sorted(
        (one.handed_off_at, one.handed_off_on) for one in (*survivor.hand_offs, *absorbed.hand_offs)
    )
    if survivor.hand_offs and absorbed.hand_offs:
        said["day"] = _day(begun[0][1])
        lines.append(
            _(
                "Towards marketing’s goal it counts once, with the hand-off of %(day)s, unless the agreement counts "
                "leads that were handed over again. The figures of past months change with it."
            )
            % said
        )
    return lines


def _owner(hand_off: HandOff) -> str:
    if hand_off.owner or hand_off.owner_name:
        return str(hand_off.owner or hand_off.owner_name)
    return _("nobody yet")


def _day(on: dt.date) -> str:
    return date_format(on, "j F Y")
