"""The written parts: three templates to begin from, parts added and left out, a definition for one segment."""

import datetime as dt
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.models import Agreement, Clause, Membership, Party, Team
from agreements.services.drafting import DraftChanged, edit_draft, start_over
from agreements.services.founding import start_agreement
from agreements.services.signed_text import canonical_text
from agreements.services.starting_templates import EACH, PARTS, SHARED, guidance
from tests import factories
from tests.agreements.pages.sent import edit_address, filled
from tests.races import race, rounds

NOON = factories.NOON
Topic = Clause.Topic


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def begun(template, name="Leads"):
    """An agreement begun from a template by marketing's director."""
    marketing = factories.team(f"{name} Growth", Team.Function.MARKETING)
    sales = factories.team(f"{name} Field")
    ann, bo = factories.user("Ann"), factories.user("Bo")
    for person, team in ((ann, marketing), (bo, sales)):
        Membership.objects.create(user=person, team=team, role=Membership.Role.DIRECTOR)
    return start_agreement(
        name=name,
        marketing=marketing,
        sales=sales,
        signatories={marketing.pk: ann, sales.pk: bo},
        contacts={},
        time_zone="UTC",
        currency="EUR",
        starts_on=dt.date(2026, 4, 1),
        now=NOON,
        by=ann,
        template=template,
    )


def summaries(text):
    """The titles of the parts that an edit page shows, in order."""
    return re.findall(r"<h3>([^<]+)</h3>", text.partition("</main>")[0])


@pytest.mark.django_db
def test_the_template_decides_which_parts_are_offered_and_with_which_help(client):
    factories.calendar("Office", is_default=True)
    shown, helped, begins_with = {}, {}, {}
    for template in Agreement.Template.values:
        version = begun(template, template)
        client.force_login(version.created_by)
        text = client.get(edit_address(version)).text
        shown[template] = summaries(text)
        helped[template] = text.count("An example")
        begins_with[template] = {clause.topic for clause in version.clauses.all()}
        for topic, who in PARTS[template]:
            of_parties = [f"{party.pk}" for party in version.agreement.parties.all()]
            for speaker in ["0"] if who == SHARED else of_parties:
                assert f'name="clause-{topic}-{speaker}"' in text, (template, topic, speaker)
    assert shown["short"][0] == "Scope, and what is excluded"
    assert shown["stages"][:4] == [
        "Goals",
        "When a lead is qualified",
        "Hand-off",
        "Leads that are not ready yet",
    ]
    assert shown["steps"][-2:] == ["If something unexpected happens", "Review"]
    assert helped["short"] == 0
    assert helped["steps"] == sum(2 if who == EACH else 1 for _topic, who in PARTS["steps"])
    assert begins_with["steps"] == set(), "step by step begins with questions, not with words"
    assert begins_with["stages"] == {topic for topic, _who in PARTS["stages"]}


@pytest.mark.django_db
def test_a_part_is_added_and_left_out_without_losing_what_was_typed(client):
    factories.calendar("Office", is_default=True)
    executives = factories.segment("Executives")
    version = begun("short")
    client.force_login(version.created_by)
    given = filled(version, summary="Not saved yet")
    key = f"clause-qualification-0-{executives.pk}"
    for part, name in (("contingency-shared", "clause-contingency-0"), (key, key)):
        text = client.post(edit_address(version), given | {"show_part": "1", "add_part": part}).text
        assert f'name="{name}"' in text
        assert "Not saved yet" in text
        assert f'value="{part}"' not in text, "what is there is not offered again"
    for nonsense in ("", "9" * 5000, "goals-everybody", "\x00", "clause-qualification-0-987654"):
        again = client.post(edit_address(version), given | {"show_part": "1", "add_part": nonsense})
        assert again.status_code == 200
    given |= {key: "Sits on the board", "clause-contingency-0": "Call at once", "clause-scope-0": ""}
    given |= {
        "clause-goals-987654": "Foreign",
        "clause-nonsense-0": "None",
        f"clause-goals-0-{executives.pk}": "No",
    }
    assert client.post(edit_address(version), given).status_code == 302
    said = {(one.topic, one.party_id, one.segment_id): one.text for one in version.clauses.all()}
    assert said["qualification", None, executives.pk] == "Sits on the board"
    assert said["contingency", None, None] == "Call at once"
    assert ("scope", None, None) not in said
    assert not {"Foreign", "None", "No"} & set(said.values())
    text = client.get(edit_address(version)).text
    assert "When a lead is qualified: “Executives”" in text


