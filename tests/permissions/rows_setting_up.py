"""Addresses of the guided first tour: all of them are an administrator's alone."""

from __future__ import annotations

from leads.models import Import
from tests.permissions.rows import Row, may

ADMINISTRATORS = may("administrator", others=403)
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
    *(Row(f"set-up-sample-{kind}", {"GET": ADMINISTRATORS}) for kind in Import.Kind.values),
)
