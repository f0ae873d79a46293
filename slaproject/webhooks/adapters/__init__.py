"""How programs word their webhooks: each adapter turns a payload into changes of objects, and these into rows."""

from __future__ import annotations

from slaproject.webhooks.adapters import hubspot, salesforce, standard
from slaproject.webhooks.changes import Adapter

ADAPTERS: dict[str, Adapter] = {
    "standard": standard.ADAPTER,
    "hubspot": hubspot.ADAPTER,
    "salesforce": salesforce.ADAPTER,
}
# By which word a program usually calls a lead qualified.
STAGES = {"hubspot": "marketingqualifiedlead", "salesforce": "Qualified"}