@pytest.mark.django_db
def test_a_definition_for_a_segment_is_signed_copied_and_shown(client):
    factories.calendar("Office", is_default=True)
    executives = factories.segment("Executives")
    version = begun("stages")
    ann = version.created_by
    before = canonical_text(version)
    assert '"segment": "executives"' not in before
    values = {f"clause-qualification-0-{executives.pk}": "Sits on the board"}
    edit_draft(version=version, edits=0, values=values, now=NOON, by=ann)
    clauses = json.loads(canonical_text(version))["clauses"]
    assert [one for one in clauses if "segment" in one] == [
        {"party": "", "segment": "executives", "text": "Sits on the board", "topic": "qualification"}
    ]
    fresh = start_over(version=version, now=NOON, by=ann)
    assert fresh.clauses.get(segment=executives).text == "Sits on the board"
    client.force_login(ann)
    text = re.sub(r"\s+", " ", client.get(f"/agreements/{fresh.agreement.slug}/versions/2/").text)
    assert "<strong>Executives:</strong> Sits on the board" in text
    with transaction.atomic(), pytest.raises(IntegrityError):
        Clause.objects.create(
            version=fresh, topic="goals", segment=executives, text="A goal is not a definition"
        )


@pytest.mark.django_db
def test_a_third_party_has_a_column_of_its_own_and_is_helped_to_write(client):
    factories.calendar("Office", is_default=True)
    version = begun("steps")
    carla = factories.user("Carla")
    service = factories.team("Care", Team.Function.SERVICE)
    Membership.objects.create(user=carla, team=service, role=Membership.Role.DIRECTOR)
    third = Party.objects.create(agreement=version.agreement, team=service, signatory=carla)
    client.force_login(carla)
    given = filled(
        version, **{f"clause-goals-{third.pk}": "Ten answers an hour", "clause-goals-0": "Renewals"}
    )
    assert client.post(edit_address(version), given).status_code == 302
    text = client.get("/agreements/leads/versions/1/").text
    row = text[text.index("<h3>Goals</h3>") :]
    assert 'data-columns="4"' in row[:200]
    places = [row.index(words) for words in ("Customer service", "Ten answers an hour", "Shared", "Renewals")]
    assert places == sorted(places)


def test_every_part_that_a_template_offers_has_its_question_and_its_example():
    for parts in PARTS.values():
        for topic, who in parts:
            for speaker in (SHARED,) if who == SHARED else ("marketing", "sales", "service"):
                found = guidance(topic, speaker)
                assert found is not None and found.prompt.endswith(("?", ".")) and found.example, (
                    topic,
                    speaker,
                )


@pytest.mark.django_db(transaction=True)
def test_four_who_write_different_parts_at_once_lose_nothing():
    parts = ("clause-scope-0", "clause-cancellation-0", "clause-contingency-0", "clause-goals-0")
    version = begun("steps")
    ann = version.created_by

    def write(key, text):
        """Write as the page does: told of somebody else's words, read them and save again."""
        seen = version.__class__.objects.get(pk=version.pk).edits
        while True:
            try:
                return edit_draft(version=version, edits=seen, values={key: text}, now=NOON, by=ann)
            except DraftChanged:
                seen = version.__class__.objects.get(pk=version.pk).edits

    for turn in range(rounds(2)):
        results = race(*(lambda key=key, turn=turn: write(key, f"{key} {turn}") for key in parts))
        assert not [one for one in results if isinstance(one, ValidationError)]
        said = dict(version.clauses.values_list("topic", "text"))
        assert said == {key.split("-")[1]: f"{key} {turn}" for key in parts}
    version.refresh_from_db()
    assert version.edits == len(parts) * rounds(2)
