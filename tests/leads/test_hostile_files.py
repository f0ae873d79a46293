"""Every file of a corpus of hostile ones is taken or refused with a reason, by the command and by the pages."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leads.intake.faults import CannotImport
from leads.models import Deal, FollowUpAttempt, Import, Lead
from tests import factories
from tests.leads.hostile_files import FILES, NAMES
from tests.leads.importing import take

pytestmark = pytest.mark.django_db

BASE = Path(__file__).resolve().parents[2]


def test_the_corpus_has_at_least_sixty_files():
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_taken_or_refused_with_a_reason(name, tmp_path):
    file = FILES[name]
    errors = tmp_path / "errors.csv"
    if isinstance(file.came, str):
        with pytest.raises(CannotImport) as refused:
            take(file.kind, file.content, errors=str(errors), **file.said)
        assert file.came in str(refused.value)
        assert str(refused.value).isprintable() and len(str(refused.value)) < 2_000
        assert not Import.objects.exists() and not Lead.objects.exists()
        return
    result = take(file.kind, file.content, errors=str(errors), **file.said)
    assert (result.created, result.rejected) == file.came
    assert result.rejected == len(result.reasons) and all(reason for _row, reason in result.reasons)
    there = Lead.objects.count() + Deal.objects.count() + FollowUpAttempt.objects.count()
    assert there == result.created


MENDED = {
    "external_id": "M1", "qualified_at": "2026-03-03", "email": "a@example.com", "team": "", "segment": "",
    "origin": "", "amount": "7", "lead_external_id": "K", "channel": "call", "outcome": "no_answer", "name": "Cy",
    "won": "", "currency": "EUR", "attempted_at": "2026-03-03",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.came[1:] == (1,)])
def test_rejected_rows_go_in_once_they_are_corrected(name, tmp_path):
    """Also where each cell of the row has to be written anew, in the file that came back."""
    take("leads", "external_id,qualified_at\nK,2026-03-02\n")
    file, errors = FILES[name], tmp_path / "errors.csv"
    rejected = take(file.kind, file.content, errors=str(errors), **file.said).rejected
    rows = list(csv.reader(io.StringIO(errors.read_text(encoding="utf-8-sig"), newline="")))
    if name == "a word that nobody knows":
        rejected = 1
    assert len(rows) == 1 + rejected
    heading = rows[0]
    assert heading[-2:] == ["row", "error"]
    for row in rows[1:]:
        row[len(heading) :] = []
        for place, text in enumerate(heading[:-2]):
            row[place] = MENDED.get(text, "")
    corrected = io.StringIO()
    csv.writer(corrected).writerows(rows)
    again = take(file.kind, corrected.getvalue(), **file.said)
    assert (again.created + again.updated, again.rejected) == (rejected, 0)


@pytest.mark.parametrize("name", FILES)
def test_the_pages_answer_every_hostile_file(name):
    site = Client()
    site.force_login(factories.user("Ada Nowak", is_staff=True, is_superuser=True))
    file = FILES[name]
    sent = SimpleUploadedFile("leads.csv", file.content, content_type="text/csv")
    answer = site.post("/set-up/import/", {"kind": file.kind, "source": "crm", "file": sent})
    assert answer.status_code in (200, 302)
    if answer.status_code == 200:
        assert answer.context["form"].errors
        return
    for step in ("file", "columns", "values"):
        assert site.get(answer.url.replace("file/", f"{step}/")).status_code in (200, 302)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_called_by_its_name_alone(name):
    result = take("leads", b"external_id,qualified_at\nL1,2026-03-02\n", file_name=name)
    kept = Import.objects.get(pk=result.import_id).file_name
    assert "/" not in kept and len(kept) <= 255


LARGE = """
import io, sys
sys.path.insert(0, ".")
import django; django.setup()
from leads.intake.faults import CannotImport
from tests.leads.importing import take
from tests.leads.hostile_files import FILES, HEADING, TEXT
from tests.leads.books import HEAD, TAIL, inline, made

def came(kind, content, **said):
    try:
        take(kind, content, **said)
    except CannotImport as error:
        pass

mib = 1 << 20
for file in FILES.values():
    came(file.kind, file.content, **file.said)
came("leads", TEXT.encode() + b"L3,2026-03-03," + b"x" * (50 * mib))
came("leads", TEXT.encode() + (b"," * 900_000 + b"x\\n") * 50)
came("leads", (HEADING + "\\n").encode() + b"\\n" * (10 * mib))
came("leads", (HEADING + "\\n").encode() + b"never,never,never\\n" * 200_000)
rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 40_000))
heading = '<row r="1">' + inline("A1", "external_id") + inline("B1", "qualified_at") + "</row>"
came("leads", made(HEAD + heading + rows + TAIL))
strings = "<sst>" + "".join(f"<si><t>text {n}</t></si>" for n in range(1_000_000)) + "</sst>"
came("leads", made(HEAD + "<row>" + inline("A1", "external_id") + "</row>" + TAIL, strings=strings))
from tests.leads.memory import most_megabytes
print(most_megabytes())
"""


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_no_hostile_file_takes_much_memory():
    from django.db import connection

    environment = {**os.environ, "DATABASE_URL": _address(connection.settings_dict)}
    done = subprocess.run(
        [sys.executable, "-c", LARGE], cwd=BASE, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    print(f"{len(FILES)} hostile files and six large ones: {done.stdout.strip()} MiB at most")
    assert int(done.stdout.split()[-1]) < 300


def _address(given) -> str:
    return f"postgresql://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
