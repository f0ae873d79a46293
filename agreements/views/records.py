"""The record of an agreement: is it as it was written, and what was signed, to take away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from agreements.access import page
from agreements.models import Agreement, Version
from agreements.readings.record_page import record_page
from agreements.services.documents import file_name
from agreements.signed_documents import document_of


@page()
def record(request: HttpRequest, slug: str) -> HttpResponse:
    """Is the record of this agreement as it was written?"""
    found = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    opened = record_page(found, user=request.user, page=request.GET.get("page"))
    return render(request, "agreements/record.html", {"agreement": found, "page": opened})


@page()
def signed_text(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give out the signed text, byte for byte."""
    version = _signed(request, slug, number)
    return _file(version.signed_text.encode(), "application/json", file_name(version, "json"))


@page()
def document(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give out the signed document; it is made now if nobody has asked for it before."""
    version = _signed(request, slug, number)
    made = document_of(version, now=timezone.now())
    return _file(bytes(made.pdf), "application/pdf", file_name(version, "pdf"))


def _signed(request: HttpRequest, slug: str, number: int) -> Version:
    signed = Version.objects.visible_to(request.user).signed().exclude(signed_text="")
    return get_object_or_404(signed.select_related("agreement"), agreement__slug=slug, number=number)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
