"""Files as a whole: what is read whichever program wrote it, and what is refused, with nothing written."""

from __future__ import annotations

import codecs
import io
import threading

import pytest
from django.core.management import CommandError, call_command

from leads.intake import runs
from leads.intake.faults import CannotImport
from leads.intake.mapping import presets
from leads.models import Import, Lead
from tests import factories
from tests.leads.importing import NOW, counts, take

pytestmark = pytest.mark.django_db

TEXT = "external_id,qualified_at,name\n1,2026-02-03,Żółć\n2,2026-02-04,김\n"

READABLE = {
    "utf-8": TEXT.encode(),
    "utf-8 with a byte order mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16 big-endian with a mark": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "CR LF": TEXT.replace("\n", "\r\n").encode(),
    "CR": TEXT.replace("\n", "\r").encode(),
    "CR CR LF": TEXT.replace("\n", "\r\r\n").encode(),
    "no end of line at the end": TEXT.rstrip().encode(),
    "semicolons": TEXT.replace(",", ";").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "bars": TEXT.replace(",", "|").encode(),
    "sep line": ("sep=;\n" + TEXT.replace(",", ";")).encode(),
    "blank lines": TEXT.replace("\n", "\n\n,,\n \n").encode(),
    "trailing separators": "\n".join(f"{line},,," for line in TEXT.splitlines()).encode(),
    "headings in another form": TEXT.replace("external_id", " External ID ").replace("_at", " AT").encode(),
    "more columns": "\n".join(f"x,{line}" + ",y" * 300 for line in TEXT.splitlines())
    .replace("x,ext", "q,ext")
    .encode(),
    "quoted": TEXT.replace("김", '"김"').encode(),
}


@pytest.mark.parametrize("content", READABLE.values(), ids=READABLE)
def test_a_file_is_read_whichever_program_wrote_it(content):
    assert counts(take("leads", content)) == (2, 0, 0, 0)
    assert list(Lead.objects.order_by("external_id").values_list("name", flat=True)) == ["Żółć", "김"]


def test_a_heading_alone_is_a_file_without_rows():
    assert counts(take("leads", "external_id,qualified_at\n")) == (0, 0, 0, 0)


def test_an_encoding_and_a_separator_that_the_mapping_names():
    mapping = {"csv": {"encoding": "cp1250", "delimiter": "#"}}
    result = take("leads", TEXT.replace("김", "Kim").replace(",", "#").encode("cp1250"), mapping=mapping)
    assert counts(result) == (2, 0, 0, 0)
    assert Lead.objects.get(external_id="1").name == "Żółć"


def test_a_newline_in_a_cell_belongs_to_it_and_a_row_too_long_is_rejected(tmp_path):
    errors = tmp_path / "errors.csv"
    result = take("leads", TEXT + '3,2026-02-03,"two\nlines"\n4,2026-02-03,a,b\n', errors=errors)
    line = errors.read_text(encoding="utf-8").splitlines()[1]
    assert line.startswith("4,2026-02-03,a,5,")
    assert line.endswith(",b")
    assert counts(result) == (3, 0, 0, 1)
    assert Lead.objects.get(external_id="3").name == "two lines"


UNREADABLE = {
    "empty": (b"", "0 bytes"),
    "only blanks": (b"\n \n,,\n", "has no heading"),
    "one byte": (
        b"x",
        "external_id or email or phone or name and company, qualified_at or handed_off_at is missing. Found: “x”",
    ),
    "latin-1": (TEXT.replace("김", "é").encode("cp1250"), "not UTF-8: byte 43 is 0xaf"),
    "bad byte far away": (TEXT.encode() * 5000 + b"\xff", f"byte {5000 * len(TEXT.encode())} is 0xff"),
    "overlong": (TEXT.encode() + b"3,2026-02-03,\xc0\xaf\n", "not UTF-8"),
    "surrogate": (TEXT.encode() + b"3,2026-02-03,\xed\xa0\x80\n", "not UTF-8"),
    "half of utf-16": (TEXT.encode("utf-16")[:-1], "not UTF-16"),
    "utf-16 without a mark": (TEXT.encode("utf-16-le"), "UTF-16 without a byte order mark"),
    "zero byte": (TEXT.encode() + b"3,2026-02-03,a\0b\n", "Line 4 holds a zero byte"),
    "no heading": (b"1,2026-02-03,Ada\n", "Found: “1”, “2026-02-03”, “Ada”"),
    "heading twice": (
        b"external_id,qualified_at,External ID\n1,2026-02-03,2\n",
        "Two columns have the heading",
    ),
    "quote never closed": (
        TEXT.encode() + b'3,2026-02-03,"Ada\n4,2026-02-03,Bob\n',
        "opens in row 4 is never closed",
    ),
    "giant cell": (TEXT.encode() + b"3,2026-02-03," + b"x" * 200_000, "Row 4 cannot be read"),
    "giant line": (TEXT.encode() + b"x" * 2_000_000, "Line 4 is longer than"),
    "spreadsheet": (b"PK\x03\x04rest", "damaged, or no workbook (xlsx)"),
    "gzip": (b"\x1f\x8brest", "gzip"),
    "web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "The headings do not fit leads"),
    "dates either way": (b"external_id,qualified_at\n1,01-02-2018\n2,03/04/2018\n", "[dates] order"),
    "dates both ways": (b"external_id,qualified_at\n1,13-02-2018\n2,03-14-2018\n", "[dates] order"),
    "years of two digits": (b"external_id,qualified_at\n1,20-10-16\n", "[dates] order"),
}


