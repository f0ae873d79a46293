"""Files that people and programs send in every state of disorder, and those that are sent to harm.

Each has what becomes of it: how many rows are created and rejected (of leads unless its kind says otherwise), or the
words by which it is refused as a whole.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from tests.leads.books import HEAD, TAIL, book_of, inline, made, rows_of

HEADING = "external_id,qualified_at,name"
GOOD = "L1,2026-03-02 09:10,Ana\nL2,2026-03-03 11:00,Bo\n"
TEXT = f"{HEADING}\n{GOOD}"
POLISH, KOREAN, JAPANESE = "Łódź Żółw", "김민수 서울", "さくら ひろし"


@dataclass(frozen=True)
class Hostile:
    """A file, what it comes to, and what has to be said about it for that."""

    content: bytes
    came: tuple[int, int] | str
    kind: str = "leads"
    said: dict[str, Any] = field(default_factory=dict)


def _of(text: str, came: tuple[int, int] | str = (2, 0), **more: Any) -> Hostile:
    return Hostile(text.encode(), came, **more)


def _row(cells: str, heading: str = HEADING, came: tuple[int, int] = (3, 0), **more: Any) -> Hostile:
    """A good file with one more row."""
    extra = heading.count(",") - HEADING.count(",")
    good = GOOD.replace("\n", "," * extra + "\n")
    return Hostile(f"{heading}\n{good}{cells}\n".encode(), came, **more)


def _named(name: str, encoding: str) -> Hostile:
    text = TEXT.replace("Ana", name)
    return Hostile(text.encode(encoding), (2, 0), said={"mapping": {"csv": {"encoding": encoding}}})


def _deal(amount: str, came: tuple[int, int]) -> Hostile:
    text = f'external_id,lead_external_id,won,amount,currency\nd1,,,5,EUR\nd2,,,"{amount}",EUR\n'
    return Hostile(text.encode(), came, kind="deals")


def _archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


ENCODINGS = {
    "UTF-8": _of(TEXT.replace("Ana", POLISH + KOREAN)),
    "UTF-8 with a mark": Hostile(codecs.BOM_UTF8 + TEXT.encode(), (2, 0)),
    "two marks": Hostile(codecs.BOM_UTF8 * 2 + TEXT.encode(), (2, 0)),
    "a mark in the middle": _of(TEXT.replace("Bo", "\ufeffBo")),
    "UTF-16 LE": Hostile(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), (2, 0)),
    "UTF-16 BE": Hostile(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), (2, 0)),
    "UTF-32": Hostile(TEXT.encode("utf-32"), (2, 0)),
    "UTF-16 LE without a mark": Hostile(TEXT.encode("utf-16-le"), "without a byte order mark"),
    "UTF-16 BE without a mark": Hostile(TEXT.encode("utf-16-be"), "without a byte order mark"),
    "half a letter of UTF-16": Hostile(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le") + b"x", "not UTF-16"),
    "cp1250": _named(POLISH, "cp1250"),
    "cp949": _named(KOREAN, "cp949"),
    "EUC-KR": _named(KOREAN, "euc-kr"),
    "Shift-JIS": _named(JAPANESE, "shift-jis"),
    "Latin-1": _named("Zoë", "latin-1"),
    "cp1250 that nobody named": Hostile(TEXT.replace("Ana", POLISH).encode("cp1250"), "not UTF-8"),
    "bytes of two encodings": Hostile(TEXT.encode() + b"L3,2026-03-03,\xc5\x81 \xa3\n", "not UTF-8"),
    "lone surrogate": Hostile(TEXT.encode() + b"L3,2026-03-03,\xed\xa0\x80\n", "not UTF-8"),
    "overlong UTF-8": Hostile(TEXT.encode() + b"L3,2026-03-03,\xc0\xaf\n", "not UTF-8"),
    "a letter cut in half": Hostile(TEXT.encode() + b"L3,2026-03-03,\xc5", "not UTF-8"),
    "decomposed letters": _of(TEXT.replace("Ana", "Zoe\u0308")),
    "zero byte": _of(TEXT.replace("Ana", "A\0na"), "zero byte"),
    "zero bytes alone": Hostile(bytes(5_000), "UTF-16"),
}

DIALECTS = {
    "semicolons": _of(TEXT.replace(",", ";")),
    "tabs": _of(TEXT.replace(",", "\t")),
    "bars": _of(TEXT.replace(",", "|")),
    "sep line": _of("sep=;\n" + TEXT.replace(",", ";")),
    "quotation mark never closed": _of(TEXT + 'L3,2026-03-03,"Cy\n', "never closed"),
    "quotation mark in the middle": _row('L3,2026-03-03,Cy "the tall"'),
    "doubled quotation marks": _row('L3,2026-03-03,"Cy ""the tall"""'),
    "backslash before the mark": _row('L3,2026-03-03,"Cy \\"the tall\\""'),
    "CR alone": _of(TEXT.replace("\n", "\r")),
    "CR LF": _of(TEXT.replace("\n", "\r\n")),
    "CR CR LF": _of(TEXT.replace("\n", "\r\r\n")),
    "newlines of all kinds": _of(f"{HEADING}\r\nL1,2026-03-02,Ana\rL2,2026-03-03,Bo\nL3,2026-03-03,Cy", (3, 0)),
    "newline in a cell": _row('L3,2026-03-03,"Cy\nthe tall"'),
    "no headings": _of(GOOD, "headings do not fit"),
    "heading twice": _of("external_id,qualified_at,External ID\n1,2026-02-03,2\n", "Two columns have the heading"),
    "another heading twice": _of(TEXT.replace("name", "x").replace("x\n", "x,x\n", 1).replace("Ana", "1,2"), (2, 0)),
    "blank headings": _of("external_id,,qualified_at,,\nL1,x,2026-03-02,,\n", (1, 0)),
    "headings with blanks": _of(" External ID , QUALIFIED AT ,Name\n" + GOOD),
    "headings alone": _of(HEADING + "\n", (0, 0)),
    "300 columns": _of(f"{HEADING},{','.join(f'c{n}' for n in range(300))}\nL1,2026-03-02,Ana{',x' * 300}\n", (1, 0)),
    "1,000 columns": _of(f"{HEADING},{','.join(f'c{n}' for n in range(997))}\nL1,2026-03-02\n", (1, 0)),
    "100,000 columns": _of(f"{HEADING}{',x' * 100_000}\n{GOOD}", "cannot be read"),
    "rows too short": _of(TEXT + "L3,2026-03-03\nL4\n", (3, 1)),
    "rows too long": _of(TEXT + "L3,2026-03-03,Cy,the,tall\n", (2, 1)),
    "a row of very many cells": _of(TEXT + f"L3,2026-03-03{',x' * 400_000}\n", (2, 1)),
    "commas at the end": _of(TEXT.replace("\n", ",,,\n")),
    "blank lines": _of(f"\n\n{HEADING}\n\n{GOOD}\n , \n\n"),
    "comment lines": _of(f"{HEADING}\n# made by a program\n{GOOD}", (2, 1)),
    "nothing": Hostile(b"", "empty"),
    "one byte": Hostile(b"x", "headings do not fit"),
    "newlines alone": _of("\n" * 10_000, "every row is blank"),
    "empty rows": _of(f"{HEADING}\n{',,' * 1}\n" + ",,\n" * 20_000 + GOOD),
}  # fmt: skip

