"""What typst sets: every letter of the three languages is there, by fonts that come with the packages."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst
from pypdf.generic import ByteStringObject, TextStringObject

from agreements import typesetting
from agreements.typesetting import FAMILIES, typeset
from reports.png_figures import TEMPLATE as FIGURE
from reports.svg_figures import svg
from tests.reports.test_svg_figures import chart

KOREAN = "최지호 협약 똠방각하 ₩1,234,568 “약속” ㄱㅏ"
POLISH = "Zażółć gęślą jaźń ŻÓŁĆ GĘŚLĄ JAŹŃ „umowa” 1 234,56 zł"
OF_NOBODY = "\u0378"
"""A letter of no language, and so of no font."""


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch):
    """The machine has no font of its own."""
    bare = typst.Fonts(include_system_fonts=False, font_paths=[typesetting.FOLDER])
    monkeypatch.setattr(typesetting, "fonts", lambda: bare)


def page_of(pdf: bytes) -> pypdf.PageObject:
    return pypdf.PdfReader(io.BytesIO(pdf)).pages[0]


def written(text: str, folder: Path) -> pypdf.PageObject:
    """A page of any height with the text, in the families of the documents."""
    template = folder / "page.typ"
    template.write_text(
        "#set page(height: auto)\n#set text(font: json(bytes(sys.inputs.families)))\n#sys.inputs.text"
    )
    return page_of(typeset(template, text=text))


def in_bold(text: str, folder: Path) -> pypdf.PageObject:
    template = folder / "page.typ"
    template.write_text('#set text(font: json(bytes(sys.inputs.families)), weight: "bold")\n#sys.inputs.text')
    return page_of(typeset(template, text=text))


def drawn(text: str, folder: Path) -> pypdf.PageObject:
    """A page with a chart, a line of which is named so."""
    one = chart(40, 99)
    series = (dataclasses.replace(one.series[0], end_label=text), *one.series[1:])
    return page_of(typeset(FIGURE, svg=svg(dataclasses.replace(one, series=series))))


def glyphs(page: pypdf.PageObject) -> Iterator[int]:
    """The number of each glyph that the page shows; 0 is the box that stands for a letter that no font has."""
    contents = page.get_contents()
    assert contents is not None
    for operands, operator in contents.operations:
        if operator in (b"Tj", b"TJ"):
            for part in operands[0] if operator == b"TJ" else operands:
                if isinstance(part, ByteStringObject | TextStringObject):
                    yield from (int.from_bytes(two) for two in re.findall(rb"(?s)..", part.original_bytes))


def families(page: pypdf.PageObject) -> set[str]:
    resources: Any = page["/Resources"]
    fonts = [font.get_object()["/BaseFont"] for font in resources["/Font"].values()]
    return {re.sub(r"/\w+\+|(-Regular|-?Bold)?(-Identity-H)?$", "", name) for name in fonts}


@pytest.mark.parametrize("text", [KOREAN, POLISH])
@pytest.mark.parametrize("setting", [written, in_bold, drawn])
def test_no_letter_is_missing_where_the_machine_has_no_font(setting, text, tmp_path):
    page = setting(text, tmp_path)
    shown = list(glyphs(page))
    assert len(shown) >= len(text.replace(" ", ""))
    assert 0 not in shown
    assert text in page.extract_text()
    assert families(page) <= {name.replace(" ", "") for name in FAMILIES}


@pytest.mark.parametrize("setting", [written, drawn])
def test_a_letter_that_no_font_has_would_be_noticed(setting, tmp_path):
    assert 0 in glyphs(setting(f"a{OF_NOBODY}b", tmp_path))


def test_every_syllable_of_korean_is_there(tmp_path):
    every = "".join(chr(code) for code in range(0xAC00, 0xD7A4))
    shown = list(glyphs(written(every, tmp_path)))
    assert len(shown) == len(every) == 11172
    assert 0 not in shown
