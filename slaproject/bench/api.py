"""The speed of the API beside what anybody would write with its framework, and beside the database's own COPY.

The data is made in a database of its own, which is dropped afterwards. Both lists stand behind the same door: token,
pace, middleware, the same rows of the same caller, two hundred a page from all over the table, to the last byte of the
answer. The other one is Django REST framework's usual: a ModelSerializer with the same fields, its segment joined.

Many leads are sent as a program does, ten thousand in one request of JSON: new ones, which are handed over with it, and
the same once more, which changes nothing. COPY writes the same leads, laid out for it before, into a table that is made
like that of leads, with its indexes and checks, and as many rows in it; it hands nothing over and compares nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from random import Random
from time import perf_counter
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer

from agreements.api.paging import LONGEST_PAGE, Page
from agreements.api.scopes import Scope
from leads.api.leads import LeadRow
from leads.api.sending import MOST_ROWS
from leads.models import Lead
from slaproject.bench.company import make_company, tidy
from slaproject.bench.databases import own_database
from slaproject.bench.rows import Disagreement, Row, compared, interleaved
from slaproject.integrations.pace import BURST
from slaproject.integrations.tokens import make_token

LEADS, RUNS, TIMES_SENT, SENT = 100_000, 5, 3, MOST_ROWS
TIMES_PLAIN, OF_COPY = 3, 0.3
COLUMNS = (
    *("system", "external_id", "origin", "source", "campaign", "qualified_at", "qualified_on"),
    *("is_qualified_date_only", "created_at", "name", "company", "job_title", "email", "phone", "country"),
)


class PlainRow(serializers.ModelSerializer):
    """A lead, as a ModelSerializer writes it."""

    segment = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = Lead
        fields = list(LeadRow._declared_fields)


class PlainLeads(ListAPIView):
    """The rows after an id, as the framework's pieces write them; a page cannot be cut more cheaply."""

    scope = Scope.LEADS
    serializer_class = PlainRow
    renderer_classes = [JSONRenderer]

    def get_queryset(self) -> Any:
        after = int(self.request.query_params["after"])
        found = Lead.objects.visible_to(self.request.user).filter(pk__gt=after)
        return found.select_related("segment").order_by("pk")[:LONGEST_PAGE]


urlpatterns = [path("plain/", PlainLeads.as_view()), path("", include("slaproject.urls"))]


def run(leads: int | None = None) -> list[Row]:
    """Rows of the list and of what is sent; Disagreement when the sides do not give or write the same."""
    size = max(leads or LEADS, LONGEST_PAGE + 1)
    with own_database(), override_settings(ROOT_URLCONF=__name__):
        now = timezone.now()
        make_company(leads=size, at=now - dt.timedelta(days=30))
        tidy()
        bench = _Bench(size, now)
        bench.compare()
        lists = interleaved(
            {"product": lambda: bench.listed(bench.page), "plain": lambda: bench.listed(bench.plain)}, RUNS
        )
        sent = interleaved({"new": bench.new, "again": bench.again, "copy": bench.copied}, TIMES_SENT)
    both: dict[str, Any] = {"leads": size, "unit": "leads/s"}
    return [
        compared(
            f"leads listed, {LONGEST_PAGE} a page, beside a ModelSerializer",
            product=lists["product"],
            yardstick=lists["plain"],
            goal=TIMES_PLAIN,
            **both,
        ),
        *(
            compared(
                f"leads sent, {SENT:,} a request, {name}, beside COPY",
                product=sent[side],
                yardstick=sent["copy"],
                goal=OF_COPY,
                **both,
            )
            for side, name in (("new", "new and handed over"), ("again", "unchanged"))
        ),
    ]


