"""Looking for leads, companies and agreements, from every page."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from agreements.access import page
from leads.forms import PageForm
from leads.readings.search import search

AS_ONE_TYPES = 6


class SearchForm(PageForm):
    """What is looked for."""

    q = forms.CharField(
        label=_("Lead, company, e-mail, id or agreement"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@page("GET")
def find(request: HttpRequest) -> HttpResponse:
    """Where is it? As one types, the first of each kind as lines for the palette; else as a page."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    if request.headers.get("HX-Request") == "true":
        found = search(request.user, text, most=AS_ONE_TYPES)
        return render(request, "leads/_found.html", {"found": found, "form": form})
    form.fields["q"].widget.attrs["autofocus"] = True
    return render(request, "leads/search.html", {"found": search(request.user, text), "form": form})
