"""Speed and depth set beside each other by group, as far as this person may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model

from agreements.models import Commitment, Segment, Team
from agreements.rights import people_seen_by
from reports.charts.description import Chart
from reports.charts.groups import depth_groups_chart, group_heading, speed_groups_chart
from reports.charts.load import load_chart
from reports.charts.spacing import spacing_groups_chart
from reports.pages.behind_addresses import with_groups_linked
from reports.pages.frame import ReportPage, may_see
from reports.pages.free_filters import Option
from reports.readings.groups import Group, GroupFigures, figures_by_group, figures_by_load

NAMED: dict[Group, Any] = {Group.TEAM: Team, Group.SEGMENT: Segment, Group.REP: get_user_model()}


def groups_offered(page: ReportPage) -> tuple[Option, ...]:
    """Return by what this person may have the figures set beside each other; by rep only where they may see one."""
    return tuple(
        Option(group.value, group_heading(group)) for group in Group if group is not Group.REP or page.owners
    )


def speed_groups(
    page: ReportPage, group: Group, user: Any, *, promise: Commitment | None, subtitle: str
) -> Chart:
    """Read the speed of each group."""
    found = _seen(figures_by_group(page.scope, group), group, user)
    names = _names(found, group)
    chart = speed_groups_chart(found, group, names, promise=promise, subtitle=subtitle, as_of=page.as_of)
    return with_groups_linked(page, chart, "timed", group, found)


def depth_groups(
    page: ReportPage, group: Group, user: Any, *, promise: Commitment | None, subtitle: str
) -> tuple[Chart, Chart]:
    """Read the depth of each group, and the time between its attempts."""
    found = _seen(figures_by_group(page.scope, group, with_spacing=True), group, user)
    names = _names(found, group)
    said: dict[str, Any] = {"subtitle": subtitle, "as_of": page.as_of}
    chart = depth_groups_chart(found, group, names, promise=promise, **said)
    return (
        with_groups_linked(page, chart, "hand_offs", group, found),
        spacing_groups_chart(found, group, names, **said),
    )


def by_load(page: ReportPage, *, promise: Commitment | None, subtitle: str) -> Chart:
    """Read speed and depth by how many hand-offs a rep got on one day."""
    return load_chart(figures_by_load(page.scope), promise=promise, subtitle=subtitle, as_of=page.as_of)


def _seen(found: list[GroupFigures], group: Group, user: Any) -> list[GroupFigures]:
    """Leave out the people whose figures this person may not see; what nobody owns yet is nobody's figure."""
    if group is not Group.REP:
        return found
    people = people_seen_by(user)
    return [one for one in found if may_see(one.key, people)]


def _names(found: Sequence[GroupFigures], group: Group) -> dict[str, str]:
    ids = [int(one.key) for one in found if one.key.isdecimal()]
    if group not in NAMED or not ids:
        return {}
    return {str(pk): str(one) for pk, one in NAMED[group].objects.in_bulk(ids).items()}
