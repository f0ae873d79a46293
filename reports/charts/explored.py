"""Any measure by up to two dimensions: bars in the order of days and hours, or lying by size; parts below each other.

With something that has an order along the bottom, the second dimension makes one part each, all on one scale; two
dimensions without an order make one lying bar for each pair. Few cases are hatched where the number is no count. What
the drawing has no room for stands in the file: the table shows what is drawn.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.buckets import counts_below, few, few_note
from reports.charts.description import Chart, Goal, Mark, Panel, Series, Tick, Tone
from reports.charts.exploration import Exploration, by_size, exact, size
from reports.charts.explored_tables import crossed, listed
from reports.charts.explored_words import BY_NAMES, MEASURE_WORDS
from reports.readings.explored import ORDERED, By, tiles_of
from reports.readings.explored_measures import Measured, Unit
from reports.readings.numbers import number

MOST_BARS, MOST_PARTS = 40, 6


def explored_chart(seen: Exploration, *, subtitle: str, as_of: dt.datetime) -> Chart:
    """Describe what was found as one chart."""
    said = [str(BY_NAMES[by]) for by in (seen.by, seen.split) if by is not None]
    subtitle = f"{seen.name}: {' × '.join(said)} · {subtitle}"
    if seen.split is None:
        return _one(seen, subtitle, as_of)
    if seen.by in ORDERED:
        return _parts(seen, subtitle, as_of)
    return _pairs(seen, subtitle, as_of)


def _one(seen: Exploration, subtitle: str, as_of: dt.datetime) -> Chart:
    """One bar each: upright in its order, or lying by size."""
    keys = by_size(seen, seen.by, seen.found.first, most=None if seen.by in ORDERED else MOST_BARS)
    shown = [seen.measured(seen.found.first[key]) for key in keys]
    names = [seen.name_of(seen.by, key) for key in keys]
    counts = [one.n for one in shown]
    is_rate = not seen.measure.is_count
    series = Series(
        name=seen.name,
        mark=Mark.BARS,
        tone=Tone.ACTUAL,
        values=tuple(number(exact(one)) for one in shown),
        texts=tuple(seen.spoken(one) for one in shown),
        muted=few(counts) if is_rate else frozenset(),
    )
    is_lying = seen.by not in ORDERED
    return Chart(
        key="explore",
        title=_finding(seen, list(zip(names, shown, strict=True))),
        subtitle=subtitle,
        labels=tuple(names) if is_lying else tuple(_label(seen, key) for key in keys),
        spoken=tuple(names),
        under=counts_below(counts) if is_rate and not is_lying else (),
        panels=(Panel("", _ticks(seen, shown)),),
        series=(series,),
        goal=_goal(seen) if not is_lying else None,
        summary=_summary(seen, list(zip(names, shown, strict=True))),
        table=listed(seen, [((key,), one) for key, one in zip(keys, shown, strict=True)]),
        as_of=as_of,
        notes=_notes(seen, counts, hidden=len(seen.found.first) - len(keys)),
        is_lying=is_lying,
        is_empty=seen.is_empty,
    )


def _parts(seen: Exploration, subtitle: str, as_of: dt.datetime) -> Chart:
    """One part for each key of the second dimension, those with most cases, all on one scale."""
    assert seen.split is not None
    keys = by_size(seen, seen.by, seen.found.first, most=None)
    parts = by_size(seen, seen.split, seen.found.second, most=MOST_PARTS)
    cells = {part: [seen.measured(seen.found.cells.get((key, part))) for key in keys] for part in parts}
    everything = [one for part in parts for one in cells[part]]
    is_rate = not seen.measure.is_count
    names = {part: seen.name_of(seen.split, part) for part in parts}
    series = tuple(
        Series(
            name=names[part],
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(exact(one)) for one in cells[part]),
            texts=tuple(f"{names[part]} {seen.spoken(one)}" for one in cells[part]),
            muted=few([one.n for one in cells[part]]) if is_rate else frozenset(),
            panel=place,
        )
        for place, part in enumerate(parts)
    )
    margins = [(names[part], seen.measured(seen.found.second[part])) for part in parts]
    ticks = _ticks(seen, everything)
    return Chart(
        key="explore",
        title=_finding(seen, margins),
        subtitle=subtitle,
        labels=tuple(_label(seen, key) for key in keys),
        spoken=tuple(seen.name_of(seen.by, key) for key in keys),
        panels=tuple(Panel(names[part], (ticks[0], ticks[-1])) for part in parts) or (Panel("", ticks),),
        series=series,
        summary=_summary(seen, margins),
        table=crossed(seen, keys, parts),
        as_of=as_of,
        notes=_notes(
            seen, [one.n for one in everything], hidden=len(seen.found.second) - len(parts), part=True
        ),
        is_empty=seen.is_empty,
    )


def _pairs(seen: Exploration, subtitle: str, as_of: dt.datetime) -> Chart:
    """One lying bar for each pair, those with most cases."""
    assert seen.split is not None
    found = {pair: seen.measured(row) for pair, row in seen.found.cells.items()}
    most = sorted(found, key=lambda pair: (-found[pair].n, pair))[:MOST_BARS]
    firsts = {key: place for place, key in enumerate(by_size(seen, seen.by, seen.found.first, most=None))}
    pairs = sorted(most, key=lambda pair: (firsts[pair[0]], *size(found[pair]), pair[1]))
    shown = [found[pair] for pair in pairs]
    names = [f"{seen.name_of(seen.by, one)} · {seen.name_of(seen.split, two)}" for one, two in pairs]
    counts = [one.n for one in shown]
    is_rate = not seen.measure.is_count
    return Chart(
        key="explore",
        title=_finding(seen, list(zip(names, shown, strict=True))),
        subtitle=subtitle,
        labels=tuple(names),
        spoken=tuple(names),
        panels=(Panel("", _ticks(seen, shown)),),
        series=(
            Series(
                name=seen.name,
                mark=Mark.BARS,
                tone=Tone.ACTUAL,
                values=tuple(number(exact(one)) for one in shown),
                texts=tuple(seen.spoken(one) for one in shown),
                muted=few(counts) if is_rate else frozenset(),
            ),
        ),
        summary=_summary(seen, list(zip(names, shown, strict=True))),
        table=listed(seen, list(zip(pairs, shown, strict=True))),
        as_of=as_of,
        notes=_notes(seen, counts, hidden=len(found) - len(pairs)),
        is_lying=True,
        is_empty=seen.is_empty,
    )


def _label(seen: Exploration, key: str) -> str:
    """Return what stands below an upright bar."""
    tiles = tiles_of(seen.period, seen.by)
    if key in tiles:
        return words.short_month(tiles[key].start) if seen.by is By.MONTH else words.day(tiles[key].start)
    return words.amount(int(key)) if key else "?"


def _ticks(seen: Exploration, shown: list[Measured]) -> tuple[Tick, ...]:
    top = max([Fraction(0), *(value for one in shown if (value := exact(one)) is not None)])
    if seen.agreed is not None:
        top = max(top, Fraction(seen.agreed))
    match seen.measure.unit:
        case Unit.LENGTH:
            return words.duration_ticks(top)
        case Unit.SHARE:
            return words.share_ticks()
    return words.count_ticks(top)


def _goal(seen: Exploration) -> Goal | None:
    if seen.agreed is None:
        return None
    return Goal(seen.agreed, _("Agreed %(goal)s") % {"goal": seen.written(Measured(seen.agreed, 0))})


def _sure(seen: Exploration, shown: list[tuple[str, Measured]]) -> list[tuple[str, Measured]]:
    """Return those with a number, without those that rest on few cases where others do not."""
    known = [(name, one) for name, one in shown if one.value is not None]
    if seen.measure.is_count:
        return known
    unsure = few([one.n for _name, one in known])
    return [pair for place, pair in enumerate(known) if place not in unsure] or known


def _finding(seen: Exploration, shown: list[tuple[str, Measured]]) -> str:
    """Say the number of all, and where it is highest."""
    if seen.is_empty:
        return _("Nothing of these days fits what was chosen.")
    total = seen.measured(seen.found.total)
    said = {"measure": seen.name, "total": seen.written(total)}
    if total.value is None:
        return _("%(measure)s: there is no case yet to measure it by.") % said
    sure = _sure(seen, shown)
    if len(sure) < 2 or not any(one.value for _name, one in sure):
        return _("%(measure)s: %(total)s in all.") % said
    name, best = max(sure, key=lambda pair: exact(pair[1]) or Fraction(0))
    return _("%(measure)s: %(total)s in all; highest for %(name)s, with %(value)s.") % {
        **said,
        "name": name,
        "value": seen.written(best),
    }


def _summary(seen: Exploration, shown: list[tuple[str, Measured]]) -> str:
    """Say the lowest, and how it went from the first to the last where there is an order."""
    sentences = [str(MEASURE_WORDS[seen.key].meaning)]
    sure = _sure(seen, shown)
    if len(sure) > 1:
        name, least = min(sure, key=lambda pair: exact(pair[1]) or Fraction(0))
        sentences.append(
            _("Lowest for %(name)s, with %(value)s.") % {"name": name, "value": seen.written(least)}
        )
    if seen.split is None and seen.by in ORDERED and len(sure) > 1:
        said = {"first": seen.written(sure[0][1]), "last": seen.written(sure[-1][1])}
        sentences.append(_("The first bar stands at %(first)s, the last at %(last)s.") % said)
    return " ".join(sentences)


def _notes(seen: Exploration, counts: list[int], *, hidden: int, part: bool = False) -> tuple[str, ...]:
    notes = list(seen.notes)
    cases = MEASURE_WORDS[seen.key].cases
    if cases:
        notes += [_("n counts the %(cases)s.") % {"cases": cases}, *few_note(counts)]
    if hidden > 0:
        said = {"n": words.amount(MOST_PARTS if part else MOST_BARS), "hidden": words.amount(hidden)}
        notes.append(_("The %(n)s with most cases are shown; the file has %(hidden)s more.") % said)
    return tuple(notes)
