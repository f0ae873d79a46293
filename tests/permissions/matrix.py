"""Every address of the site, by which method, for whom. An address without a row here fails the suite."""

from __future__ import annotations

from tests.permissions.rows import Row
from tests.permissions.rows_agreements import AGREEMENTS
from tests.permissions.rows_api import API
from tests.permissions.rows_leads import LEADS
from tests.permissions.rows_outbox import OUTBOX
from tests.permissions.rows_people import PEOPLE
from tests.permissions.rows_reports import REPORTS
from tests.permissions.rows_setting_up import SETTING_UP
from tests.permissions.rows_site import SITE

MATRIX: tuple[Row, ...] = (*SITE, *PEOPLE, *AGREEMENTS, *LEADS, *REPORTS, *SETTING_UP, *OUTBOX, *API)
