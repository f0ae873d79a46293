"""Setting documents and drawings with typst: a template of ours, data, and fonts that came with the packages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Literal

import typst
from django.conf import settings

FAMILIES = ("Libertinus Serif", "NanumMyeongjo")
"""What texts are set in: the wheel's, and for Korean letters the one of npm. Others stand in for what both lack."""
FOLDER = settings.NODE_MODULES / "@expo-google-fonts" / "nanum-myeongjo"


def typeset(
    template: Path, *, form: Literal["pdf", "png"] = "pdf", per_inch: float | None = None, **given: str
) -> bytes:
    """Set a template with what is given to it. No file but the template is read, and nothing is fetched."""
    found = typst.compile(
        template,
        root=template.parent,
        font_paths=fonts(),
        format=form,
        ppi=per_inch,
        sys_inputs={"families": json.dumps(FAMILIES)} | given,
    )
    assert isinstance(found, bytes)
    return found


@cache
def fonts() -> typst.Fonts:
    """Those of the packages, then those of the system."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[FOLDER])
