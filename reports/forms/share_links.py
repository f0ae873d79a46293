"""What is to be shared, and for how long."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.models import ShareLink
from reports.share_links import DAYS


class ShareForm(forms.Form):
    """One chart of a report's page by the page's query, or one edition by its number."""

    subject = forms.ChoiceField(choices=ShareLink.Subject.choices, widget=forms.HiddenInput)
    chart = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=2000, strip=False, widget=forms.HiddenInput)
    edition = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    days = forms.TypedChoiceField(
        label=gettext_lazy("Open for"),
        choices=[(days, str(days)) for days in DAYS],
        coerce=int,
        initial=7,
    )

    def clean_query(self) -> str:
        """Refuse what no address of a page holds: letters that are none, though they are written in escapes."""
        query: str = self.cleaned_data["query"]
        if any("\0" in value for _name, values in QueryDict(query).lists() for value in values):
            raise forms.ValidationError(_("This address holds a letter that is none."))
        return query

    def subject_asked(self) -> dict[str, Any] | None:
        """Return what is to be shared, without the length; None where that is not said."""
        self.is_valid()
        given = self.cleaned_data
        if not {"subject", "chart", "query", "edition"} <= given.keys():
            return None
        if given["subject"] == ShareLink.Subject.EDITION:
            return {"subject": given["subject"], "edition_id": given["edition"]} if given["edition"] else None
        if not given["chart"]:
            return None
        return {name: given[name] for name in ("subject", "chart", "query")}
