"""The page of preferences as a form: a choice in every cell, two addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from slaproject.outbox import kinds
from slaproject.outbox.channels.chat import service_of
from slaproject.outbox.channels.posting import Refused, check_url, resolve
from slaproject.outbox.models import Address, Channel, Preference, Rhythm, Subject


@dataclass(frozen=True, slots=True)
class Line:
    """One subject with its choices, by channel."""

    subject: str
    cells: tuple[forms.BoundField, ...]


class PreferencesForm(forms.Form):
    """How soon one person hears of what, by which way; and where their chat and webhook are."""

    chat = forms.CharField(
        label=_("Chat address"),
        required=False,
        max_length=500,
        help_text=_("The incoming webhook that Slack, Teams, Google Chat or Discord gives out."),
    )
    webhook = forms.CharField(
        label=_("Webhook address"),
        required=False,
        max_length=500,
        help_text=_("A program of yours that takes JSON by POST, at an address that begins with https://."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Any) -> None:
        known = {one.channel: one.url for one in Address.objects.filter(person=person)}
        super().__init__(data, initial=known)
        chosen = {(one.subject, one.channel): one.rhythm for one in Preference.objects.filter(person=person)}
        labels = dict(Rhythm.choices)
        for subject in kinds.Subject:
            for channel in kinds.Channel:
                choices = [
                    (
                        one.value,
                        _("yes") if subject in kinds.DIGESTS and one is kinds.NOW else labels[one.value],
                    )
                    for one in kinds.offered(subject, channel)
                ]
                self.fields[name_of(subject, channel)] = forms.ChoiceField(
                    label=f"{Subject(subject).label}: {Channel(channel).label}",
                    choices=choices,
                    initial=chosen.get((subject, channel), kinds.usual(subject, channel).value),
                    widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
                )
        for name in ("chat", "webhook"):
            self.fields[name].widget.attrs |= {
                "class": "form-control",
                "autocomplete": "off",
                "spellcheck": "false",
            }

    @property
    def lines(self) -> list[Line]:
        return [
            Line(
                str(label),
                tuple(self[name_of(kinds.Subject(value), channel)] for channel in kinds.Channel),
            )
            for value, label in Subject.choices
        ]

    @property
    def chosen(self) -> dict[tuple[kinds.Subject, kinds.Channel], str]:
        return {
            (subject, channel): self.cleaned_data[name_of(subject, channel)]
            for subject in kinds.Subject
            for channel in kinds.Channel
        }

    def clean_chat(self) -> str:
        return self._address("chat", service_of)

    def clean_webhook(self) -> str:
        return self._address("webhook", check_url)

    def _address(self, name: str, check: Any) -> str:
        url = str(self.cleaned_data[name]).strip()
        if url and url != self.initial.get(name):
            check_address(url, check)
        return url


def check_address(url: str, check: Callable[[str], Any] = check_url) -> None:
    """Refuse an address that is none, that is not known, or that leads into a private network."""
    try:
        check(url)
        _scheme, host, port, _path = check_url(url)
        resolve(host, port)
    except Refused as error:
        raise forms.ValidationError(str(error)) from None
    except TimeoutError:
        raise forms.ValidationError(
            _("The name of this host was not found in time. Try again in a while.")
        ) from None
    except OSError:
        raise forms.ValidationError(_("No such host is known.")) from None


def name_of(subject: kinds.Subject, channel: kinds.Channel) -> str:
    return f"{subject.value}-{channel.value}"
