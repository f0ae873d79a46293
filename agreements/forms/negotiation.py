"""What is said about a draft: a comment on one of its parts, or the answer to one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import dress
from agreements.models import Party
from agreements.models.negotiation import LONGEST_REMARK


class RemarkForm(forms.Form):
    """The text, for which party, and which form it is: sent twice, it is one remark."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    party = forms.ChoiceField(label=_("For which team"), required=False)
    text = forms.CharField(max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, speakers: Sequence[Party], **more: Any
    ) -> None:
        if data is not None and "form_id" not in data:
            data = {**{name: data[name] for name in data}, "form_id": str(uuid.uuid4())}
        super().__init__(data, **more)
        self.initial.setdefault("form_id", uuid.uuid4())
        self.speakers = {str(party.pk): party for party in speakers}
        if len(self.speakers) > 1:
            self.fields["party"] = forms.ChoiceField(
                label=_("For which team"),
                choices=[(pk, party.team.name) for pk, party in self.speakers.items()],
            )
        else:
            del self.fields["party"]

    def speaker(self) -> Party:
        """Return the party for which this is said."""
        chosen = self.cleaned_data.get("party")
        return self.speakers[chosen] if chosen else next(iter(self.speakers.values()))


class CommentForm(RemarkForm):
    """A comment on a part of the draft, or on all of it."""

    about = forms.ChoiceField(label=_("About"), required=False)
    field_order = ["form_id", "about", "party", "text"]

    def __init__(self, *args: Any, anchors: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["about"] = forms.ChoiceField(label=_("About"), choices=anchors, required=False)
        self.fields["text"].label = _("What is to be changed, or asked?")
        self.order_fields(self.field_order)
        dress(self)


class AnswerForm(RemarkForm):
    """An answer to a comment."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"].label = _("Your answer")
        dress(self)
