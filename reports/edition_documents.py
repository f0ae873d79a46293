"""An edition as a PDF of two sheets, A4 or Letter: typst sets what its page says, from the same snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.readings.signed_document import as_set
from agreements.typesetting import typeset
from reports.charts import words
from reports.pages.editions import EditionPage
from reports.svg_figures import WIDTH, svg

TEMPLATE = Path(__file__).parent / "typst" / "edition.typ"
PAPERS = {"a4": "a4", "letter": "us-letter"}
MOST_LINES, MOST_PROMISES, LONGEST = 10, 14, 220
MOST_DEFINITIONS, LONGEST_DEFINITION, LINE = 14, 420, 70
"""What two sheets have room for; the rest is counted, and stands on the page. LINE is a line of definitions."""


def as_pdf(page: EditionPage, *, paper: str) -> bytes:
    """Set the edition, in the language in which it was frozen."""
    with translation.override(page.snapshot["language"]):
        data = _said(page)
    return typeset(TEMPLATE, edition=json.dumps(data | {"paper": PAPERS[paper]}, ensure_ascii=False))


def _said(page: EditionPage) -> dict[str, Any]:
    found, edition = page.snapshot, page.edition
    as_of = edition.as_of.astimezone(edition.agreement.zone)
    at = f"{date_format(as_of, 'j M Y, H:i')} {words.zone_name(as_of)}"
    title = _("%(name)s: %(month)s, edition %(number)s") % {
        "name": found["agreement"],
        "month": found["month"],
        "number": edition.number,
    }
    frozen = _(
        "Frozen as of %(at)s, under version %(version)s of the agreement. Later changes are not in it."
    )
    rates = found["rates"]
    return {
        "title": _set(title),
        "language": found["language"],
        "footer": _set(f"{title} · SHA-256 {edition.sha256[:16]}…"),
        "finding": _set(found["finding"]),
        "frozen": frozen % {"at": at, "version": found["version"]},
        "further": [_set(one) for one in found["further"]],
        "sides": [_side(one) for one in found["sides"]],
        "charts": [
            {
                "title": _set(chart.title),
                "subtitle": _set(chart.subtitle),
                "summary": chart.summary or chart.title,
                "svg": svg(chart, width=WIDTH if place == 0 else WIDTH * 0.6),
            }
            for place, chart in enumerate(page.charts)  # the first is as wide as the sheet
        ],
        "changed": _few(
            [f"{one['of']}, {one['where']}: {one['before']} → {one['after']}" for one in page.changed]
        ),
        "followed": _few(_followed(page)) or [_("Nothing was missed.")],
        "says": _few(
            [
                *(_("Pulse of %(team)s: %(text)s") % one for one in found["pulses"]),
                *found["ratings"],
                *filter(None, [found.get("returned_finding")]),
            ]
        ),
        "next": [_set(found["next"])] if found["next"] else [],
        "rates_finding": _set(found["rates_finding"]),
        "rates_header": [_set(column["name"]) for column in rates["columns"]] or [""],
        "rates": [[_set(cell["text"]) for cell in row] for row in rates["rows"]],
        "definitions": _halves(_definitions(page)),
        "agenda": _few(_agenda(page)),
        "meeting": _few(_meeting(page)),
        "acknowledged": _few(_acknowledged(page)),
        "words": {
            "consequence": _("Agreed: “If we do not meet our goal, we will …”"),
            "changed": _("What is different from the edition before"),
            "followed": _("What is done about what was missed"),
            "says": _("What people say"),
            "next": _("Next goal"),
            "definitions": page.definitions.caption if page.definitions else _("How it is counted"),
            "agenda": _("Agenda"),
            "meeting": _("The meeting about it"),
            "acknowledged": _("Acknowledged"),
        },
    }


def _side(side: dict[str, Any]) -> dict[str, Any]:
    promises = [
        {name: _set(one[name]) for name in ("mark", "title", "word", "figure")}
        for one in side["promises"][:MOST_PROMISES]
    ]
    if (more := len(side["promises"]) - len(promises)) > 0:
        promises.append({"mark": "", "title": _more(more), "word": "", "figure": ""})
    return {
        "team": _set(side["team"]),
        "promises": promises,
        "consequence": _set(side["consequence"]),
    }


def _definitions(page: EditionPage) -> list[dict[str, str]]:
    """Return of what each definition is, and what it says, or that the edition was made before any were kept."""
    if page.definitions is None:
        said = _(
            "This edition was made before definitions were kept: the signed text of version %(number)s has them."
        )
        return [{"of": "", "text": said % {"number": page.snapshot["version"]}}]
    rows = page.definitions.rows
    shown = [
        {"of": _set(of.text), "text": _set(definition.text, LONGEST_DEFINITION)}
        for of, definition in rows[:MOST_DEFINITIONS]
    ]
    if more := len(rows) - len(shown):
        shown.append({"of": "", "text": _more(more)})
    return shown


def _halves(definitions: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Share definitions out over two columns of about the same length."""
    lengths = [len(one["of"]) + len(one["text"]) + LINE for one in definitions]
    place = min(range(len(lengths) + 1), key=lambda place: abs(sum(lengths[:place]) - sum(lengths[place:])))
    return [definitions[:place], definitions[place:]]


