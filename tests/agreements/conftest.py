"""The agreement of a company with usual hours, and who signs for sales."""

import pytest

from agreements.models import Team
from tests import factories


@pytest.fixture
def agreement():
    factories.calendar("Office", is_default=True)
    return factories.agreement()


@pytest.fixture
def bo(agreement):
    return factories.party(agreement, Team.Function.SALES).signatory
