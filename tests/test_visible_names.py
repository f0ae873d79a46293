"""Names of which nothing can be seen are refused by every form that takes a name; whatever can be seen is taken."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from agreements.forms.beginnings import NewAgreementForm
from agreements.forms.campaign_goals import CampaignGoalForm
from agreements.forms.measures import MeasureForm
from agreements.forms.obligations import ObligationForm
from agreements.forms.supports import SupportForm
from agreements.visible_names import validate_visible
from leads.forms import NewLeadForm
from leads.routing_forms import NewRuleForm, RuleForm
from leads.schedule_forms import ScheduleForm
from reports.forms.campaigns import CampaignForm
from reports.forms.saved_views import SaveViewForm, ViewNameForm
from reports.forms.scenarios import ScenarioNameForm
from slaproject.accounts.forms import AboutPersonForm, InviteForm, OwnAccountForm
from slaproject.integrations.forms import TokenForm
from slaproject.setting_up.forms import SegmentForm, TeamForm
from slaproject.setting_up.hours_form import HoursForm
from slaproject.webhooks.forms import InletForm, OutletForm

FORMS = (
    *(NewAgreementForm, CampaignGoalForm, MeasureForm, ObligationForm, SupportForm),
    *(NewLeadForm, NewRuleForm, RuleForm, ScheduleForm),
    *(CampaignForm, SaveViewForm, ViewNameForm, ScenarioNameForm),
    *(AboutPersonForm, InviteForm, OwnAccountForm, TokenForm, SegmentForm, TeamForm, HoursForm),
    *(InletForm, OutletForm),
)
BLANK = (
    "\u200b",  # zero width space
    "\u200b\u2060\ufeff",
    "\u202e\u202c",  # right to left and back
    "\u00ad",  # soft hyphen
    "\ufe0f",  # a variation of nothing
    "\u3164 \u115f",  # fillers of Hangul
    "\u2800",  # Braille without a dot
    "\ue000",  # private use
)
SEEN = ("a", "7", "–", "€", "한", "ż", "🙂", "\u202eabc", "e\u0301", "👩\u200d💻")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_name_of_which_nothing_can_be_seen_is_refused(form):
    field: Field = form.base_fields["name"]
    for blank in BLANK:
        with pytest.raises(ValidationError, match="Nothing of this name can be seen"):
            field.clean(blank)
    assert [field.clean(name) for name in SEEN] == list(SEEN)


def test_what_can_be_seen_is_decided_letter_by_letter():
    for name in SEEN:
        validate_visible(name)
        validate_visible("\u200b" + name)
