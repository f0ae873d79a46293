"""Words that people wrote move out of the events, which will be hashed; signed versions keep their rows as they stand."""

import hashlib
import secrets

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def is_words(key):
    return key == "summary" or key.startswith("clause-")


def digest_of(salt, words):
    return None if words is None else hashlib.sha256(f"{salt}{words}".encode()).hexdigest()


def take_words_out(apps, schema_editor):
    Event, EditedWords = apps.get_model("agreements", "AgreementEvent"), apps.get_model("agreements", "EditedWords")
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("ALTER TABLE agreements_agreementevent DISABLE TRIGGER agreement_event_is_immutable")
    for event in Event.objects.filter(kind="edited").only("data").iterator():
        changes = event.data.get("changes", {})
        found = {key: pair for key, pair in changes.items() if is_words(key) and isinstance(pair, list)}
        for key, (old, new) in found.items():
            salt = secrets.token_hex(16)
            EditedWords.objects.create(event=event, key=key, old=old, new=new, salt=salt)
            changes[key] = {"old": digest_of(salt, old), "new": digest_of(salt, new)}
        if found:
            Event.objects.filter(pk=event.pk).update(data=event.data)
    schema_editor.execute("ALTER TABLE agreements_agreementevent ENABLE TRIGGER agreement_event_is_immutable")


def put_words_back(apps, schema_editor):
    EditedWords = apps.get_model("agreements", "EditedWords")
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("ALTER TABLE agreements_agreementevent DISABLE TRIGGER agreement_event_is_immutable")
    for words in EditedWords.objects.select_related("event").order_by("pk"):
        event = type(words.event).objects.get(pk=words.event_id)
        event.data["changes"][words.key] = [words.old, words.new]
        type(event).objects.filter(pk=event.pk).update(data=event.data)
    schema_editor.execute("ALTER TABLE agreements_agreementevent ENABLE TRIGGER agreement_event_is_immutable")


KEEP_ROWS = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE agreements_version DISABLE TRIGGER version_signed_is_immutable;
UPDATE agreements_version v SET signed_rows = jsonb_build_object(
    'version', jsonb_build_array((
        SELECT to_jsonb(r) - ARRAY['state', 'in_force', 'ended_on', 'signed_at', 'signed_text', 'signed_rows', 'text_sha256']
        FROM agreements_version r WHERE r.id = v.id)),
    'commitments', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM agreements_commitment r
        WHERE r.version_id = v.id),
    'month_goals', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM agreements_monthgoal r
        JOIN agreements_commitment c ON c.id = r.commitment_id WHERE c.version_id = v.id),
    'clauses', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM agreements_clause r
        WHERE r.version_id = v.id),
    'obligations', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM agreements_obligation r
        WHERE r.version_id = v.id),
    'signatures', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM agreements_signature r
        WHERE r.version_id = v.id)
)::text WHERE state = 'signed' AND signed_text <> '';
ALTER TABLE agreements_version ENABLE TRIGGER version_signed_is_immutable;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0016_negotiation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('agreement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='chain_head', serialize=False, to='agreements.agreement', verbose_name='agreement')),
                ('events', models.PositiveIntegerField(verbose_name='events')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
            ],
            options={
                'verbose_name': 'head of a chain',
                'verbose_name_plural': 'heads of chains',
            },
        ),
        migrations.CreateModel(
            name='DocumentMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_at', models.DateTimeField(verbose_name='sent at')),
            ],
            options={
                'verbose_name': 'mail of a document',
                'verbose_name_plural': 'mails of documents',
            },
        ),
        migrations.CreateModel(
            name='EditedWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, verbose_name='field')),
                ('old', models.TextField(null=True, verbose_name='before')),
                ('new', models.TextField(null=True, verbose_name='after')),
                ('salt', models.CharField(max_length=32, verbose_name='salt')),
            ],
            options={
                'verbose_name': 'edited words',
                'verbose_name_plural': 'edited words',
            },
        ),
        migrations.CreateModel(
            name='SignedDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('pdf', models.BinaryField(verbose_name='PDF')),
                ('bytes', models.PositiveIntegerField(verbose_name='size in bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('head_position', models.PositiveIntegerField(verbose_name='events at signing')),
                ('head_sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the last event at signing')),
            ],
            options={
                'verbose_name': 'signed document',
                'verbose_name_plural': 'signed documents',
            },
        ),
        migrations.AddField(
            model_name='agreementevent',
            name='position',
            field=models.PositiveIntegerField(db_default=0, editable=False, verbose_name='position'),
        ),
        migrations.AddField(
            model_name='agreementevent',
            name='previous_sha256',
            field=models.CharField(db_default='', editable=False, max_length=64, verbose_name='SHA-256 of the event before'),
        ),
        migrations.AddField(
            model_name='agreementevent',
            name='record',
            field=models.TextField(db_default='', editable=False, verbose_name='what is hashed'),
        ),
        migrations.AddField(
            model_name='agreementevent',
            name='sha256',
            field=models.CharField(db_default='', editable=False, max_length=64, verbose_name='SHA-256'),
        ),
        migrations.AddField(
            model_name='version',
            name='signed_rows',
            field=models.TextField(blank=True, default='', editable=False, help_text='Every row of it as it stood when signed.', verbose_name='signed rows'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='documentmail',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='editedwords',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='edited_words', to='agreements.agreementevent', verbose_name='event'),
        ),
        migrations.AddField(
            model_name='signeddocument',
            name='version',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='document', to='agreements.version', verbose_name='version'),
        ),
        migrations.AddField(
            model_name='documentmail',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='agreements.signeddocument', verbose_name='document'),
        ),
        migrations.AddConstraint(
            model_name='editedwords',
            constraint=models.UniqueConstraint(fields=('event', 'key'), name='words_once_per_event_and_field'),
        ),
        migrations.AddConstraint(
            model_name='signeddocument',
            constraint=models.CheckConstraint(condition=models.Q(('bytes__gt', 0)), name='document_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='documentmail',
            constraint=models.UniqueConstraint(fields=('document', 'person'), name='document_mailed_once'),
        ),
        migrations.RunPython(take_words_out, put_words_back),
        migrations.RunSQL(KEEP_ROWS, migrations.RunSQL.noop),
    ]
