"""What people type about the calculations that they keep."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from agreements.visible_names import validate_visible


class ScenarioNameForm(forms.Form):
    """The name under which a calculation is kept."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, validators=[validate_visible])