SIZES = {
    "a line of two million letters": _of(TEXT + "x" * 2_000_000, "longer than"),
    "a cell of 200,000 letters": _of(TEXT + f"L3,2026-03-03,{'x' * 200_000}\n", "cannot be read"),
    "a cell of 100,000 letters": _row(f"L3,2026-03-03,{'x' * 100_000}", came=(2, 1)),
    "one lead 5,000 times": _of(f"{HEADING}\n" + "L1,2026-03-02,Ana\n" * 5_000, (1, 0)),
    "gzip called csv": Hostile(gzip.compress(TEXT.encode()), "gzip"),
    "ZIP called csv": Hostile(_archive("leads.csv", TEXT.encode()), "no workbook"),
    "ZIP bomb called csv": Hostile(_archive("leads.csv", b"0" * 50_000_000), "no workbook"),
    "workbook called csv": Hostile(
        book_of(("One", [HEADING.split(","), ["L1", "2026-03-02", "Ana"]])), (1, 0)
    ),
    "workbook that unpacks to much": Hostile(made(HEAD + " " * 40_000_000 + TAIL), "far more than its size"),
    "workbook with a formula's text": Hostile(
        made(rows_of(HEADING.split(","), ("L1", "2026-03-02", "=1+1"))), (1, 0)
    ),
    "workbook with wide and ragged rows": Hostile(
        made(
            rows_of(HEADING.split(","), ("L1", "2026-03-02")).replace(
                TAIL, f'<row r="9">{inline("A9", "L2")}{inline("XFD9", "x")}</row>{TAIL}'
            )
        ),
        (1, 1),
    ),
    "workbook with entities": Hostile(
        made('<!DOCTYPE a [<!ENTITY x "1">]>' + rows_of(HEADING.split(","), ("&x;",))), "document type"
    ),
    "workbook without sheets": Hostile(made(HEAD + TAIL, book="<workbook/>"), "no sheet"),
    "workbook of the old kind": Hostile(b"\xd0\xcf\x11\xe0" + bytes(2_000), "old kind"),
    "workbook with a password": Hostile(
        b"\xd0\xcf\x11\xe0" + bytes(2_000) + "EncryptedPackage".encode("utf-16-le"), "password"
    ),
    "web page": _of("<!DOCTYPE html><html><body>Sign in</body></html>", "headings do not fit"),
    "program": Hostile(b"MZ\x90\0\3\0\0\0" + bytes(range(256)) * 20, ""),
    "picture": Hostile(b"\x89PNG\r\n\x1a\n" + bytes(2_000), "PNG"),
    "document": Hostile(b"%PDF-1.7", "PDF"),
    "every byte": Hostile(bytes(range(256)) * 40, ""),
}