class _Bench:
    """A program with tokens, and the same leads for it and for COPY: each time others."""

    def __init__(self, size: int, now: dt.datetime) -> None:
        self.size, self.now, self.random = size, now, Random(1)
        self.by = get_user_model().objects.create(email="ada@bench.example", name="Ada", is_superuser=True)
        self.first = Lead.objects.order_by("pk").values_list("pk", flat=True)[0]
        self.turn = 0
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_lead (LIKE leads_lead INCLUDING ALL)")
            columns = ", ".join((*COLUMNS, "segment_id"))
            cursor.execute(f"INSERT INTO bench_lead ({columns}) SELECT {columns} FROM leads_lead")
            cursor.execute("ANALYZE bench_lead")

    def program(self) -> Client:
        """A program whose pace nobody has used up."""
        expires_at = self.now + dt.timedelta(days=1)
        _token, secret = make_token(
            name="Bench", scopes=Scope.values, expires_at=expires_at, now=self.now, by=self.by
        )
        return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})

    def page(self, program: Client, after: int) -> Any:
        cursor: dict[str, str | int] = {
            "limit": LONGEST_PAGE,
            "cursor": Page(LONGEST_PAGE, "id", "id", None).cursor_after({"id": after}),
        }
        return program.get("/api/v1/leads/", cursor, secure=True)

    def plain(self, program: Client, after: int) -> Any:
        return program.get("/plain/", {"after": after}, secure=True)

    def compare(self) -> None:
        """Both lists say the same of the same leads."""
        program = self.program()
        ours, theirs = (ask(program, self.first).json() for ask in (self.page, self.plain))
        if ours["results"] != theirs:
            raise Disagreement(f"lists differ: {ours['results'][:1]} {theirs[:1]}")

    def listed(self, ask: Callable[[Client, int], Any]) -> float:
        """How many leads a second are listed, a page from anywhere each time."""
        program, began = self.program(), perf_counter()
        for _n in range(BURST):
            answer = ask(program, self.first + self.random.randrange(self.size - LONGEST_PAGE))
            if answer.status_code != 200 or not answer.content:
                raise Disagreement(f"a page was answered by {answer.status_code}")
        return BURST * LONGEST_PAGE / (perf_counter() - began)

    def new(self) -> float:
        self.turn += 1
        return self._send("created")

    def again(self) -> float:
        return self._send("unchanged")

    def _send(self, result: str) -> float:
        program, body = self.program(), json.dumps(list(map(self._sent, range(SENT))))
        began = perf_counter()
        answer = program.post(
            "/api/v1/leads/bulk/?system=sent", body, content_type="application/json", secure=True
        )
        spent = perf_counter() - began
        if answer.status_code != 200 or answer.json()[result] != SENT:
            raise Disagreement(f"{answer.status_code} {answer.text[:200]}")
        return SENT / spent

    def _sent(self, n: int) -> dict[str, Any]:
        number = f"{self.turn}-{n}"
        return {
            "external_id": number,
            "qualified_at": (self.now - dt.timedelta(minutes=n % 1000 + 10)).isoformat(),
            "name": f"Ana Sample {number}",
            "company": f"Company {number}",
            "job_title": "Director",
            "email": f"ana{number}@example.com",
            "phone": f"+48 22 {number}",
            "country": "PL",
            "source": f"Source {n % 8}",
            "campaign": "Spring",
            "segment": f"bench-{n % 6}",
            "origin": "marketing",
            "team": "bench-sales",
        }

    def copied(self) -> float:
        """How many leads a second COPY writes: the same ones, in another system."""
        lines = "".join(map(self._line, range(SENT)))
        with transaction.atomic(), connection.cursor() as cursor:
            began = perf_counter()
            with cursor.copy(f"COPY bench_lead ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                copy.write(lines)
        return SENT / (perf_counter() - began)

    def _line(self, n: int) -> str:
        sent = self._sent(n)
        day = sent["qualified_at"][:10]
        given = sent | {
            "system": "copied",
            "qualified_on": day,
            "is_qualified_date_only": "f",
            "created_at": self.now.isoformat(),
        }
        return "\t".join(given[name] for name in COLUMNS) + "\n"
