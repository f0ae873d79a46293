"""Addresses of the guided first tour: all of them are an administrator's alone."""

from __future__ import annotations

from leads.models import Import
from tests.permissions.rows import Row, may

ADMINISTRATORS = may("administrator", others=403)
UPLOAD = {"pk": "upload"}
FORM = {"GET": ADMINISTRATORS, "POST": ADMINISTRATORS}  # an empty form is shown again, with what it lacks

SETTING_UP = (
    Row("set-up", {"GET": ADMINISTRATORS}),
    Row("set-up-hours", FORM),
    Row("set-up-new-hours", FORM),
    Row("set-up-hours-preview", {"POST": ADMINISTRATORS}),
    Row("set-up-hours-of", FORM, {"slug": "calendar"}),
    Row("set-up-teams", FORM),
    Row("set-up-team", FORM, {"slug": "team"}),
    Row("set-up-segments", FORM),
    Row("set-up-segment", FORM, {"slug": "segment"}),
    Row("set-up-import", FORM),
    *(Row(f"set-up-upload-{step}", FORM, UPLOAD) for step in ("file", "columns", "values")),
    *(Row(name, {"GET": ADMINISTRATORS}, UPLOAD) for name in ("set-up-upload", "set-up-upload-progress")),
    Row("set-up-upload-rejected", {"GET": ADMINISTRATORS}, UPLOAD),
    *(
        Row(f"set-up-upload-{act}", {"POST": may("administrator", 302, others=403)}, UPLOAD)
        for act in ("try", "run", "stop", "discard")
    ),
    Row(
        "set-up-import-undo",
        {"GET": ADMINISTRATORS, "POST": may("administrator", 302, others=403)},
        {"pk": "import"},
    ),
    Row("set-up-import-undo-progress", {"GET": ADMINISTRATORS}, {"pk": "undoing_import"}),
    *(Row(f"set-up-sample-{kind}", {"GET": ADMINISTRATORS}) for kind in Import.Kind.values),
)
