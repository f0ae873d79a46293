"""What is remarked of a whole file: how many rows name whom, what is taken for what, and which count for nothing."""

from __future__ import annotations

from itertools import chain

from django.utils.formats import number_format
from django.utils.translation import ngettext

from leads.intake.context import Context
from leads.intake.mapping import Cells
from leads.intake.named import NamesSeen

KEPT_AS_NAMED = ("owner", "by", "source")
"""Fields whose words are kept as they are where nobody says what they mean."""


def about_words(context: Context, cells: Cells) -> list[str]:
    """Return the remarks, "" among them where there is nothing to remark."""
    meant = ((name, cells.meant[name, True], cells.meant[name, False]) for name in KEPT_AS_NAMED)
    said = chain.from_iterable(_said_of(*one) for one in meant)
    sources = context.new_sources.said() if context.new_sources is not None else ""
    about_rows = (_without_currency(context), _impossible(context))
    return [*said, context.directory.unknown_people(), sources, *about_rows]


def about_repeated(rows: int) -> str:
    """Say how many rows are about the same as a later one; "" where none is."""
    if not rows:
        return ""
    return ngettext(
        "%(n)s row is about the same as one further down: the last one counts, this one is counted as unchanged.",
        "%(n)s rows are about the same as one further down: the last one counts, these are counted as unchanged.",
        rows,
    ) % {"n": rows}


def about_waiting(leads: NamesSeen) -> str:
    """Say how many deals wait for a lead, and for whom; "" where none does."""
    return leads.said(
        lambda n: ngettext(
            "%(n)s deal names a lead that is not known here, and is linked by itself once that lead is imported: "
            "%(names)s",
            "%(n)s deals name leads that are not known here, and are linked by themselves once these are imported: "
            "%(names)s",
            n,
        )
    )


def _said_of(name: str, others: int, nothing: int) -> list[str]:
    said = {"field": name, "others": number_format(others), "nothing": number_format(nothing)}
    remarks = []
    if others:
        remarks.append(
            ngettext(
                "%(field)s: another name was said for %(others)s row.",
                "%(field)s: another name was said for %(others)s rows.",
                others,
            )
            % said
        )
    if nothing:
        remarks.append(
            ngettext(
                "%(field)s: the name in %(nothing)s row was said to mean nothing.",
                "%(field)s: the names in %(nothing)s rows were said to mean nothing.",
                nothing,
            )
            % said
        )
    return remarks


def _without_currency(context: Context) -> str:
    if not context.without_currency:
        return ""
    said = {"n": number_format(context.without_currency), "currency": context.usual_currency}
    if context.usual_currency:
        return (
            ngettext(
                "%(n)s amount names no currency, and is taken as %(currency)s unless another is known of the deal.",
                "%(n)s amounts name no currency, and are taken as %(currency)s unless another is known of the deal.",
                context.without_currency,
            )
            % said
        )
    return (
        ngettext(
            "%(n)s amount names no currency, and nobody said which it is in.",
            "%(n)s amounts name no currency, and nobody said which they are in.",
            context.without_currency,
        )
        % said
    )


def _impossible(context: Context) -> str:
    if not context.impossible:
        return ""
    return ngettext(
        "%(n)s attempt has an outcome that its channel cannot have, as a call that was sent; it is kept as it came.",
        "%(n)s attempts have an outcome that their channel cannot have, as a call that was sent; they are kept as "
        "they came.",
        context.impossible,
    ) % {"n": number_format(context.impossible)}
