"""How far the company is on its way from an empty installation to its first waterfall, as the database has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import (
    BusinessCalendar,
    Commitment,
    Membership,
    Plan,
    Scenario,
    Team,
    Version,
)
from agreements.services.calendars import is_stand_in
from leads.models import HandOff
from reports.models import PeriodFigure


class State(StrEnum):
    """Where a step stands: done, the one to do next, or open."""

    DONE = "done"
    NEXT = "next"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `name` stands within a sentence, `title` above one; `address` and `action` lead to where."""

    name: str
    title: str
    why: str
    address: str
    action: str
    is_done: bool
    state: State = State.OPEN


@dataclass(frozen=True, slots=True)
class Checklist:
    """All steps, and the sentence that says how far they are."""

    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def following(self) -> Step | None:
        """The step to do next; None when all are done."""
        return next((step for step in self.steps if step.state is State.NEXT), None)

    @property
    def finding(self) -> str:
        """How many steps are done, and which is next."""
        following, count = self.following, len(self.steps)
        if following is None:
            return _("All %(count)d steps are done: what was promised and what came stand in one chart.") % {
                "count": count
            }
        if not self.done:
            return _("None of the %(count)d steps is done yet; begin with %(name)s.") % {
                "count": count,
                "name": following.name,
            }
        return ngettext(
            "%(done)d of %(count)d steps is done; next: %(name)s.",
            "%(done)d of %(count)d steps are done; next: %(name)s.",
            self.done,
        ) % {"done": self.done, "count": count, "name": following.name}


def checklist() -> Checklist:
    """Read how far the company is."""
    steps = [step() for step in (_hours, _teams, _plan, _agreement, _leads, _waterfall)]
    first_open = next((place for place, step in enumerate(steps) if not step.is_done), None)
    return Checklist(
        tuple(
            replace(
                step,
                state=State.DONE if step.is_done else State.NEXT if place == first_open else State.OPEN,
            )
            for place, step in enumerate(steps)
        )
    )


def _hours() -> Step:
    calendar = BusinessCalendar.objects.filter(is_default=True).first()
    is_done = calendar is not None and not is_stand_in(calendar.latest_revision())
    return Step(
        name=_("business hours"),
        title=_("Business hours"),
        why=_("Clocks run in these hours, on these days.")
        if is_done
        else _(
            "A promise of “4 hours” means nothing until it is said which hours count, and which days are off."
        ),
        address=reverse("set-up-hours"),
        action=_("See the hours") if is_done else _("Enter the hours"),
        is_done=is_done,
    )


def _teams() -> Step:
    manned = set(Membership.objects.taking_part().values_list("team__function", flat=True).distinct())
    missing = [name for name in (Team.Function.MARKETING, Team.Function.SALES) if name not in manned]
    return Step(
        name=_("teams and people"),
        title=_("Teams and people"),
        why=_why_teams(missing),
        address=reverse("set-up-teams"),
        action=_("Enter teams and invite people") if missing else _("See the teams"),
        is_done=not missing,
    )


def _why_teams(missing: list[Team.Function]) -> str:
    if not missing:
        return _("Marketing and sales both have somebody who can promise and be promised.")
    if len(missing) == 1:
        return _("A promise needs two sides; so far nobody belongs to a team of this kind: %(function)s.") % {
            "function": missing[0].label
        }
    return _("A promise needs two sides: a marketing team and a sales team, each with somebody in it.")


def _plan() -> Step:
    is_done = Plan.objects.exists() or Scenario.objects.exists()
    return Step(
        name=_("the plan"),
        title=_("The plan: from quota to leads"),
        why=_("The number of leads that marketing promises follows from a calculation that was kept.")
        if is_done
        else _(
            "How many leads does the sales quota need? Quota, share, average deal and close rate say it; the "
            "agreement is then begun with the result as its goal."
        ),
        address=reverse("reports:calculator"),
        action=_("See the plan") if is_done else _("Work it out"),
        is_done=is_done,
    )


def _agreement() -> Step:
    is_done = Version.objects.signed().exists()
    is_begun = not is_done and Version.objects.open().exists()
    return Step(
        name=_("the agreement"),
        title=_("An agreement signed by both sides"),
        why=_("Marketing and sales have signed what they promise each other.")
        if is_done
        else _("A draft is there; goals and clocks hold from the day both sides have signed it.")
        if is_begun
        else _("The goal line and every due time come from what both sides have signed."),
        address=reverse("agreements:agreements" if is_done or is_begun else "agreements:new"),
        action=_("See the agreements")
        if is_done
        else _("Go on with the draft")
        if is_begun
        else _("Write one"),
        is_done=is_done,
    )


def _leads() -> Step:
    is_done = HandOff.objects.exists()
    return Step(
        name=_("leads"),
        title=_("Leads brought in"),
        why=_("Leads have been handed to sales, so there is something to count.")
        if is_done
        else _(
            "Without hand-offs there is nothing to count; the last months bring the charts to life at once."
        ),
        address=reverse("set-up-import"),
        action=_("Bring in more") if is_done else _("Import a file"),
        is_done=is_done,
    )


def _waterfall() -> Step:
    is_drawn = PeriodFigure.objects.exists()
    has_goal = Version.objects.signed().filter(commitments__kind=Commitment.Kind.MQL_GOAL).exists()
    address = reverse("reports:waterfall")
    last = HandOff.objects.aggregate(last=Max("handed_off_on"))["last"] if is_drawn else None
    return Step(
        name=_("the waterfall"),
        title=_("The waterfall"),
        why=_("Goal and leads of the month stand in one chart.")
        if is_drawn and has_goal
        else _("The leads are drawn; the goal line joins them once a signed agreement has a goal.")
        if is_drawn
        else _(
            "It draws itself, within a minute, once leads are here; a signed goal adds the line to reach."
        ),
        address=f"{address}?month={last:%Y-%m}" if last else address,
        action=_("Open the waterfall"),
        is_done=is_drawn and has_goal,
    )