@pytest.mark.parametrize(("content", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(content, reason, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 1)
    with pytest.raises(CannotImport) as refused:
        take("leads", content)
    assert reason in str(refused.value)
    assert not Lead.objects.exists()
    assert not Import.objects.exists()


MAPPINGS = {
    "not TOML": ("[columns", "is not TOML"),
    "unknown table": ("[colums]\n", "colums: is not known"),
    "unknown field": (
        '[columns]\nqualified = "x"\n',
        "columns.qualified: is not known; known are external_id",
    ),
    "field of another kind": ('[values.outcome]\nx = "y"\n', "values.outcome: is not known"),
    "unknown order": ('[dates]\norder = "dym"\n', "dates.order: one of dmy, mdy, ymd"),
    "long separator": ('[csv]\ndelimiter = ";;"\n', "csv.delimiter: one character"),
    "unknown encoding": ('[csv]\nencoding = "klingon"\n', "csv.encoding: “klingon”"),
    "not a heading": ("[columns]\nname = [1.5, {}]\n", "columns.name: a text is needed"),
    "unknown mark": ('[amounts]\ndecimal = ";"\n', "amounts.decimal: one of ., ,"),
}


@pytest.mark.parametrize(("text", "reason"), MAPPINGS.values(), ids=MAPPINGS)
def test_a_faulty_mapping_is_refused_with_the_reason(tmp_path, text, reason):
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CannotImport) as refused:
        _import(mapping=path)
    assert reason in str(refused.value)


def _import(**options):
    runs.run_import(
        kind="leads",
        stream_or_path=io.BytesIO(TEXT.encode()),
        options=runs.ImportOptions(**options),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"preset": "abacus"}, "no preset “abacus” for leads; there is hubspot, pipedrive, salesforce, zoho"),
        ({"agreement": "nobody"}, "no agreement “nobody”; there is company"),
        ({"time_zone": "Mars/Base"}, "not a time zone"),
        ({"source": ""}, "name of the source"),
        ({"source": "x" * 65}, "name of the source"),
        ({"clock": "sundial"}, "no rule for clocks"),
        ({"mapping": "nowhere.toml"}, "nowhere.toml cannot be read"),
        ({"errors": "/nowhere/errors.csv"}, "cannot be written"),
    ],
)
def test_an_option_that_names_nothing_is_refused(options, reason):
    factories.agreement("company")
    with pytest.raises(CannotImport) as refused:
        _import(**options)
    assert reason in str(refused.value)


def test_errors_are_not_written_over_the_file_itself(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(CommandError, match="is the file to import"):
        call_command("import", "leads", str(path), errors=str(path))
    assert path.read_text(encoding="utf-8") == TEXT


def test_the_command_says_in_one_line_what_is_wrong(tmp_path):
    for path, reason in ((tmp_path / "nowhere.csv", "cannot be read"), (tmp_path, "cannot be read")):
        with pytest.raises(CommandError) as refused:
            call_command("import", "leads", str(path))
        assert reason in str(refused.value)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", presets("leads"))
def test_every_preset_is_a_good_mapping(name):
    with pytest.raises(CannotImport, match="do not fit leads"):
        take("leads", "nothing,to,see\n", preset=name)


def test_a_preset_and_what_the_mapping_says_besides():
    file = "Record ID,First Name,Last Name,Became a Marketing Qualified Lead Date,Contact owner,Country/Region,City\n"
    file += "7,Ada,Byron,2026-02-03 10:15,Rep One,Poland,Łódź\n"
    take("leads", file, preset="hubspot", mapping={"columns": {"campaign": "City"}})
    lead = Lead.objects.get()
    assert (lead.external_id, lead.name, lead.country, lead.campaign) == ("7", "Ada Byron", "Poland", "Łódź")
    assert lead.hand_offs.get().owner_name == "Rep One"


def test_a_fault_while_writing_ends_the_reading_too(monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 1)
    before = threading.active_count()

    def fail(write):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(runs, "in_one_transaction", fail)
    with pytest.raises(RuntimeError, match="went away"):
        take("leads", TEXT)
    assert threading.active_count() == before
