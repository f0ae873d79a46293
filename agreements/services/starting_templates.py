"""What an agreement begins with: three templates, each with the parts that it offers, its prompts and its examples.

A template says what is offered first, never what must be written: any part can be added to any agreement, and one that
is left empty is no part of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agreements.models import Agreement, Clause, Team

Template, Topic = Agreement.Template, Clause.Topic
MARKETING, SALES = str(Team.Function.MARKETING), str(Team.Function.SALES)
# Who speaks in a part: all sides with one voice, or each party for itself.
SHARED, EACH = "shared", "each"

_SHORT = (
    (Topic.SCOPE, SHARED),
    (Topic.QUALIFICATION, SHARED),
    (Topic.GOALS, EACH),
    (Topic.NEEDS, EACH),
    (Topic.INITIATIVES, EACH),
    (Topic.CONSEQUENCE, EACH),
    (Topic.REVIEW, SHARED),
)
_STEPS = (
    (Topic.SCOPE, SHARED),
    (Topic.QUALIFICATION, SHARED),
    (Topic.GOALS, EACH),
    (Topic.GOALS, SHARED),
    (Topic.NEEDS, EACH),
    (Topic.INITIATIVES, EACH),
    (Topic.CONSEQUENCE, EACH),
    (Topic.CANCELLATION, SHARED),
    (Topic.CONTINGENCY, SHARED),
    (Topic.REVIEW, SHARED),
)
_STAGES = (
    (Topic.GOALS, EACH),
    (Topic.GOALS, SHARED),
    (Topic.QUALIFICATION, EACH),
    (Topic.QUALIFICATION, SHARED),
    (Topic.HAND_OFF, EACH),
    (Topic.HAND_OFF, SHARED),
    (Topic.NURTURE, EACH),
    (Topic.NURTURE, SHARED),
    (Topic.CONSEQUENCE, EACH),
    (Topic.CANCELLATION, SHARED),
    (Topic.REVIEW, SHARED),
)
PARTS = {Template.SHORT: _SHORT, Template.STEPS: _STEPS, Template.STAGES: _STAGES}
# Parts in which the sides speak for themselves; the other topics are said once, for all.
BY_SIDE = tuple(
    topic
    for topic in Topic
    if topic not in (Topic.SCOPE, Topic.CANCELLATION, Topic.CONTINGENCY, Topic.REVIEW)
)
# Parts that all sides may also say together. Needs, initiatives and consequences are always somebody's.
TOGETHER = tuple(topic for topic in Topic if topic not in (Topic.NEEDS, Topic.INITIATIVES, Topic.CONSEQUENCE))


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to think of when a part is written, and how it might read."""

    prompt: str
    example: str


def reading_order(template: str) -> list[Clause.Topic]:
    """Return all topics, those of the template first and as it orders them."""
    return list(dict.fromkeys([*(topic for topic, _who in PARTS[Template(template)]), *Topic]))


def guidance(topic: str, speaker: str, *, is_segment: bool = False) -> Guidance | None:
    """Return the guidance for a part: `speaker` is the function of a team, or SHARED."""
    if is_segment:
        return Guidance(
            _("What must be true of a lead of this segment alone, so that both sides call it qualified?"),
            _("The company has more than 500 employees, and somebody of the board asked for a meeting."),
        )
    found = _guidances().get((topic, speaker)) or _guidances().get((topic, SALES))
    return Guidance(*found) if found is not None else None


def first_words(template: str) -> Iterator[tuple[str, str | None, str]]:
    """Give topic, function of the speaker (None: all sides) and text of the parts that a draft begins with.

    Step by step it begins empty: there each part asks a question, and its example stands beside it.
    """
    if template == Template.STEPS:
        return
    for topic, who in PARTS[Template(template)]:
        for speaker in (SHARED,) if who == SHARED else (MARKETING, SALES):
            found = guidance(topic, speaker)
            if found is not None:
                yield topic, None if speaker == SHARED else speaker, found.example


