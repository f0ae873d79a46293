"""What a draft says is owed regularly: listed, added, changed, taken out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.obligations import ObligationForm
from agreements.models import Obligation, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.obligation_words import whole_sentence
from agreements.readings.obligations import person_of
from agreements.services.obligations import ObligationChanged, remove_obligation, write_obligation
from agreements.views.drafts import CONFLICT, draft_to_write

PAGES = {
    "list_page": "agreements:draft-obligations",
    "new_page": "agreements:new-obligation",
    "edit_page": "agreements:edit-obligation",
    "remove_page": "agreements:remove-obligation",
}


@page()
def draft_obligations(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What shall be owed regularly under this version?"""
    version = draft_to_write(request, slug, number)
    owed = _obligations(version)
    lines = [{"part": one, "sentence": whole_sentence(one), "person": person_of(one)} for one in owed]
    context = PAGES | {
        "version": version,
        "agreement": version.agreement,
        "lines": lines,
        "is_signed_by_one": version.signatures.exists(),
    }
    return render(request, "agreements/draft_obligations.html", context)


@page("GET", "POST")
def new_obligation(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Add one to the draft."""
    return _edit(request, draft_to_write(request, slug, number), None)


@page("GET", "POST")
def edit_obligation(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Change one of the draft."""
    version = draft_to_write(request, slug, number)
    return _edit(request, version, get_object_or_404(_obligations(version), pk=pk))


@page("POST")
def remove(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Take one out of the draft."""
    version = draft_to_write(request, slug, number)
    obligation = get_object_or_404(_obligations(version), pk=pk)
    try:
        remove_obligation(
            version=version,
            obligation=obligation,
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%(name)s” is out of the draft.") % {"name": obligation.name})
    return redirect("agreements:draft-obligations", slug, number)


def _edit(request: HttpRequest, version: Version, obligation: Obligation | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = ObligationForm(given, parties=parties_of(version.agreement), obligation=obligation)
    status, refusal, theirs = (422 if request.method == "POST" else None), "", ""
    if request.method == "POST" and form.is_valid():
        sentence = form.sentence()
        person = get_user_model().objects.filter(pk=sentence.pop("person_id")).first()
        try:
            write_obligation(
                version=version,
                obligation=obligation,
                person=person,
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
                **sentence,
            )
        except ObligationChanged as error:
            refusal, status = " ".join(error.messages), CONFLICT
            form, theirs = _with_theirs(form, obligation)
        except ValidationError as error:
            form.add_error(None, error)
            status = CONFLICT
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("agreements:draft-obligations", version.agreement.slug, version.number)
    context = PAGES | {
        "form": form,
        "version": version,
        "agreement": version.agreement,
        "part": obligation,
        "refusal": refusal,
        "theirs": theirs,
    }
    return render(request, "agreements/edit_obligation.html", context, status=status)


def _with_theirs(form: ObligationForm, obligation: Obligation | None) -> tuple[ObligationForm, str]:
    """Return the form with the typed words as they are, ready to be saved again, and what it says by now."""
    found = Obligation.objects.filter(pk=obligation.pk).first() if obligation is not None else None
    if found is None:
        return form, ""
    data = {**form.data.dict(), "edits": str(found.edits)}  # type: ignore[attr-defined]
    return ObligationForm(data, parties=form.parties.values(), obligation=found), whole_sentence(found)


def _obligations(version: Version):  # type: ignore[no-untyped-def]
    return version.obligations.select_related("from_party__team", "to_party__team", "duty__person")
