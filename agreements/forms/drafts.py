"""The fields of a draft: days, words of each side, promises for all leads and for the segments that have their own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements import words
from agreements.forms.fields import (
    DaysField,
    LengthField,
    PercentField,
    TypedNumberField,
    WholeNumberField,
    day_field,
    dress,
)
from agreements.forms.reasons import ReasonsField
from agreements.forms.units import unit_of
from agreements.forms.weekday_weights import settle_weights, weight_fields
from agreements.models import Agreement, Clause, Commitment, Party, Version
from agreements.readings.labels import OWN_NAMES, Names, value_text
from agreements.services.draft_values import (
    KINDS,
    LADDER,
    MOST_MONTHS,
    Value,
    clause_key,
    clause_of_key,
    draft_values,
    goal_key,
    is_nothing,
    month_of_key,
    months_of_version,
)
from agreements.services.faults import MOST_MISSES, WEIGHT_KEYS, faults_of
from agreements.services.starting_templates import (
    BY_SIDE,
    EACH,
    PARTS,
    SHARED,
    TOGETHER,
    Guidance,
    guidance,
    reading_order,
)

# With MOST_MONTHS below the thousand fields that one form may send; what does not fit stays as the draft has it.
MOST_SEGMENTS = 15
MOST_DEFINITIONS = 18
SAID = ("goal-", *(f"{kind}-" for kind in KINDS))
GOAL_KEY = re.compile(r"goal-(\d{1,9})-((?:20\d\d|2100)-(?:0[1-9]|1[0-2]))")
PROMISE_KEY = re.compile(rf"(?:goal|{'|'.join(KINDS)})-(\d{{1,9}})-")
CLAUSE_KEY = re.compile(r"clause-([a-z_]{1,32})-(\d{1,9})(?:-(\d{1,9}))?")
Topic, Template = Clause.Topic, Agreement.Template


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as the page shows it: with what its term means, what somebody else wrote, and what helps to write it."""

    field: forms.BoundField
    says: str
    theirs: Any
    guidance: Guidance | None = None
    inherits: str = ""

    @property
    def is_pair(self) -> bool:
        return isinstance(self.field.field.widget, forms.MultiWidget)

    @property
    def is_tick(self) -> bool:
        return isinstance(self.field.field, forms.BooleanField)

    @property
    def can_say(self) -> bool:
        """Whether a sentence may come to stand below it."""
        return not self.is_tick and self.field.name.startswith(SAID)


@dataclass(frozen=True, slots=True)
class Part:
    """A written part: what each side says to one topic, and what all say together."""

    topic: str
    title: str
    fields: tuple[Shown, ...]
    is_open: bool

    @property
    def columns(self) -> int:
        """How many stand beside each other where there is room."""
        return min(len(self.fields), 3)


def misses_field(label: Any) -> forms.IntegerField:
    """How many months in a row a promise may be missed before something follows; empty: nothing does."""
    says = _("Months in a row in which one promise was missed. Empty: none is agreed.")
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=MOST_MISSES, help_text=says)


