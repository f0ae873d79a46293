"""A signed version keeps the text that was signed.

Texts signed before were built from whatever columns a commitment had; they are built once more here in that way, and
kept where their SHA-256 is the one that was signed.
"""

import hashlib
import json

from django.db import migrations, models
from django.forms.models import model_to_dict


def line(value):
    return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)


def text_without_format(version):
    clauses = sorted(
        (
            {"party": one.party.team.slug if one.party else "", "topic": one.topic, "text": one.text}
            for one in version.clauses.select_related("party__team")
        ),
        key=line,
    )
    commitments = []
    for one in version.commitments.select_related("party__team", "segment").prefetch_related("month_goals"):
        terms = model_to_dict(one, exclude=["id", "version", "party", "segment"])
        terms["party"] = one.party.team.slug
        terms["segment"] = one.segment.slug if one.segment else ""
        terms["month_goals"] = {goal.month_on.isoformat(): str(goal.goal) for goal in one.month_goals.all()}
        commitments.append(terms)
    agreement = version.agreement
    return json.dumps(
        ({"clauses": clauses} if clauses else {})
        | {
            "agreement": agreement.slug,
            "time_zone": agreement.time_zone,
            "currency": agreement.currency,
            "version": version.number,
            "starts_on": version.starts_on,
            "ends_on": version.ends_on,
            "summary": version.summary,
            "parties": sorted(party.team.slug for party in agreement.parties.select_related("team")),
            "commitments": sorted(commitments, key=line),
        },
        default=str,
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    )


def keep_texts(apps, schema_editor):
    Version = apps.get_model("agreements", "Version")
    # A table whose deferred checks still wait cannot be altered.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("ALTER TABLE agreements_version DISABLE TRIGGER version_signed_is_immutable")
    for version in Version.objects.filter(state="signed", signed_text="").select_related("agreement"):
        text = text_without_format(version)
        if hashlib.sha256(text.encode()).hexdigest() == version.text_sha256:
            Version.objects.filter(pk=version.pk).update(signed_text=text)
    schema_editor.execute("ALTER TABLE agreements_version ENABLE TRIGGER version_signed_is_immutable")


class Migration(migrations.Migration):
    dependencies = [("agreements", "0006_event_kinds")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="signed_text",
            field=models.TextField(
                blank=True,
                default="",
                editable=False,
                help_text="The text as it was signed, byte for byte.",
                verbose_name="signed text",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(keep_texts, migrations.RunPython.noop),
    ]
