"""What a draft says is measured outside of this product: listed, added, changed, taken out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.measures import MeasureForm
from agreements.models import CustomMeasure, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.measure_words import meaning, measure_sentence
from agreements.services.measures import MeasureChanged, remove_measure, write_measure
from agreements.views.drafts import CONFLICT, draft_to_write

PAGES = {
    "list_page": "agreements:draft-measures",
    "new_page": "agreements:new-measure",
    "edit_page": "agreements:edit-measure",
    "remove_page": "agreements:remove-measure",
}


@page()
def draft_measures(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Which measures of its own shall this version promise?"""
    version = draft_to_write(request, slug, number)
    measures = _measures(version).order_by("pk")
    context = PAGES | {
        "version": version,
        "agreement": version.agreement,
        "lines": [{"part": one, "sentence": measure_sentence(one)} for one in measures],
        "is_signed_by_one": version.signatures.exists(),
    }
    return render(request, "agreements/draft_measures.html", context)


@page("GET", "POST")
def new_measure(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Add one to the draft."""
    return _edit(request, draft_to_write(request, slug, number), None)


@page("GET", "POST")
def edit_measure(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Change one of the draft."""
    version = draft_to_write(request, slug, number)
    return _edit(request, version, get_object_or_404(_measures(version), pk=pk))


@page("POST")
def say_measure(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say what is typed, in a sentence. Stores nothing."""
    version = draft_to_write(request, slug, number)
    form = MeasureForm(request.POST, parties=parties_of(version.agreement))
    form.is_valid()
    return render(request, "agreements/_measure_says.html", {"says": _says(form)})


@page("POST")
def remove(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Take one out of the draft."""
    version = draft_to_write(request, slug, number)
    measure = get_object_or_404(_measures(version), pk=pk)
    try:
        remove_measure(version=version, measure=measure, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%(name)s” is out of the draft.") % {"name": measure.name})
    return redirect("agreements:draft-measures", slug, number)


def _edit(request: HttpRequest, version: Version, measure: CustomMeasure | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = MeasureForm(given, parties=parties_of(version.agreement), measure=measure)
    status, refusal, theirs = (422 if request.method == "POST" else None), "", ""
    if request.method == "POST" and form.is_valid():
        try:
            write_measure(
                version=version,
                measure=measure,
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
                **form.sentence(),
            )
        except MeasureChanged as error:
            refusal, status = " ".join(error.messages), CONFLICT
            form, theirs = _with_theirs(form, measure)
        except ValidationError as error:
            form.add_error(None, error)
            status = CONFLICT
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("agreements:draft-measures", version.agreement.slug, version.number)
    context = PAGES | {
        "form": form,
        "version": version,
        "agreement": version.agreement,
        "part": measure,
        "refusal": refusal,
        "theirs": theirs,
        "says": _says(form) if form.is_bound else _said(measure),
    }
    return render(request, "agreements/edit_measure.html", context, status=status)


def _says(form: MeasureForm) -> str:
    return _said(form.as_typed())


def _said(measure: CustomMeasure | None) -> str:
    """Say what a measure promises, and which values keep it and miss it."""
    if measure is None:
        return ""
    return f"{measure_sentence(measure)} {meaning(measure.direction, measure.target, measure.unit)}"


def _with_theirs(form: MeasureForm, measure: CustomMeasure | None) -> tuple[MeasureForm, str]:
    """Return the form with the typed words as they are, ready to be saved again, and what it says by now."""
    found = CustomMeasure.objects.filter(pk=measure.pk).first() if measure is not None else None
    if found is None:
        return form, ""
    data = {**form.data.dict(), "edits": str(found.edits)}  # type: ignore[attr-defined]
    return MeasureForm(data, parties=form.parties.values(), measure=found), measure_sentence(found)


def _measures(version: Version):  # type: ignore[no-untyped-def]
    return version.measures.select_related("party__team")
