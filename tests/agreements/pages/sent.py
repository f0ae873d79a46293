"""What a browser sends of the pages on which a draft is edited and signed."""

import datetime as dt

from agreements.forms.drafts import DraftForm
from agreements.readings.agreement_page import parties_of
from agreements.readings.labels import names_of
from agreements.services.signed_text import canonical_text, sha256_of

PASSWORD = "secret"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp"


def filled(version, **changed):
    """What a browser would post of the edit page as it is shown, with these fields changed."""
    form = DraftForm(
        version=version, parties=parties_of(version.agreement), names=names_of(version.agreement)
    )
    data = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "widgets"):
            data |= {
                f"{bound.name}_{place}": "" if part is None else part
                for place, part in enumerate(widget.decompress(value))
            }
        elif value is not None and value is not False:
            data[bound.name] = value.isoformat() if isinstance(value, dt.date) else value
        elif value is None:
            data[bound.name] = ""
    return data | changed


def edit_address(version, page="edit"):
    return f"/agreements/{version.agreement.slug}/versions/{version.number}/{page}/"


def signing(version, **changed):
    """What a browser would post of the page on which the version is signed, with these fields changed."""
    return {
        "text_sha256": sha256_of(canonical_text(version)),
        "has_read": "on",
        "password": PASSWORD,
    } | changed
