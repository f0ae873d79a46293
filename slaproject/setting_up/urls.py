"""Addresses of the guided first tour, and of the pages where what a company has one of is entered."""

from __future__ import annotations

from django.urls import URLPattern, path

from leads.models import Import
from slaproject.setting_up.views import files, hours, structure, tour, undoing, uploads

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
    path("import/", uploads.begin, name="set-up-import"),
    path("import/<int:pk>/", uploads.upload_page, name="set-up-upload"),
    path("import/<int:pk>/file/", uploads.file_step, name="set-up-upload-file"),
    path("import/<int:pk>/columns/", uploads.columns_step, name="set-up-upload-columns"),
    path("import/<int:pk>/values/", uploads.values_step, name="set-up-upload-values"),
    path("import/<int:pk>/try/", uploads.try_it, name="set-up-upload-try"),
    path("import/<int:pk>/run/", uploads.run_it, name="set-up-upload-run"),
    path("import/<int:pk>/stop/", uploads.stop_it, name="set-up-upload-stop"),
    path("import/<int:pk>/discard/", uploads.discard_it, name="set-up-upload-discard"),
    path("import/<int:pk>/progress/", uploads.progress, name="set-up-upload-progress"),
    path("import/<int:pk>/rejected/", uploads.rejected_rows, name="set-up-upload-rejected"),
    path("import/of/<int:pk>/undo/", undoing.undo, name="set-up-import-undo"),
    path("import/of/<int:pk>/undo/progress/", undoing.progress, name="set-up-import-undo-progress"),
    *(
        path(f"import/sample/{kind}.csv", files.sample_file, {"kind": kind}, name=f"set-up-sample-{kind}")
        for kind in Import.Kind.values
    ),
]
