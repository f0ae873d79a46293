"""Small files that show what an import takes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agreements.access import administrators, page
from slaproject.setting_up.samples import sample


@page(allow=administrators)
def sample_file(request: HttpRequest, kind: str) -> HttpResponse:
    """A small file with the right headings, to look at or to try."""
    answer = HttpResponse(sample(kind, timezone.localdate()), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'inline; filename="sample-{kind}.csv"'
    return answer
