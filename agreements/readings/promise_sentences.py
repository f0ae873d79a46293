"""What a promise in numbers is, a term a sentence: for the page of a version and its document."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Commitment
from agreements.readings.labels import length, weight_text, window_text
from agreements.services.draft_values import USUAL
from agreements.weekday_weights import weights_of

Kind = Commitment.Kind


def counting_sentences(promise: Commitment) -> list[str]:
    """Say how a goal is counted where that is not as usual: by each day alike, when handed off, a lead once."""
    said = []
    if promise.measure != USUAL["measure"]:
        said.append(_("Counted: %(what)s.") % {"what": promise.get_measure_display()})
    if promise.profile != USUAL["profile"]:
        said.append(goal_line(promise))
    if promise.tolerance != USUAL["tolerance"]:
        said.append(
            _("On pace within %(share)s either way.") % {"share": words.percent(promise.tolerance, 2)}
        )
    if promise.counts_recycled:
        said.append(_("Recycled leads count again when they are handed over again."))
    if promise.counts_sales_origin:
        said.append(_("Leads that sales found count too."))
    return said


def goal_line(promise: Commitment) -> str:
    """Say over which days a goal is spread, and by which weights."""
    weights = weights_of(promise.weekday_weights)
    if promise.profile != Commitment.Profile.WEIGHTS or not weights:
        return _("Goal line: %(how)s.") % {"how": promise.get_profile_display()}
    days = (
        _("%(weekday)s %(weight)s") % {"weekday": WEEKDAYS[place], "weight": weight_text(weight)}
        for place, weight in enumerate(weights.values())
    )
    return _("Goal line by weekday weights: %(days)s.") % {"days": ", ".join(days)}


def sentences_of(promise: Commitment, segment: str) -> list[str]:
    """Say what a promise of sales is, a term a sentence, for all leads or for a segment's."""
    said: dict[str, Any] = {"segment": segment}
    if promise.kind == Kind.SPEED and promise.allowance is not None:
        said["length"] = words.duration(length(promise.allowance))
        sentences = [
            _("“%(segment)s”: first attempt within %(length)s (business).") % said
            if segment
            else _("First attempt within %(length)s (business).") % said
        ]
        if promise.average_goal is not None:
            said["length"] = words.duration(length(promise.average_goal))
            sentences.append(
                _("“%(segment)s”: on average within %(length)s (business).") % said
                if segment
                else _("On average within %(length)s (business).") % said
            )
        if promise.in_time_share is not None:
            said["share"] = words.percent(promise.in_time_share, 2)
            sentences.append(
                _("“%(segment)s”: %(share)s in time.") % said
                if segment
                else _("%(share)s of the leads in time.") % said
            )
        if promise.pause_limit is not None:
            said["length"] = window_text(promise.pause_limit)
            sentences.append(
                _("“%(segment)s”: paused for %(length)s at most where the lead asks for a later time.") % said
                if segment
                else _("Paused for %(length)s at most where the lead asks for a later time.") % said
            )
        return sentences
    if promise.kind in Commitment.DEADLINES and promise.allowance is not None:
        return _by_deadline(promise, said)
    if promise.kind == Kind.DEPTH and promise.attempts is not None:
        said |= {"n": promise.attempts, "window": window_text(promise.window)}
        return [
            ngettext(
                "“%(segment)s”: %(n)s attempt within %(window)s unless it connects sooner.",
                "“%(segment)s”: %(n)s attempts within %(window)s unless one connects sooner.",
                promise.attempts,
            )
            % said
            if segment
            else ngettext(
                "%(n)s attempt within %(window)s unless it connects sooner.",
                "%(n)s attempts within %(window)s unless one connects sooner.",
                promise.attempts,
            )
            % said
        ]
    if promise.kind == Kind.SHARE_WORKED and isinstance(promise.share, Decimal):
        said["share"] = words.percent(promise.share, 2)
        return [
            _("“%(segment)s”: %(share)s get at least one attempt.") % said
            if segment
            else _("%(share)s of the leads get at least one attempt.") % said
        ]
    return []


def _by_deadline(promise: Commitment, said: dict[str, Any]) -> list[str]:
    """Say by when a lead is accepted, or comes to an outcome, and how many of them."""
    said["length"] = words.duration(length(promise.allowance or dt.timedelta(0)))
    is_acceptance = promise.kind == Kind.ACCEPTANCE
    if is_acceptance:
        sentence = (
            _("“%(segment)s”: accepted or given back within %(length)s (business).")
            if said["segment"]
            else _("Accepted or given back within %(length)s (business).")
        )
    else:
        sentence = (
            _("“%(segment)s”: qualified, won, lost or unreachable within %(length)s (business).")
            if said["segment"]
            else _("Qualified, won, lost or unreachable within %(length)s (business).")
        )
    sentences = [sentence % said]
    if promise.in_time_share is not None:
        said["share"] = words.percent(promise.in_time_share, 2)
        if said["segment"]:
            share = _("“%(segment)s”: %(share)s of that in time.")
        elif is_acceptance:
            share = _("%(share)s of the leads accepted or given back in time.")
        else:
            share = _("%(share)s of the leads come to an outcome in time.")
        sentences.append(share % said)
    return sentences