class DraftForm(forms.Form):
    """A draft as its parties edit it. `edits` says which state of it the writer had before their eyes."""

    edits = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    starts_on = day_field(_("First day"))
    ends_on = day_field(
        _("Ends before"), required=False, help_text=_("First day no longer covered. Empty: until replaced.")
    )
    reach = forms.ChoiceField(
        label=_("It is for"),
        required=False,
        choices=[
            ("", Version.Reach.NEW_ONLY.label),
            (Version.Reach.ALSO_OPEN.value, Version.Reach.ALSO_OPEN.label),
        ],
        help_text=_(
            "Also open ones: when it begins, what is open and undecided gets its terms, counted from the hand-off."
        ),
    )
    review_rhythm = forms.ChoiceField(
        label=_("Reviewed together"), required=False, choices=Version.ReviewRhythm.choices
    )
    review_after_misses = misses_field(_("Misses in a row that call for a review"))
    cancel_after_misses = misses_field(_("Misses in a row that give the right to cancel"))
    early_share = PercentField(
        label=OWN_NAMES["early_share"],
        help_text=_("Per cent of the time to the first attempt. Empty: as usual, half of it."),
    )
    manager_lag = LengthField(
        label=OWN_NAMES["manager_lag"], help_text=_("Empty: as usual, as soon as it is overdue.")
    )
    director_lag = LengthField(label=OWN_NAMES["director_lag"], help_text=_("Empty: as usual, four hours."))
    rejection_reasons = ReasonsField(
        label=OWN_NAMES["rejection_reasons"],
        help_text=_(
            "Reasons of your own: one a line, a short word, a colon and the sentence, as in “budget: has no budget "
            "this year”. Nothing ticked or written: all the usual ones, or those of the agreement above."
        ),
    )
    summary = forms.CharField(
        label=_("Summary"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        version: Version,
        parties: Iterable[Party],
        names: Names,
        initial: Mapping[str, Value] | None = None,
        also_segment: int | None = None,
        also_part: str = "",
    ) -> None:
        values = draft_values(version) if initial is None else dict(initial)
        super().__init__(data, initial={"edits": version.edits, **values})
        self.version = version
        self.says: Mapping[str, str] = {}
        self.theirs: Mapping[str, Any] = {}
        self.inherits: Mapping[str, tuple[Value, str]] = {}
        self.parties = list(parties)
        self.names = names
        self.values = values
        posted = list(data or ())
        self.months = _months(version, [*values, *posted])
        self.segments = self._segments([*values, *posted], also_segment)
        goal = version.commitments.filter(kind=Commitment.Kind.MQL_GOAL, segment=None).first()
        self.goal_is_money = goal is not None and goal.measure == Commitment.Measure.VALUE
        self.template = Template(version.agreement.template)
        self.also_part = also_part
        self._add_words(posted)
        for segment in (0, *self.segments):
            self._add_promises(segment)
        dress(self)

    def _segments(self, keys: Iterable[str], also: int | None) -> list[int]:
        """The segments with terms of their own, in the draft or as posted, in the order of the names."""
        named = {int(found[1]) for key in keys if (found := PROMISE_KEY.match(key))}
        return [pk for pk in self.names.segments if pk in {*named, also}][:MOST_SEGMENTS]

    def _add_words(self, posted: Iterable[str]) -> None:
        wanted = [key for topic, who in PARTS[self.template] for key in self._keys_of(topic, who)]
        wanted += [key for key in self.values if key.startswith("clause-")]
        wanted += [key for key in posted if self._is_clause(key)]
        wanted += next((keys for part, _label, keys in self._all_parts() if part == self.also_part), [])
        for key in dict.fromkeys(wanted):
            self.fields[key] = forms.CharField(
                label=self.names.label(key),
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 4}),
            )
            if self._guidance(key) is not None:
                self.fields[key].widget.attrs["aria-describedby"] = f"id_{key}_prompt"

    def _keys_of(self, topic: str, who: str) -> list[str]:
        """The keys of a part: one that all say together, or one for each party that signs."""
        if who == SHARED:
            return [clause_key(topic, None)]
        return [clause_key(topic, party.pk) for party in self.parties if party.signatory_id]

    def _is_clause(self, key: str) -> bool:
        """Whether a key that was sent names a part that this agreement can have."""
        found = CLAUSE_KEY.fullmatch(key)
        if found is None or found[1] not in Topic.values:
            return False
        party, segment = int(found[2]), found[3]
        if segment is not None:
            return found[1] == Topic.QUALIFICATION and not party and int(segment) in self.names.segments
        return not party or party in self.names.parties

    def _all_parts(self) -> Iterable[tuple[str, str, list[str]]]:
        """Every part that there can be: its name in the list of parts to add, how it is called, its keys."""
        for topic in reading_order(self.template):
            if topic in BY_SIDE:
                label = _("%(topic)s, each side for itself") % {"topic": topic.label}
                yield f"{topic}-{EACH}", label, self._keys_of(topic, EACH)
            if topic in TOGETHER:
                label = str(self.names.label(clause_key(topic, None)))
                yield f"{topic}-{SHARED}", label, self._keys_of(topic, SHARED)
        for pk in list(self.names.segments)[:MOST_DEFINITIONS]:
            key = clause_key(Topic.QUALIFICATION, None, pk)
            yield key, str(self.names.label(key)), [key]

    def _add_promises(self, segment: int) -> None:
        says = {"data-says": "1"}
        for month in self.months:
            self.fields[goal_key(segment, month)] = (
                TypedNumberField(required=False, max_digits=12, decimal_places=2, min_value=0)
                if self.goal_is_money
                else WholeNumberField(required=False, min_value=0, max_value=10**9)
            )
            self.fields[goal_key(segment, month)].label = words.month(month)
            self.fields[goal_key(segment, month)].widget.attrs |= says
        promises: dict[str, forms.Field] = {
            f"acceptance-{segment}-allowance": LengthField(),
            f"acceptance-{segment}-in_time_share": PercentField(),
            f"speed-{segment}-allowance": LengthField(),
            f"speed-{segment}-average_goal": LengthField(),
            f"speed-{segment}-in_time_share": PercentField(),
            f"speed-{segment}-at_risk_share": PercentField(),
            f"speed-{segment}-pause_limit": DaysField(),
            f"depth-{segment}-attempts": forms.IntegerField(required=False, min_value=1, max_value=100),
            f"depth-{segment}-window": DaysField(),
            f"depth-{segment}-counts_automated": forms.BooleanField(required=False),
            f"worked-{segment}-share": PercentField(),
            f"outcome-{segment}-allowance": LengthField(),
            f"outcome-{segment}-in_time_share": PercentField(),
        }
        if not segment:
            promises |= self._counting()
        for key, field in promises.items():
            field.label = field.label or unit_of(key)
            if not key.startswith("counting-"):
                for widget in getattr(field.widget, "widgets", [field.widget]):
                    widget.attrs |= says
            self.fields[key] = field
        if not self.goal_is_money:
            for month in self.months:
                key = goal_key(segment, month)
                if not is_nothing(self.values.get(key)):
                    self.initial[key] = int(self.values[key])  # type: ignore[arg-type]

    def _counting(self) -> dict[str, forms.Field]:
        """How the goal is counted: the same for all leads and each segment."""
        return {
            "counting-0-measure": forms.ChoiceField(choices=Commitment.Measure.choices, required=False),
            "counting-0-profile": forms.ChoiceField(choices=Commitment.Profile.choices, required=False),
            "counting-0-tolerance": PercentField(),
            "counting-0-counts_recycled": forms.BooleanField(required=False),
            "counting-0-counts_sales_origin": forms.BooleanField(required=False),
            **weight_fields(self.values),
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        settle_weights(self, given)
        # Fields that were refused already are left out: they would be refused twice.
        values = {key: value for key, value in given.items() if key != "edits"}
        for key, faults in faults_of({**self._kept(), **values}).items():
            if key in self.fields and key not in self.errors:
                for fault in faults:
                    self.add_error(key, ValidationError(fault))
        return given

    def _kept(self) -> dict[str, Value]:
        """What the draft says in fields that are not in this form."""
        return {key: value for key, value in self.values.items() if key not in self.fields} | {
            "starts_on": self.values.get("starts_on")
        }

    def terms(self) -> dict[str, Value]:
        """Return what was typed, by key, as far as it can be."""
        return {key: value for key, value in self.cleaned_data.items() if key != "edits"}

    # What the page lays out: groups of fields, in the order in which they are read.

    def show(self, name: str) -> Shown:
        return Shown(
            self[name],
            self.says.get(name, ""),
            self.theirs.get(name),
            self._guidance(name),
            self._inherits(name),
        )

    def _inherits(self, name: str) -> str:
        """Say what holds where a promise is left empty, and where that is from."""
        if name not in self.inherits:
            return ""
        value, source = self.inherits[name]
        return _("Left empty: %(value)s, %(source)s.") % {"value": value_text(name, value), "source": source}

    def _guidance(self, name: str) -> Guidance | None:
        """What helps to write a part: in all templates but the short one."""
        if self.template == Template.SHORT or not name.startswith("clause-"):
            return None
        topic, party, segment = clause_of_key(name)
        function = next((one.team.function for one in self.parties if one.pk == party), SHARED)
        return guidance(topic, function, is_segment=segment is not None)

    def own(self) -> list[Shown]:
        days = ("starts_on", "ends_on", "reach", "review_rhythm")
        return [
            self.show(name)
            for name in (
                *days,
                "review_after_misses",
                "cancel_after_misses",
                *LADDER,
                "rejection_reasons",
                "summary",
            )
        ]

    def parts(self) -> list[Part]:
        """The written parts as the template orders them: words of one topic stand beside each other."""
        found: dict[str, list[Shown]] = {}
        for name in self.fields:
            if name.startswith("clause-"):
                found.setdefault(clause_of_key(name)[0], []).append(self.show(name))
        return [
            Part(topic, str(Topic(topic).label), tuple(found[topic]), self._has_to_be_seen(found[topic]))
            for topic in reading_order(self.template)
            if topic in found
        ]

    def _has_to_be_seen(self, fields: list[Shown]) -> bool:
        """Whether there is something to do about a part: to write it, or to see to what was refused or changed."""
        names = {shown.field.name for shown in fields}
        added = next((keys for part, _label, keys in self._all_parts() if part == self.also_part), [])
        marked = {*(self.errors if self.is_bound else ()), *self.theirs, *added}
        return bool(names & marked) or not any(shown.field.value() for shown in fields)

    def other_parts(self) -> list[tuple[str, str]]:
        """The parts that are not in this form yet."""
        return [
            (part, label)
            for part, label, keys in self._all_parts()
            if any(key not in self.fields for key in keys)
        ]

    def promises(self) -> list[dict[str, Any]]:
        """The promises for all leads, then those of each segment shown; open where there is something to see to."""
        return [
            {
                "id": segment,
                "is_open": self._is_open(segment),
                "name": self.names.segments.get(segment, ""),
                "goals": [self.show(goal_key(segment, month)) for month in self.months],
                "counting": [
                    self.show(name)
                    for name in self.fields
                    if name.startswith(f"counting-{segment}-") and name not in WEIGHT_KEYS
                ],
                "is_counting_open": any(
                    name.startswith("counting-")
                    for name in (*(self.errors if self.is_bound else ()), *self.theirs)
                ),
                "follow_up": [
                    self.show(name)
                    for name in self.fields
                    if name.startswith(tuple(f"{kind}-{segment}-" for kind in ("speed", "depth", "worked")))
                ],
                "deadlines": [
                    self.show(name)
                    for name in self.fields
                    if name.startswith((f"acceptance-{segment}-", f"outcome-{segment}-"))
                ],
                "are_deadlines_open": self._are_deadlines_open(segment),
            }
            for segment in (0, *self.segments)
        ]

    def weights(self) -> list[Shown]:
        """The weights of the weekdays, which stand below the choice of the goal line."""
        return [self.show(name) for name in WEIGHT_KEYS]

    def _is_open(self, segment: int) -> bool:
        own = tuple(f"{kind}-{segment}-" for kind in ("goal", *KINDS))
        is_new = not any(key.startswith(own) for key in self.values)
        marked = (*(self.errors if self.is_bound else ()), *self.theirs)
        return not segment or is_new or any(key.startswith(own) for key in marked)

    def _are_deadlines_open(self, segment: int) -> bool:
        """Whether there is something in the fields of acceptance and outcome, or to see to."""
        own = (f"acceptance-{segment}-", f"outcome-{segment}-")
        marked = (*(self.errors if self.is_bound else ()), *self.theirs, *self.values)
        return any(key.startswith(own) for key in marked)

    def conflicts(self) -> list[Any]:
        """What others wrote, field by field."""
        return list(self.theirs.values())

    def faulty(self) -> list[Shown]:
        """The fields that were refused, for the list above the form."""
        return [self.show(name) for name in self.errors if name in self.fields]

    def other_segments(self) -> list[tuple[int, str]]:
        """The segments that have no terms of their own yet; none where the form is full, or the agreement for one."""
        if len(self.segments) >= MOST_SEGMENTS or self.version.agreement.is_for_a_segment:
            return []
        return [(pk, name) for pk, name in self.names.segments.items() if pk not in self.segments]


def _months(version: Version, keys: Iterable[str]) -> list[dt.date]:
    """The months of the version's days, a year of an open end, and those for which a goal is written already."""
    months = {month_of_key(f"goal-0-{found[2]}") for key in keys if (found := GOAL_KEY.fullmatch(key))}
    return sorted({*months, *months_of_version(version.starts_on, version.ends_on)})[:MOST_MONTHS]