TEXTS = {
    "formulas": _row('"=cmd|\' /C calc\'!A0",2026-03-03,@SUM(1+1)*cmd'),
    "formulas after blanks": _row('"\t=1+1",2026-03-03,＝1+1'),
    "markup": _row("<script>alert(1)</script>,2026-03-03,<img src=x onerror=alert(1)>"),
    "SQL": _row("'; DROP TABLE leads_lead; --,2026-03-03,\"%s %(x)s {0} \\\""),
    "templates": _row("{{7*7}},2026-03-03,{% debug %}${7*7}"),
    "letters that turn the line": _row("L3,2026-03-03,\u202egpj.exe\u202c"),
    "letters without width": _row("L\u200b3,2026-03-03,C\u200dy"),
    "control letters": _row("L\x073,2026-03-03,\x1b[31mCy"),
    "faces": _row("L3,2026-03-03,👩‍👩‍👧‍👧 Cy"),
    "an id in two writings": _of(TEXT + "l1,2026-03-02,ANA\n", (3, 0)),
    "an id of 300 letters": _row(f"{'x' * 300},2026-03-03,Cy", came=(2, 1)),
    "no id": _row(",2026-03-03,Cy", came=(2, 1)),
    "addresses of all kinds": _row('L3,2026-03-03,Cy,"a+b@example.com; ""x y""@münchen.de"', HEADING + ",email"),
    "an address of 400 letters": _row(f"L3,2026-03-03,Cy,{'x' * 400}@example.com", HEADING + ",email", (2, 1)),
    "a telephone as a number": _row("L3,2026-03-03,Cy,9.01E+11", HEADING + ",phone"),
    "people, teams and segments unknown": _row("L3,2026-03-03,Cy,nobody@example.com", HEADING + ",owner"),
    "team unknown": _row("L3,2026-03-03,Cy,Nowhere", HEADING + ",team", (2, 1)),
    "segment unknown": _row("L3,2026-03-03,Cy,Kings", HEADING + ",segment", (2, 1)),
    "origin unknown": _row("L3,2026-03-03,Cy,heaven", HEADING + ",origin", (2, 1)),
    "31 February": _row("L3,2026-02-31,Cy", came=(2, 1)),
    "a day either way": _of(f"{HEADING}\nL1,03/04/2025,Ana\nL2,04/03/2025,Bo\n", "day or the month first"),
    "years of two digits": _of(f"{HEADING}\nL1,03/04/05,Ana\n", "day or the month first"),
    "a day as a number": _row("L3,45718,Cy", came=(2, 1)),
    "the year 1": _row("L3,0001-01-01,Cy", came=(2, 1)),
    "the year 9999": _row("L3,9999-12-31 23:59:59,Cy", came=(2, 1)),
    "the future": _row("L3,2027-01-01,Cy", came=(2, 1)),
    "an hour that is not": _row("L3,2025-03-30 02:30,Cy", said={"time_zone": "Europe/Warsaw"}),
    "an hour that comes twice": _row("L3,2025-10-26 02:30,Cy", said={"time_zone": "Europe/Warsaw"}),
    "offsets of all kinds": _row("L3,2026-03-03T09:00:00+14:00,Cy"),
    "an offset that is not": _row("L3,2026-03-03T09:00:00+99:00,Cy", came=(2, 1)),
    "a zone by name": _row("L3,2026-03-03 09:00 CET,Cy", came=(2, 1)),
    "second 60": _row("L3,2026-03-03 09:00:60,Cy", came=(2, 1)),
    "not a day": _row("L3,never,Cy", came=(2, 1)),
    "amount with blanks": _deal("1 234,56", (1, 1)),
    "amount with commas": _deal("1,234.56", (2, 0)),
    "amount with a sign": _deal("€5", (2, 0)),
    "amount beyond all": _deal("1e400", (1, 1)),
    "no number": _deal("NaN", (1, 1)),
    "less than nothing": _deal("−0", (2, 0)),
    "an attempt on nobody": Hostile(
        b"lead_external_id,attempted_at,channel,outcome\nL9,2026-03-03,call,no_answer\n", (0, 1), kind="attempts"
    ),
    "a word that nobody knows": Hostile(
        b"lead_external_id,attempted_at,channel,outcome\nL9,2026-03-03,pigeon,eaten\n", (0, 1), kind="attempts"
    ),
}  # fmt: skip

FILES: dict[str, Hostile] = ENCODINGS | DIALECTS | SIZES | TEXTS
NAMES = (
    "../../x.csv",
    "a\r\nSet-Cookie: x.csv",
    "x" * 500 + ".csv",
    "\0.csv",
    "C:\\leads.csv",
    "<b>.csv",
    "",
)