def _guidances() -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (Topic.SCOPE, SHARED): (
            _("Which leads, regions and products is this about, and which leads are nobody's business here?"),
            _(
                "All leads that marketing finds and hands over to sales. Excluded: existing customers, partners, "
                "applicants for jobs."
            ),
        ),
        (Topic.QUALIFICATION, SHARED): (
            _(
                "What must be true of a lead before marketing hands it over? Write it so that two people who look at "
                "the same lead decide alike. A segment can have a definition of its own."
            ),
            _(
                "A lead is qualified when it works at a company that we can serve, its role decides or advises on "
                "buying, and it asked for something that only a buyer asks for."
            ),
        ),
        (Topic.QUALIFICATION, MARKETING): (
            _("How does marketing find out whether a lead is qualified, and what does it write down?"),
            _(
                "We check company, role and request before the hand-off, and write down what the lead asked for."
            ),
        ),
        (Topic.QUALIFICATION, SALES): (
            _("By when does sales say that a lead is not qualified, and how does it say why?"),
            _("We accept a lead or send it back within one business day, with one of the agreed reasons."),
        ),
        (Topic.GOALS, MARKETING): (
            _("What does marketing bring besides the numbers, and what is it measured by?"),
            _("Visits, leads and qualified leads that we bring, month by month."),
        ),
        (Topic.GOALS, SALES): (
            _("What does this side make of the leads, and what is it measured by?"),
            _("Opportunities, deals and revenue that we make of the leads."),
        ),
        (Topic.GOALS, SHARED): (
            _("Which goal can neither side reach alone? Choose one or two that both are praised for."),
            _("Revenue from marketing's leads, and how many of them are customers after a year."),
        ),
        (Topic.HAND_OFF, MARKETING): (
            _("What goes along with a lead, and at which times of the week are leads handed over?"),
            _(
                "Each lead comes with its source, what it asked for and when it can be reached, on business days."
            ),
        ),
        (Topic.HAND_OFF, SALES): (
            _("Who takes a lead, who stands in, and what does this side do in the first hours?"),
            _("The region's rep takes it; whoever is on leave has named a stand-in before the leave begins."),
        ),
        (Topic.HAND_OFF, SHARED): (
            _("From when on is a lead the other side's? What happens to a lead between two chairs?"),
            _(
                "A lead is sales' from the hand-off on. If nobody took it by noon, both managers decide whose it is."
            ),
        ),
        (Topic.NURTURE, MARKETING): (
            _("What happens to leads that came back or are not ready to buy?"),
            _(
                "Who is not ready hears from us each month, and is handed over again when asking for something."
            ),
        ),
        (Topic.NURTURE, SALES): (
            _("Which leads does this side give back instead of closing them, and with which note?"),
            _("We give back who wants to buy later, with the month in which to ask again."),
        ),
        (Topic.NURTURE, SHARED): (
            _("How long is a lead kept warm, and who decides that it is given up?"),
            _("After a year without an answer a lead is given up; both sides look at the list each quarter."),
        ),
        (Topic.NEEDS, MARKETING): (
            _("What must the other side do or say so that marketing can keep its promise?"),
            _("Sales says for each rejected lead why, from the agreed reasons."),
        ),
        (Topic.NEEDS, SALES): (
            _("What must the other side do or say so that this side can keep its promise?"),
            _("Marketing says for each lead what it asked for, and what it has read."),
        ),
        (Topic.INITIATIVES, MARKETING): (
            _("What is planned for this period, from when on, and which part of the goal does it carry?"),
            _("Campaigns and content of the period, each with its start."),
        ),
        (Topic.INITIATIVES, SALES): (
            _("What is planned for this period, from when on, and which promise does it help to keep?"),
            _("Trainings and call blocks of the period, each with its start."),
        ),
        (Topic.CONSEQUENCE, MARKETING): (
            _("If marketing misses its goal: what does it do, by which day, and who sees that it is done?"),
            _(
                "tell sales by the 20th how far behind we are, and add a campaign or budget to make up for it."
            ),
        ),
        (Topic.CONSEQUENCE, SALES): (
            _("If this side misses its goal: what does it do, by which day, and who sees that it is done?"),
            _("hold a call block each day until every lead is worked, and report on it each week."),
        ),
        (Topic.CANCELLATION, SHARED): (
            _("On which conditions may a side end this, with how much notice, and what is still finished?"),
            _(
                "Either side may cancel to the end of a quarter with a month's notice, or after three missed months in "
                "a row. Leads handed over by then are worked as agreed."
            ),
        ),
        (Topic.CONTINGENCY, SHARED): (
            _(
                "What if something happens that nobody planned: an outage, a lost budget, half a team ill? Who tells "
                "whom, how soon, and which promises rest meanwhile?"
            ),
            _(
                "Who learns of it tells the other side's director on the same day. Both agree within two business days "
                "on what is excused and until when."
            ),
        ),
        (Topic.REVIEW, SHARED): (
            _("When do both sides look at the figures, and how often at this text?"),
            _(
                "Both sides read the figures together in the first week of each month, and review this text "
                "each quarter."
            ),
        ),
    }