def _followed(page: EditionPage) -> list[str]:
    lines = []
    for one in page.strikes:
        lines.append(
            " · ".join(
                filter(None, (f"{one['team']}: {one['title']}", one["state"], one["who"], one["diagnosis"]))
            )
        )
        lines += [_action(action) for action in one["actions"]]
    lines += [_action(one) for one in page.carried]
    for one in page.excuses:
        said = {
            "team": one["team"],
            "reason": one["reason"],
            "days": one["days"] or words.amount(one["hand_offs"]),
        }
        lines.append(_("Excused for %(team)s: %(reason)s (%(days)s)") % said)
    return lines


def _action(action: dict[str, Any]) -> str:
    until = _("until %(day)s") % {"day": action["until"]}
    return " · ".join(
        filter(None, (action["action"], action["owner"], until, action["state"], action["result"]))
    )


def _agenda(page: EditionPage) -> list[str]:
    """Return the meeting's own agenda, a line each, or the proposed one, a point each."""
    if page.own_agenda:
        return [line.strip(" -*•\t") for line in page.own_agenda.splitlines() if line.strip()]
    if page.agenda is None:
        return [_("This edition was made before an agenda was kept with editions.")]
    return [": ".join(filter(None, (one["title"], " · ".join(one["lines"])))) for one in page.agenda]


def _meeting(page: EditionPage) -> list[str]:
    if page.review is None:
        return [_("No review is planned for the month after.")]
    day = date_format(page.review.planned_on, "j M Y")
    is_held = page.review.held_at is not None
    said = _("Held: the review of %(day)s.") if is_held else _("Planned for %(day)s.")
    minutes = [page.review.minutes] if page.review.minutes else []
    decided = [
        " · ".join((one.text, str(one.owner), _("until %(day)s") % {"day": date_format(one.due_on, "j M Y")}))
        for one in page.decisions
    ]
    return [said % {"day": day}, *minutes, *decided]


def _acknowledged(page: EditionPage) -> list[str]:
    zone = page.edition.agreement.zone
    lines = []
    for one in page.acknowledged:
        day = date_format(one.acknowledged_at.astimezone(zone), "j M Y")
        lines.append(f"{one.party.team.name}: {one.person}, {day}")
    if page.is_replaced:
        return [*lines, _("Edition %(number)s took the place of this one.") % {"number": page.latest.number}]
    if page.waits_for:
        lines.append(_("Waits for %(teams)s.") % {"teams": page.waits_for})
    return lines


def _few(lines: list[str]) -> list[str]:
    """Return what there is room for, and how many more there are."""
    shown = [_set(line) for line in lines[:MOST_LINES]]
    if more := len(lines) - len(shown):
        shown.append(_more(more))
    return shown


def _more(n: int) -> str:
    return ngettext("and %(n)s more, on the page", "and %(n)s more, on the page", n) % {"n": words.amount(n)}


def _set(text: str, longest: int = LONGEST) -> str:
    """Return a text as it is set, of bearable length."""
    return as_set(Truncator(" ".join(str(text).split())).chars(longest))
