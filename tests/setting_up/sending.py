"""A file goes through the pages of its import: sent, described step by step, tried and imported by the worker."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from leads.intake import upload_work
from slaproject.setting_up.views import uploads as pages

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
LEADS = b"external_id,qualified_at,name\nL1,2026-03-02 09:10,Ana\nL2,2026-03-03 11:00,Bo\n"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr(pages, "ask_the_worker", lambda task: False)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """These tests are one transaction, which a second connection could not look into."""
    monkeypatch.setattr(upload_work, "another_connection", lambda: contextlib.nullcontext(connection))


def send(site, content, *, name="leads.csv", **said):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return site.post("/set-up/import/", {"kind": "leads", "source": "crm", "file": file} | said)


def sent(site, content, **said) -> str:
    """Send a file that is taken; return the address of its pages."""
    answer = send(site, content, **said)
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer.url).removesuffix("file/")


def typed(answer) -> dict[str, str]:
    """What the form of a page would send if nobody touched it."""
    return {bound.name: bound.value() or "" for bound in answer.context["form"]}


def try_it(site, address, **said):
    """Go through the steps as they were guessed but for what is said, and let the worker try; return what it says."""
    columns = site.get(f"{address}columns/")
    answer = site.post(f"{address}columns/", typed(columns))
    assert answer.status_code == 302, answer.context["form"].errors
    values = site.get(f"{address}values/")
    answer = site.post(f"{address}values/", typed(values) | said)
    assert answer.status_code == 302, answer.context["form"].errors
    return worked(site, address)


def run_it(site, address):
    assert site.post(f"{address}run/").url == address
    return worked(site, address)


def worked(site, address):
    while upload_work.work_on_next(now=NOW):
        pass
    return site.get(address)


def answers(site, address, **meant) -> dict[str, str]:
    """What the form of the values sends for words, named as in `owner:Kim`, that mean this; "" means nothing."""
    by_label: dict[str, str] = {}
    for group in site.get(f"{address}values/").context["form"].words():
        for line in (*group["open"], *group["answered"]):
            name = line["field"].name
            by_label[f"{name.partition('-')[0]}:{line['field'].label}"] = name
    said = {by_label[word]: meaning for word, meaning in meant.items()}
    return said | {f"{name}-nothing": "on" for name, meaning in said.items() if not meaning}
