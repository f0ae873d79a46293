"""Addresses of the guided first tour, and of the pages where what a company has one of is entered."""

from __future__ import annotations

from django.urls import URLPattern, path

from leads.models import Import
from slaproject.setting_up.views import files, hours, structure, tour

urlpatterns: list[URLPattern] = [
    path("", tour.tour, name="set-up"),
    path("hours/", hours.hours, name="set-up-hours"),
    path("hours/new/", hours.new_hours, name="set-up-new-hours"),
    path("hours/preview/", hours.hours_preview, name="set-up-hours-preview"),
    path("hours/of/<slug:slug>/", hours.hours_of, name="set-up-hours-of"),
    path("teams/", structure.teams, name="set-up-teams"),
    path("teams/<slug:slug>/", structure.team, name="set-up-team"),
    path("segments/", structure.segments, name="set-up-segments"),
    path("segments/<slug:slug>/", structure.segment, name="set-up-segment"),
    path("import/", files.import_file, name="set-up-import"),
    *(
        path(f"import/sample/{kind}.csv", files.sample_file, {"kind": kind}, name=f"set-up-sample-{kind}")
        for kind in Import.Kind.values
    ),
]
